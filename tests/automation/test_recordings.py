"""Recordings of calls copied to the office's Drive: once, from named hosts, only if wanted."""

from collections.abc import Callable
from dataclasses import replace
from datetime import timedelta

import httpx
import pytest
from tests.fakes import FakeTasks

from automation import calls, engine
from kartoteka.adapters.recordings import WebRecordings
from kartoteka.domain.change import Actor, ActorKind
from kartoteka.domain.errors import Invalid, KartotekaError, NotAllowed, ProviderDown, TooLarge
from kartoteka.domain.ids import InboundId
from kartoteka.domain.inbound import Call, Inbound, Kind, Person
from kartoteka.domain.model import Activity, CallFact, CallStatus
from kartoteka.domain.office import Account
from kartoteka.ports import KeptFile, Query
from kartoteka.services.forget import forget
from kartoteka.services.office import Desk
from kartoteka.services.record_inbound import record
from kartoteka.services.recording_settings import SetRecordings, set_recordings
from kartoteka.settings import Settings
from kartoteka.wiring import App

OLGA = Actor(kind=ActorKind.STAFF, id="st_olga", role="director")
ROOT = Actor(kind=ActorKind.STAFF, id="st_root", role="admin")
URL = "https://rec.pbx.example/calls/1.mp3?key=secret"
HOSTS = ("rec.pbx.example",)
SOUND = b"ID3" + b"\0" * 60
Answer = Callable[[httpx.Request], httpx.Response]


class KeptInMemory:
    """Drive: a file per key."""

    def __init__(self) -> None:
        self.kept: dict[str, tuple[KeptFile, bytes]] = {}
        self.written = 0

    def find(self, key: str) -> KeptFile | None:
        found = self.kept.get(key)
        return found[0] if found else None

    def keep(self, key: str, name: str, media_type: str, content: bytes) -> KeptFile:
        self.written += 1
        file = KeptFile(key, name, media_type, len(content), f"https://drive.example/{key}")
        self.kept[key] = (file, content)
        return file

    def discard(self, key: str) -> None:
        self.kept.pop(key, None)


def web(answer: Answer, *addresses: str) -> WebRecordings:
    client = httpx.Client(transport=httpx.MockTransport(answer), follow_redirects=False)
    return WebRecordings(client, lambda _: list(addresses or ("93.184.215.14",)))


def sound(_: httpx.Request) -> httpx.Response:
    return httpx.Response(200, content=SOUND, headers={"content-type": "audio/mpeg"})


@pytest.fixture
def drive() -> KeptInMemory:
    return KeptInMemory()


@pytest.fixture
def desk(desk: Desk, drive: KeptInMemory) -> Desk:
    return replace(desk, files=drive)


@pytest.fixture
def wanted(desk: Desk) -> Account:
    made = Account(id="pbx", channel="call", title="PBX", source="call", secrets=("s",))
    desk.store.run(lambda tx: tx.put(Account.collection, made.id, made.model_dump(mode="json")))
    desk.settings.forget()
    set_recordings(desk, OLGA, SetRecordings(account="pbx", hosts=HOSTS, most_mb=1), "test")
    return made


def called(desk: Desk, url: str = URL, name: str = "c1") -> None:
    at = desk.now() - timedelta(minutes=5)
    fact = CallFact(
        status=CallStatus.ANSWERED, client_number="+79165550177", started_at=at,
        answered_at=at, ended_at=at + timedelta(minutes=2), recording_url=url,
    )  # fmt: skip
    record(desk, Inbound(
        id=InboundId(f"in_{name}"), channel="call", account="pbx", event_id=name, what=Kind.CALL,
        at=fact.ended_at, received_at=desk.now(),
        call=Call(direction="in", fact=fact, call_id=name),
        sender=Person(phones=("+79165550177",)),
    ))  # fmt: skip


def worked_off(desk: Desk, tasks: FakeTasks, recorder: WebRecordings) -> list[str]:
    app = App(Settings(), desk.clock, lambda _: desk.store)
    vars(app).update(desk=desk, recorder=recorder)
    engine.run(desk)
    waiting = [task for task in tasks.queued if task.path == "/automation/task/recording"]
    return [calls.do(app, "recording", task.payload) for task in waiting]


def call_of(desk: Desk) -> Activity:
    rows = (Activity.model_validate(row.doc) for row in desk.store.query(Query("activities")))
    [found] = [it for it in rows if it.call is not None]
    return found


def test_recording_is_copied_once_and_the_link_is_added(
    desk: Desk, tasks: FakeTasks, drive: KeptInMemory, wanted: Account
) -> None:
    called(desk)

    outcomes = [worked_off(desk, tasks, web(sound)) for _ in range(2)]
    activity = call_of(desk)

    assert outcomes == [["copied"], ["done"]]
    assert drive.written == 1
    [file] = activity.files
    assert drive.kept[file.ref][1] == SOUND
    assert file.name.endswith(".mp3")
    assert activity.call is not None
    assert activity.call.recording_url == URL
    assert activity.call.recording_copy == f"https://drive.example/{file.ref}"


def test_copy_whose_commit_failed_is_not_fetched_again(
    desk: Desk, tasks: FakeTasks, drive: KeptInMemory, wanted: Account
) -> None:
    called(desk)
    worked_off(desk, tasks, web(sound))
    activity = call_of(desk)
    bare = activity.model_copy(update={"files": ()})
    desk.store.run(lambda tx: tx.put("activities", bare.id, bare.model_dump(mode="json")))

    def never(_: httpx.Request) -> httpx.Response:
        raise AssertionError("it was fetched before")

    assert worked_off(desk, tasks, web(never)) == ["copied"]
    assert drive.written == 1


def test_copies_go_when_the_client_is_forgotten(
    desk: Desk, tasks: FakeTasks, drive: KeptInMemory, wanted: Account
) -> None:
    called(desk)
    worked_off(desk, tasks, web(sound))

    forget(desk, ROOT, str(call_of(desk).client_id), cause="test")

    assert drive.kept == {}
    assert call_of(desk).files == ()
    assert worked_off(desk, tasks, web(sound)) == ["gone"]


def test_recording_told_as_an_id_is_asked_for_and_copied(
    desk: Desk, tasks: FakeTasks, drive: KeptInMemory, wanted: Account
) -> None:
    own = {"channel": "mango", "secrets": ("k1:s1",)}
    changed = next(it for it in desk.settings().accounts if it.id == "pbx").model_copy(update=own)
    doc = changed.model_dump(mode="json")
    desk.store.run(lambda tx: tx.put(Account.collection, changed.id, doc))
    desk.settings.forget()
    called(desk, "mango:TUFO")
    asked: list[str] = []

    def answer(request: httpx.Request) -> httpx.Response:
        asked.append(request.url.host)
        there = httpx.Response(302, headers={"location": URL})
        return there if request.url.host == "app.mango-office.ru" else sound(request)

    outcomes = [worked_off(desk, tasks, web(answer)) for _ in range(2)]

    assert outcomes == [["copied"], ["done"]]
    assert asked == ["app.mango-office.ru", "rec.pbx.example"]


def test_office_that_wants_no_copies_asks_nobody(
    desk: Desk, tasks: FakeTasks, drive: KeptInMemory
) -> None:
    called(desk)

    assert worked_off(desk, tasks, web(sound)) == []


@pytest.mark.parametrize(
    ("url", "answer"),
    [
        ("https://evil.example/1.mp3", sound),
        ("mango:12345", sound),
        (URL, lambda _: httpx.Response(200, content=b"x", headers={"content-type": "text/html"})),
        (URL, lambda _: httpx.Response(302, headers={"location": "https://10.0.0.1/x"})),
        (URL, lambda _: httpx.Response(404)),
        (URL, lambda _: httpx.Response(200, content=b"x" * 1_000_001)),
    ],
)
def test_link_that_leads_elsewhere_is_refused_and_nothing_is_kept(
    desk: Desk, tasks: FakeTasks, drive: KeptInMemory, wanted: Account, *, url: str, answer: Answer
) -> None:
    called(desk, url)

    assert worked_off(desk, tasks, web(answer)) == ["refused"]
    assert drive.kept == {}
    assert call_of(desk).files == ()


@pytest.mark.parametrize(
    ("addresses", "expected"),
    [(("10.1.2.3",), NotAllowed), (("93.184.215.14", "::1"), NotAllowed), ((), ProviderDown)],
)
def test_host_in_a_private_network_is_never_asked(
    addresses: tuple[str, ...], expected: type[KartotekaError]
) -> None:
    def never(_: httpx.Request) -> httpx.Response:
        raise AssertionError("it was asked")

    client = httpx.Client(transport=httpx.MockTransport(never))
    with pytest.raises(expected):
        WebRecordings(client, lambda _: list(addresses)).recording(URL, HOSTS, 100)


def test_recording_over_the_limit_is_not_read_to_its_end() -> None:
    with pytest.raises(TooLarge):
        web(sound).recording(URL, HOSTS, 10)


@pytest.mark.parametrize("host", ["10.0.0.1", "localhost", "box.local", "[::1]", "a b.ru"])
def test_host_that_is_not_public_is_refused_by_the_setting(desk: Desk, host: str) -> None:
    with pytest.raises(Invalid) as refused:
        set_recordings(desk, OLGA, SetRecordings(account="pbx", hosts=(host,)), "test")

    assert refused.value.code == "recording_host"


def test_link_without_tls_is_asked_for_with_it(
    desk: Desk, tasks: FakeTasks, drive: KeptInMemory, wanted: Account
) -> None:
    seen: list[str] = []

    def answer(request: httpx.Request) -> httpx.Response:
        seen.append(request.url.scheme)
        return sound(request)

    called(desk, URL.replace("https://", "http://"))

    assert worked_off(desk, tasks, web(answer)) == ["copied"]
    assert seen == ["https"]
