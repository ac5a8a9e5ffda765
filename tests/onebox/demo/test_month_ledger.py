"""The ledger of the month: what an office promises, told as short stories."""

from collections import Counter
from datetime import UTC, date, datetime, timedelta

from hypothesis import given
from hypothesis import strategies as st
from tests.fakes import FixedClock

from kartoteka.domain.ids import InboundId
from kartoteka.domain.inbound import Inbound, Kind
from kartoteka.domain.inbound import Person as Sender
from kartoteka.domain.model import Source
from kartoteka.domain.worktime import Delay, WorkTime
from kartoteka.services.office import Desk
from kartoteka.services.record_inbound import record
from onebox.demo.month.acts import (
    Act,
    Bills,
    Comes,
    Converts,
    Dials,
    Moves,
    Pays,
    Person,
    Prices,
    SendsLetter,
    Talks,
)
from onebox.demo.month.audit import Held, against
from onebox.demo.month.ledger import Ledger
from onebox.demo.month.working import ZONE, Calendar, at

HOLIDAY = date(2026, 11, 4)
MONDAY, TUESDAY, THURSDAY = date(2026, 11, 2), date(2026, 11, 3), date(2026, 11, 5)
CALENDAR = Calendar(frozenset({HOLIDAY}))
OFFICE = WorkTime(holidays=frozenset({HOLIDAY}))
MARIA = Person(1, "Мария")


def told(*acts: tuple[datetime, Act], until: datetime) -> Ledger:
    ledger = Ledger(CALENDAR)
    for moment, act in acts:
        ledger.until(moment)
        ledger.hear(act)
    ledger.until(until)
    return ledger


def form(moment: datetime) -> tuple[datetime, Act]:
    return moment, Comes(MARIA, "form", "развод")


def deal(since: datetime, *more: tuple[datetime, Act], until: datetime) -> Ledger:
    minute = timedelta(minutes=1)
    begun = (
        form(since - 3 * minute),
        (since - 2 * minute, Talks(MARIA)),
        (since - minute, Converts(MARIA, "Суд")),
    )
    return told(*begun, *more, until=until)


@given(st.integers(0, 60 * 24 * 40), st.integers(0, 2_000))
def test_paper_calendar_agrees_with_the_offices(after: int, minutes: int) -> None:
    moment = datetime(2026, 10, 20, tzinfo=ZONE) + timedelta(minutes=after)

    later = CALENDAR.minutes_later(moment, minutes)
    assert later == OFFICE.add_minutes(moment.astimezone(UTC), minutes)
    days = CALENDAR.days_later(moment, minutes % 6)
    assert days == OFFICE.add(moment.astimezone(UTC), Delay(work_days=minutes % 6))


def test_quick_answer_leaves_no_task_and_a_slow_one_closes_it() -> None:
    came = at(MONDAY, "10:20")

    quick = told(form(came), (at(MONDAY, "10:28"), Talks(MARIA)), until=at(MONDAY, "12:00"))
    slow = told(form(came), (at(MONDAY, "11:05"), Talks(MARIA)), until=at(MONDAY, "12:00"))

    assert quick.notes.made == Counter()
    assert slow.notes.made == slow.notes.done == {"first_contact": 1}
    assert quick.notes.told == {"notice_new_lead": 1, "notice_again": 1}
    assert slow.notes.told["notice_sla_first_late"] == 1


def test_missed_call_is_to_be_called_back_and_a_dial_in_vain_does_not_end_that() -> None:
    missed = (at(MONDAY, "10:20"), Comes(MARIA, "missed", ""))
    dialled = (at(MONDAY, "10:28"), Dials(MARIA))

    waiting = told(missed, dialled, until=at(MONDAY, "11:00"))
    reached = told(missed, dialled, (at(MONDAY, "11:05"), Talks(MARIA)), until=at(MONDAY, "12:00"))

    assert (waiting.notes.made, waiting.notes.done) == ({"callback": 1}, {})
    assert (reached.notes.done, reached.requests[0].stage) == ({"callback": 1}, "c1")


def test_night_request_is_due_in_the_morning_behind_the_holiday() -> None:
    ledger = told(form(at(TUESDAY, "21:30")), until=at(THURSDAY, "09:14"))
    assert ledger.notes.made == Counter()

    ledger.until(at(THURSDAY, "09:15"))

    assert ledger.notes.made == {"first_contact": 1}


def test_letter_without_an_answer_gives_a_task_after_three_working_days() -> None:
    letter = (at(MONDAY, "14:15"), SendsLetter(MARIA, "deal"))
    answer = (at(THURSDAY, "10:00"), Comes(MARIA, "form", "вопрос"))
    end = at(date(2026, 11, 6), "15:00")

    silent = deal(at(MONDAY, "11:05"), letter, until=end)
    answered = deal(at(MONDAY, "11:05"), letter, answer, until=end)

    assert (silent.notes.firings, silent.notes.made["letter"]) == ({"silent_deal": 1}, 1)
    assert (answered.notes.firings, len(answered.requests)) == ({}, 1)


def test_amount_over_the_threshold_is_told_once_and_half_of_the_money_wins_nothing() -> None:
    priced: list[tuple[datetime, Act]] = [
        (at(MONDAY, "12:00"), Prices(MARIA, minor))
        for minor in (30_000_000, 60_000_000, 70_000_000)
    ]
    billed: list[tuple[datetime, Act]] = [
        (at(MONDAY, "13:00"), Moves(MARIA, "pay")),
        (at(MONDAY, "13:00"), Bills(MARIA, at(date(2026, 11, 7), "12:00"))),
        (at(TUESDAY, "11:05"), Pays(MARIA, 35_000_000)),
    ]

    ledger = deal(at(MONDAY, "11:05"), *priced, *billed, until=at(date(2026, 11, 8), "12:00"))
    assert ledger.notes.firings == {"large_deal": 1, "pay_before_3": 1, "pay_today": 1}
    assert ledger.notes.won_minor == 0

    ledger.hear(Pays(MARIA, 35_000_000))
    ledger.until(at(date(2026, 11, 30), "12:00"))

    assert (ledger.deals[0].stage, ledger.notes.won_minor) == ("won", 70_000_000)
    assert "pay_late_3" not in ledger.notes.firings


def test_office_that_holds_what_nobody_foretold_differs_in_words(
    desk: Desk, clock: FixedClock
) -> None:
    now = clock.now()
    event = Inbound(
        id=InboundId("in_1"),
        channel="form",
        account="consult",
        event_id="1",
        what=Kind.FORM,
        at=now,
        received_at=now,
        sender=Sender(name=MARIA.name, phones=(MARIA.phone,)),
        source=Source(channel="form", name="Сайт-форма"),
        text="Вопрос",
    )
    record(desk, event)

    empty, full = Ledger(CALENDAR), told(form(now), until=now)
    full.notes.told.clear()

    assert "clients: 1 in the office, 0 by the ledger" in list(against(empty, Held.of(desk.store)))
    assert list(against(full, Held.of(desk.store))) == []
