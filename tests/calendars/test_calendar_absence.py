"""Absence that a person's own calendar tells: whole working days, never what was typed by hand."""

from datetime import UTC, date, datetime, timedelta

import pytest
from tests.calendars.calendar_office import ANNA, Diary

from kartoteka.domain.worktime import WorkTime
from kartoteka.ports import Query
from sync.calendars.absences import covered

MAIL = "anna@office.example"
HOURS = WorkTime()  # 9 to 18 in Moscow: 6 to 15 UTC


def at(day: int, hour: float = 0) -> datetime:
    return datetime(2026, 11, day, tzinfo=UTC) + timedelta(hours=hour)


@pytest.mark.parametrize(
    ("start", "end", "days"),
    [
        (at(25, 6), at(25, 15), {25}),
        (at(25, 7), at(25, 15), set()),
        (at(25, 6), at(25, 14.5), set()),
        (at(24, 12), at(27, 9), {25, 26}),
        (at(24, 21), at(26, 21), {25, 26}),
    ],
)
def test_day_counts_when_all_its_working_hours_are_covered(
    start: datetime, end: datetime, days: set[int]
) -> None:
    assert covered([(start, end)], HOURS) == {date(2026, 11, day) for day in days}


@pytest.fixture
def away(diary: Diary) -> Diary:
    """An office that looks at absences; Anna's calendar can be read and says nothing."""
    diary.do("calendar.set", absences=True)
    diary.office.spans[MAIL] = []
    return diary


def absent(diary: Diary) -> list[str]:
    person = diary.desk.settings().person(ANNA)
    assert person is not None
    return [day[-2:] for day in person.absent]


def test_days_follow_the_calendar_and_hands_keep_theirs(away: Diary) -> None:
    away.do("absence.add", away.person(ANNA), first="2026-11-25")
    away.office.spans[MAIL] = [(at(24, 21), at(27, 21))]
    away.look()
    assert absent(away) == ["25", "26", "27"]

    away.office.spans[MAIL] = [(at(26, 21), at(27, 21))]
    away.look()
    assert absent(away) == ["25", "27"]
    away.office.spans[MAIL] = []
    away.look()
    assert absent(away) == ["25"]


def test_second_look_changes_nothing(away: Diary) -> None:
    away.office.spans[MAIL] = [(at(24, 21), at(25, 21))]
    away.look()
    before = away.desk.store.log_head("changes")
    away.look()

    assert away.desk.store.log_head("changes") == before


def test_calendar_that_is_not_shared_and_a_switch_that_is_off_say_nothing(diary: Diary) -> None:
    diary.office.spans[MAIL] = [(at(24, 21), at(25, 21))]
    diary.look()
    assert absent(diary) == []

    diary.do("calendar.set", absences=True)
    del diary.office.spans[MAIL]
    diary.look()
    assert absent(diary) == []


def test_own_account_tells_of_its_own_calendar(away: Diary) -> None:
    away.do("calendar.set", accounts="staff")
    away.accounts[MAIL].spans[""] = [(at(24, 21), at(25, 21))]
    away.look()

    assert absent(away) == ["25"]


def test_queue_passes_over_who_is_away(away: Diary) -> None:
    for email in (MAIL, "boris@office.example"):
        away.office.spans[email] = []
    away.office.spans[MAIL] = [(at(22, 21), at(23, 21))]
    away.look()
    for number in range(4):
        away.client(number, owner="")
    owners = {hit.doc["owner_id"] for hit in away.desk.store.query(Query("leads"))}

    assert owners == {"st_boris"}
