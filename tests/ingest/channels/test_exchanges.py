"""What calls of telephone exchanges become: groups, transfers, recordings, missed ones."""

from dataclasses import replace
from datetime import timedelta
from itertools import permutations
from typing import cast

import pytest
from flask.testing import FlaskClient
from tests.fakes import FixedClock
from tests.ingest.channels.exchange_office import KNOWN, Exchange, without_proof
from tests.ingest.channels.samples import context
from tests.ingest.channels.test_contract import deliver

from ingest.channels import CHANNELS, beeline, mango, twilio, zadarma
from kartoteka.domain.errors import Malformed, NotAuthentic
from kartoteka.domain.inbound import Inbound
from kartoteka.domain.model import Activity, CallStatus, Client, Lead
from kartoteka.http import Call
from kartoteka.wiring import App

ANSWERING = ["asterisk", "beeline", "exolve", "mango", "megafon", "sipuni", "telphin", "uis"]
MISSED = "+79165550178"


@pytest.fixture
def exchange(http: FlaskClient, app: App, request: pytest.FixtureRequest) -> Exchange:
    return Exchange(http, app, getattr(request, "param", "telphin"))


def only(name: str) -> pytest.MarkDecorator:
    return pytest.mark.parametrize("exchange", [name], indirect=True)


@pytest.mark.parametrize("exchange", [*ANSWERING, "twilio", "zadarma"], indirect=True)
def test_answered_call_is_one_conversation_whatever_came_before(exchange: Exchange) -> None:
    exchange.with_extension("+74950000103", "103")
    before = "child_talking" if exchange.channel == "twilio" else "talking"
    exchange.send("ringing", before, "answered")

    [call] = exchange.calls()
    [lead] = exchange.all_of(Lead)
    assert call.call is not None
    assert (call.call.status, call.call.client_number) == (CallStatus.ANSWERED, KNOWN)
    assert call.call.talk_s > 50
    assert (call.staff_id, lead.owner_id) == ("st_anna", "st_anna")
    assert exchange.call_backs() == []


@pytest.mark.parametrize("exchange", ANSWERING, indirect=True)
def test_missed_call_gives_a_call_back_that_a_later_answer_closes(
    exchange: Exchange, clock: FixedClock
) -> None:
    number = "+79165550179" if exchange.channel == "uis" else MISSED
    exchange.send("lost" if exchange.channel == "uis" else "missed")
    assert exchange.call_backs() == [(number, "open")]

    clock.advance(timedelta(hours=4))
    other = Exchange(exchange.http, exchange.app, "sipuni")
    at = int(clock.now().timestamp())
    other.form(
        {
            "event": "2",
            "call_id": "out-1",
            "src_num": "103",
            "short_src_num": "103",
            "dst_num": number,
            "short_dst_num": number,
            "timestamp": str(at + 60),
            "call_start_timestamp": str(at),
            "call_answer_timestamp": str(at + 10),
            "status": "ANSWER",
        }
    )

    assert exchange.call_backs() == [(number, "done")]


@pytest.mark.parametrize("order", list(permutations(["leg_cancelled", "talking", "answered"])))
@pytest.mark.parametrize("exchange", ["telphin", "beeline", "asterisk"], indirect=True)
def test_group_call_in_any_order_is_answered_and_wants_no_call_back(
    exchange: Exchange, order: tuple[str, ...]
) -> None:
    exchange.with_extension("+74950000103", "103")
    exchange.send("ringing")
    for name in order:
        exchange.send(name)
        exchange.call_backs()

    [call] = exchange.calls()
    assert call.call is not None
    assert (call.call.status, call.call.talk_s, call.staff_id) == ("answered", 62, "st_anna")
    assert [state for _, state in exchange.call_backs() if state == "open"] == []
    [lead] = exchange.all_of(Lead)
    assert lead.used_calls == (call.id,), "the conversation has moved the request"


@pytest.mark.parametrize("exchange", ["telphin", "beeline", "asterisk"], indirect=True)
def test_cancelled_leg_after_the_answer_is_no_missed_call(exchange: Exchange) -> None:
    exchange.send("ringing", "talking", "leg_cancelled")

    assert exchange.calls() == []
    assert ("done", "leg_ended") in exchange.reasons()


@only("megafon")
def test_history_of_a_colleague_who_did_not_answer_is_no_missed_call(exchange: Exchange) -> None:
    told = {"cmd": "history", "type": "in", "status": "missed", "phone": KNOWN, "user": "ivanov",
            "callid": "87112233", "start": "20261123T060003Z", "duration": "6"}  # fmt: skip
    exchange.send("ringing", "talking")
    exchange.form(told)
    assert exchange.calls() == []

    exchange.send("answered")
    assert [item.call.status for item in exchange.calls() if item.call] == [CallStatus.ANSWERED]


@only("telphin")
def test_talk_after_a_transfer_belongs_to_the_same_call(exchange: Exchange) -> None:
    exchange.with_extension("+74950000103", "103")
    exchange.send("ringing", "talking", "answered")
    second = {"EventType": "hangup", "CallID": "76c8491e9d37", "SubCallID": "second",
              "CallFlow": "in", "CallStatus": "ANSWER", "CallerIDNum": KNOWN, "Transfered": "yes",
              "CalledNumber": "3515*104", "Duration": "120000000",
              "EventTime": "1795413800000000"}  # fmt: skip
    exchange.form(second)

    [call] = exchange.calls()
    assert call.call is not None
    assert (call.staff_id, call.call.talk_s > 180) == ("st_anna", True)
    assert len(exchange.all_of(Lead)) == 1


@only("telphin")
@pytest.mark.parametrize("order", [(0, 1), (1, 0)])
def test_person_behind_a_queue_has_the_talk(exchange: Exchange, order: tuple[int, ...]) -> None:
    exchange.with_extension("+74950000103", "103")
    whole = {"EventType": "hangup", "CallID": "q", "CallFlow": "in", "CallStatus": "ANSWER",
             "CallerIDNum": KNOWN, "EventTime": "1795413671000000"}  # fmt: skip
    queue = {"SubCallID": "1", "CalledNumber": "3515*700", "Duration": "71000000", "Bridged": "yes"}
    anna = {"SubCallID": "2", "CalledNumber": "3515*103", "Duration": "62000000"}
    for place in order:
        exchange.form({**whole, **(queue, anna)[place]})

    [call] = exchange.calls()
    assert call.staff_id == "st_anna"


@only("beeline")
def test_colleague_known_by_a_mobile_number_has_the_talk(exchange: Exchange) -> None:
    exchange.with_extension("+79031234567")
    call = exchange.sample("answered")
    exchange.deliver(replace(call, body=call.body.replace(b">103@", b">9031234567@")))

    [item] = exchange.calls()
    assert item.staff_id == "st_anna"


@pytest.mark.parametrize("exchange", ["mango", "zadarma", "uis", "asterisk"], indirect=True)
@pytest.mark.parametrize("first", ["recording", "answered"])
def test_recording_finds_its_call_before_and_after_the_end(exchange: Exchange, first: str) -> None:
    exchange.send(first, "answered" if first == "recording" else "recording")

    [call] = exchange.calls()
    assert call.call is not None
    assert call.call.recording_url.startswith(("https://", f"{exchange.channel}:"))


@only("twilio")
def test_call_that_only_a_machine_took_stays_missed(exchange: Exchange) -> None:
    exchange.send("ringing", "dial_no_answer", "completed")

    [call] = exchange.calls()
    assert call.call is not None
    assert call.call.status is CallStatus.MISSED
    assert exchange.call_backs() == [(MISSED, "open")]


@only("twilio")
def test_sms_is_a_message_of_its_sender(exchange: Exchange) -> None:
    exchange.send("sms", "delivery")

    [item] = exchange.calls()
    [client] = exchange.all_of(Client)
    assert (item.what, item.text, client.phones) == (
        "message", "Перезвоните, пожалуйста", ("+79165550180",),
    )  # fmt: skip


@pytest.mark.parametrize("exchange", ["mango", "sipuni", "telphin"], indirect=True)
def test_call_between_two_of_the_office_is_nobodys_request(exchange: Exchange) -> None:
    exchange.send("internal")

    assert exchange.reasons() == {("ignored", "internal_call")}
    assert exchange.all_of(Client) == []


@only("telphin")
def test_call_of_a_colleagues_own_number_is_ignored(exchange: Exchange) -> None:
    exchange.with_extension(KNOWN)
    exchange.send("ringing", "talking", "answered")

    assert ("ignored", "own_number") in exchange.reasons()
    assert exchange.all_of(Client) == []


@only("telphin")
def test_number_that_only_the_first_piece_names_is_remembered(exchange: Exchange) -> None:
    exchange.send("ringing", "talking")
    exchange.form({"EventType": "hangup", "CallID": "76c8491e9d37", "SubCallID": "124575-79a2",
                   "CallFlow": "in", "CallStatus": "ANSWER", "CalledNumber": "3515*103",
                   "Duration": "62000000", "EventTime": "1795413671746286"})  # fmt: skip

    [client] = exchange.all_of(Client)
    assert client.phones == (KNOWN,)


@only("sipuni")
def test_two_numbers_of_one_client_are_one_request(exchange: Exchange) -> None:
    exchange.with_client()
    exchange.app.store.run(lambda tx: tx.put("keys", f"phone:{MISSED}", {"client_id": "cl_known"}))
    exchange.send("answered", "missed")

    assert {call.client_id for call in exchange.calls()} == {"cl_known"}
    assert len(exchange.all_of(Lead)) == 1


@pytest.mark.parametrize("exchange", ["megafon", "mango", "uis"], indirect=True)
def test_secret_in_the_body_is_not_kept(exchange: Exchange) -> None:
    exchange.send("answered" if exchange.channel != "megafon" else "missed", "unknown")

    kept = exchange.all_of(Inbound)
    assert all(event.raw for event in kept)
    assert not [event for event in kept if '"s:1"' in event.raw or "s%3A1" in event.raw]
    assert not [event for event in kept if "vpbx_api_key=s" in event.raw]


@pytest.mark.parametrize("exchange", ["sipuni", "telphin", "beeline", "exolve"], indirect=True)
@pytest.mark.parametrize("proof", ["", "wrong", "s:1/more", "%00"])
def test_address_without_the_right_secret_is_refused(exchange: Exchange, proof: str) -> None:
    call = without_proof(exchange.sample("unknown"), exchange)
    path, _, query = call.target.partition("?")
    target = "/".join(part for part in (path, proof) if part) + ("?" + query if query else "")

    answer = exchange.http.open(target, method=call.method, data=call.body)

    assert answer.status_code in ({401} if proof != "s:1/more" else {200})
    assert (exchange.all_of(Inbound) == []) == (proof != "s:1/more")


@only("call")
def test_path_that_a_channel_does_not_know_is_not_found(exchange: Exchange) -> None:
    assert exchange.http.post(f"/ingest/call/{exchange.token}/more").status_code == 404


@pytest.mark.parametrize("exchange", ["mango", "megafon", "zadarma"], indirect=True)
def test_get_of_an_exchange_that_posts_is_a_look_only(exchange: Exchange) -> None:
    answer = exchange.http.get(f"/ingest/{exchange.channel}/{exchange.token}?event=2&call_id=1")

    assert (answer.status_code, answer.json) == (200, {"ok": True, "channel": exchange.channel})
    assert exchange.all_of(Inbound) == []


@only("zadarma")
def test_trial_of_the_address_is_echoed_before_any_proof(exchange: Exchange) -> None:
    answer = exchange.http.get(f"/ingest/zadarma/{exchange.token}?zd_echo=<b>a%2B1")

    assert (answer.text, answer.mimetype) == ("<b>a+1", "text/plain")
    assert answer.headers["x-content-type-options"] == "nosniff"


@only("zadarma")
def test_multipart_with_a_foreign_boundary_is_read(exchange: Exchange) -> None:
    body = b"".join(
        b'--real\r\ncontent-disposition: form-data; name="%s"\r\n\r\n%s\r\n' % pair
        for pair in ((b"event", b"NOTIFY_END"), (b"pbx_call_id", b"in_1"),
                     (b"caller_id", KNOWN.encode()), (b"disposition", b"cancel"))
    ) + b"--real--\r\n"  # fmt: skip
    headers = {"content-type": "multipart/form-data; boundary=other"}
    call = Call("POST", ("zadarma", "x"), body=body, headers=headers, target="/x")

    assert exchange.deliver(call).status_code == 200
    assert [item.call.status for item in exchange.calls() if item.call] == [CallStatus.MISSED]


@only("beeline")
def test_document_that_would_explode_is_kept_unread(exchange: Exchange) -> None:
    bomb = b'<!DOCTYPE e [<!ENTITY a "aaaaaaaa"><!ENTITY b "&a;&a;&a;">]><e>&b;</e>'
    deep = b"<a>" * 500
    headers = {"content-type": "text/xml"}
    for body in (bomb, deep, b"<e", "<?xml version='1.0' encoding='x'?><e/>".encode("utf-16")):
        call = Call("POST", ("beeline", "x"), body=body, headers=headers, target="/x")
        assert exchange.deliver(call).status_code == 200

    assert exchange.reasons() == {("unknown", "not_xml")}


def test_published_signature_of_twilio_is_accepted() -> None:
    body = (b"CallSid=CA1234567890ABCDE&Caller=%2B14158675309&Digits=1234"
            b"&From=%2B14158675309&To=%2B18005551212")  # fmt: skip
    headers = {"x-twilio-signature": "RSOYDt4T1cUTdK1PDd93/VVr8B8="}
    call = Call("POST", (), body=body, headers=headers,
                base_url="http://mycompany.com:443", target="/myapp.php?foo=1&bar=2")  # fmt: skip

    twilio.verify(call, ("other", "12345"))
    with pytest.raises(NotAuthentic):
        twilio.verify(call, ("123456",))


def test_signature_of_zadarma_is_base64_of_hex_digits() -> None:
    body = (b"event=NOTIFY_START&caller_id=79165550177&called_did=74957654321"
            b"&call_start=2026-11-20+12%3A15%3A03&pbx_call_id=in_1")  # fmt: skip
    known = "MWQ2ODRlNjEzZjgyNjI4ZDIzOWVmZTg0MWJjODYyNTdiNzFlZDllMw=="

    assert zadarma.sign(body, "test-secret") == {"signature": known}


def test_signature_of_mango_is_a_plain_hash_of_key_json_and_salt() -> None:
    sign = "7459ea517320d245a3ceff15fa87010fd8b97100615970e34903a74af47016cc"
    body = f'vpbx_api_key=k1&sign={sign}&json={{"entry_id":"E1","call_direction":1}}'.encode()
    call = Call("POST", (), body=body)

    mango.verify(call, ("k1:s1",))
    for secrets in (("k1:s2",), ("k2:s1",), ("k1",)):
        with pytest.raises(NotAuthentic):
            mango.verify(call, secrets)


def test_json_of_mango_is_signed_as_it_came() -> None:
    told = '{ "entry_id" : "Ё",  "seq":1.50 }'
    sent = mango.sent(Call("POST", ("mango", "t"), body=told.encode()), "k:s")

    mango.verify(sent, ("k:s",))
    with pytest.raises(NotAuthentic):
        mango.verify(Call("POST", (), body=sent.body.replace(b"+%3A+", b"%3A")), ("k:s",))


def test_twilio_behind_a_front_end_knows_its_own_address() -> None:
    call = Call("POST", (), body=b"CallSid=CA1", base_url="https://office.example",
                target="/ingest/twilio/token")  # fmt: skip
    signed = twilio.sent(call, "token")
    inside = Call("POST", (), body=call.body, headers=signed.headers,
                  base_url="http://office.example:443", target="/twilio/token")  # fmt: skip

    twilio.verify(inside, ("token",))


def test_event_of_beeline_without_an_id_is_not_understood() -> None:
    with pytest.raises(Malformed):
        beeline.parse(Call("POST", (), body=b"<Event/>"), context("beeline"))


@only("beeline")
def test_prefixes_of_a_document_do_not_matter(exchange: Exchange) -> None:
    exchange.send("missed")

    [call] = exchange.calls()
    assert cast("Activity", call).direction == "in"
    assert set(CHANNELS) >= {*ANSWERING, "twilio", "zadarma"}


def deliver_unsigned(exchange: Exchange, name: str) -> int:
    return deliver(exchange.http, without_proof(exchange.sample(name), exchange)).status_code


@pytest.mark.parametrize(
    "exchange",
    ["asterisk", "megafon", "sipuni", "telphin", "twilio", "uis", "zadarma"],
    indirect=True,
)
def test_question_without_a_proof_is_refused(exchange: Exchange) -> None:
    exchange.with_client()

    assert deliver_unsigned(exchange, "question") == 401
