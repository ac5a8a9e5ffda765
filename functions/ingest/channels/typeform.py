"""Typeform's webhooks.

Source: Typeform's developer platform, webhooks; public verifiers of `Typeform-Signature`.
Signed: the raw body, HMAC-SHA256 with the secret of the webhook, in
`Typeform-Signature: sha256=<base64>`. Event id: `form_response.token`, one per response.
Retries: not documented; the answer must be quick. Answer: 2xx. Times: ISO 8601, UTC.

Answers are told apart by the `ref` of their question, never by their order.
"""

import base64
import hashlib
import hmac
from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from pydantic import Field, ValidationError

from ingest.channel import Context
from ingest.chat_event import Part, bad_field, unknown_event
from ingest.form_event import OK, Told, spelled, submitted
from ingest.form_mapping import Answer
from ingest.plain_text import read_object
from ingest.proof import check_one_of
from kartoteka.domain.inbound import Inbound
from kartoteka.http import Call, Reply
from kartoteka.services.record_inbound import Stored

name = "typeform"
_HEADER = "typeform-signature"
_EVENT = "form_response"
_SAID = ("other", "amount", "text", "video_url", "audio_url", "url")  # of what is no choice
_SLOTS = {"phone_number": "phone", "email": "email"}
_TAGS = ("utm_", "gclid", "yclid", "fbclid", "_ym_uid")


class _Field(Part):
    id: str = ""
    ref: str = ""
    title: str = ""
    type: str = ""


class _Definition(Part):
    title: str = ""
    fields: tuple[dict[str, Any], ...] = ()


class _Response(Part):
    form_id: str = ""
    token: str = Field(min_length=1, max_length=200)
    submitted_at: str = ""
    hidden: dict[str, Any] | None = None
    definition: _Definition | None = None
    answers: tuple[dict[str, Any], ...] = ()


def verify(call: Call, secrets: Sequence[str]) -> None:
    """Refuse a body that none of the secrets signed."""
    valid = [_signature(call.body, secret) for secret in secrets if secret]
    check_one_of(call.header(_HEADER).strip(), valid, _HEADER)


def sign(body: bytes, secret: str) -> dict[str, str]:
    """Return the headers with which Typeform would send this body."""
    return {_HEADER: _signature(body, secret) if secret else ""}


def parse(call: Call, context: Context) -> list[Inbound]:
    """Return the one response.

    Raises:
        Malformed: an event of another kind, or no answers.
    """
    found = read_object(call.body)
    if found.get("event_type") != _EVENT:
        raise unknown_event(found.get("event_type"))
    try:
        response = _Response.model_validate(found.get(_EVENT))
        asked = {field.ref or field.id: field for field in _questions(response.definition)}
        answers = [_answer(item, asked) for item in response.answers]
    except ValidationError as exc:
        raise bad_field(exc, _EVENT) from exc
    hidden = {key: spelled(value) for key, value in (response.hidden or {}).items()}
    tags = {key: value for key, value in hidden.items() if key.lower().startswith(_TAGS)}
    answers += [Answer(key, value) for key, value in hidden.items() if key not in tags]
    told = Told(
        answers=tuple(answers),
        submission=response.token,
        form=response.definition.title if response.definition else response.form_id,
        at=response.submitted_at,
        tags={key.lower(): value for key, value in tags.items() if value},
    )
    return submitted(name, call, context, told)


def answer(_call: Call, _stored: Sequence[Stored]) -> Reply:
    """Return a quick success."""
    return OK


def _signature(body: bytes, secret: str) -> str:
    digest = hmac.new(secret.encode(), body, hashlib.sha256).digest()
    return "sha256=" + base64.b64encode(digest).decode()


def _questions(definition: _Definition | None) -> Iterator[_Field]:
    """Yield the questions, those inside a group too."""
    for item in definition.fields if definition else ():
        yield _Field.model_validate(item)
        inside = item.get("properties")
        inner = inside.get("fields") if isinstance(inside, Mapping) else None
        for one in inner if isinstance(inner, list) else ():
            yield _Field.model_validate(one)


def _answer(item: Mapping[str, Any], asked: Mapping[str, _Field]) -> Answer:
    kind = str(item.get("type") or "")
    field = _Field.model_validate(item.get("field") or {})
    ref = field.ref or field.id
    question = asked.get(ref) or asked.get(field.id)
    title = question.title if question is not None and question.title else ref
    return Answer(title or kind, _value(kind, item), id=ref, slot=_SLOTS.get(kind, ""))


def _value(kind: str, item: Mapping[str, Any]) -> str:
    """Return what was answered; the value stands under the name of its kind."""
    value = item.get(kind, item.get("url"))
    if isinstance(value, Mapping):
        labels = value.get("labels")
        chosen = list(labels) if isinstance(labels, list) else [value.get("label")]
        others = (value.get(field) for field in _SAID)
        return spelled([one for one in (*chosen, *others) if one])
    return spelled(value)
