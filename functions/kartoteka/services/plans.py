"""The sales plan: one record per month and person, and one for the office; L10."""

from pydantic import Field

from kartoteka.domain.access import Operation, check
from kartoteka.domain.change import Actor
from kartoteka.domain.errors import Invalid
from kartoteka.domain.model import Value
from kartoteka.domain.plan import Plan, plan_id
from kartoteka.ports import Store
from kartoteka.services.commands import Command, Registry
from kartoteka.services.office import Desk
from kartoteka.services.unit import Unit, transact


class SetPlan(Value):
    """How much is to be won in a month, in minor units; 0 takes the plan back."""

    month: str = Field(pattern=r"^\d{4}-(0[1-9]|1[0-2])$", examples=["2026-11"])
    amount_minor: int = Field(ge=0, le=10**15)
    staff: str = Field(default="", description="whose plan; the whole office's if empty")


def set_plan(desk: Desk, actor: Actor, form: SetPlan, cause: str) -> Plan:
    """Return the plan of that month as it is from now on.

    Raises:
        NotAllowed: the actor may not set this plan. Invalid: there is no such person.
    """
    settings = desk.settings()
    person = settings.person(form.staff) if form.staff else None
    if form.staff and person is None:
        raise Invalid(
            f"nobody here is {form.staff!r}",
            fields={"staff": "staff_unknown"},
            code="staff_unknown",
        )
    plan = Plan(
        id=plan_id(form.month, form.staff),
        month=form.month,
        staff_id=person.id if person is not None else None,
        amount_minor=form.amount_minor,
        updated_at=desk.now(),
        updated_by=actor.id,
    )
    check(actor, Operation.CHANGE, plan, field="amount_minor", within=settings)

    def work(unit: Unit) -> Plan:
        known = unit.find(Plan, plan.id)
        same = known is not None and known.amount_minor == plan.amount_minor
        return known if known is not None and same else unit.save(plan)

    saved = transact(desk.store, actor, cause, desk.now(), work=work)
    desk.waker.after_commit()
    return saved


def plans_of(store: Store, month: str, staff: list[str]) -> dict[str, int]:
    """Return the plans of a month by person, in minor units; the office's own under "".

    Where the office has none of its own it is the sum of its people's.
    """
    ids = {plan_id(month, name): name for name in ("", *staff)}
    docs = store.get_many(Plan.collection, list(ids))
    found = {ids[name]: Plan.model_validate(doc).amount_minor for name, doc in docs.items()}
    told = {name: amount for name, amount in found.items() if amount}
    if "" not in told and told:
        told[""] = sum(told.values())
    return told


PLAN_COMMANDS: Registry = {
    "plan.set": Command("set what is to be won in a month", SetPlan, set_plan),
}
