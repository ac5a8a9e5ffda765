"""The calendar of a country: which days it does not work, and what an office makes of it."""

from datetime import UTC, date, datetime

import pytest

from kartoteka.domain.country_days import CountryDays, days_of
from kartoteka.domain.errors import Invalid
from kartoteka.domain.model import Staff
from kartoteka.domain.notice_rules import works_on
from kartoteka.domain.worktime import Delay, WorkTime

RUSSIA = days_of("ru", (2026, 2027))
SATURDAY = date(2027, 2, 20)  # worked instead of Monday the 22nd
OFFICE = WorkTime(country=RUSSIA)


def test_russia_has_its_new_year_and_what_the_government_moved() -> None:
    january = {date(2027, 1, day) for day in range(1, 9)}

    assert RUSSIA.country == "RU"
    assert january | {date(2026, 12, 31), date(2027, 2, 22), date(2027, 11, 5)} <= RUSSIA.off
    assert RUSSIA.worked == {SATURDAY}


def test_deadline_passes_over_the_new_year() -> None:
    wednesday = datetime(2026, 12, 30, 14, 30, tzinfo=UTC)  # 17:30 in Moscow

    due = OFFICE.add(wednesday, Delay(work_minutes=60))

    assert due == datetime(2027, 1, 11, 6, 30, tzinfo=UTC)  # Monday, 09:30


@pytest.mark.parametrize("code", ["XX", "", "РФ", "Russia", "XNYS"])
def test_country_that_nobody_knows_is_refused(code: str) -> None:
    with pytest.raises(Invalid) as refused:
        days_of(code, (2026,))

    assert refused.value.code == "country_unknown"


@pytest.mark.parametrize(
    ("days", "works"), [((0, 1, 2, 3, 4), True), ((0, 1, 2), False), ((1, 2, 3, 4, 5), True)]
)
def test_moved_saturday_is_worked_by_whom_the_usual_week_binds(
    *, days: tuple[int, ...], works: bool
) -> None:
    assert WorkTime(days=days, country=RUSSIA).is_working_day(SATURDAY) is works


def test_own_word_of_the_office_wins_both_ways() -> None:
    holiday, monday = date(2027, 11, 4), date(2027, 11, 8)
    office = OFFICE.model_copy(
        update={"workdays": frozenset({holiday}), "holidays": frozenset({monday, SATURDAY})}
    )

    assert [office.is_working_day(day) for day in (holiday, monday, SATURDAY)] == [
        True,
        False,
        False,
    ]


@pytest.mark.parametrize(
    ("shift", "works"), [((0, 1, 2, 3, 4), True), ((5, 6), True), ((0, 1), False)]
)
def test_moved_saturday_calls_who_works_the_whole_week(
    *, shift: tuple[int, ...], works: bool
) -> None:
    person = Staff.model_validate(
        {"id": "st_a", "name": "А", "email": "a@office.example", "role": "manager", "shift": shift}
    )

    assert works_on(person, SATURDAY, OFFICE) is works


def test_years_behind_keep_their_days_when_the_law_is_read_again() -> None:
    known = CountryDays(country="RU", off=frozenset({date(2025, 7, 1), date(2026, 7, 1)}))

    found = known.before(2026).joined(days_of("RU", (2026, 2027)))

    assert date(2025, 7, 1) in found.off
    assert date(2026, 7, 1) not in found.off
