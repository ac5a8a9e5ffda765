"""What the messengers have in common: an event begun, a moment, a person, an unknown body."""

import hashlib
from collections.abc import Iterator, Mapping
from datetime import UTC, datetime
from itertools import islice
from typing import Any

from pydantic import BaseModel, ConfigDict, ValidationError, model_validator

from ingest.channel import Context, inbound_id
from ingest.plain_text import raw_text
from kartoteka.domain.errors import Malformed
from kartoteka.domain.ids import InboundId, derived
from kartoteka.domain.inbound import Inbound, Kind, Person
from kartoteka.domain.model import Source
from kartoteka.http import Call, Reply

_SECONDS = range(946_684_800, 4_102_444_800)  # this century
MILLI = 1_000
LONGEST_ID = 300
_LONGEST_QUOTE = 1_000
MOST_EVENTS = 1_000  # of one body
OK = Reply(200, b"ok", {"content-type": "text/plain"})


class Part(BaseModel):
    """A part of a provider's body: what we do not read is passed over, null is as if not told."""

    model_config = ConfigDict(extra="ignore", frozen=True, coerce_numbers_to_str=True)

    @model_validator(mode="before")
    @classmethod
    def _null_is_absent(cls, told: Any) -> Any:
        if not isinstance(told, dict):
            return told
        return {name: value for name, value in told.items() if value is not None}


def begun(channel: str, call: Call, context: Context, event_id: str) -> Inbound:
    """Return an event that says nothing yet: verified, understood, nothing for a person.

    Raises:
        Malformed: the provider's id is longer than any it issues.
    """
    if len(event_id) > LONGEST_ID:
        raise Malformed("an id is impossibly long", code="bad_field", field="id")
    return Inbound(
        id=inbound_id(channel, context, event_id),
        channel=channel,
        account=context.account,
        event_id=event_id,
        what=Kind.SERVICE,
        at=context.now,
        received_at=context.now,
        source=Source(channel=channel, name=context.source),
        raw=raw_text(call.body),
    )


def renamed(blank: Inbound, event_id: str) -> Inbound:
    """Return the event under a better name: the id of what it is about."""
    name = InboundId(derived("in", blank.channel, blank.account, event_id))
    return blank.model_copy(update={"id": name, "event_id": event_id})


def with_body(events: Iterator[Inbound], call: Call) -> list[Inbound]:
    """Return the events of one body: the first keeps it whole, the others name the first.

    They were begun without it: a body of a thousand messages is not kept a thousand times.

    Raises:
        Malformed: there are more events than any provider sends at once.
    """
    found = list(islice(events, MOST_EVENTS + 1))
    if len(found) > MOST_EVENTS:
        raise Malformed("too many events in one body", code="bad_field", field="entry")
    if not found:
        return []
    first = found[0].model_copy(update={"raw": raw_text(call.body)})
    told = {"raw": f"body: {first.id}"}
    return [first, *(item.model_copy(update=told) for item in found[1:])]


def service(channel: str, call: Call, context: Context, why: str) -> list[Inbound]:
    """Return the one event of a body that says nothing to a person."""
    name = "body:" + hashlib.sha256(call.body).hexdigest()
    return [begun(channel, call, context, name).model_copy(update={"why": why})]


def moment(stamp: float | str | None, blank: Inbound, *, per_second: int = 1) -> datetime:
    """Return the moment a provider names; that of the receipt when it names an impossible one."""
    try:
        seconds = float(stamp or 0) / per_second
    except (OverflowError, ValueError):
        return blank.received_at
    possible = _SECONDS.start <= seconds < _SECONDS.stop
    return datetime.fromtimestamp(seconds, UTC) if possible else blank.received_at


def person(blank: Inbound, user_id: str, name: str = "", phones: tuple[str, ...] = ()) -> Person:
    """Return who wrote: their user in this account, and the name if the provider tells one."""
    key = f"{blank.channel}:{blank.account}:{user_id}"
    return Person(name=name.strip(), phones=phones, messengers=(key,))


def quotes(found: Any, *words: str, number: str) -> dict[str, str]:
    """Return what a message answers, for `Message`: the first of these words, and the id.

    What is told in another shape is passed over: a message is not refused for its quotation.
    """
    told = found if isinstance(found, Mapping) else {}
    said = (told.get(word) for word in words)
    of = told.get(number)
    return {
        "quoted": next((it[:_LONGEST_QUOTE] for it in said if isinstance(it, str) and it), ""),
        "quoted_id": str(of)[:LONGEST_ID] if isinstance(of, str | int) and of else "",
    }


def with_tags(source: Source | None, tags: Mapping[str, str]) -> Source | None:
    """Return the source with what led the client to us."""
    told = {name: value for name, value in tags.items() if value}
    return source.model_copy(update={"utm": told}) if source is not None and told else source


def bad_field(exc: ValidationError, place: str) -> Malformed:
    """Return what is wrong with a body, by the place of its first impossible field."""
    where = exc.errors(include_input=False, include_url=False)[0]["loc"]
    name = ".".join(str(step) for step in (place, *where))
    return Malformed(f"{name} is impossible", code="bad_field", field=name)


def unknown_event(name: Any) -> Malformed:
    """Return that the provider told something of which its documents say nothing."""
    return Malformed("an event of another kind", code="unknown_event", field=str(name)[:80])
