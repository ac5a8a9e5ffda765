"""Moves past a guard, counted in the transaction of the move; read by person and month."""

from pydantic import Field

from kartoteka.domain.access import Operation, can
from kartoteka.domain.change import Actor
from kartoteka.domain.model import Value
from kartoteka.domain.office import Settings
from kartoteka.domain.overrides import Overrides, month_of, none_yet
from kartoteka.services.commands import Command, Registry
from kartoteka.services.office import Desk
from kartoteka.services.unit import Unit


class OneMonth(Value):
    """A month of the office's calendar; the present one if empty."""

    month: str = Field(default="", pattern=r"^(\d{4}-(0[1-9]|1[0-2]))?$", examples=["2026-11"])


class PersonOverrides(Value):
    """How often one person went past a guard."""

    staff: str
    name: str
    count: int


class MonthOverrides(Value):
    """A month: those who went past a guard, most often first; only whom the reader may see."""

    month: str
    total: int
    people: tuple[PersonOverrides, ...]


def note(unit: Unit, settings: Settings) -> None:
    """Count a move past a guard for the person who acts; kept only if the move is."""
    blank = none_yet(unit.actor.id, month_of(unit.now, settings.office.work.zone))
    known = unit.find(Overrides, blank.id) or blank
    unit.keep(known.model_copy(update={"count": known.count + 1}))


def counted(desk: Desk, actor: Actor, form: OneMonth, cause: str) -> MonthOverrides:
    """Return the counts of a month, read by id: the size of the log does not matter."""
    del cause  # nothing is written
    settings = desk.settings()
    month = form.month or month_of(desk.now(), settings.office.work.zone)
    names = {none_yet(person.id, month).id: person.name for person in settings.staff}
    docs = desk.store.get_many(Overrides.collection, list(names))
    found = [Overrides.model_validate(doc) for doc in docs.values()]
    seen = [it for it in found if can(actor, Operation.READ, it, within=settings)]
    ordered = sorted(seen, key=lambda it: (-it.count, names[it.id]))
    people = (
        PersonOverrides(staff=it.staff_id, name=names[it.id], count=it.count) for it in ordered
    )
    return MonthOverrides(month=month, total=sum(it.count for it in seen), people=tuple(people))


OVERRIDE_COMMANDS: Registry = {
    "override.count": Command("count moves past a guard by person in a month", OneMonth, counted),
}
