"""Google Forms, sent on by a script of ours that the form's owner pastes in.

Source: our interface; the script is `sheets_addon/forms/google_forms.gs`, Apps Script's
reference of `FormResponse` is behind it.
Signed: the raw body, HMAC-SHA256, in `X-Kartoteka-Signature: sha256=<hex>`.
Event id: the response's id and its time, so that an answer edited later is told too.
Retries: the script repeats three times. Answer: 200, `{"ok": true}`. Times: ISO 8601, UTC.
"""

from collections.abc import Sequence
from typing import Any

from pydantic import Field, ValidationError

from ingest.channel import Context
from ingest.chat_event import Part, bad_field
from ingest.form_event import OK, Told, signature, spelled, submitted
from ingest.form_mapping import Answer
from ingest.plain_text import read_object
from ingest.proof import check_one_of
from kartoteka.domain.errors import Malformed
from kartoteka.domain.inbound import Inbound
from kartoteka.http import Call, Reply
from kartoteka.services.record_inbound import Stored

name = "google_forms"
_HEADER = "x-kartoteka-signature"


class _Answer(Part):
    item_id: str = ""
    title: str = ""
    value: Any = None


class _Body(Part):
    form_id: str = ""
    form_title: str = ""
    response_id: str = Field(min_length=1, max_length=200)
    submitted_at: str = Field(default="", max_length=80)
    respondent_email: str | None = ""
    answers: tuple[_Answer, ...]


def verify(call: Call, secrets: Sequence[str]) -> None:
    """Refuse a body that none of the secrets signed."""
    valid = [signature(call.body, secret) for secret in secrets if secret]
    check_one_of(call.header(_HEADER).strip().lower(), valid, _HEADER)


def sign(body: bytes, secret: str) -> dict[str, str]:
    """Return the headers with which the script sends this body."""
    return {_HEADER: signature(body, secret) if secret else ""}


def parse(call: Call, context: Context) -> list[Inbound]:
    """Return the one response.

    Raises:
        Malformed: it is not what the script sends, or has no answers.
    """
    found = read_object(call.body)
    if "answers" not in found:
        raise Malformed("no response of a form", code="unknown_event", field="answers")
    try:
        body = _Body.model_validate(found)
    except ValidationError as exc:
        raise bad_field(exc, "response") from exc
    answers = [Answer(one.title, spelled(one.value), id=one.item_id) for one in body.answers]
    if body.respondent_email:
        answers.append(Answer("email", body.respondent_email, slot="email"))
    told = Told(
        answers=tuple(answers),
        submission=":".join(filter(None, (body.response_id, body.submitted_at))),
        form=body.form_title or body.form_id,
        at=body.submitted_at,
    )
    return submitted(name, call, context, told)


def answer(_call: Call, _stored: Sequence[Stored]) -> Reply:
    """Return the success at which the script stops repeating."""
    return OK
