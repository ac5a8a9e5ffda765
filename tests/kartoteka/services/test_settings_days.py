"""Days off of the office: the country's, brought up to date every night, and its own word."""

from datetime import date, timedelta
from typing import Any

import pytest
from tests.fakes import FixedClock

from automation import nightly
from kartoteka.domain.country_days import CountryDays
from kartoteka.domain.office import Office
from kartoteka.domain.stat_cells import Ruler
from kartoteka.domain.worktime import WorkTime
from kartoteka.services.commands import execute
from kartoteka.services.office import Desk, read_settings
from kartoteka.services.people import actor_by_email
from kartoteka.services.registry import COMMANDS
from kartoteka.services.settings_days import refresh
from kartoteka.services.unit import LOG

NEW_YEAR = "2026-12-31"
SATURDAY = "2027-02-20"  # worked instead of a Monday


def do(desk: Desk, name: str, **given: Any) -> WorkTime:
    who = actor_by_email(desk.settings(), "olga@office.example")
    execute(COMMANDS, desk, who, name, given=given, cause="test")
    return read_settings(desk.store).office.work


def years(desk: Desk) -> set[int]:
    return {day.year for day in read_settings(desk.store).office.work.country.off}


def log_of(desk: Desk) -> list[dict[str, Any]]:
    return [dict(entry.doc) for entry in desk.store.read_log(LOG, None, 1_000)]


def test_office_begins_with_this_year_and_the_next(desk: Desk) -> None:
    assert years(desk) == {2026, 2027}


def test_night_of_the_new_year_adds_the_year_after(desk: Desk, clock: FixedClock) -> None:
    clock.advance(timedelta(days=45))
    nightly.run(desk)
    told = [it for it in log_of(desk) if it["cause"] == "country_days"]
    nightly.run(desk)

    assert years(desk) == {2026, 2027, 2028}
    assert [it["actor"]["id"] for it in told] == ["system"]
    assert [it for it in log_of(desk) if it["cause"] == "country_days"] == told


def test_night_before_it_changes_nothing(desk: Desk, clock: FixedClock) -> None:
    clock.advance(timedelta(days=1))
    before = read_settings(desk.store).office

    assert not refresh(desk)
    assert read_settings(desk.store).office == before


def test_days_that_were_written_by_an_older_calendar_are_mended(desk: Desk) -> None:
    right = read_settings(desk.store).office.work.country
    office = Office.model_validate(desk.store.get("settings", "office"))
    wrong = CountryDays(country="RU", off=right.off - {date(2026, 12, 31)})
    work = office.work.model_copy(update={"country": wrong})
    doc = office.model_copy(update={"work": work}).model_dump(mode="json")
    desk.store.run(lambda tx: tx.put("settings", "office", doc))

    assert refresh(desk)
    assert read_settings(desk.store).office.work.country == right


def test_office_without_a_country_asks_nobody(desk: Desk) -> None:
    assert do(desk, "country.set", country="").country == CountryDays()
    assert not refresh(desk)


def test_other_country_brings_other_days(desk: Desk) -> None:
    work = do(desk, "country.set", country="kz")

    assert work.country.country == "KZ"
    assert work.is_day_off(date(2027, 3, 22))  # Nauryz
    assert not work.is_day_off(date(2026, 12, 31))


def test_day_off_of_the_country_is_worked_and_off_again(desk: Desk) -> None:
    before = desk.settings().office.work
    worked = do(desk, "holiday.remove", days=[NEW_YEAR])
    assert worked.is_working_day(date.fromisoformat(NEW_YEAR))

    for command in ("workday.remove", "holiday.add"):
        do(desk, "workday.add", days=[NEW_YEAR])
        assert do(desk, command, days=[NEW_YEAR]) == before


def test_working_saturday_of_the_country_is_off_and_worked_again(desk: Desk) -> None:
    before = desk.settings().office.work
    assert before.is_working_day(date.fromisoformat(SATURDAY))

    for command in ("workday.remove", "holiday.add"):
        assert not do(desk, command, days=[SATURDAY]).is_working_day(date.fromisoformat(SATURDAY))
        assert do(desk, "workday.add", days=[SATURDAY]) == before


@pytest.mark.parametrize("command", ["holiday.add", "workday.add"])
def test_what_the_calendar_says_needs_no_word_of_the_office(desk: Desk, command: str) -> None:
    day = NEW_YEAR if command == "holiday.add" else SATURDAY
    before = desk.settings().office

    do(desk, command, days=[day])

    assert read_settings(desk.store).office == before


def test_figures_are_counted_anew_when_the_calendar_changes(desk: Desk) -> None:
    before = Ruler(read_settings(desk.store).office).print
    do(desk, "workday.add", days=[NEW_YEAR])

    assert Ruler(read_settings(desk.store).office).print != before
