"""Whether a person may be written to now: asked in the transaction that takes the recipient."""

from dataclasses import dataclass
from datetime import datetime

from kartoteka.domain.access import Operation, can
from kartoteka.domain.chat import Chat
from kartoteka.domain.chat_line import is_shut
from kartoteka.domain.mail import DeadAddress, dead_address_id
from kartoteka.domain.mailing import (
    BOUNCED,
    AddressWish,
    Basis,
    Dispatch,
    Medium,
    Recipient,
    SeriesMember,
    dispatch_id,
    series_member_id,
    wish_id,
)
from kartoteka.domain.model import Client
from kartoteka.domain.office import Settings
from kartoteka.domain.quiet_hours import next_open, zone_of
from kartoteka.ports import Query, Where
from kartoteka.services.chat_letters import has_template
from kartoteka.services.consents import addresses_of
from kartoteka.services.merge import still_known
from kartoteka.services.people import actor
from kartoteka.services.posting_texts import Source
from kartoteka.services.unit import Unit

_CHATS = frozenset({"telegram", "vk", "max", "viber", "whatsapp", "messenger"})
_MOST_CHATS = 50


@dataclass(frozen=True, slots=True)
class Ready:
    """A client who may be written to at this address; a chat is its own address."""

    client: Client
    address: str
    chat: Chat | None = None


@dataclass(frozen=True, slots=True)
class Held:
    """Why not: for good, or until a time."""

    why: str
    until: datetime | None = None


def judged(unit: Unit, settings: Settings, recipient: Recipient, source: Source) -> Ready | Held:
    """Return where to write, or why nothing is written."""
    if recipient.source == "series" and _has_left(unit, recipient):
        return Held("series_left")
    client = still_known(unit, recipient.client_id)
    if client is None or client.forgotten:
        return Held("client_gone")
    why = _unwanted(settings, client, source)
    if why:
        return Held(why)
    found = _place(unit, settings, client, source)
    if isinstance(found, Held):
        return found
    taken = unit.find(Dispatch, dispatch_id(recipient, found.address))
    if taken is not None and taken.recipient_id != recipient.id:
        return Held("same_address")
    return _at_this_hour(unit, settings, found)


def _has_left(unit: Unit, recipient: Recipient) -> bool:
    name = series_member_id(recipient.campaign_id, recipient.client_id)
    member = unit.find(SeriesMember, name)
    return member is None or member.state == "left" or member.run != recipient.run


def _unwanted(settings: Settings, client: Client, source: Source) -> str:
    """Return why this client is none of the author's audience."""
    if client.segment == "blacklist":
        return "blacklist"
    if not source.author_id:
        return ""
    author = settings.person(source.author_id)
    if author is None or not author.active:
        return "author_left"
    seen = can(actor(author, settings), Operation.READ, client, within=settings)
    return "" if seen else "not_yours"


def _place(unit: Unit, settings: Settings, client: Client, source: Source) -> Ready | Held:
    if source.words.medium == "chat":
        return _chat(unit, settings, client, source.words.basis)
    return _address(unit, client, source.words.medium, source.words.basis)


def _address(unit: Unit, client: Client, medium: Medium, basis: Basis) -> Ready | Held:
    """Return the first address that may be written to, or why the usual one may not."""
    refused = []
    for address in addresses_of(client, medium):
        why = _refused(unit, medium, address, basis)
        if not why:
            return Ready(client, address)
        refused.append(why)
    return Held(refused[0] if refused else "no_address")


def _refused(unit: Unit, medium: Medium, address: str, basis: Basis) -> str:
    wish = unit.find(AddressWish, wish_id(medium, address))
    if wish is not None and wish.stopped:
        return wish.why
    if medium == "mail" and unit.find(DeadAddress, dead_address_id(address)) is not None:
        return BOUNCED
    agreed = wish is not None and wish.consent_at is not None
    return "" if agreed or basis == "relation" else "no_consent"


def _chat(unit: Unit, settings: Settings, client: Client, basis: Basis) -> Ready | Held:
    """Return the chat in which the client wrote last, if they may be written to there."""
    query = Query(Chat.collection, (Where("client_id", "==", client.id),), limit=_MOST_CHATS)
    chats = [chat for chat in unit.search(Chat, query) if chat.channel in _CHATS]
    chats = [chat for chat in chats if chat.heard_at is not None]
    if not chats:
        return Held("no_address")
    chat = max(chats, key=lambda it: it.heard_at or it.created_at)
    if chat.waiting_since is not None:
        return Held("chat_waits")
    shut = is_shut(chat.channel, chat.heard_at or chat.created_at, unit.now)
    if shut and not has_template(settings, chat):
        return Held("chat_window")
    agrees = "relation" if _agreed_anywhere(unit, client) else basis
    why = _refused(unit, "chat", chat.id, agrees)
    return Held(why) if why else Ready(client, chat.id, chat)


def _agreed_anywhere(unit: Unit, client: Client) -> bool:
    """Return whether the client agreed to be written to, by whichever address it was said."""
    places = [("mail", it) for it in client.emails] + [("sms", it) for it in client.phones]
    wishes = unit.find_many(AddressWish, [wish_id(*place) for place in places])
    return any(it.consent_at is not None and not it.stopped for it in wishes.values())


def _at_this_hour(unit: Unit, settings: Settings, ready: Ready) -> Ready | Held:
    office = settings.office
    zone = zone_of(ready.client.phones, office.work.zone)
    quiet = (office.mailing.quiet_from, office.mailing.quiet_to)
    opens = next_open(unit.now, zone, quiet)
    return ready if opens == unit.now else Held("quiet_hours", until=opens)
