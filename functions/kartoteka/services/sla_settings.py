"""The limits of answering: set by who sets the office up, and how they were kept; N2."""

from collections.abc import Iterable
from datetime import timedelta
from statistics import median

from pydantic import Field

from kartoteka.domain.access import Operation, can
from kartoteka.domain.change import Actor
from kartoteka.domain.deal import Deal
from kartoteka.domain.errors import Invalid
from kartoteka.domain.instant import spell
from kartoteka.domain.model import Entity, Lead, Value
from kartoteka.domain.office import Office
from kartoteka.domain.sla_rules import LONGEST, SlaCase, SlaKind, SlaRules, unknown_stages
from kartoteka.ports import Order, Query, Where
from kartoteka.services.commands import Command, Registry
from kartoteka.services.office import Desk
from kartoteka.services.settings_edit import Saved, Versioned, save_office

_MOST = 10_000  # cases of a period that are looked at
_PAGE = 300
_KINDS: tuple[SlaKind, ...] = ("first", "reply", "stage")


class SetSla(Versioned):
    """Set the limits in working minutes; what is not given stays, 0 takes a limit away."""

    first_minutes: int | None = Field(default=None, ge=1, le=LONGEST)
    reply_minutes: int | None = Field(default=None, ge=0, le=LONGEST)
    stages: dict[str, int] = Field(
        default_factory=dict, max_length=200, description="minutes by pipeline.stage"
    )
    warn_percent: int | None = Field(default=None, ge=1, le=99)


class ShowSla(Value):
    """Show how the limits were kept in the last days, of the records that you may read."""

    days: int = Field(default=30, ge=1, le=366)


class Kept(Value):
    """How one limit was kept: cases that are over, how many in time, the median of minutes."""

    what: SlaKind
    limit: int = 0  # as it is now; of stages each has its own: 0
    ended: int = 0
    in_time: int = 0
    broken: int = 0  # ended or not
    waiting: int = 0
    median_minutes: int | None = None


class SlaReport(Value):
    """How the limits were kept."""

    kinds: tuple[Kept, ...]


def set_sla(desk: Desk, actor: Actor, form: SetSla, cause: str) -> Saved:
    """Return what was saved; what waits already keeps the limit that it began with.

    Raises:
        Invalid: a stage that the office has not. NotAllowed: you do not set the office up.
    """
    given = form.model_dump(include={"reply_minutes", "warn_percent"}, exclude_none=True)

    def change(office: Office) -> Office:
        _check_stages(office, form.stages)
        stages = {**office.sla.stages, **form.stages}
        kept = {name: minutes for name, minutes in stages.items() if minutes}
        rules = SlaRules.model_validate({**office.sla.model_dump(), **given, "stages": kept})
        first = form.first_minutes or office.first_answer_minutes
        return office.model_copy(update={"sla": rules, "first_answer_minutes": first})

    return save_office(desk, actor, change, cause=cause, expected=form.expected, name="sla")


def show(desk: Desk, actor: Actor, form: ShowSla, _cause: str) -> SlaReport:
    """Return how each limit was kept, by the cases whose time was over in the period."""
    office, now = desk.settings().office, desk.now()
    since = Where("due_at", ">=", spell(now - timedelta(days=form.days)))
    query = Query(SlaCase.collection, (since,), (Order("due_at"),), _MOST)
    found = [SlaCase.model_validate(hit.doc) for hit in desk.store.query(query)]
    cases = list(_readable(desk, actor, found))
    limits = {"first": office.first_answer_minutes, "reply": office.sla.reply_minutes}
    kinds = (
        _kept([it for it in cases if it.what == what], what, limits.get(what, 0)) for what in _KINDS
    )
    return SlaReport(kinds=tuple(kinds))


def _check_stages(office: Office, stages: dict[str, int]) -> None:
    known = [f"{line.id}.{stage.id}" for line in office.pipelines for stage in line.stages]
    wrong = unknown_stages(stages, frozenset(known))
    out_of_range = any(not 0 <= minutes <= LONGEST for minutes in stages.values())
    if wrong or out_of_range:
        names = ", ".join(wrong or stages)
        raise Invalid(
            f"no such stages or times: {names}",
            fields={"stages": "unknown"},
            code="sla_stage_unknown",
            names=names,
            example=known[0],
        )


def _readable(desk: Desk, actor: Actor, cases: list[SlaCase]) -> Iterable[SlaCase]:
    """Yield the cases whose record the actor reads; pages keep the memory flat."""
    settings, now = desk.settings(), desk.now()
    for at in range(0, len(cases), _PAGE):
        page = cases[at : at + _PAGE]
        records: dict[str, Entity] = {}
        for kind, ids in (
            (Lead, [it.lead_id for it in page if it.lead_id]),
            (Deal, [it.deal_id for it in page if it.deal_id]),
        ):
            docs = desk.store.get_many(kind.collection, ids)
            records |= {name: kind.model_validate(doc) for name, doc in docs.items()}
        for case in page:
            record = records.get(case.deal_id or case.lead_id or "")
            if record is not None and can(actor, Operation.READ, record, within=settings, now=now):
                yield case


def _kept(cases: list[SlaCase], what: SlaKind, limit: int) -> Kept:
    over = [it for it in cases if it.state in {"met", "late"}]
    minutes = [it.minutes for it in over if it.minutes is not None]
    return Kept(
        what=what,
        limit=limit,
        ended=len(over),
        in_time=sum(it.state == "met" for it in over),
        broken=sum(it.breached for it in cases),
        waiting=sum(it.state == "open" for it in cases),
        median_minutes=int(median(minutes)) if minutes else None,
    )


SLA_COMMANDS: Registry = {
    "sla.set": Command("set how soon the office answers and acts", SetSla, set_sla),
    "sla.show": Command("show how the limits of answering were kept", ShowSla, show),
}
