"""Days off and working days of the office: its own word, and the calendar of its country.

The country's days are written into the office when they are known: at the beginning, when a country
is named, and every night when this year or the next has other ones. So whoever asks whether a
day is worked reads the office and nothing else. Years behind keep the days that they had.
"""

from collections.abc import Callable
from datetime import date, datetime
from functools import partial
from typing import TypeAlias
from zoneinfo import ZoneInfo

from pydantic import Field

from kartoteka.domain.change import SYSTEM, Actor
from kartoteka.domain.country_days import CountryDays, days_of
from kartoteka.domain.errors import Rejected
from kartoteka.domain.office import Office
from kartoteka.domain.worktime import WorkTime
from kartoteka.log import log
from kartoteka.services.commands import Command, Registry
from kartoteka.services.office import Desk
from kartoteka.services.settings_edit import Saved, Versioned, edit_office, save_office

_Days: TypeAlias = frozenset[date]
_Change: TypeAlias = Callable[[WorkTime, _Days], WorkTime]


class Days(Versioned):
    """Days of the calendar."""

    days: tuple[date, ...] = Field(min_length=1, max_length=400)


class SetCountry(Versioned):
    """The country whose days off the office has: two letters, such as RU; empty: no country."""

    country: str = Field(max_length=60)


def add_holidays(desk: Desk, actor: Actor, form: Days, cause: str) -> Saved:
    """Return what was saved: further days off."""
    return _save(desk, actor, form, _off, cause=cause)


def remove_holidays(desk: Desk, actor: Actor, form: Days, cause: str) -> Saved:
    """Return what was saved: those days are worked again, whatever the country's calendar says."""
    return _save(desk, actor, form, _worked_again, cause=cause)


def add_workdays(desk: Desk, actor: Actor, form: Days, cause: str) -> Saved:
    """Return what was saved: those days are worked, whatever calendar and week say."""
    return _save(desk, actor, form, _worked, cause=cause)


def remove_workdays(desk: Desk, actor: Actor, form: Days, cause: str) -> Saved:
    """Return what was saved: those days are worked no more than calendar and week say.

    One that the country itself works instead of another day becomes a day off.
    """
    return _save(desk, actor, form, _not_worked, cause=cause)


def set_country(desk: Desk, actor: Actor, form: SetCountry, cause: str) -> Saved:
    """Return what was saved: the days off of this country, this year's and the next one's.

    Raises:
        Invalid: no calendar of such a country is known.
    """
    named = CountryDays(country=form.country.strip().upper())

    def change(office: Office) -> Office:
        work = office.work.model_copy(update={"country": named})
        return with_country(office.model_copy(update={"work": work}), desk.now())

    return save_office(
        desk, actor, change, cause=cause, expected=form.expected, name=named.country or "-"
    )


def with_country(office: Office, now: datetime) -> Office:
    """Return the office with the days of its country in this year and the next.

    Raises:
        Invalid: no calendar of such a country is known.
    """
    known = office.work.country
    if not known.country:
        return office
    year = now.astimezone(ZoneInfo(office.work.zone)).year
    fresh = days_of(known.country, (year, year + 1))
    work = office.work.model_copy(update={"country": known.before(year).joined(fresh)})
    return office.model_copy(update={"work": work})


def refresh(desk: Desk) -> bool:
    """Bring the country's days up to date; return whether there were other ones."""
    office = desk.settings().office
    try:
        if with_country(office, desk.now()) == office:
            return False
        edit_office(desk, SYSTEM, partial(with_country, now=desk.now()), cause="country_days")
    except Rejected as exc:
        log("error", event="country_days", country=office.work.country.country, code=exc.code)
        return False
    return True


def _save(desk: Desk, actor: Actor, form: Days, change: _Change, *, cause: str) -> Saved:
    days = frozenset(form.days)
    return save_office(
        desk,
        actor,
        lambda office: office.model_copy(update={"work": change(office.work, days)}),
        cause=cause,
        expected=form.expected,
        name="holidays",
    )


def _without(work: WorkTime, days: _Days) -> WorkTime:
    """Return the hours without the office's own word about these days."""
    left = {"holidays": work.holidays - days, "workdays": work.workdays - days}
    return work.model_copy(update=left)


def _off(work: WorkTime, days: _Days) -> WorkTime:
    """Return the hours with these days off; what is off anyway needs no word of the office."""
    left = _without(work, days)
    return left.model_copy(update={"holidays": left.holidays | (days - work.country.off)})


def _worked(work: WorkTime, days: _Days) -> WorkTime:
    left = _without(work, days)
    said = {day for day in days if not left.is_extra(day)}
    return left.model_copy(update={"workdays": left.workdays | said})


def _worked_again(work: WorkTime, days: _Days) -> WorkTime:
    left = _without(work, days)
    return left.model_copy(update={"workdays": left.workdays | (days & work.country.off)})


def _not_worked(work: WorkTime, days: _Days) -> WorkTime:
    left = _without(work, days)
    said = {day for day in days if left.is_extra(day)}
    return left.model_copy(update={"holidays": left.holidays | said})


DAY_COMMANDS: Registry = {
    "country.set": Command("say whose days off the office has", SetCountry, set_country),
    "holiday.add": Command("add days off", Days, add_holidays),
    "holiday.remove": Command("take days off back", Days, remove_holidays),
    "workday.add": Command("work on days off, or at a weekend", Days, add_workdays),
    "workday.remove": Command("take working days back", Days, remove_workdays),
}
