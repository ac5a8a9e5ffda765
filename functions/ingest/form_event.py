"""A form of another site as an event: what its provider tells, read as the office says."""

import hashlib
import hmac
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Any
from urllib.parse import parse_qsl, urlsplit

from ingest.channel import Context, inbound_id
from ingest.form_body import json_text
from ingest.form_mapping import (
    Answer,
    Submission,
    canonical,
    guess,
    keep_unread,
    own_names,
    understood,
)
from ingest.plain_text import plain, received
from kartoteka.domain.errors import Malformed
from kartoteka.domain.inbound import Inbound, Kind
from kartoteka.domain.model import Source
from kartoteka.http import Call, Reply, json_reply

REPEAT_S = 300
SCHEME = "sha256="
_LONGEST_ID = 300
_MOST_ANSWERS = 1000
_MOST_TAGS = 100
_YEARS = range(2000, 2100)
OK = json_reply({"ok": True})


@dataclass(frozen=True, slots=True)
class Told:
    """What a provider tells of one submission.

    `submission` is the provider's own id of it, empty when it has none. An empty `raw` is the
    body as received.
    """

    answers: tuple[Answer, ...]
    submission: str = ""
    form: str = ""
    at: str = ""  # ISO 8601 with a zone
    page: str = ""
    tags: Mapping[str, str] = field(default_factory=dict)
    raw: str = ""


def submitted(channel: str, call: Call, context: Context, told: Told) -> list[Inbound]:
    """Return the one event; a form without a contact becomes one that a person has to look at.

    Raises:
        Malformed: there is no answer at all, or there are impossibly many, or an id too long.
    """
    _check(told)
    found = understood(told.answers, own_names(None, context.mapping))
    guess(found)
    person = found.person(context.region)
    keep_unread(found, person)
    name = told.submission or found.first("submission")
    event_id = name or hashlib.sha256(canonical(found, person).encode()).hexdigest()
    event = Inbound(
        id=inbound_id(channel, context, event_id),
        channel=channel,
        account=context.account,
        event_id=event_id,
        what=Kind.FORM,
        at=_moment(told.at, context.now),
        received_at=context.now,
        sender=person,
        recipient=told.form,
        text=found.first("text"),
        fields=found.fields | _consent(found, context),
        source=_source(channel, found, told, (call, context)),
        window_s=0 if name else REPEAT_S,
        raw=told.raw or received(call),
    )
    return [event]


def connection_test(channel: str, call: Call, context: Context) -> list[Inbound]:
    """Return the event of a provider that only tries the address out."""
    event_id = "test:" + hashlib.sha256(call.body).hexdigest()
    event = Inbound(
        id=inbound_id(channel, context, event_id),
        channel=channel,
        account=context.account,
        event_id=event_id,
        what=Kind.SERVICE,
        at=context.now,
        received_at=context.now,
        raw=received(call),
        why="connection_test",
    )
    return [event]


def signature(body: bytes, secret: str) -> str:
    """Return the HMAC-SHA256 of a body as `sha256=` and hexadecimal digits."""
    return SCHEME + hmac.new(secret.encode(), body, hashlib.sha256).hexdigest()


def taken(_call: Call) -> Reply:
    """Return a short success that every site's software understands."""
    return OK


def spelled(value: Any) -> str:
    """Return an answer as text: several choices with commas, a grid row by row."""
    if isinstance(value, list) and _is_flat(value):
        joint = "; " if any(isinstance(item, list) for item in value) else ", "
        return joint.join(spelled(item) for item in value)
    return json_text(value)


def tags_of(address: str) -> dict[str, str]:
    """Return the marks of advertisements in the query of a page's address."""
    try:
        query = urlsplit(address[:4000]).query
    except ValueError:
        return {}
    pairs = parse_qsl(query)[:_MOST_TAGS]
    return {plain(key.lower()): plain(text) for key, text in pairs if _is_tag(key.lower())}


def _is_flat(value: list[Any]) -> bool:
    rows = [item for item in value if isinstance(item, list)]
    return not any(isinstance(cell, list | dict) for row in rows for cell in row)


def _is_tag(name: str) -> bool:
    return name.startswith("utm_") or name.endswith("clid")


def _check(told: Told) -> None:
    if not any(answer.value.strip() for answer in told.answers):
        raise Malformed("the form has no answers", code="form_empty", field="answers")
    if len(told.answers) > _MOST_ANSWERS:
        raise Malformed("over a thousand fields", code="too_many_fields")
    if len(told.submission) > _LONGEST_ID:
        raise Malformed("an id is impossibly long", code="bad_field", field="id")


def _consent(found: Submission, context: Context) -> dict[str, str]:
    """Return when the visitor agreed to what the site asked; the words are the site's."""
    return {"consent": context.now.isoformat()} if found.agreed else {}


def _moment(text: str, now: datetime) -> datetime:
    """Return the provider's moment; ours when it tells none, an impossible one, or the future."""
    try:
        moment = datetime.fromisoformat(text)
    except ValueError:
        return now
    if moment.tzinfo is None or moment.year not in _YEARS:
        return now
    return min(moment.astimezone(UTC), now)


def _source(channel: str, found: Submission, told: Told, around: tuple[Call, Context]) -> Source:
    call, context = around
    page = found.first("page") or told.page or call.header("referer")
    return Source(
        channel=channel,
        name=context.source,
        form=told.form,
        page=page,
        referrer=found.first("referrer"),
        utm=tags_of(page) | dict(told.tags) | found.tags,
    )
