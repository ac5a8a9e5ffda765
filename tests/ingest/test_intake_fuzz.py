"""Nothing that can be sent makes the intake fail."""

import json
from typing import Any
from urllib.parse import quote, urlencode

from flask.testing import FlaskClient
from hypothesis import HealthCheck, example, given, settings
from hypothesis import strategies as st
from tests.ingest.channels.samples import samples
from tests.ingest.channels.test_channels_fuzz import JSON, TYPES, spoilt
from tests.ingest.channels.test_contract import deliver, signed

from ingest.channel import Sends
from ingest.channels import CHANNELS
from kartoteka.http import Call
from kartoteka.wiring import App
from onebox.samples import at_address

FEW = settings(max_examples=50, deadline=None, suppress_health_check=list(HealthCheck))
SAMPLES = [
    (name, json.loads(path.read_bytes())) for name, path in samples() if path.suffix == ".json"
]
# Where the proof is in the body, or names whom the body names, a spoilt body is refused.
ANSWERS = {
    name: {200, 422} | ({401} if isinstance(channel, Sends) or name == "site" else set())
    for name, channel in CHANNELS.items()
}
DEEP = b'{"phone": "+79165550101", "x": ' + b"[" * 950 + b"]" * 950 + b"}"


def post(http: FlaskClient, app: App, name: str, content: tuple[bytes, str]) -> int:
    body, media_type = content
    call = at_address(Call("POST", (), body=body, headers={"content-type": media_type}), (name,))
    return deliver(http, signed(app, name, call)).status_code


@FEW
@given(st.sampled_from(SAMPLES), st.data())
def test_spoilt_sample_is_stored_or_corrected(
    http: FlaskClient, app: App, sample: tuple[str, object], data: st.DataObject
) -> None:
    name, body = sample
    sent = json.dumps(spoilt(body, data)).encode()

    assert post(http, app, name, (sent, "application/json")) in ANSWERS[name]


@FEW
@given(st.sampled_from(sorted(CHANNELS)), st.tuples(st.binary(min_size=1, max_size=300), TYPES))
@example("form", (DEEP, "application/json"))
@example("telegram", (DEEP, "application/json"))
@example("form", (b"phone=%2B79165550101&" + b"a=1&" * 1200, ""))
@example("form", (b'{"phone": 1e999, "name": {"a": [NaN]}}', "text/plain"))
def test_any_body_is_answered_in_the_providers_form(
    http: FlaskClient, app: App, name: str, content: tuple[bytes, str]
) -> None:
    assert post(http, app, name, content) in ANSWERS[name]


@FEW
@given(st.dictionaries(st.text(), JSON, max_size=4))
def test_form_with_any_fields_and_a_phone_makes_a_lead(
    http: FlaskClient, app: App, fields: dict[str, Any]
) -> None:
    body = json.dumps(fields | {"phone": "+79165550101"}).encode()

    assert post(http, app, "form", (body, "application/json")) in {200, 422}


@FEW
@given(
    st.text(max_size=30), st.sampled_from(["GET", "POST", "OPTIONS", "PUT"]), st.text(max_size=9)
)
def test_any_address_is_answered(http: FlaskClient, path: str, method: str, query: str) -> None:
    path = (
        quote(path.encode("utf-8", "replace")) + "?" + urlencode({"lang": query}, errors="replace")
    )
    answer = http.open(f"/ingest/{path}", method=method)

    assert answer.status_code < 500
