"""Digests: once a day for each, in the office's hours, whatever the ticks do."""

from datetime import UTC, date, datetime, time, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st
from tests.automation.notice_office import form
from tests.fakes import FixedClock

from automation import digest_round
from kartoteka.domain.model import Notice
from kartoteka.domain.notice_rules import (
    EVENING,
    MORNING,
    NoticeKind,
    NoticeRules,
    calm_at,
    digest_due,
)
from kartoteka.ports import Query
from kartoteka.services.digests import evening, morning
from kartoteka.services.office import Desk, SettingsCache
from kartoteka.services.people import actor
from kartoteka.services.read import Look

MOSCOW, BERLIN = "Europe/Moscow", "Europe/Berlin"
RULES = NoticeRules()
MONDAY = datetime(2026, 11, 23, tzinfo=UTC)
INSTANTS = st.datetimes(datetime(2026, 1, 1), datetime(2027, 1, 1), timezones=st.just(UTC))  # noqa: DTZ001 (hypothesis wants naive bounds)


def told(desk: Desk, code: str) -> list[str]:
    found = (Notice.model_validate(hit.doc) for hit in desk.store.query(Query("notices")))
    return sorted(it.staff_id for it in found if it.code == code)


def look(desk: Desk, person: str) -> Look:
    settings = desk.settings()
    who = settings.person(person)
    assert who is not None
    return Look(desk.store, settings, actor(who, settings), desk.now())


def test_round_is_made_once_a_morning_and_once_an_evening(desk: Desk, clock: FixedClock) -> None:
    clock.advance(MONDAY.replace(hour=5, minute=59) - clock.now())
    assert digest_round.run(desk) == 0
    clock.advance(timedelta(minutes=1))
    first = [digest_round.run(desk) for _ in range(3)]
    clock.advance(timedelta(hours=9))
    second = [digest_round.run(desk) for _ in range(3)]
    clock.advance(timedelta(hours=15))

    assert first == [10, 0, 0]
    assert second == [1, 0, 0]
    assert told(desk, EVENING) == ["st_viktor"]
    assert digest_round.run(desk) == 10


def test_late_tick_still_brings_the_morning_and_never_yesterdays_evening(
    desk: Desk, clock: FixedClock
) -> None:
    clock.advance(MONDAY.replace(hour=14, minute=59) - clock.now())
    digest_round.run(desk)
    clock.advance(timedelta(hours=15))
    digest_round.run(desk)

    assert len(told(desk, MORNING)) == 10
    assert told(desk, EVENING) == []


def test_who_is_away_or_works_other_days_is_left_alone(desk: Desk, clock: FixedClock) -> None:
    for person, update in (
        ("st_anna", {"absent": ["2026-11-23"]}),
        ("st_boris", {"shift": [1, 2]}),
        ("st_vera", {"active": False}),
    ):
        doc = {**(desk.store.get("staff", person) or {}), **update}
        desk.store.run(lambda tx, it=doc: tx.put("staff", str(it["id"]), it))
    assert isinstance(desk.settings, SettingsCache)
    desk.settings.forget()
    clock.advance(MONDAY.replace(hour=7) - clock.now())
    digest_round.run(desk)

    assert {"st_anna", "st_boris", "st_vera"} & set(told(desk, MORNING)) == set()


def test_plan_tells_a_person_of_their_own_things_only(desk: Desk) -> None:
    form(desk)

    assert "Ждут первого ответа: 1" in morning(look(desk, "st_anna"))
    assert "Ждут первого ответа: 0" in morning(look(desk, "st_boris"))
    assert "– 09:15 Ирина <b>&" in morning(look(desk, "st_anna"))
    assert "Новых заявок сегодня: 1" in evening(look(desk, "st_olga"))
    assert "Новых заявок сегодня: 0" in evening(look(desk, "st_boris"))


@pytest.mark.parametrize(
    ("zone", "now", "expected"),
    [
        # 23:30 of the evening before the clocks go forward: 9:00 is an hour nearer
        (BERLIN, datetime(2026, 3, 28, 22, 30, tzinfo=UTC), datetime(2026, 3, 29, 7, tzinfo=UTC)),
        # the evening before they go back: an hour later
        (BERLIN, datetime(2026, 10, 24, 21, 30, tzinfo=UTC), datetime(2026, 10, 25, 8, tzinfo=UTC)),
        # behind midnight it is this morning's nine
        (MOSCOW, datetime(2026, 11, 23, 0, 30, tzinfo=UTC), datetime(2026, 11, 23, 6, tzinfo=UTC)),
        # the last quiet minute, and the first that is not
        (MOSCOW, datetime(2026, 11, 23, 5, 59, tzinfo=UTC), datetime(2026, 11, 23, 6, tzinfo=UTC)),
        (MOSCOW, datetime(2026, 11, 23, 17, 59, tzinfo=UTC), None),
        (MOSCOW, datetime(2026, 11, 23, 18, tzinfo=UTC), datetime(2026, 11, 24, 6, tzinfo=UTC)),
    ],
)
def test_quiet_hours_end_at_nine_by_the_clock_on_the_wall(
    zone: str, now: datetime, expected: datetime | None
) -> None:
    assert calm_at(RULES, zone, now, NoticeKind.TASK) == (expected or now)


@given(INSTANTS, st.times(), st.times(), st.sampled_from([MOSCOW, BERLIN]))
def test_calm_moment_is_calm_not_earlier_and_within_a_day(
    now: datetime, begins: time, ends: time, zone: str
) -> None:
    rules = NoticeRules(quiet_from=begins, quiet_to=ends)
    found = calm_at(rules, zone, now, NoticeKind.TASK)

    assert now <= found <= now + timedelta(hours=25)
    assert calm_at(rules, zone, found, NoticeKind.TASK) == found


def test_urgent_kind_is_told_at_any_hour() -> None:
    night = datetime(2026, 11, 23, 22, tzinfo=UTC)

    assert calm_at(RULES, MOSCOW, night, NoticeKind.APPROVAL) == night


def test_day_of_a_digest_is_the_offices_own() -> None:
    assert digest_due(RULES, "Asia/Vladivostok", datetime(2026, 11, 22, 23, tzinfo=UTC)) == (
        date(2026, 11, 23),
        MORNING,
    )
