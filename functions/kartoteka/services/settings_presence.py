"""Who is at work: shifts of the week and days of absence, by the head or by oneself; B7."""

from collections.abc import Callable
from datetime import date, timedelta
from zoneinfo import ZoneInfo

from pydantic import Field

from kartoteka.domain.access import check_presence
from kartoteka.domain.change import Actor
from kartoteka.domain.consistency import check_whole
from kartoteka.domain.errors import Invalid
from kartoteka.domain.model import Staff
from kartoteka.services.office import Desk, read_settings
from kartoteka.services.settings_edit import Versioned, kept, stamped, stored_part, with_person
from kartoteka.services.unit import Unit, transact

_LONGEST = 366  # days of one absence
_REMEMBERED = timedelta(days=_LONGEST)


class Whose(Versioned):
    """A person of the office; yourself if empty."""

    staff: str = ""


class Absence(Whose):
    """Days of absence, both included; one day when the last is not given."""

    first: date
    last: date | None = None


class SetShift(Whose):
    """The days of the week on which a person works: 0 (Monday) to 6."""

    days: tuple[int, ...] = Field(max_length=7)


def absent(desk: Desk, actor: Actor, form: Absence, cause: str) -> Staff:
    """Return the person with further days of absence; queues pass them over on these days.

    Raises:
        NotAllowed: it is a colleague who is not below the actor.
        Invalid: the days are past, the wrong way round or more than a year.
    """
    return _edit(desk, actor, form, lambda days: days | _days(form), cause=cause)


def present(desk: Desk, actor: Actor, form: Absence, cause: str) -> Staff:
    """Return the person without these days of absence; raises as `absent` does."""
    return _edit(desk, actor, form, lambda days: days - _days(form), cause=cause)


def shift(desk: Desk, actor: Actor, form: SetShift, cause: str) -> Staff:
    """Return the person with these days of work; none: no queue gives them anything."""
    week = tuple(sorted(set(form.days)))

    def change(person: Staff) -> Staff:
        return person.model_copy(update={"shift": week})

    return _changed(desk, actor, form, change, field="shift", cause=cause)


def _edit(
    desk: Desk,
    actor: Actor,
    form: Absence,
    change: Callable[[set[str]], set[str]],
    *,
    cause: str,
) -> Staff:
    zone = ZoneInfo(desk.settings().office.work.zone)
    today = desk.now().astimezone(zone).date()
    _check(form, today)
    since = (today - _REMEMBERED).isoformat()

    def with_days(person: Staff) -> Staff:
        days = {day for day in change(set(person.absent)) if day >= since}
        return person.model_copy(update={"absent": tuple(sorted(days))})

    return _changed(desk, actor, form, with_days, field="absent", cause=cause)


def _changed(
    desk: Desk,
    actor: Actor,
    form: Whose,
    change: Callable[[Staff], Staff],
    *,
    field: str,
    cause: str,
) -> Staff:
    around = read_settings(desk.store)

    def work(unit: Unit) -> Staff:
        wish = (around, form.expected)
        person = stored_part(unit, around.staff, form.staff or actor.id, wish)
        check_presence(actor, person, around, field=field)
        edited = stamped(unit, change(person), person)
        check_whole(with_person(around, edited))
        return unit.save(edited)

    return kept(desk, transact(desk.store, actor, cause, desk.now(), work=work))


def _check(form: Absence, today: date) -> None:
    last = form.last or form.first
    if last < today or not 0 <= (last - form.first).days < _LONGEST:
        raise Invalid(
            "the days must not be past, in order and at most a year",
            fields={"first": "range", "last": "range"},
            code="absence_range",
        )


def _days(form: Absence) -> set[str]:
    span = (form.last or form.first) - form.first
    return {(form.first + timedelta(days=n)).isoformat() for n in range(span.days + 1)}
