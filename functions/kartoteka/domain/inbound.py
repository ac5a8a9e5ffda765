"""One Inbound for every channel: what came in, normalised, with the raw body beside it."""

from enum import StrEnum
from typing import ClassVar

from pydantic import Field

from kartoteka.domain.ids import InboundId
from kartoteka.domain.instant import Instant
from kartoteka.domain.mail import Mail
from kartoteka.domain.model import Attachment, CallFact, Entity, Source, Value
from kartoteka.domain.payment import PaymentTold
from kartoteka.domain.shop_order import ShopOrder

BY_HAND = "manual"  # the channel of what a person of the office wrote down


class Kind(StrEnum):
    """What a provider told us."""

    FORM = "form"
    CALL = "call"
    CALLBACK = "callback"  # a visitor of the site asks to be called
    MAIL = "mail"
    ORDER = "order"  # of a shop or 1C, new or changed
    PAYMENT = "payment"  # money that came or went back
    MESSAGE = "message"
    CONTACT = "contact"
    EDIT = "edit"  # the client worded a message anew
    DELETION = "deletion"  # the client took a message back
    RECEIPT = "receipt"  # how far a message of ours got
    ECHO = "echo"  # a message of ours as the provider tells it, or one written in its own app
    TEAM = "team"  # said in the team's own group, by whomever
    SERVICE = "service"  # verified and understood, but nothing for a person: challenges, receipts
    UNKNOWN = "unknown"


class Person(Value):
    """Who is behind it, as far as the provider says."""

    name: str = ""  # as typed, whole
    phones: tuple[str, ...] = ()  # E.164
    emails: tuple[str, ...] = ()  # lower case
    messengers: tuple[str, ...] = ()  # channel:external user id


PROGRAM = "client:"  # before the name of a telephone in a browser or an app, which has no number


class Call(Value):
    """A telephone event of one call."""

    call_id: str  # the exchange's id of the call, the same over its events
    direction: str  # in, out
    staff: str = ""  # e-mail or extension, raw
    fact: CallFact
    piece: str = ""  # leg, recording or whole of a call told in pieces; empty: all there is to it
    leg: str = ""  # which way to a telephone of ours the piece is about
    passed_to: str = ""  # who of us spoke last, when it is not `staff`; raw as well


class Message(Value):
    """Which message of a messenger an event is about."""

    id: str  # the provider's, unique within the account and `peer`
    peer: str  # where an answer goes: the provider's id of the chat or person
    thread: str = ""  # the topic of a group
    state: str = ""  # of a receipt: sent, delivered, read, failed
    said: str = ""  # the provider's words about a failure
    tag: str = ""  # the id that we chose when we sent it
    quoted: str = ""  # words of the message that it answers, as far as the provider tells them
    quoted_id: str = ""  # that message's id


class Inbound(Entity):
    """One event of one provider; `id` is the same for a repeated delivery."""

    kind: ClassVar[str] = "inbound"
    collection: ClassVar[str] = "inbounds"
    id: InboundId
    channel: str
    account: str
    event_id: str  # the provider's, or a hash of the body
    what: Kind
    at: Instant  # when it happened, by the provider's clock
    received_at: Instant
    sender: Person = Person()
    recipient: str = ""  # our line, form or bot, raw
    text: str = ""  # as typed, whole
    fields: dict[str, str] = Field(default_factory=dict)  # form fields beyond the person, whole
    attachments: tuple[Attachment, ...] = ()
    call: Call | None = None
    mail: Mail | None = None
    message: Message | None = None
    order: ShopOrder | None = None
    payment: PaymentTold | None = None
    source: Source | None = None
    window_s: int = 0  # an equal event within this many seconds is a repeat (0: for ever)
    last_at: Instant | None = None  # the newest equal event, when a window is set
    raw: str = ""  # the body as received, decoded as UTF-8 with replacements; its beginning
    raw_parts: int = 0  # how many `RawPart` records hold the rest of a long body
    state: str = "new"  # new, done, unknown, ignored
    why: str = ""  # why it is unknown or ignored
    trial: bool = False  # a sample that the office sent to itself
    client_id: str | None = None
    lead_id: str | None = None


class RawPart(Entity):
    """A further part of a body too long for one record; `id` is the inbound's, a dot, its place."""

    kind: ClassVar[str] = "raw_part"
    collection: ClassVar[str] = "raw_parts"
    text: str
