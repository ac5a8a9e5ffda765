"""Whatever comes, a channel answers with events or a refusal."""

import json
from string import ascii_letters

from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from tests.ingest.channels.samples import call_of, context, samples

from ingest.channel import Signs
from ingest.channels import CHANNELS
from kartoteka.domain.errors import NotAuthentic, Rejected
from kartoteka.domain.inbound import Inbound
from kartoteka.http import Call

FEW = settings(max_examples=60, deadline=None, suppress_health_check=list(HealthCheck))
NAMES = st.sampled_from(sorted(CHANNELS))
SAMPLES = [
    (name, json.loads(path.read_bytes())) for name, path in samples() if path.suffix == ".json"
]
JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=20),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=8), inner),
    max_leaves=8,
)
TYPES = st.sampled_from(
    [
        *("", "application/json", "application/x-www-form-urlencoded", "text/plain"),
        *(
            "multipart/form-data",
            "multipart/form-data; boundary=b",
            "multipart/form-data; boundary=",
        ),
        *(";;;=", "application/json; charset=koi8-r"),
    ]
)


def parsed(name: str, call: Call) -> list[Inbound]:
    try:
        return CHANNELS[name].parse(call, context(name))
    except Rejected:
        return []


@FEW
@given(NAMES, st.binary(max_size=200), TYPES)
def test_any_bytes_make_events_or_a_refusal(name: str, body: bytes, media_type: str) -> None:
    call = call_of(body, {"content-type": media_type})

    assert all(event.channel == name for event in parsed(name, call))


@FEW
@given(st.lists(st.binary(max_size=60), max_size=4), st.sampled_from(["f", "", '\\.."', "a\x00"]))
def test_any_parts_make_events_or_a_refusal(parts: list[bytes], file_name: str) -> None:
    disposition = f'content-disposition: form-data; name="phone"; filename="{file_name}"'
    head = f"--b\r\n{disposition}\r\n\r\n".encode()
    body = b"\r\n".join([*(head + part for part in parts), b"--b--\r\n"])
    call = call_of(body, {"content-type": "multipart/form-data; boundary=b"})

    assert all(event.channel == "form" for event in parsed("form", call))


@FEW
@given(st.sampled_from(SAMPLES), st.data())
def test_sample_with_a_field_replaced_makes_events_or_a_refusal(
    sample: tuple[str, object], data: st.DataObject
) -> None:
    name, body = sample
    sent = json.dumps(spoilt(body, data)).encode()

    for event in parsed(name, call_of(sent)):
        assert Inbound.model_validate_json(event.model_dump_json()) == event


@FEW
@given(NAMES, st.binary(max_size=50), st.text(max_size=80), st.lists(st.text(max_size=9)))
def test_any_signature_is_accepted_or_not_authentic(
    name: str, body: bytes, value: str, secrets: list[str]
) -> None:
    secrets = [secret.encode("utf-8", "replace").decode() for secret in secrets]
    proof = CHANNELS[name].sign(b"", "x") if isinstance(CHANNELS[name], Signs) else ()
    call = call_of(body, dict.fromkeys(proof, value))
    try:
        CHANNELS[name].verify(call, secrets)
    except NotAuthentic:
        assert name != "form"


@FEW
@given(st.dictionaries(st.text(ascii_letters, min_size=1, max_size=9), st.text()), st.text())
def test_every_field_of_a_form_is_kept(fields: dict[str, str], name: str) -> None:
    body = {"own_" + key: value for key, value in fields.items()}
    contact = {"phone": "+79165550101", "name": name}

    [event] = parsed("form", call_of(json.dumps(body | contact).encode()))

    kept = {key: text.encode("utf-16", "surrogatepass") for key, text in event.fields.items()}
    clean = {
        key: text.replace("\0", "\ufffd").encode("utf-16", "surrogatepass")
        for key, text in body.items()
    }
    assert kept == clean


def spoilt(body: object, data: st.DataObject) -> object:
    """Replace one value somewhere inside."""
    if isinstance(body, dict) and body and data.draw(st.integers(0, 4)):
        key = data.draw(st.sampled_from(sorted(body)))
        return body | {key: spoilt(body[key], data)}
    return data.draw(JSON)
