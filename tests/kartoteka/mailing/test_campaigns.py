"""A text to many reaches everybody once, and nobody who does not want it."""

from datetime import UTC, datetime, time, timedelta

import pytest
from tests.fakes import FakeTasks
from tests.kartoteka.mailing.mailing_office import (
    ANNA,
    OLGA,
    FakeSenders,
    of,
    outlet,
    paths,
    person,
    prepared,
    recipients,
    run,
    started,
    states,
    stopped,
)

from kartoteka.domain.errors import (
    ConfigError,
    Invalid,
    NotAllowed,
    ProviderDown,
    RateLimited,
)
from kartoteka.domain.mailing import Limit, Recipient
from kartoteka.domain.model import Activity, Notice
from kartoteka.outgoing_ports import DEAD, MAYBE_SENT
from kartoteka.ports import Query, Tx
from kartoteka.services import (
    campaign_planning,
    campaign_running,
    campaigns,
    consents,
    postings,
)
from kartoteka.services.campaign_forms import CreateCampaign, OneCampaign, StartCampaign
from kartoteka.services.campaign_report import report
from kartoteka.services.consents import SetConsent
from kartoteka.services.mailing_settings import SetMailing, set_mailing
from kartoteka.services.merge import merge
from kartoteka.services.office import Desk
from kartoteka.services.registry import COMMANDS


@pytest.fixture
def senders() -> FakeSenders:
    return FakeSenders()


BORN = {f"{word}_at": "2026-11-23T06:00:00.000000Z" for word in ("created", "updated")}


class Killed(BaseException):
    """The process died."""


def everybody(desk: Desk, count: int) -> list[str]:
    return [person(desk, f"c{number}").id for number in range(count)]


def deliver(desk: Desk, senders: FakeSenders, number: int = 0) -> str:
    return postings.deliver(desk, outlet(senders), recipients(desk)[number].id)


def test_campaign_reaches_each_client_once_and_ends(desk: Desk, senders: FakeSenders) -> None:
    name = started(desk, everybody(desk, 3))
    outcome = run(desk, senders, name)
    campaign_running.portion(desk, outlet(senders), name)

    assert outcome == "done"
    assert sorted(senders.reached) == [f"c{number}@mail.example" for number in range(3)]
    assert senders.sent[0].text.startswith("Здравствуйте, c")
    assert states(desk) == [("sent", "")] * 3
    assert (of(desk, name).state, of(desk, name).planned) == ("done", 3)
    written = [Activity.model_validate(it.doc) for it in desk.store.query(Query("activities"))]
    assert [(it.what, it.direction) for it in written] == [("mail", "out")] * 3


def test_nothing_is_sent_before_the_start_and_nothing_after_the_stop(
    desk: Desk, senders: FakeSenders
) -> None:
    name = prepared(desk, everybody(desk, 3))
    assert campaign_running.portion(desk, outlet(senders), name) == "stopped"

    campaigns.start(desk, OLGA, StartCampaign(campaign=name), "test")
    campaign_running.portion(desk, outlet(senders), name)
    senders.meanwhile = lambda: stopped(desk, name)
    campaign_running.portion(desk, outlet(senders), name)

    assert len(senders.sent) == 1
    assert sorted(it.state for it in recipients(desk)) == ["planned", "planned", "sent"]
    campaigns.start(desk, OLGA, StartCampaign(campaign=name), "again")
    senders.meanwhile = lambda: None
    run(desk, senders, name)
    assert len(set(senders.reached)) == len(senders.reached) == 3


def test_task_delivered_twice_sends_once(desk: Desk, senders: FakeSenders) -> None:
    name = started(desk, everybody(desk, 1))
    run(desk, senders, name, portions=1)
    twice = [deliver(desk, senders) for _ in range(2)]

    assert twice == ["sent", "done"]
    assert len(senders.sent) == 1


def test_second_task_while_the_first_is_sending_waits(desk: Desk, senders: FakeSenders) -> None:
    outcomes: list[str] = []
    run(desk, senders, started(desk, everybody(desk, 1)), portions=1)
    senders.meanwhile = lambda: outcomes.append(deliver(desk, FakeSenders()))
    deliver(desk, senders)

    assert outcomes == ["busy"]
    assert states(desk) == [("sent", "")]


@pytest.mark.parametrize("arrived", [True, False])
def test_crash_before_the_mark_never_sends_again_where_nobody_can_tell(
    desk: Desk, senders: FakeSenders, *, arrived: bool
) -> None:
    run(desk, senders, started(desk, everybody(desk, 1)), portions=1)
    (senders.lost if arrived else senders.fails).append(Killed())
    with pytest.raises(Killed):
        deliver(desk, senders)
    desk.clock.advance(timedelta(minutes=11))

    assert deliver(desk, senders) == "unknown"
    assert deliver(desk, senders) == "done"
    assert len(senders.sent) == int(arrived)
    told = report(desk, OLGA, OneCampaign(campaign=recipients(desk)[0].campaign_id), "x")
    assert (told.unknown, told.unsure) == (1, ("cl_c0",))


@pytest.mark.parametrize("arrived", [True, False])
def test_crash_before_the_mark_is_looked_up_where_the_sender_can_tell(
    desk: Desk, senders: FakeSenders, *, arrived: bool
) -> None:
    senders.knows = True
    run(desk, senders, started(desk, everybody(desk, 1)), portions=1)
    (senders.lost if arrived else senders.fails).append(Killed())
    with pytest.raises(Killed):
        deliver(desk, senders)
    desk.clock.advance(timedelta(minutes=11))
    outcomes = [deliver(desk, senders) for _ in range(3)]

    assert len(senders.sent) == 1
    assert outcomes[-1] == "done"
    assert states(desk) == [("sent", "")]


def test_tick_asks_again_for_what_a_crash_left(
    desk: Desk, senders: FakeSenders, tasks: FakeTasks
) -> None:
    name = started(desk, everybody(desk, 1))
    run(desk, senders, name, portions=1)
    senders.fails.append(Killed())
    with pytest.raises(Killed):
        deliver(desk, senders)
    desk.clock.advance(timedelta(minutes=11))
    before = len(tasks.queued)

    assert campaign_running.heal(desk) == 2
    assert paths(tasks)[before:] == ["/automation/task/campaign", "/automation/task/posting"]


@pytest.mark.parametrize(
    ("why", "fields"),
    [
        ("no_consent", {"agrees": False}),
        ("no_address", {"emails": ()}),
        ("blacklist", {"segment": "blacklist"}),
        ("client_gone", {"forgotten": True}),
    ],
)
def test_who_may_not_be_written_to_is_skipped(
    desk: Desk, senders: FakeSenders, why: str, fields: dict[str, object]
) -> None:
    client = person(desk, "c0", **fields)  # type: ignore[arg-type]  # a bag of fields
    run(desk, senders, started(desk, [client.id]))

    assert senders.sent == []
    assert states(desk) == [("skipped", why)]


def test_own_business_needs_no_consent_but_a_refusal_counts(
    desk: Desk, senders: FakeSenders
) -> None:
    ids = [person(desk, f"c{number}", agrees=False).id for number in range(2)]
    consents.stop(desk, OLGA, SetConsent(client=ids[1], medium="mail"), "test")
    run(desk, senders, started(desk, ids, basis="relation"))

    assert states(desk) == [("sent", ""), ("skipped", "by_hand")]


def test_refusal_between_planning_and_sending_counts(desk: Desk, senders: FakeSenders) -> None:
    ids = everybody(desk, 1)
    run(desk, senders, started(desk, ids), portions=1)
    consents.stop(desk, OLGA, SetConsent(client=ids[0], medium="mail"), "test")

    assert deliver(desk, senders) == "skipped"
    assert states(desk) == [("skipped", "by_hand")]


def test_two_clients_of_one_address_get_it_once(desk: Desk, senders: FakeSenders) -> None:
    ids = [person(desk, f"c{it}", emails=("one@mail.example",)).id for it in range(2)]
    run(desk, senders, started(desk, ids))

    assert senders.reached == ["one@mail.example"]
    assert sorted(states(desk)) == [("sent", ""), ("skipped", "same_address")]


def test_clients_merged_meanwhile_get_it_once_and_the_one_that_lives_on_has_it(
    desk: Desk, senders: FakeSenders
) -> None:
    ids = [person(desk, f"c{it}").id for it in range(2)]
    run(desk, senders, started(desk, ids), portions=1)
    merge(desk, OLGA, ids[0], ids[1], cause="x", prefer={"name": ids[0]})
    names = [it.id for it in reversed(recipients(desk))]
    outcomes = [postings.deliver(desk, outlet(senders), name) for name in names]
    written = [Activity.model_validate(it.doc) for it in desk.store.query(Query("activities"))]

    assert outcomes == ["sent", "skipped"]
    assert [it.client_id for it in written] == [ids[0]]
    assert len(senders.sent) == 1


def test_dead_address_stops_and_later_campaigns_leave_it_out(
    desk: Desk, senders: FakeSenders
) -> None:
    ids = everybody(desk, 1)
    senders.fails.append(NotAllowed("gone", code=DEAD))
    run(desk, senders, started(desk, ids))
    first = states(desk)
    run(desk, senders, started(desk, ids, name="Лето"))

    assert first == [("failed", DEAD)]
    assert sorted(states(desk)) == [("failed", DEAD), ("skipped", "bounced")]
    assert senders.sent == []


def test_passing_fault_is_repeated_and_a_maybe_is_not(desk: Desk, senders: FakeSenders) -> None:
    senders.fails += [RateLimited("slow"), ProviderDown("away")]
    run(desk, senders, started(desk, everybody(desk, 1)))
    assert (states(desk), len(senders.sent)) == ([("sent", "")], 1)

    senders.fails.append(ProviderDown("lost", code=MAYBE_SENT))
    run(desk, senders, started(desk, [person(desk, "d").id]))
    assert states(desk)[1] == ("unknown", "posting_unsure")
    assert len(senders.sent) == 1


def test_sender_that_is_slow_for_a_day_loses_nobody_and_one_that_is_away_does(
    desk: Desk, senders: FakeSenders
) -> None:
    senders.fails += [RateLimited("full for today")] * 30
    run(desk, senders, started(desk, everybody(desk, 1)), portions=40)
    senders.fails += [ProviderDown("away")] * 30
    run(desk, senders, started(desk, [person(desk, "d").id]), portions=40)

    assert states(desk) == [("sent", ""), ("failed", "posting_gave_up")]


def test_sender_without_a_key_stops_the_campaign_and_tells_its_author(
    desk: Desk, senders: FakeSenders
) -> None:
    senders.fails.append(ConfigError("no key", code="posting_no_key"))
    name = started(desk, everybody(desk, 2))
    run(desk, senders, name)

    assert (of(desk, name).state, of(desk, name).why) == ("stopped", "posting_no_key")
    assert [it.state for it in recipients(desk)] == ["planned", "planned"]
    told = [Notice.model_validate(it.doc) for it in desk.store.query(Query("notices"))]
    assert [(it.staff_id, it.code) for it in told] == [("st_olga", "notice_campaign_stopped")]


def test_limits_of_minute_and_day_hold_for_all_campaigns_of_a_sender(
    desk: Desk, senders: FakeSenders
) -> None:
    limits = {"gmail": Limit(per_minute=2, per_day=5)}
    set_mailing(desk, OLGA, SetMailing(limits=limits, quiet_from=time(0), quiet_to=time(0)), "x")
    moments: list[datetime] = []
    senders.meanwhile = lambda: moments.append(desk.now())
    first, second = started(desk, everybody(desk, 4)), started(desk, [person(desk, "d").id] * 1)
    third = started(desk, [person(desk, f"e{it}").id for it in range(3)])
    for name in (first, second, third):
        run(desk, senders, name)

    minutes = [f"{it:%H:%M}" for it in moments]
    days = [f"{it + timedelta(hours=3):%j}" for it in moments]  # of Moscow
    assert max(minutes.count(it) for it in minutes) == 2
    assert [days.count(it) for it in dict.fromkeys(days)] == [5, 3]
    assert len(set(senders.reached)) == len(senders.reached) == 8


@pytest.mark.parametrize(
    ("phone", "hours"),
    [
        ("+74951234567", (19, 6)),  # Moscow, 22:00 there: at 9:00 in the morning
        ("+74232123456", (12, 23)),  # Vladivostok, UTC+10: 22:00 there, so at 9:00 there
        ("+74012123456", (18, 18)),  # Kaliningrad, UTC+2: 20:00 there, at once
    ],
)
def test_quiet_hours_are_those_of_the_client(
    desk: Desk, senders: FakeSenders, phone: str, hours: tuple[int, int]
) -> None:
    client = person(desk, "c0", phones=(phone,))
    desk.clock.advance(datetime(2026, 11, 23, hours[0], tzinfo=UTC) - desk.now())
    moments: list[int] = []
    senders.meanwhile = lambda: moments.append(desk.now().hour)
    run(desk, senders, started(desk, [client.id]))

    assert moments == [hours[1]]


def test_field_without_a_value_and_without_other_words_skips(
    desk: Desk, senders: FakeSenders
) -> None:
    ids = [person(desk, "c0").id, person(desk, "c1", company="Ромашка").id]
    run(desk, senders, started(desk, ids, text="{{компания}}, добрый день"))

    assert states(desk) == [("skipped", "missing_fields"), ("sent", "")]


def test_who_may_not_write_to_many_is_refused_everywhere(desk: Desk) -> None:
    name = prepared(desk, everybody(desk, 1))
    given = {"campaign.create": CreateCampaign(name="x", text="x", subject="x", clients=("c",))}
    commands = [it for it in COMMANDS if it.startswith("campaign.")]
    for command in commands:
        form = given.get(command) or COMMANDS[command].form.model_validate(
            {} if command == "campaign.list" else {"campaign": name}
        )
        with pytest.raises(NotAllowed):
            COMMANDS[command].run(desk, ANNA, form, "test")

    assert len(commands) == 8


@pytest.mark.parametrize(
    ("fields", "code"),
    [
        ({"text": "{{имя}} {{зарплата}}"}, "campaign_place"),
        ({"text": ""}, "campaign_words"),
        ({"subject": ""}, "mail_subject"),
        ({"clients": ()}, "campaign_audience"),
        ({"medium": "sms", "subject": ""}, "campaign_sender"),
        ({"sender": "nobody"}, "campaign_sender"),
        ({"segment": "nobody", "clients": ()}, "segment_unknown"),
    ],
)
def test_campaign_that_cannot_be_sent_is_refused(
    desk: Desk, fields: dict[str, object], code: str
) -> None:
    person(desk, "c0")
    given = {"name": "x", "subject": "x", "text": "x", "clients": ("cl_c0",), **fields}
    with pytest.raises(Invalid) as refused:
        campaigns.create(desk, OLGA, CreateCampaign.model_validate(given), "test")

    assert refused.value.code == code


def test_started_twice_is_refused(desk: Desk, senders: FakeSenders) -> None:
    name = started(desk, everybody(desk, 1))
    with pytest.raises(Invalid) as running:
        campaigns.start(desk, OLGA, StartCampaign(campaign=name), "test")
    run(desk, senders, name)
    with pytest.raises(Invalid) as done:
        campaigns.start(desk, OLGA, StartCampaign(campaign=name), "test")

    assert (running.value.code, done.value.code) == ("campaign_runs", "campaign_done")


def test_planning_broken_off_goes_on_where_it_was(desk: Desk, senders: FakeSenders) -> None:
    ids = [f"cl_{number}" for number in range(900)]
    docs = {name: {"id": name, "name": name, **BORN} for name in ids}

    def put(tx: Tx) -> None:
        for name, doc in docs.items():
            tx.put("clients", name, doc)

    desk.store.run(put)
    name = started(desk, ids)
    one_page = campaign_planning.plan(desk, of(desk, name), most=1)
    again = campaign_planning.plan(desk, of(desk, name), most=1)
    stale = campaign_planning.plan(desk, one_page, most=10_000)

    assert (one_page.planned, again.planned) == (400, 800)
    assert (stale.planned, stale.state) == (900, "running")
    assert desk.store.count(Query(Recipient.collection)) == 900
