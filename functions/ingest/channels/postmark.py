"""Letters that Postmark received for the office.

Source: Postmark inbound webhook; the payloads of django-anymail's tests.
Signed: nothing; name and password of the address come as HTTP basic auth.
Event id: the letter's own Message-ID, which stands in `Headers` (`MessageID` is Postmark's).
The button `Check` calls the content of a file `Data`.
Retries: about 10 in 10.5 hours until 200 (unconfirmed). Times: RFC 5322. Answer: 200.
"""

from collections.abc import Sequence
from typing import Annotated

from pydantic import AliasChoices, BeforeValidator, Field, ValidationError

from ingest.channel import Context, Manner
from ingest.chat_event import Part
from ingest.mail.assembled import Enclosed, as_raw, assembled, delivered_to
from ingest.mail.basic_auth import basic_headers, check_basic
from ingest.mail.event import Carried, mail_event
from ingest.mail.headers import base64_bytes
from ingest.mail.letter import File, Letter
from ingest.mail.reading import read_letter
from ingest.plain_text import read_object
from ingest.room import MAIL_LIMIT
from kartoteka.domain.errors import Malformed
from kartoteka.domain.inbound import Inbound
from kartoteka.http import Call, Reply
from kartoteka.services.record_inbound import Stored

name = "postmark"
manner = Manner(limit=MAIL_LIMIT)
_MOST = 1_000
_Text = Annotated[str, BeforeValidator(lambda value: "" if value is None else value)]


class _Header(Part):
    name: _Text = Field(default="", alias="Name")
    value: _Text = Field(default="", alias="Value")


class _Address(Part):
    email: _Text = Field(default="", alias="Email")
    name: _Text = Field(default="", alias="Name")


class _File(Part):
    name: _Text = Field(default="", alias="Name")
    content: _Text = Field(default="", validation_alias=AliasChoices("Content", "Data"))
    media_type: _Text = Field(default="", alias="ContentType")
    content_id: _Text = Field(default="", alias="ContentID")


class _Body(Part):
    sender: _Text = Field(default="", alias="From")
    author: _Address | None = Field(default=None, alias="FromFull")
    to: _Text = Field(default="", alias="To")
    cc: _Text = Field(default="", alias="Cc")
    reply_to: _Text = Field(default="", alias="ReplyTo")
    subject: _Text = Field(default="", alias="Subject")
    date: _Text = Field(default="", alias="Date")
    text: _Text = Field(default="", alias="TextBody")
    html: _Text = Field(default="", alias="HtmlBody")
    recipient: _Text = Field(default="", alias="OriginalRecipient")
    mailbox: _Text = Field(default="", alias="MailboxHash")
    everybody: tuple[_Address, ...] = Field(default=(), alias="ToFull")
    headers: tuple[_Header, ...] = Field(default=(), alias="Headers")
    files: tuple[_File, ...] = Field(default=(), alias="Attachments")
    raw: _Text = Field(default="", alias="RawEmail")


def verify(call: Call, secrets: Sequence[str]) -> None:
    """Refuse a call without the name and password of the address."""
    check_basic(call, secrets)


def sign(_body: bytes, secret: str) -> dict[str, str]:
    """Return the headers with which Postmark would send any body."""
    return basic_headers(secret)


def parse(call: Call, context: Context) -> list[Inbound]:
    """Return the one letter."""
    found = read_object(call.body)
    reports = _record(found) not in {"", "Inbound"}  # of what we sent, sent to the wrong address
    if reports or not {"From", "FromFull", "RawEmail"} & set(found):
        raise Malformed("no letter that came in", code="unknown_event", field=_record(found))
    try:
        body = _Body.model_validate(found)
    except ValidationError as exc:
        field = str(exc.errors(include_input=False, include_url=False)[0]["loc"][0])
        raise Malformed(f"{field} is impossible", code="bad_field", field=field) from exc
    letter = read_letter(body.raw.encode("utf-8", "replace")) if body.raw else _letter(body)
    letter = delivered_to(letter, [body.recipient, *(item.email for item in body.everybody)])
    return [mail_event(letter, Carried(name, call.body, body.recipient), context)]


def answer(_call: Call, _stored: Sequence[Stored]) -> Reply:
    """Return the 200 without which Postmark repeats."""
    return Reply(200, b"ok", {"content-type": "text/plain"})


def _record(found: dict[str, object]) -> str:
    return str(found.get("RecordType") or "")[:40]


def _letter(body: _Body) -> Letter:
    given = {
        "From": _author(body),
        "To": body.to,
        "Cc": body.cc,
        "Reply-To": body.reply_to,
        "Subject": body.subject,
        "Date": body.date,
    }
    headers = [(key, value) for key, value in given.items() if value]
    headers += [(item.name, item.value) for item in body.headers[:_MOST]]
    files = [_enclosed(item) for item in body.files[:_MOST]]
    return assembled(as_raw(headers), body.text, body.html, files)


def _author(body: _Body) -> str:
    if body.author is None or not body.author.email or "<" in body.sender:
        return body.sender
    quoted = body.author.name.replace("\\", "").replace('"', "")
    return f'"{quoted}" <{body.author.email}>'


def _enclosed(item: _File) -> Enclosed:
    content = base64_bytes(item.content.encode("ascii", "replace"))
    kind = item.media_type.partition(";")[0].strip().lower() or "application/octet-stream"
    return Enclosed(File(item.name or "file", kind, content), item.content_id)
