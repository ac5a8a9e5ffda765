"""Exchange with 1C and with programs that speak as it does: goods in, orders both ways.

Source: CommerceML 2, the exchange with a site, as 1C and its partners describe it; the calls of a
session are in `ingest.commerceml.exchange`, here is what one document means.
Signed: HTTP Basic with a secret of ours as the password, any login; within a session the value that
`checkauth` gave. Event id: the order's id and a hash of its content; in a session, of the session.
Retries: none, a person starts the exchange anew. Answer: lines of text, the first is the verdict.
Times: the office's, without a zone. Texts: windows-1251 or UTF-8 as the document declares.
"""

import base64
import binascii
import hashlib
from collections.abc import Iterator, Sequence
from xml.sax.saxutils import escape, quoteattr

from ingest import shop
from ingest.channel import Context, Manner, inbound_id
from ingest.commerceml.elements import Element, Reader, Start
from ingest.commerceml.orders import read_order
from ingest.proof import check_one_of
from kartoteka.domain.errors import Malformed, NotAuthentic
from kartoteka.domain.inbound import Inbound, Kind
from kartoteka.domain.model import Source
from kartoteka.http import MEBIBYTE, Call, Reply
from kartoteka.services.record_inbound import Stored

name = "commerceml"
manner = Manner(methods=frozenset({"GET", "POST"}), limit=4 * MEBIBYTE)
_AGAIN_S = 5  # a file sent anew sooner is a repeat
_LOGIN = "1c"


def verify(call: Call, secrets: Sequence[str]) -> None:
    """Refuse a call whose password is none of the secrets."""
    scheme, _, told = call.header("authorization").strip().partition(" ")
    if scheme.lower() != "basic":
        raise NotAuthentic("a name and a password are needed", code="bad_signature")
    try:
        given = base64.b64decode(told.strip(), validate=True).decode("utf-8", "replace")
    except (binascii.Error, ValueError) as exc:
        raise NotAuthentic("this is no password", code="bad_signature") from exc
    check_one_of(given.partition(":")[2], secrets, "the password")


def sign(_body: bytes, secret: str) -> dict[str, str]:
    """Return the headers with which 1C would make this call."""
    told = base64.b64encode(f"{_LOGIN}:{secret}".encode()).decode()
    return {"authorization": f"Basic {told}"}


def parse(call: Call, context: Context) -> list[Inbound]:
    """Return the orders of a file that was sent as a whole; goods are none of them.

    Raises:
        Malformed: not CommerceML, or nothing in it is known.
    """
    found, goods = [], 0
    for record in Reader(Start()).records([call.body]):
        if record.element.name != "документ":
            goods += 1
            continue
        made = document_event(record.element, context)
        found.append(made.model_copy(update={"window_s": _AGAIN_S}))
    if not found and not goods:
        raise Malformed("the file says nothing", code="xml_empty")
    return found


def answer(_call: Call, _stored: Sequence[Stored]) -> Reply:
    """Return that the file was taken."""
    return Reply(200, b"success\n", {"content-type": "text/plain; charset=windows-1251"})


def document_event(document: Element, context: Context, session: str = "") -> Inbound:
    """Return the event of one document; what nobody understands is kept with the reason."""
    raw = "".join(spelled(document))
    call = Call("POST", (), body=raw.encode())
    try:
        order, sender = read_order(document, context)
    except Malformed as exc:
        return _unknown(raw, context, exc)
    made = shop.event(name, call, context, order=order, sender=sender)
    event_id = f"{made.event_id}:{session}" if session else made.event_id
    return made.model_copy(
        update={"event_id": event_id, "id": inbound_id(name, context, event_id), "at": context.now}
    )


def _unknown(raw: str, context: Context, error: Malformed) -> Inbound:
    event_id = "document:" + hashlib.sha256(raw.encode()).hexdigest()
    place = str(error.facts.get("field", ""))
    return Inbound(
        id=inbound_id(name, context, event_id),
        channel=name,
        account=context.account,
        event_id=event_id,
        what=Kind.UNKNOWN,
        at=context.now,
        received_at=context.now,
        source=Source(channel=name, name=context.source),
        raw=raw,
        why=f"{error.code}: {place}" if place else error.code,
    )


def spelled(element: Element) -> Iterator[str]:
    """Yield the element as XML again, names without prefixes."""
    told = "".join(f" {key}={quoteattr(value)}" for key, value in element.attributes.items())
    yield f"<{element.name}{told}>{escape(element.text)}"
    for part in element.parts:
        yield from spelled(part)
    yield f"</{element.name}>"
