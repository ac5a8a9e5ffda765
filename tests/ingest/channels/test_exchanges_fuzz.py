"""Whatever an exchange sends, it is answered in its own form: never an error of ours."""

import json
from dataclasses import replace
from urllib.parse import parse_qsl, urlencode

import pytest
from flask.testing import FlaskClient
from hypothesis import HealthCheck, example, given, settings
from hypothesis import strategies as st
from tests.cost import takes_less
from tests.ingest.channels.exchange_office import Exchange
from tests.ingest.channels.samples import context, is_question, samples, unsigned

from ingest.channel import as_sent
from ingest.channels import CHANNELS
from ingest.telephony import extension, fields, is_internal, moment, number, seconds, unix
from kartoteka.domain.errors import NotAuthentic, Rejected
from kartoteka.domain.inbound import Inbound
from kartoteka.http import Call
from kartoteka.wiring import App
from onebox.samples import at_address

FEW = settings(max_examples=80, deadline=None, suppress_health_check=list(HealthCheck))
EXCHANGES = ("asterisk", "beeline", "exolve", "mango", "megafon", "sipuni", "telphin", "twilio",
             "uis", "zadarma")  # fmt: skip
CALLS = [(name, unsigned(name, path)) for name, path in samples() if name in EXCHANGES]
FORMS = [pair for pair in CALLS if pair[1].body[:1] not in b"{<"]
TEXTS = st.text(max_size=40) | st.sampled_from(
    ["", "0", "-1", "9" * 30, "1e9", "٣٤٥", "²", "+7916555017", "101", "3515*101@x", "sip:", "*",
     "2026-13-45 99:00:00", "20261120T091503Z", "0001-01-01", "true", "\ud800", "\x00", "<>&\"'"]
)  # fmt: skip


def escaped(text: str) -> bytes:
    return json.dumps({"event": text, "cmd": text, "json": text}).encode()


def heard(name: str, call: Call) -> list[Inbound]:
    """The events of a call, none when it is refused or a question."""
    channel = CHANNELS[name]
    if is_question(channel, call):
        return []
    try:
        return channel.parse(call, context(name))
    except Rejected:
        return []


def with_a_field_replaced(sample: tuple[str, Call]) -> st.SearchStrategy[tuple[str, Call]]:
    """The sample with any text in the place of one of its values."""
    name, call = sample
    pairs = dict(call.query or parse_qsl(call.body.decode(), keep_blank_values=True))

    def replaced(field: str, text: str) -> tuple[str, Call]:
        told = urlencode({**pairs, field: text}, errors="surrogatepass")
        if call.method == "POST":
            return name, replace(call, body=told.encode())
        query = tuple(parse_qsl(told, keep_blank_values=True))
        return name, replace(call, target=f"/x?{told}", query=query)

    return st.builds(replaced, st.sampled_from(sorted(pairs)), TEXTS)


@FEW
@given(st.sampled_from(CALLS), st.binary(max_size=200))
@example(CALLS[0], b"{" * 2000)
@example(CALLS[0], b"--")
@example(CALLS[0], b'{"a":' * 900 + b"1" + b"}" * 900)
def test_any_body_makes_events_or_a_refusal(sample: tuple[str, Call], body: bytes) -> None:
    name, call = sample

    assert all(event.channel == name for event in heard(name, replace(call, body=body)))


@FEW
@given(st.sampled_from(CALLS), st.data())
def test_sample_with_bytes_changed_makes_events_or_a_refusal(
    sample: tuple[str, Call], data: st.DataObject
) -> None:
    name, call = sample
    at = data.draw(st.integers(0, len(call.body)))
    body = call.body[:at] + data.draw(st.binary(max_size=6)) + call.body[at + 2 :]

    for event in heard(name, replace(call, body=body)):
        assert Inbound.model_validate_json(event.model_dump_json()) == event


@FEW
@given(st.sampled_from(FORMS).flatmap(with_a_field_replaced))
def test_sample_with_a_field_replaced_is_answered(
    http: FlaskClient, app: App, sample: tuple[str, Call]
) -> None:
    name, call = sample

    assert Exchange(http, app, name).deliver(call).status_code in {200, 401}


@FEW
@given(st.sampled_from(CALLS), st.binary(max_size=200) | TEXTS.map(escaped))
@example(next(pair for pair in CALLS if pair[0] == "uis"), b"0\x00\x00\x000")
def test_any_body_with_its_proof_is_answered(
    http: FlaskClient, app: App, sample: tuple[str, Call], body: bytes
) -> None:
    name, call = sample
    answer = Exchange(http, app, name).deliver(replace(call, body=body))

    assert answer.status_code in {200, 401}


@FEW
@given(st.sampled_from(CALLS), st.lists(st.text(max_size=20), max_size=3), st.text(max_size=40))
def test_any_proof_is_accepted_or_not_authentic(
    sample: tuple[str, Call], secrets: list[str], value: str
) -> None:
    name, call = sample
    forged = replace(
        call,
        path=(*call.path[:2], value, *call.path[2:]),
        headers=dict.fromkeys(("signature", "x-twilio-signature", "x-relay-signature"), value),
    )
    try:
        CHANNELS[name].verify(forged, secrets)
    except NotAuthentic:
        return
    assert value in secrets


@FEW
@given(TEXTS)
def test_any_text_is_read_as_number_time_and_duration_or_not_at_all(text: str) -> None:
    assert number(text, "RU") is not None
    assert isinstance(extension(text), str)
    assert is_internal(text) in {True, False}
    assert seconds(text).total_seconds() <= 86_400
    for found in (unix(text), unix(text, 1_000_000), moment(text, "Europe/Moscow")):
        assert found is None or found.tzinfo is not None


@pytest.mark.parametrize(
    ("text", "full"),
    [
        ("79165550177", "+79165550177"),
        ("+7 (916) 555-01-77", "+79165550177"),
        ("89165550177", "+79165550177"),
        ("9165550177", "+79165550177"),
        ("tel:+79165550177", "+79165550177"),
        ("sip:79165550177@office.example", "+79165550177"),
        ("0079165550177", "+79165550177"),
        ("375291234567", "+375291234567"),
        ("anonymous", "anonymous"),
        ("101", "101"),
    ],
)
def test_number_is_full_however_it_is_spelled(text: str, full: str) -> None:
    assert number(text, "RU") == full


@pytest.mark.parametrize(
    ("text", "inner"),
    [
        ("3515*101", "101"),
        ("3515*101@sipproxy.telphin.ru", "101"),
        ("SIP/101-0000a1", "101"),
        ("PJSIP/101", "101"),
        ("sip:user3@vpbx.example", "user3"),
        ("anna-maria", "anna-maria"),
        ("101", "101"),
    ],
)
def test_extension_is_found_in_every_spelling(text: str, inner: str) -> None:
    assert extension(text) == inner


@pytest.mark.parametrize("name", EXCHANGES)
def test_a_hundred_kilobytes_of_anything_take_less_than_fifty_milliseconds(name: str) -> None:
    call = next(call for channel, call in CALLS if channel == name and call.method == "POST")
    heavy = [b"a=1&" * 25_000, b'{"a":' * 900 + b"[" * 99_000, b"<a>" * 33_000, b"-" * 100_000,
             b'{"event":"' + b"9" * 99_000 + b'"}', b"event=" + b"%2B" * 33_000]  # fmt: skip
    sent = [as_sent_or_not(name, replace(call, body=body)) for body in heavy]

    for one in sent:
        assert takes_less(0.05, heard, name, one), one.body[:20]


def as_sent_or_not(name: str, call: Call) -> Call:
    try:
        return as_sent(CHANNELS[name], call, "k:s")
    except (Rejected, ValueError, RecursionError):
        return call


def test_fields_of_json_are_found_inside_other_objects() -> None:
    body = b'{"a": {"b": [{"c": 1}, {"c": 2}], "d": null, "e": true}, "f": 1.5}'

    assert fields(Call("POST", (), body=body)) == {"c": "1", "e": "1", "f": "1.5"}


def test_address_of_a_sample_names_its_account() -> None:
    call = at_address(Call("POST", ("events", "call")), ("mango", "t"))

    assert (call.path, call.target) == (("mango", "t", "events", "call"),
                                        "/ingest/mango/t/events/call")  # fmt: skip
