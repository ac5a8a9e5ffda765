"""Letters: what a letter says beside its text, how threads hang together, what is not wanted."""

import re
from collections.abc import Iterable
from typing import ClassVar

from pydantic import Field

from kartoteka.domain.ids import ActivityId, ClientId, DealId, LeadId, StaffId, derived
from kartoteka.domain.instant import Instant
from kartoteka.domain.model import Attachment, Entity, Value

_TOKEN = re.compile(r"[0-9a-hjkmnp-tv-z]{16}")  # as `ids.fresh` makes them
_PASSING = re.compile(r"4\.|5\.1\.[78]$|5\.2\.[234]$|5\.[367]\.|5\.4\.[235-9]$|5\.5\.[1-9]")
_MOST_EARLIER = 10  # ids of earlier letters that a thread is looked for with
PUBLIC = frozenset(
    {
        *("gmail.com", "googlemail.com", "mail.ru", "bk.ru", "inbox.ru", "list.ru", "internet.ru"),
        *("yandex.ru", "ya.ru", "yandex.com", "yandex.by", "yandex.kz", "rambler.ru", "lenta.ru"),
        *("outlook.com", "hotmail.com", "live.com", "icloud.com", "me.com", "yahoo.com"),
        *("proton.me", "protonmail.com", "vk.com", "ro.ru", "myrambler.ru", "autorambler.ru"),
        *("ukr.net", "tut.by", "mail.com", "gmx.de", "gmx.net", "web.de", "aol.com"),
    }
)  # where anybody may have an address: such a domain is nobody's own


class MailReport(Value):
    """What a mail server says of one address, empty when it names none.

    `address` is the one that was written to, `final` where it led if that is another.
    `permanent`: the letter will not arrive any more. `status` as in RFC 3463, such as 5.1.1.
    """

    address: str
    permanent: bool
    status: str = ""
    final: str = ""

    @property
    def dead(self) -> bool:
        """Return whether no other letter will arrive there either.

        A full box, a server that cannot be reached and a letter taken for spam say nothing of
        the address.
        """
        return self.permanent and not _PASSING.match(self.status)

    def kills(self, address: str) -> bool:
        """Return whether no other letter will arrive at this address."""
        return self.dead and self._names(address)

    def concerns(self, address: str) -> bool:
        """Return whether it is about a letter to this address; one that names none may be."""
        return not self.address or self._names(address)

    def _names(self, address: str) -> bool:
        named = {self.address.lower(), self.final.lower()} - {""}
        return address.lower() in named


class Named(Value):
    """An address as a letter names it."""

    address: str
    name: str = ""


class Relay(Value):
    """Who may have written a letter that a list or a program sent on; lower case."""

    lists: tuple[str, ...] = ()  # places that a list names as its own
    origin: str = ""  # address of who gave it to the list
    reply_to: tuple[Named, ...] = ()  # whom to answer besides the sender
    by_program: bool = False  # nobody reads answers to who sent it first


class Mail(Value):
    """A letter beside its text; ids have no brackets, addresses are in lower case."""

    subject: str = ""
    message_id: str = ""
    earlier: tuple[str, ...] = ()  # ids of the letters it answers, the newest first
    to: tuple[str, ...] = ()  # everybody it was sent to, our own address too
    whole: str = ""  # the text with quotes and signature; empty: `text` of the event is all of it
    nature: str = "person"  # person, auto, list, bounce, receipt, complaint
    reports: tuple[MailReport, ...] = ()  # of a bounce or a complaint
    about: tuple[str, ...] = ()  # of a bounce or a complaint: ids of the letter it is about
    thread: str = ""  # the provider's own thread
    relay: Relay | None = None  # who may stand behind the sender

    @property
    def tokens(self) -> tuple[str, ...]:
        """Return what follows the plus sign in the addresses, when it is a token of ours."""
        found = (address.partition("@")[0].rpartition("+")[2] for address in self.to)
        return tuple(text for text in found if _TOKEN.fullmatch(text))

    @property
    def links(self) -> tuple[str, ...]:
        """Return the ids of the links that lead to the thread, the surest first."""
        ids = [*self.earlier[:_MOST_EARLIER], *self.about[:_MOST_EARLIER]]
        return (*map(token_link, self.tokens), *map(letter_link, ids))


class MailLink(Entity):
    """Whose a letter is: found by its message id, or by the token in the address of an answer."""

    kind: ClassVar[str] = "mail_link"
    collection: ClassVar[str] = "mail_links"
    client_id: ClientId
    lead_id: LeadId | None = None
    deal_id: DealId | None = None
    activity_id: ActivityId | None = None
    direction: str = "in"
    recipient_id: str = ""  # of a letter to many


class DeadAddress(Entity):
    """An address at which letters do not arrive; `id` is made of it, the address is not kept."""

    kind: ClassVar[str] = "dead_address"
    collection: ClassVar[str] = "dead_addresses"
    status: str = ""
    at: Instant


class Outgoing(Entity):
    """A letter of ours on its way; `id` is that of its activity."""

    kind: ClassVar[str] = "outgoing"
    collection: ClassVar[str] = "outgoing"
    client_id: ClientId
    staff_id: StaffId
    to: str
    subject: str
    text: str
    message_id: str
    token: str  # in the address of answers
    earlier: tuple[str, ...] = ()  # ids of the thread, the oldest first
    thread: str = ""  # the provider's
    files: tuple[Attachment, ...] = ()
    at: Instant
    state: str = "queued"  # queued, sent, failed, bounced
    attempts: int = 0
    sent_at: Instant | None = None
    why: str = ""  # code of the failure


class MailRules(Value):
    """Which letters the office does not take, and how far back the first look goes."""

    excluded: tuple[str, ...] = ()  # addresses and domains, lower case
    own_domains: tuple[str, ...] = ()  # beside those of the staff's addresses
    first_days: int = Field(default=3, ge=0, le=30)

    def excludes(self, address: str) -> bool:
        """Return whether nobody wants letters of this address."""
        return within(address, self.excluded)


def within(address: str, places: Iterable[str]) -> bool:
    """Return whether an address is one of these, or in one of these domains or below it."""
    domain = address.rpartition("@")[2]
    above = {domain, *(domain[at + 1 :] for at, sign in enumerate(domain) if sign == ".")}
    return any(place == address or place in above for place in places)


def own_places(staff: Iterable[str], rules: MailRules) -> frozenset[str]:
    """Return the addresses and domains that are the office's own."""
    addresses = {address.lower() for address in staff}
    domains = {address.rpartition("@")[2] for address in addresses} - PUBLIC
    return frozenset({*addresses, *domains, *rules.own_domains})


def letter_link(message_id: str) -> str:
    """Return the id of the link of a letter."""
    return derived("ml", "letter", message_id)


def token_link(token: str) -> str:
    """Return the id of the link of a token."""
    return derived("ml", "token", token)


def dead_address_id(address: str) -> str:
    """Return the id of the mark on an address."""
    return derived("da", address.lower())
