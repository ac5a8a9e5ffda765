"""Texts one after another: in working time, each once, until the client answers or buys."""

from datetime import timedelta

import pytest
from tests.fakes import FakeTasks, FixedClock
from tests.kartoteka.mailing.mailing_office import (
    ANNA,
    OLGA,
    FakeSenders,
    outlet,
    person,
    recipients,
    run,
    started,
    states,
    with_sms,
)

from kartoteka.domain.change import Actor, ActorKind
from kartoteka.domain.errors import Invalid, NotAllowed
from kartoteka.domain.ids import ActivityId, ClientId
from kartoteka.domain.inbound import Message
from kartoteka.domain.mailing import SeriesMember, Words, series_member_id
from kartoteka.domain.model import Activity
from kartoteka.ports import QueuedTask
from kartoteka.services import (
    campaign_running,
    consents,
    mailing_following,
    posting_ends,
    series,
    series_walking,
    single_postings,
)
from kartoteka.services.campaign_forms import ClientInSeries, SetSeries
from kartoteka.services.consents import SetConsent
from kartoteka.services.consume import drain
from kartoteka.services.office import Desk
from kartoteka.services.unit import Unit, transact

RULE = Actor(kind=ActorKind.RULE, id="r_1")
HERE = ClientInSeries(series="welcome", client="cl_c0")


@pytest.fixture
def senders() -> FakeSenders:
    return FakeSenders()


def welcome(desk: Desk, **fields: object) -> None:
    steps = [
        {"subject": "1", "text": "first"},
        {"after": {"work_days": 2}, "subject": "2", "text": "second"},
        {"after": {"work_days": 1}, "subject": "3", "text": "third"},
    ]
    given = {"series": "welcome", "name": "Знакомство", "steps": steps, **fields}
    series.set_series(desk, OLGA, SetSeries.model_validate(given), "x")


def postings(tasks: FakeTasks) -> list[QueuedTask]:
    return [it for it in tasks.queued if it.path.endswith("/posting")]


def days(desk: Desk, senders: FakeSenders, tasks: FakeTasks, count: int) -> list[tuple[int, str]]:
    """What was sent on which day, while tick and queue go on hour by hour."""
    seen: list[tuple[int, str]] = []
    senders.meanwhile = lambda: seen.append((desk.now().day, senders.sent[-1].subject))
    assert isinstance(desk.clock, FixedClock)
    for _ in range(count * 24):
        series_walking.walk(desk)
        due = [it for it in postings(tasks) if it.at is None or it.at <= desk.now()]
        for task in due:
            tasks.queued.remove(task)
            campaign_running.one(desk, outlet(senders), str(task.payload["recipient"]))
        desk.clock.advance(timedelta(hours=1))
    return seen


def member(desk: Desk) -> SeriesMember:
    doc = desk.store.get(SeriesMember.collection, series_member_id("welcome", "cl_c0"))
    return SeriesMember.model_validate(doc)


def answered(desk: Desk) -> None:
    said = Activity(
        id=ActivityId("ac_in"), what="mail", client_id=ClientId("cl_c0"), at=desk.now(), text="Да"
    )
    transact(desk.store, OLGA, "x", desk.now(), work=lambda unit: unit.add(said))
    drain(desk, "t", lambda it: mailing_following.follow(desk, it) and None, batch=50, most=500)


def reported(desk: Desk, state: str, said: str) -> None:
    """What the service tells of the one text that was sent."""
    [recipient] = recipients(desk)
    told = Message(id="1", peer="", state=state, said=said)

    def work(unit: Unit) -> str:
        return posting_ends.reported(unit, recipient.id, told, "ru")

    transact(desk.store, OLGA, "x", desk.now(), work=work)


def test_steps_come_in_working_days_each_once(
    desk: Desk, senders: FakeSenders, tasks: FakeTasks
) -> None:
    person(desk, "c0")
    welcome(desk)
    series.start(desk, ANNA, HERE, "x")

    assert days(desk, senders, tasks, 7) == [(23, "1"), (25, "2"), (26, "3")]
    assert (member(desk).state, member(desk).step) == ("done", 3)
    assert states(desk) == [("sent", "")] * 3


def test_answer_ends_the_series_before_the_next_step(
    desk: Desk, senders: FakeSenders, tasks: FakeTasks
) -> None:
    person(desk, "c0")
    welcome(desk)
    series.start(desk, ANNA, HERE, "x")
    first = days(desk, senders, tasks, 1)
    answered(desk)

    assert (first, days(desk, senders, tasks, 5)) == ([(23, "1")], [])
    assert (member(desk).state, member(desk).why) == ("left", "reply")


def test_series_may_go_on_after_an_answer(
    desk: Desk, senders: FakeSenders, tasks: FakeTasks
) -> None:
    person(desk, "c0")
    welcome(desk, leave_on_reply=False)
    series.start(desk, ANNA, HERE, "x")
    days(desk, senders, tasks, 1)
    answered(desk)

    assert [subject for _, subject in days(desk, senders, tasks, 5)] == ["2", "3"]


def test_refusal_ends_the_series(desk: Desk, senders: FakeSenders, tasks: FakeTasks) -> None:
    person(desk, "c0")
    welcome(desk)
    series.start(desk, ANNA, HERE, "x")
    days(desk, senders, tasks, 1)
    consents.stop(desk, OLGA, SetConsent(client="cl_c0", medium="mail"), "x")
    assert days(desk, senders, tasks, 4) == []
    assert (member(desk).state, member(desk).why) == ("left", "by_hand")


@pytest.mark.parametrize(
    ("report", "why"),
    [
        (("delivered", "spam"), "complaint"),
        (("delivered", "unsubscribed"), "unsubscribed"),
        (("failed", "hard_bounced"), "bounced"),
    ],
)
def test_what_the_service_tells_of_the_reader_ends_the_series_at_once(
    desk: Desk, senders: FakeSenders, tasks: FakeTasks, *, report: tuple[str, str], why: str
) -> None:
    person(desk, "c0")
    welcome(desk)
    series.start(desk, ANNA, HERE, "x")
    days(desk, senders, tasks, 1)

    reported(desk, *report)

    assert (member(desk).state, member(desk).why) == ("left", why)
    assert days(desk, senders, tasks, 4) == []


@pytest.mark.parametrize(
    ("said", "ends"), [("spam", True), ("unsub", True), ("hard_bounced", False)]
)
def test_refusal_of_a_campaign_ends_every_series_and_a_dead_address_none(
    desk: Desk, senders: FakeSenders, tasks: FakeTasks, *, said: str, ends: bool
) -> None:
    """The person refused, not the address: an SMS of a series does not follow."""
    client = person(desk, "c0", emails=("c0@mail.example", "second@mail.example"))
    welcome(desk)
    series.start(desk, ANNA, HERE, "x")
    run(desk, senders, started(desk, [client.id]))

    reported(desk, "delivered" if ends else "failed", said)
    run(desk, senders, started(desk, [client.id], name="Лето"))

    assert (member(desk).state == "left") == ends
    written = ["c0@mail.example"] if ends else ["c0@mail.example", "second@mail.example"]
    assert senders.reached == written


def test_stop_holds_a_step_that_waits_for_its_sender(
    desk: Desk, senders: FakeSenders, tasks: FakeTasks
) -> None:
    person(desk, "c0")
    welcome(desk)
    series.start(desk, ANNA, HERE, "x")
    series_walking.walk(desk)
    series.stop(desk, ANNA, HERE, "x")

    assert days(desk, senders, tasks, 3) == []
    assert states(desk) == [("skipped", "series_left")]


def test_same_cause_starts_once_and_a_later_one_again(desk: Desk, tasks: FakeTasks) -> None:
    person(desk, "c0")
    welcome(desk)
    first = series.start(desk, RULE, HERE, "firing:1")
    assert series.start(desk, RULE, HERE, "firing:2") == first
    series.stop(desk, RULE, HERE, "firing:3")

    assert series.start(desk, RULE, HERE, "firing:1").state == "left"
    assert series.start(desk, RULE, HERE, "firing:4").run == 2


def test_walk_repeated_makes_one_recipient_and_a_lost_task_is_asked_for_again(
    desk: Desk, tasks: FakeTasks
) -> None:
    person(desk, "c0")
    welcome(desk)
    series.start(desk, ANNA, HERE, "x")
    series_walking.walk(desk)
    series_walking.walk(desk)
    asked = len(postings(tasks))
    desk.clock.advance(timedelta(minutes=11))
    series_walking.walk(desk)

    assert (len(recipients(desk)), asked, len(postings(tasks))) == (1, 1, 2)


def test_series_that_is_off_or_of_a_stranger_is_refused(desk: Desk) -> None:
    person(desk, "c0")
    welcome(desk, on=False)
    with pytest.raises(Invalid):
        series.start(desk, ANNA, HERE, "x")
    one = {"series": "x", "name": "x", "steps": [{"subject": "x", "text": "x"}]}
    welcome_as_manager = SetSeries.model_validate(one)
    with pytest.raises(NotAllowed):
        series.set_series(desk, ANNA, welcome_as_manager, "x")


def test_text_of_a_rule_to_one_client_goes_once_and_obeys_a_refusal(
    desk: Desk, senders: FakeSenders, tasks: FakeTasks
) -> None:
    for name in ("c0", "c1"):
        person(desk, name, agrees=False)
    consents.stop(desk, OLGA, SetConsent(client="cl_c1", medium="mail"), "x")
    words = Words(subject="Счёт", text="Здравствуйте, {{имя}}", basis="relation")
    for client in ("cl_c0", "cl_c1"):
        made = [
            transact(
                desk.store,
                RULE,
                "x",
                desk.now(),
                work=lambda unit, it=client: single_postings.write(unit, it, words, "firing:1"),
            )
            for _ in range(2)
        ]
        single_postings.hand_over(desk, made[0])
        single_postings.hand_over(desk, made[1])
    for task in postings(tasks):
        campaign_running.one(desk, outlet(senders), str(task.payload["recipient"]))

    assert len(postings(tasks)) == 2
    assert states(desk) == [("sent", ""), ("skipped", "by_hand")]
    assert senders.reached == ["c0@mail.example"]


def test_sms_of_a_rule_needs_a_sender_and_goes_once(
    desk: Desk, senders: FakeSenders, tasks: FakeTasks
) -> None:
    person(desk, "c0", phones=("+74951234567",), agrees=False)
    place = ("cl_c0", "firing:1")
    with pytest.raises(Invalid):
        single_postings.sms(desk, RULE, place, "Ждём {{вас}}", cause="x")
    with_sms(desk)
    for _ in range(2):
        single_postings.sms(desk, RULE, place, "Ждём {{вас}}", cause="x")
    for task in postings(tasks):
        campaign_running.one(desk, outlet(senders), str(task.payload["recipient"]))

    assert [(it.to, it.text) for it in senders.sent] == [("+74951234567", "Ждём ((вас))")]
