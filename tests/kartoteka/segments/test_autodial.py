"""A machine outside calls a segment: by right, with consent, each client once, at a decent hour."""

import hashlib
import hmac
import json
from datetime import UTC, datetime, timedelta

import pytest
from tests.kartoteka.segments.segment_office import CLUB, Clients

from kartoteka.domain.autodial import PORTION, DialRun
from kartoteka.domain.change import SYSTEM
from kartoteka.domain.errors import Invalid, NotAllowed, ProviderDown
from kartoteka.domain.ids import InboundId
from kartoteka.domain.inbound import Call, Inbound, Kind, Person
from kartoteka.domain.ladder import Weight, weigh
from kartoteka.domain.model import CallFact, CallStatus, Client
from kartoteka.ports import Query
from kartoteka.services.autodial import StartDialling, StopDialling, deliver, start, stop
from kartoteka.services.commands import execute
from kartoteka.services.consents import SetConsent, give
from kartoteka.services.people import actor_by_email
from kartoteka.services.record_inbound import record
from kartoteka.services.registry import COMMANDS

URL = "https://dialler.example/calls"


class Dialler:
    """Takes posts, or fails as it is told."""

    def __init__(self) -> None:
        self.posts: list[tuple[bytes, dict[str, str]]] = []
        self.fails: list[Exception] = []

    def post(self, url, body, headers) -> None:
        assert url == URL
        self.posts.append((body, dict(headers)))
        if self.fails:
            raise self.fails.pop(0)

    @property
    def called(self) -> list[str]:
        return [it["phone"] for body, _ in self.posts for it in json.loads(body)["calls"]]


@pytest.fixture
def secret(clients: Clients) -> str:
    return who(clients, "rule.secret").secret


def who(there: Clients, command: str, /, person: str = "olga", **given):
    actor = actor_by_email(there.desk.settings(), f"{person}@office.example")
    return execute(COMMANDS, there.desk, actor, command, given=given, cause="test")


def group(clients: Clients, count: int) -> list[Client]:
    """Clients with numbers, in the list; every one but the first agreed."""
    made = [clients.client(1) for _ in range(count)]
    for client in made[1:]:
        give(clients.desk, SYSTEM, SetConsent(client=client.id, medium="sms"), "test")
    who(clients, "segment.add", segment=CLUB.id, clients=[it.id for it in made])
    return made


def begin(clients: Clients) -> DialRun:
    actor = actor_by_email(clients.desk.settings(), "olga@office.example")
    return start(clients.desk, actor, StartDialling(segment="Клуб", url=URL, script="a1"), "test")


def kept(clients: Clients, run: DialRun) -> DialRun:
    return clients.find(DialRun, run.id)


def test_everybody_who_agreed_is_posted_once_signed_in_portions(clients, secret):
    made = group(clients, PORTION + 3)
    run, dialler = begin(clients), Dialler()

    assert [deliver(clients.desk, dialler, run.id, it) for it in (0, 1)] == ["posted", "posted"]

    assert sorted(dialler.called) == sorted(it.phones[0] for it in made[1:])
    for body, headers in dialler.posts:
        digest = hmac.new(secret.encode(), body, hashlib.sha256).hexdigest()
        assert headers["x-kartoteka-signature"] == f"sha256={digest}"
        assert headers["x-kartoteka-id"] == json.loads(body)["id"]
    done = kept(clients, run)
    assert (done.state, done.sent, done.skipped) == ("done", PORTION + 2, 1)


def test_portion_delivered_twice_or_broken_off_keeps_its_ids(clients, secret):
    group(clients, 3)
    run, dialler = begin(clients), Dialler()
    dialler.fails = [ProviderDown("down")]
    with pytest.raises(ProviderDown):
        deliver(clients.desk, dialler, run.id, 0)

    assert [deliver(clients.desk, dialler, run.id, 0) for _ in range(2)] == ["posted", "stale"]
    first, second = (body for body, _ in dialler.posts)
    assert first == second


def test_dialler_that_refuses_ends_the_order_with_the_reason(clients, secret):
    group(clients, 2)
    run, dialler = begin(clients), Dialler()
    dialler.fails = [NotAllowed("no", code="hook_refused")]

    assert deliver(clients.desk, dialler, run.id, 0) == "failed"
    assert (kept(clients, run).state, kept(clients, run).why) == ("failed", "hook_refused")


def test_nothing_is_posted_in_the_quiet_hours_but_later(clients, secret):
    group(clients, 2)
    clients.clock.advance(timedelta(hours=14))  # 23:00 in Moscow
    run, dialler = begin(clients), Dialler()

    assert deliver(clients.desk, dialler, run.id, 0) == "quiet"
    assert dialler.posts == []
    later = [task.at for task in clients.tasks.queued if task.path.endswith("/dial")]
    assert later[-1] == datetime(2026, 11, 24, 6, tzinfo=UTC)


def test_client_far_away_is_to_be_called_when_their_night_is_over(clients, secret):
    made = group(clients, 2)[1]
    clients.save(made, phones=("+74232220000",))  # Vladivostok, 16:00 there
    give(clients.desk, SYSTEM, SetConsent(client=made.id, medium="sms"), "test")
    clients.clock.advance(timedelta(hours=6))  # 15:00 in Moscow, 22:00 there
    run, dialler = begin(clients), Dialler()
    deliver(clients.desk, dialler, run.id, 0)

    call = json.loads(dialler.posts[0][0])["calls"][0]
    assert call["not_before"] == "2026-11-23T23:00:00.000000Z"


def test_order_that_was_stopped_posts_nothing_more(clients, secret):
    group(clients, PORTION + 2)
    run, dialler = begin(clients), Dialler()
    deliver(clients.desk, dialler, run.id, 0)
    stop(clients.desk, SYSTEM, StopDialling(run=run.id), "test")

    assert deliver(clients.desk, dialler, run.id, 1) == "stale"
    assert kept(clients, run).state == "stopped"


def test_order_needs_the_right_to_export_and_a_secret(clients):
    with pytest.raises(NotAllowed):
        who(clients, "dial.start", "anna", segment="Клуб", url=URL)
    with pytest.raises(Invalid) as refused:
        who(clients, "dial.start", segment="Клуб", url=URL)
    assert refused.value.code == "rule_no_secret"
    with pytest.raises(Invalid):
        who(clients, "dial.start", segment="Клуб", url="http://dialler.example")


def test_dialler_inside_the_network_is_refused_when_it_is_ordered(clients, secret):
    with pytest.raises(Invalid) as refused:
        who(clients, "dial.start", segment="Клуб", url="https://192.168.1.7/calls")

    assert refused.value.code == "dial_address"
    assert clients.sqlite.count(Query(DialRun.collection)) == 0


def test_address_of_the_dialler_is_not_in_the_log(clients, secret):
    group(clients, 2)
    run = begin(clients)
    deliver(clients.desk, Dialler(), run.id, 0)

    log = str([entry.doc for entry in clients.sqlite.read_log("changes", None, 1_000)])
    assert run.id in log
    assert "dialler.example" not in log


def test_call_of_a_robot_proves_nothing_however_long_it_was():
    at = datetime(2026, 11, 23, 9, tzinfo=UTC)
    call = CallFact(
        status="answered", client_number="+79165550101", started_at=at, answered_at=at,
        ended_at=at + timedelta(minutes=3),
    )  # fmt: skip

    assert weigh(call) is Weight.CONVERSATION
    assert weigh(call.model_copy(update={"robot": True})) is Weight.NOTHING


@pytest.mark.parametrize("robot", [True, False])
def test_whom_a_robot_called_has_asked_for_nothing(clients, robot):
    client = who(clients, "client.add", name="Ирина", phone="+79165550101")
    began, desk = clients.desk.now(), clients.desk
    fact = CallFact(
        status=CallStatus.ANSWERED, client_number=client.phones[0], started_at=began,
        answered_at=began, ended_at=began + timedelta(minutes=1), robot=robot,
    )  # fmt: skip
    stored = record(
        desk,
        Inbound(
            id=InboundId("in_1"), channel="call", account="a", event_id="1", what=Kind.CALL,
            at=began, received_at=began, sender=Person(phones=client.phones), text="Нажал 1",
            call=Call(call_id="1", direction="out", fact=fact),
        ),
    )  # fmt: skip
    told = [hit.doc["text"] for hit in desk.store.query(Query("activities"))]

    assert stored.client_id == client.id
    assert (stored.lead_id is None) is robot
    assert "Нажал 1" in told
