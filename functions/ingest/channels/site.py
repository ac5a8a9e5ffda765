"""Visitors of the office's own sites: the chat in the corner, and the wish to be called back.

Source: our own interface, described in `site.md`; no vendor.
Signed: nothing; the visitor's token in `Authorization`, an HMAC with a secret of the site, proves
that we named them. Event id: the visitor and the page's own id of what they did.
Retries: the page's, until it hears 200. Answer: JSON. Files are refused with words.
"""

from collections.abc import Callable, Mapping, Sequence
from typing import Annotated, Any

from pydantic import Field, StringConstraints, ValidationError

from ingest.channel import Context, Manner
from ingest.chat_event import Part, bad_field, begun, person, renamed, unknown_event
from ingest.plain_text import read_object
from ingest.visitor import ANY_SITE
from kartoteka.domain import identity
from kartoteka.domain.errors import Invalid, Malformed, NotAuthentic
from kartoteka.domain.inbound import Inbound, Kind, Message
from kartoteka.domain.instant import spell
from kartoteka.domain.model import Source
from kartoteka.domain.visitor import is_visitor, receipt_id, token, visitor_of
from kartoteka.http import Call, Reply, json_reply
from kartoteka.services.record_inbound import Stored

name = "site"
manner = Manner(limit=32 * 1024)
LONGEST_TEXT = 4_000
_LONGEST_NAME = 200
_LONGEST_PLACE = 2_000
_LONGEST_TAG = 500
_MOST_TAGS = 30
_MOST_SEEN = 20
_SCHEME = "Bearer "
_NOBODY = "v_0000000000000000"  # whose body cannot be read


_Tag = Annotated[str, StringConstraints(pattern=r"^[0-9]{1,10}$")]


class _Said(Part):
    visitor: str
    id: str = Field(min_length=1, max_length=100)
    text: str = ""
    name: str = ""
    phone: str = ""
    consent: str = Field(default="", max_length=100)  # the version agreed to
    page: str = ""
    referrer: str = ""
    tags: dict[str, str] = Field(default_factory=dict)


class _Seen(Part):
    visitor: str
    messages: tuple[_Tag, ...] = Field(min_length=1, max_length=_MOST_SEEN)


def verify(call: Call, secrets: Sequence[str]) -> None:
    """Refuse a call without a visitor's token, or with one for another visitor."""
    visitor = visitor_of(_given(call), secrets)
    try:
        told = read_object(call.body).get("visitor", visitor)
    except Malformed:
        return  # kept as unknown
    if told != visitor:
        raise NotAuthentic("the token is another visitor's", code="bad_signature")


def sign(body: bytes, secret: str) -> dict[str, str]:
    """Return the headers with which the page of this visitor would send the body."""
    try:
        visitor = str(read_object(body).get("visitor", _NOBODY))
    except Malformed:
        visitor = _NOBODY
    return {"authorization": _SCHEME + token(visitor, secret)}


def parse(call: Call, context: Context) -> list[Inbound]:
    """Return the events of what the visitor did.

    Raises:
        Malformed: not what our page sends.
        Invalid: the visitor has to correct something; `fields` names it.
    """
    told = read_object(call.body)
    kind = str(told.get("event", ""))
    reader = _READERS.get(kind)
    if reader is None:
        raise unknown_event(kind)
    try:
        return reader(told, call, context)
    except ValidationError as exc:
        raise bad_field(exc, kind) from exc


def answer(_call: Call, _stored: Sequence[Stored]) -> Reply:
    """Return the success without which the page says that nothing was sent."""
    reply = json_reply({"ok": True})
    return Reply(reply.status, reply.body, {**reply.headers, **ANY_SITE}, reply.facts)


def _given(call: Call) -> str:
    given = call.header("authorization")
    return given.removeprefix(_SCHEME) if given.startswith(_SCHEME) else ""


def _message(told: Mapping[str, Any], call: Call, context: Context) -> list[Inbound]:
    said = _read(told)
    text = said.text.strip()
    if not text or len(text) > LONGEST_TEXT:
        raise Invalid(
            f"a message has 1 to {LONGEST_TEXT} characters",
            fields={"text": "widget_long"},
            code="message_length",
            count=LONGEST_TEXT,
        )
    update = {"what": Kind.MESSAGE, "message": Message(id=said.id, peer=said.visitor)}
    return [_begun(said, call, context).model_copy(update=update)]


def _request(told: Mapping[str, Any], call: Call, context: Context) -> list[Inbound]:
    """Return the wish to be called; without a number or consent nobody may call."""
    said = _read(told)
    phone = identity.phone(said.phone, context.region)
    problems = {} if phone else {"phone": "form_phone_invalid"}
    if not said.consent:
        problems["consent"] = "form_consent"
    if len(said.text) > LONGEST_TEXT:
        problems["text"] = "widget_long"
    if problems or phone is None:
        raise Invalid("fields are missing or impossible", fields=problems, code="invalid")
    blank = _begun(said, call, context)
    consent = f"{said.consent}; {spell(context.now)}; {said.visitor}"
    update = {
        "what": Kind.CALLBACK,
        "sender": blank.sender.model_copy(update={"phones": (phone,)}),
        "fields": {"consent": consent},
    }
    return [blank.model_copy(update=update)]


def _seen(told: Mapping[str, Any], call: Call, context: Context) -> list[Inbound]:
    """Return that answers of ours were read; what is none of this visitor's is nobody's."""
    seen = _Seen.model_validate(told)
    _check_visitor(seen.visitor)
    blank = begun(name, call, context, f"seen:{seen.visitor}:{seen.messages[0]}")
    return [
        renamed(blank, f"seen:{seen.visitor}:{tag}").model_copy(
            update={
                "what": Kind.RECEIPT,
                "message": Message(
                    id=receipt_id(seen.visitor, tag), peer=seen.visitor, state="read"
                ),
            }
        )
        for tag in dict.fromkeys(seen.messages)
    ]


def _read(told: Mapping[str, Any]) -> _Said:
    said = _Said.model_validate(told)
    _check_visitor(said.visitor)
    return said


def _check_visitor(visitor: str) -> None:
    if not is_visitor(visitor):
        raise Malformed("no name of a visitor", code="bad_field", field="visitor")


def _begun(said: _Said, call: Call, context: Context) -> Inbound:
    blank = begun(name, call, context, f"{said.visitor}:{said.id}")
    update = {
        "sender": person(blank, said.visitor, said.name[:_LONGEST_NAME]),
        "text": said.text.strip(),
        "source": _source(said, context),
    }
    return blank.model_copy(update=update)


def _source(said: _Said, context: Context) -> Source:
    tags = list(said.tags.items())[:_MOST_TAGS]
    return Source(
        channel=name,
        name=context.source,
        page=said.page[:_LONGEST_PLACE],
        referrer=said.referrer[:_LONGEST_PLACE],
        utm={key[:_LONGEST_NAME]: value[:_LONGEST_TAG] for key, value in tags},
    )


_READERS: Mapping[str, Callable[[Mapping[str, Any], Call, Context], list[Inbound]]] = {
    "callback": _request,
    "message": _message,
    "request": _request,
    "seen": _seen,
}
