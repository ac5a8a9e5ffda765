"""Google Chat as the team's room: who is believed, what is heard, what is posted."""

import json
from dataclasses import replace
from typing import Any

import httpx
import jwt
import pytest
from cryptography.hazmat.primitives import serialization
from cryptography.hazmat.primitives.asymmetric import rsa
from flask.testing import FlaskClient
from tests.fakes import FixedClock
from tests.ingest.channels.samples import SHELF

from automation import engine
from automation.team import Hearing
from ingest import chat_app
from kartoteka.adapters.messengers.calls import Calls
from kartoteka.adapters.messengers.chat_space import ChatSpace
from kartoteka.chat_ports import FileBytes, RoomWords
from kartoteka.domain.change import Actor, ActorKind
from kartoteka.domain.errors import ConfigError, NotAllowed, NotAuthentic, NotFound
from kartoteka.domain.inbound import Inbound
from kartoteka.domain.office import Account
from kartoteka.http import Call
from kartoteka.ports import Query
from kartoteka.services.chat_settings import LinkPerson, SetRoom, link, set_room
from kartoteka.wiring import App

OLGA = Actor(kind=ActorKind.STAFF, id="st_olga", role="director")
TOKEN, SECRET = "chat_space", "s:1"
ADDRESS = f"/ingest/google_chat/{TOKEN}"
SPACE, THREAD = "spaces/AAAAx1", "spaces/AAAAx1/threads/T1"
BEARER = {"authorization": "Bearer x"}


@pytest.fixture(scope="module")
def key() -> str:
    made = rsa.generate_private_key(public_exponent=65_537, key_size=2048)
    kind = serialization.PrivateFormat.PKCS8
    plain = serialization.NoEncryption()
    return made.private_bytes(serialization.Encoding.PEM, kind, plain).decode()


def account(**api: str) -> Account:
    return Account(
        id=TOKEN, channel="google_chat", title="Chat", source="chat", secrets=(SECRET,), api=api
    )


@pytest.fixture
def space(app: App) -> Account:
    made = account()
    app.store.run(lambda tx: tx.put(Account.collection, made.id, made.model_dump(mode="json")))
    vars(app).pop("desk", None)
    return made


def sample(which: str, /, **changed: Any) -> bytes:
    told = json.loads((SHELF / "google_chat" / f"{which}.json").read_text("utf-8"))
    told["message"] = {**told["message"], **changed}
    return json.dumps(told).encode()


def said(text: str, name: str) -> bytes:
    return sample("answer", argumentText=f" {text}", name=f"{SPACE}/messages/{name}")


def heard(app: App) -> list[Inbound]:
    rows = [Inbound.model_validate(row.doc) for row in app.store.query(Query("inbounds"))]
    return [it for it in rows if it.why == "team"]


class Remembering:
    """A room that only remembers."""

    def __init__(self) -> None:
        self.posts: list[tuple[tuple[str, str], str]] = []

    def open_topic(self, account: Account, group: str, title: str) -> str:
        return THREAD

    def post(self, account: Account, place: tuple[str, str], post: RoomWords) -> str:
        self.posts.append((place, post.text))
        return "p"

    def set_open(self, account: Account, place: tuple[str, str], *, is_open: bool) -> None:
        return


class Calling:
    """A judge of tokens that knows for which address it was asked."""

    def __init__(self, signer: str) -> None:
        self.signer = signer
        self.asked: list[str] = []

    def __call__(self, address: str) -> "Calling":
        self.asked.append(address)
        return self

    def email(self, bearer: str) -> str:
        if bearer != "x":
            raise NotAuthentic("not signed")
        return self.signer


@pytest.mark.parametrize(
    ("proof", "status"),
    [
        (("chat@system.gserviceaccount.com", SECRET, "x"), 200),
        (("service-12@gcp-sa-gsuiteaddons.iam.gserviceaccount.com", SECRET, "x"), 200),
        (("somebody@gmail.com", SECRET, "x"), 401),
        (("chat@system.gserviceaccount.com", "wrong", "x"), 401),
        (("chat@system.gserviceaccount.com", SECRET, "y"), 401),
        (("chat@system.gserviceaccount.com", SECRET, ""), 401),
    ],
)
def test_only_google_chat_at_the_secret_address_is_heard(
    http: FlaskClient, app: App, space: Account, *, proof: tuple[str, str, str], status: int
) -> None:
    signer, secret, bearer = proof
    judge = Calling(signer)
    vars(app)["callers_of"] = judge
    headers = {"authorization": f"Bearer {bearer}"} if bearer else {}

    answer = http.post(f"{ADDRESS}/{secret}", data=sample("answer"), headers=headers)

    assert answer.status_code == status
    assert set(judge.asked) <= {f"{app.settings.base_url}{ADDRESS}/{secret}"}
    assert bool(list(app.store.query(Query("inbounds")))) == (status == 200)


@pytest.mark.parametrize(
    ("urls", "host"),
    [
        ({}, "http://127.0.0.1:8080"),
        ({"ingest": "https://ingest.example/", "api": "https://api.example"},
         "https://ingest.example"),
    ],
)  # fmt: skip
def test_token_is_meant_for_the_address_that_google_calls(
    app: App, space: Account, urls: dict[str, str], host: str
) -> None:
    settings = replace(app.settings, urls=urls, base_url="http://127.0.0.1:8080")
    there = replace(app, settings=settings)
    vars(there)["desk"] = app.desk
    vars(there)["callers_of"] = judge = Calling("chat@system.gserviceaccount.com")
    call = Call("POST", ("google_chat", TOKEN, SECRET), body=sample("answer"),
                headers={"authorization": "Bearer x"})  # fmt: skip

    assert chat_app.serve(call, there, TOKEN, (SECRET,)).status == 200
    assert judge.asked == [f"{host}{ADDRESS}/{SECRET}"]


def test_colleague_links_makes_the_room_and_is_answered_in_the_thread(
    http: FlaskClient, app: App, space: Account
) -> None:
    code = link(app.desk, OLGA, LinkPerson(), "test").code
    room, address = Remembering(), f"{ADDRESS}/{SECRET}"
    for body in (sample("link", argumentText=f"/start {code}"), said("/команда", "M20"),
                 said("/помощь", "M21")):  # fmt: skip
        assert http.post(address, data=body, headers=BEARER).json == {}
        engine.run(app.desk)
        [Hearing(app.desk, room).hear(it.id) for it in heard(app)[-1:]]
        app.desk.settings.forget()

    places = [place for place, _ in room.posts]

    assert app.desk.settings().office.room is not None
    assert app.desk.settings().office.room.group == SPACE
    assert places == [("spaces/DMx1", "spaces/DMx1/threads/T5"), (SPACE, THREAD), (SPACE, THREAD)]


def test_stranger_in_the_space_makes_no_request(
    http: FlaskClient, app: App, space: Account
) -> None:
    http.post(f"{ADDRESS}/{SECRET}", data=sample("answer"), headers=BEARER)

    assert heard(app) == []
    assert list(app.store.query(Query("leads"))) == []


def test_room_is_named_by_command_for_an_account_of_google_chat(app: App, space: Account) -> None:
    set_room(app.desk, OLGA, SetRoom(account=TOKEN, group=SPACE), "test")

    assert app.desk.store.get("settings", "office")["room"]["group"] == SPACE


def rooms(answers: list[tuple[int, Any]], key: str) -> tuple[ChatSpace, list[httpx.Request]]:
    asked: list[httpx.Request] = []

    def handle(request: httpx.Request) -> httpx.Response:
        asked.append(request)
        if request.url.path == "/token":
            return httpx.Response(200, json={"access_token": "tok"})
        status, body = answers.pop(0)
        return httpx.Response(status, json=body)

    client = httpx.Client(transport=httpx.MockTransport(handle))
    return ChatSpace(Calls(client), FixedClock()), asked


def connected(key: str) -> Account:
    return account(client_email="bot@office.iam.example", private_key=key.replace("\n", "\\n"))


def test_thread_is_begun_and_answered_with_one_token_of_the_app(key: str) -> None:
    said = {"name": f"{SPACE}/messages/M9", "thread": {"name": THREAD}}
    room, asked = rooms([(200, said), (200, said)], key)

    topic = room.open_topic(connected(key), SPACE, "Ирина · site")
    posted = room.post(connected(key), (SPACE, topic), RoomWords("<users/all> *да*"))

    token, begun, answered = asked
    claims = jwt.decode(
        dict(part.split("=") for part in token.content.decode().split("&"))["assertion"],
        options={"verify_signature": False},
    )
    assert (topic, posted) == (THREAD, f"{SPACE}/messages/M9")
    assert claims["iss"] == "bot@office.iam.example"
    assert begun.url.path == answered.url.path == f"/v1/{SPACE}/messages"
    assert answered.headers["authorization"] == "Bearer tok"
    assert answered.url.params["messageReplyOption"] == "REPLY_MESSAGE_OR_FAIL"
    assert json.loads(answered.content)["thread"] == {"name": THREAD}
    assert "<users/all>" not in json.loads(answered.content)["text"]


@pytest.mark.parametrize(
    ("answer", "place", "expected"),
    [
        ((404, {}), (SPACE, THREAD), NotFound),
        ((404, {}), (SPACE, ""), NotAllowed),
        ((403, {}), (SPACE, THREAD), NotAllowed),
        ((401, {}), (SPACE, THREAD), ConfigError),
        ((200, {}), ("spaces/../x", ""), NotAllowed),
    ],
)
def test_refusal_of_google_chat_says_who_must_act(
    key: str, answer: tuple[int, Any], place: tuple[str, str], expected: type[Exception]
) -> None:
    room, _ = rooms([answer], key)

    with pytest.raises(expected):
        room.post(connected(key), place, RoomWords("да"))


def test_broken_key_is_for_the_operator_and_never_asks_google() -> None:
    room, asked = rooms([], "")

    with pytest.raises(ConfigError):
        room.post(account(client_email="a", private_key="no key"), (SPACE, ""), RoomWords("да"))
    assert asked == []


def test_file_of_a_client_is_refused_and_one_of_the_team_is_fetched(key: str) -> None:
    room, asked = rooms([(200, {"any": 1})], key)

    with pytest.raises(NotAllowed):
        room.post(connected(key), (SPACE, ""), RoomWords("", FileBytes("a", "a/b", b"x")))
    with pytest.raises(NotAllowed):
        room.fetch(connected(key), "../../v1/spaces", 100)
    assert room.fetch(connected(key), "ClxzcGFj", 100).content == b'{"any":1}'
    assert asked[-1].url.path == "/v1/media/ClxzcGFj"
