"""Each messenger's HTTP interface: what is sent, what comes back, which errors become which."""

import json
import logging
from collections.abc import Callable
from typing import Any

import httpx
import pytest
from hypothesis import given
from hypothesis import strategies as st

from kartoteka.adapters.messengers.all import AllMessengers, build
from kartoteka.adapters.messengers.echo import Echo
from kartoteka.chat_ports import MAYBE_SENT, Button, FileBytes, Letter, RoomWords
from kartoteka.domain.errors import (
    ConfigError,
    KartotekaError,
    NotAllowed,
    NotFound,
    ProviderDown,
    RateLimited,
)
from kartoteka.domain.office import Account

API = {
    "avito": {"client_id": "ci", "client_secret": "cs", "user_id": "1001"},
    "max": {"token": "T0KEN"},
    "messenger": {"token": "T0KEN", "page_id": "9"},
    "telegram": {"token": "T0KEN"},
    "viber": {"token": "T0KEN", "name": "Юристы"},
    "vk": {"token": "T0KEN", "group_id": "22"},
    "whatsapp": {"token": "T0KEN", "phone_number_id": "1060"},
}
LETTER = Letter(peer="77", text="Добрый день", tag="12345")
FILE = FileBytes("договор.pdf", "application/pdf", b"pdf")
GOOD: dict[str, dict[str, Any]] = {
    "avito": {"id": "m9"},
    "max": {"message": {"body": {"mid": "mid.9"}}},
    "messenger": {"recipient_id": "77", "message_id": "m_9"},
    "telegram": {"ok": True, "result": {"message_id": 9}},
    "viber": {"status": 0, "message_token": 4912661846655238145},
    "vk": {"response": 9},
    "whatsapp": {"messages": [{"id": "wamid.9"}]},
}
IDS = {
    "avito": "m9",
    "max": "mid.9",
    "messenger": "m_9",
    "telegram": "9",
    "viber": "4912661846655238145",
    "vk": "9",
    "whatsapp": "wamid.9",
}
Handler = Callable[[httpx.Request], httpx.Response]


def account(channel: str, **update: Any) -> Account:
    given = {"id": f"{channel}_1", "channel": channel, "title": "Офис", "source": "x"}
    return Account.model_validate({**given, "api": API[channel], **update})


def messengers(handler: Handler) -> AllMessengers:
    return AllMessengers(httpx.Client(transport=httpx.MockTransport(handler)))


def answering(body: object, status: int = 200, **headers: str) -> Handler:
    def handle(request: httpx.Request) -> httpx.Response:
        if request.url.path == "/token":
            return httpx.Response(200, json={"access_token": "day", "expires_in": 86400})
        return httpx.Response(status, json=body, headers=headers)

    return handle


def failure(channel: str, handler: Handler) -> KartotekaError:
    with pytest.raises(KartotekaError) as caught:
        messengers(handler).send(account(channel), LETTER)
    return caught.value


@pytest.mark.parametrize("channel", sorted(API))
def test_letter_is_sent_to_the_peer_and_its_id_comes_back(channel: str) -> None:
    seen: list[httpx.Request] = []

    def handle(request: httpx.Request) -> httpx.Response:
        seen.append(request)
        return answering(GOOD[channel])(request)

    sent = messengers(handle).send(account(channel), LETTER)
    request = seen[-1]
    said = request.content.decode() + str(request.url)

    assert sent == IDS[channel]
    assert request.url.scheme == "https"
    assert "77" in said
    assert "Добрый день" in said or "%D0%94%D0%BE%D0%B1" in said or "\\u0414" in said


def test_each_provider_is_asked_as_its_reference_says() -> None:
    seen: dict[str, httpx.Request] = {}
    for channel in sorted(API):

        def handle(request: httpx.Request, channel: str = channel) -> httpx.Response:
            seen[channel] = request
            return answering(GOOD[channel])(request)

        messengers(handle).send(account(channel), LETTER)

    assert {name: f"{it.url.host}{it.url.path}" for name, it in seen.items()} == {
        "avito": "api.avito.ru/messenger/v1/accounts/1001/chats/77/messages",
        "max": "platform-api2.max.ru/messages",
        "messenger": "graph.facebook.com/v21.0/me/messages",
        "telegram": "api.telegram.org/botT0KEN/sendMessage",
        "viber": "chatapi.viber.com/pa/send_message",
        "vk": "api.vk.com/method/messages.send",
        "whatsapp": "graph.facebook.com/v21.0/1060/messages",
    }
    assert seen["max"].headers["authorization"] == "T0KEN"
    assert seen["max"].url.params["chat_id"] == "77"
    assert seen["viber"].headers["x-viber-auth-token"] == "T0KEN"
    assert seen["whatsapp"].headers["authorization"] == "Bearer T0KEN"
    assert seen["avito"].headers["authorization"] == "Bearer day"
    assert "random_id=12345" in seen["vk"].content.decode()
    assert json.loads(seen["messenger"].content)["message"]["metadata"] == "12345"


@pytest.mark.parametrize(
    ("channel", "status", "body", "error", "code"),
    [
        ("telegram", 403, {"ok": False, "error_code": 403}, NotAllowed, "send_blocked"),
        ("telegram", 400, {"ok": False, "error_code": 400}, NotAllowed, "send_refused"),
        ("telegram", 401, {"ok": False, "error_code": 401}, ConfigError, "send_no_key"),
        ("vk", 200, {"error": {"error_code": 901}}, NotAllowed, "send_blocked"),
        ("vk", 200, {"error": {"error_code": 5}}, ConfigError, "send_no_key"),
        ("vk", 200, {"error": {"error_code": 6}}, RateLimited, ""),
        ("vk", 200, {"error": {"error_code": 10}}, ProviderDown, ""),
        ("vk", 200, {"error": {"error_code": 914}}, NotAllowed, "send_refused"),
        ("whatsapp", 400, {"error": {"code": 131047}}, NotAllowed, "chat_window"),
        ("whatsapp", 401, {"error": {"code": 190}}, ConfigError, "send_no_key"),
        ("whatsapp", 400, {"error": {"code": 130429}}, RateLimited, ""),
        ("messenger", 400, {"error": {"code": 551}}, NotAllowed, "send_blocked"),
        ("viber", 200, {"status": 6}, NotAllowed, "send_blocked"),
        ("viber", 200, {"status": 2}, ConfigError, "send_no_key"),
        ("viber", 200, {"status": 12}, RateLimited, ""),
        ("viber", 200, {"status": 3}, NotAllowed, "send_refused"),
        ("avito", 403, {}, NotAllowed, "send_blocked"),
        ("avito", 401, {}, ConfigError, "send_no_key"),
        ("max", 401, {"code": "verify.token"}, ConfigError, "send_no_key"),
        ("max", 403, {"code": "chat.denied"}, NotAllowed, "send_blocked"),
        ("max", 400, {"code": "attachment.not.ready"}, RateLimited, ""),
    ],
)
def test_refusal_says_who_must_act(
    channel: str, status: int, body: object, *, error: type[Exception], code: str
) -> None:
    raised = failure(channel, answering(body, status))

    assert isinstance(raised, error)
    assert raised.code == code


@pytest.mark.parametrize("channel", sorted(API))
@pytest.mark.parametrize("status", [500, 502, 503])
def test_outage_is_repeated(channel: str, status: int) -> None:
    def handle(request: httpx.Request) -> httpx.Response:
        return httpx.Response(status, text="<html>no</html>")

    assert isinstance(failure(channel, handle), ProviderDown)


@pytest.mark.parametrize("channel", sorted(API))
def test_provider_that_asks_to_slow_down_says_for_how_long(channel: str) -> None:
    body = {"ok": False, "error_code": 429, "parameters": {"retry_after": 7}}
    error = failure(channel, answering(body, 429, **{"retry-after": "7"}))

    assert isinstance(error, RateLimited)
    assert error.retry_after is not None
    assert error.retry_after.total_seconds() == 7


@pytest.mark.parametrize(
    ("fault", "code"),
    [
        (httpx.ConnectError("no"), ""),
        (httpx.ConnectTimeout("no"), ""),
        (httpx.ReadTimeout("no"), MAYBE_SENT),
        (httpx.RemoteProtocolError("no"), MAYBE_SENT),
    ],
)
def test_only_a_call_that_may_have_arrived_is_marked_so(fault: Exception, code: str) -> None:
    def handle(request: httpx.Request) -> httpx.Response:
        raise fault

    error = failure("telegram", handle)

    assert (type(error), error.code) == (ProviderDown, code)


@pytest.mark.parametrize("channel", sorted(API))
@given(
    body=st.recursive(
        st.none() | st.booleans() | st.integers() | st.text(max_size=5),
        lambda inner: (
            st.lists(inner, max_size=2)
            | st.dictionaries(
                st.sampled_from(["ok", "result", "error", "messages", "status", "message", "code"]),
                inner,
                max_size=3,
            )
        ),
        max_leaves=6,
    ),
    status=st.sampled_from([200, 201, 400, 404]),
)
def test_any_answer_is_an_id_or_an_error_of_ours(channel: str, body: object, status: int) -> None:
    try:
        sent = messengers(answering(body, status)).send(account(channel), LETTER)
    except KartotekaError:
        return
    assert sent


@pytest.mark.parametrize("channel", sorted(API))
def test_account_without_its_key_is_named(channel: str) -> None:
    with pytest.raises(ConfigError, match=r"account\.connect"):
        messengers(answering({})).send(account(channel, api={}), LETTER)


@pytest.mark.parametrize("channel", ["avito", "viber"])
def test_messenger_that_takes_no_files_says_so(channel: str) -> None:
    with pytest.raises(NotAllowed) as refused:
        messengers(answering(GOOD[channel])).send(
            account(channel), Letter(peer="7", text="", tag="1", file=FILE)
        )

    assert refused.value.code == "send_no_files"


def test_answer_in_a_business_accounts_chat_goes_through_its_connection() -> None:
    seen: list[httpx.Request] = []

    def handle(request: httpx.Request) -> httpx.Response:
        seen.append(request)
        return httpx.Response(200, json=GOOD["telegram"])

    made = messengers(handle).send(account("telegram"), Letter("bc1/77", "Добрый день", "1"))

    told = json.loads(seen[0].content)
    assert (told["chat_id"], told["business_connection_id"], made) == ("77", "bc1", "bc1/9")


def test_user_of_whatsapp_without_a_number_is_named_as_the_recipient() -> None:
    seen: list[httpx.Request] = []

    def handle(request: httpx.Request) -> httpx.Response:
        seen.append(request)
        return httpx.Response(200, json=GOOD["whatsapp"])

    messengers(handle).send(account("whatsapp"), Letter("RU.730045", "Добрый день", "1"))

    told = json.loads(seen[0].content)
    assert (told.get("to"), told["recipient"]) == (None, "RU.730045")


@pytest.mark.parametrize("channel", ["max", "messenger", "telegram", "vk", "whatsapp"])
def test_file_travels_with_its_name_and_content(channel: str) -> None:
    bodies: list[bytes] = []

    def handle(request: httpx.Request) -> httpx.Response:
        bodies.append(request.read())
        path = request.url.path
        if "getMessagesUploadServer" in path or path == "/uploads":
            host = "pu.vk.com" if channel == "vk" else "fu.oneme.ru"
            url = f"https://{host}/upload"
            return httpx.Response(200, json={"response": {"upload_url": url}, "url": url})
        if path == "/upload":
            return httpx.Response(200, json={"file": "f", "token": "t"})
        if "docs.save" in path:
            doc = {"doc": {"owner_id": 1, "id": 2}}
            return httpx.Response(200, json={"response": doc})
        if path.endswith("/media"):
            return httpx.Response(200, json={"id": "88"})
        return httpx.Response(200, json=GOOD[channel])

    sent = messengers(handle).send(
        account(channel), Letter(peer="7", text="Вот", tag="1", file=FILE)
    )

    assert sent == IDS[channel]
    assert any(b"pdf" in body and "договор.pdf".encode() in body for body in bodies)


def test_topics_are_made_posted_to_and_a_lost_one_is_told() -> None:
    def handle(request: httpx.Request) -> httpx.Response:
        body = json.loads(request.content)
        if request.url.path.endswith("createForumTopic"):
            return httpx.Response(200, json={"ok": True, "result": {"message_thread_id": 15}})
        if body.get("message_thread_id") == "15":
            return httpx.Response(200, json={"ok": True, "result": {"message_id": 3}})
        said = {"ok": False, "error_code": 400, "description": "message thread not found"}
        return httpx.Response(400, json=said)

    room, bot = messengers(handle), account("telegram")

    assert room.open_topic(bot, "-1", "Ирина") == "15"
    assert room.post(bot, ("-1", "15"), RoomWords("Привет")) == "3"
    with pytest.raises(NotFound):
        room.post(bot, ("-1", "16"), RoomWords("Привет"))


def test_buttons_go_along_edits_replace_them_and_presses_are_answered() -> None:
    asked: list[tuple[str, Any]] = []
    gone = {"ok": False, "error_code": 400, "description": "Bad Request: query is too old"}

    def handle(request: httpx.Request) -> httpx.Response:
        method = request.url.path.rpartition("/")[2]
        asked.append((method, json.loads(request.content)))
        if method == "answerCallbackQuery":
            return httpx.Response(400, json=gone)
        return httpx.Response(200, json={"ok": True, "result": {"message_id": 3}})

    bot, words = messengers(handle), "<b>Ирина</b> & _co_"
    rows = ((Button("Видел", "k:seen:no_1:"),),)
    assert bot.post(account("telegram"), ("77", ""), RoomWords(words, buttons=rows)) == "3"
    bot.reword(account("telegram"), ("77", "3"), RoomWords(words))
    bot.hear_press(account("telegram"), "p1", "Отмечено")
    (_, sent), (edited_by, edited), (_, heard) = asked

    keyboard = [[{"text": "Видел", "callback_data": "k:seen:no_1:"}]]
    assert (sent["text"], sent["reply_markup"]) == (words, {"inline_keyboard": keyboard})
    assert "parse_mode" not in {**sent, **edited}
    assert (edited_by, edited["message_id"]) == ("editMessageText", "3")
    assert edited["reply_markup"] == {"inline_keyboard": []}
    assert heard == {"callback_query_id": "p1", "text": "Отмечено"}


def test_avito_token_that_ran_out_is_asked_for_again() -> None:
    tokens = iter(["old", "new"])

    def handle(request: httpx.Request) -> httpx.Response:
        if request.url.path == "/token":
            return httpx.Response(200, json={"access_token": next(tokens)})
        fresh = request.headers["authorization"] == "Bearer new" or not used
        used.append(request)
        return httpx.Response(200, json={"id": "m1"}) if fresh else httpx.Response(401, json={})

    used: list[httpx.Request] = []
    both = messengers(handle)

    assert [both.send(account("avito"), LETTER) for _ in range(2)] == ["m1", "m1"]
    assert len(used) == 3


@pytest.mark.parametrize("known", [False, True])
def test_max_is_told_the_address_again_only_when_it_forgot(known: bool) -> None:
    url = "https://office.example/ingest/max/max_1"
    told: list[dict[str, Any]] = []

    def handle(request: httpx.Request) -> httpx.Response:
        if request.method == "GET":
            listed = [{"url": url}] if known else []
            return httpx.Response(200, json={"subscriptions": listed})
        told.append(json.loads(request.content))
        return httpx.Response(200, json={"success": True})

    both = messengers(handle)

    assert both.listen(account("max", secrets=("s1",)), url) is not known
    assert [(it["url"], it["secret"]) for it in told] == ([] if known else [(url, "s1")])
    assert both.listen(account("vk"), url) is False


def test_key_in_an_address_never_reaches_the_log(caplog: pytest.LogCaptureFixture) -> None:
    caplog.set_level(logging.INFO)
    build()
    client = httpx.Client(transport=httpx.MockTransport(answering(GOOD["telegram"])))

    assert AllMessengers(client).send(account("telegram"), LETTER) == "9"
    assert "T0KEN" not in caplog.text


def test_account_without_keys_is_echoed_where_the_box_says_so(tmp_path: Any) -> None:
    client = httpx.Client(transport=httpx.MockTransport(answering({})))
    both = AllMessengers(client, Echo(tmp_path / "m.jsonl"))
    bare = account("telegram", api={})
    first, again = (both.send(bare, LETTER) for _ in range(2))
    both.post(bare, ("-1", both.open_topic(bare, "-1", "Ирина")), RoomWords("Привет"))
    lines = [json.loads(line) for line in (tmp_path / "m.jsonl").read_text("utf-8").splitlines()]

    assert first == again
    assert [line["what"] for line in lines] == ["letter", "letter", "topic", "post"]
    assert lines[0]["text"] == "Добрый день"
