"""An exchange that names a recording by its id is asked where the file is."""

import hashlib
import json
from collections.abc import Callable
from urllib.parse import parse_qs

import httpx
import pytest

from kartoteka.adapters.recording_queries import link, zadarma_proof
from kartoteka.domain.errors import (
    ConfigError,
    KartotekaError,
    NotAllowed,
    ProviderDown,
    RateLimited,
)
from kartoteka.domain.office import Account

FILE = "https://records.example.ru/1.mp3"
MANGO = Account(id="m", channel="mango", title="", source="", secrets=("k1:s1", "old:old"))
ZADARMA = Account(
    id="z", channel="zadarma", title="", source="", secrets=("sec",), api={"key": "own"}
)

TELPHIN = Account(
    id="t",
    channel="telphin",
    title="",
    source="",
    secrets=("sec",),
    api={"app_id": "own", "app_secret": "of app"},
)


def client(answer: Callable[[httpx.Request], httpx.Response]) -> httpx.Client:
    return httpx.Client(transport=httpx.MockTransport(answer), follow_redirects=False)


def test_mango_is_asked_with_a_signed_command_and_passes_on_to_the_file() -> None:
    def answer(request: httpx.Request) -> httpx.Response:
        told = {name: value[0] for name, value in parse_qs(request.content.decode()).items()}
        wanted = hashlib.sha256(f"k1{told['json']}s1".encode()).hexdigest()
        assert (request.method, request.url.path) == ("POST", "/vpbx/queries/recording/post")
        assert (told["vpbx_api_key"], told["sign"]) == ("k1", wanted)
        assert json.loads(told["json"]) == {"recording_id": "TUFO==", "action": "download"}
        return httpx.Response(302, headers={"location": FILE})

    assert link(client(answer), MANGO, "mango:TUFO==") == FILE


@pytest.mark.parametrize(
    "told", [{"status": "success", "link": FILE}, {"status": "success", "links": [FILE, "x"]}]
)
def test_zadarma_is_asked_with_its_signature_and_tells_the_link(told: dict[str, object]) -> None:
    def answer(request: httpx.Request) -> httpx.Response:
        path, query = request.url.path, request.url.query.decode()
        assert (path, query) == ("/v1/pbx/record/request/", "call_id=1795.1")
        proof = zadarma_proof(path, query, "sec")
        assert request.headers["authorization"] == f"own:{proof}"
        return httpx.Response(200, json=told)

    assert link(client(answer), ZADARMA, "zadarma:1795.1") == FILE


def test_telphin_is_entered_with_the_key_and_tells_the_link() -> None:
    def answer(request: httpx.Request) -> httpx.Response:
        assert request.url.host == "apiproxy.telphin.ru"
        if request.url.path == "/oauth/token":
            told = {name: value[0] for name, value in parse_qs(request.content.decode()).items()}
            assert (told["client_id"], told["client_secret"]) == ("own", "of app")
            assert told["grant_type"] == "client_credentials"
            return httpx.Response(200, json={"access_token": "t1", "expires_in": 3600})
        assert request.url.path == "/api/ver1.0/client/@me/record/124575-79a2/storage_url/"
        assert request.headers["authorization"] == "Bearer t1"
        return httpx.Response(200, json={"record_url": FILE})

    assert link(client(answer), TELPHIN, "telphin:124575-79a2") == FILE


@pytest.mark.parametrize("token", [None, 7, "", "a\r\nb", "ключ"])
def test_telphin_that_gives_no_token_is_for_an_operator(token: object) -> None:
    told = {"access_token": token, "record_url": FILE}

    with pytest.raises(ConfigError):
        link(client(lambda _: httpx.Response(200, json=told)), TELPHIN, "telphin:1")


@pytest.mark.parametrize(
    ("answer", "expected"),
    [
        (httpx.Response(200, json={"record_url": None}), NotAllowed),
        (httpx.Response(404, json={"message": "not found"}), NotAllowed),
        (httpx.Response(401), ConfigError),
        (httpx.Response(429), RateLimited),
        (httpx.Response(500), ProviderDown),
    ],
)
def test_telphin_without_a_link_says_who_must_act(
    answer: httpx.Response, expected: type[KartotekaError]
) -> None:
    def told(request: httpx.Request) -> httpx.Response:
        entering = request.url.path == "/oauth/token"
        return httpx.Response(200, json={"access_token": "t1"}) if entering else answer

    with pytest.raises(expected):
        link(client(told), TELPHIN, "telphin:1")


def test_record_that_leads_elsewhere_stays_one_part_of_the_path() -> None:
    asked: list[str] = []

    def told(request: httpx.Request) -> httpx.Response:
        asked.append(request.url.raw_path.decode())
        return httpx.Response(200, json={"access_token": "t1", "record_url": FILE})

    link(client(told), TELPHIN, "telphin:../../user")

    assert asked[1] == "/api/ver1.0/client/@me/record/..%2F..%2Fuser/storage_url/"


def test_proof_of_zadarma_is_base64_of_forty_hex_digits() -> None:
    known = "NjJkZjZkNzYxODVlYWM3OGVhZTY1NmRlYTIwYTBiY2Q1ODY1OWVkOQ=="

    assert zadarma_proof("/v1/pbx/record/request/", "call_id=1795.1", "test-secret") == known


@pytest.mark.parametrize(
    ("answer", "expected"),
    [
        (httpx.Response(200, json={"status": "error"}), NotAllowed),
        (httpx.Response(200, json={"link": 7, "links": "x"}), NotAllowed),
        (httpx.Response(200, content=b"<html>"), NotAllowed),
        (httpx.Response(404), NotAllowed),
        (httpx.Response(401), ConfigError),
        (httpx.Response(429), RateLimited),
        (httpx.Response(502), ProviderDown),
    ],
)
@pytest.mark.parametrize("account", [MANGO, ZADARMA], ids=lambda it: it.channel)
def test_answer_without_a_link_says_who_must_act(
    account: Account, answer: httpx.Response, expected: type[KartotekaError]
) -> None:
    with pytest.raises(expected):
        link(client(lambda _: answer), account, f"{account.channel}:1")


@pytest.mark.parametrize(
    ("account", "reference"),
    [
        (MANGO, "zadarma:1"),
        (MANGO, "telphin:1"),
        (MANGO, "mango:"),
        (TELPHIN, "telphin:.."),
        (MANGO, "mango:1\r\n2"),
        (ZADARMA, "zadarma:" + "1" * 129),
    ],
)
def test_reference_that_names_no_recording_of_the_exchange_asks_nobody(
    account: Account, reference: str
) -> None:
    def never(_: httpx.Request) -> httpx.Response:
        raise AssertionError("it was asked")

    with pytest.raises(NotAllowed):
        link(client(never), account, reference)


@pytest.mark.parametrize(
    "account",
    [
        ZADARMA.model_copy(update={"api": {}}),
        ZADARMA.model_copy(update={"secrets": ()}),
        TELPHIN.model_copy(update={"api": {"app_id": "own"}}),
    ],
)
def test_account_without_its_keys_is_for_an_operator(account: Account) -> None:
    with pytest.raises(ConfigError):
        link(client(lambda _: httpx.Response(200)), account, f"{account.channel}:1")
