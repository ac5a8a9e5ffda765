"""Exchanges with shops and 1C: one session, its files in parts, what came of them; A11, I10."""

from typing import ClassVar

from pydantic import Field

from kartoteka.domain.ids import ProductId, derived
from kartoteka.domain.instant import Instant
from kartoteka.domain.model import Entity, Value

MOST_FAULTS = 20
BY_FILES = "commerceml"  # the channel whose orders and goods come in files


class Exchange(Entity):
    """One file or one answer of an exchange: the line of «Обмены»."""

    kind: ClassVar[str] = "exchange"
    collection: ClassVar[str] = "exchanges"
    channel: str
    account: str
    what: str  # catalogue, offers, orders, parties, orders_out
    file: str = ""
    at: Instant
    done_at: Instant | None = None
    state: str = "running"  # running, done, failed
    why: str = ""  # a code of ours, when failed
    received: int = 0
    created: int = 0
    updated: int = 0
    unchanged: int = 0
    errors: int = 0
    faults: tuple[str, ...] = ()  # `<what>: <code>` of the first ones


class FileState(Value):
    """A file of a session: its parts' sizes in bytes, and how far it was worked off."""

    name: str
    sizes: tuple[int, ...] = ()
    last: str = ""  # hash of the body that came last: the same again is a repeat
    encoding: str = ""
    place: int = 0  # byte behind the last record that was taken
    path: tuple[str, ...] = ()  # tags open at that place
    exchange_id: str = ""
    unpacked: bool = False  # whole: the last byte came out of its archive
    done: bool = False

    @property
    def size(self) -> int:
        """Return how many bytes came."""
        return sum(self.sizes)


class Offered(Value):
    """An order that was given to 1C: what it becomes once 1C has confirmed it."""

    deal_id: str
    external: str
    sent: str
    agreed: str


class ExchangeSession(Entity):
    """One session of 1C; `id` is a hash of the value that it shows with each call."""

    kind: ClassVar[str] = "exchange_session"
    collection: ClassVar[str] = "exchange_sessions"
    account: str
    what: str = ""  # catalog, sale
    version: str = ""  # of the schema that 1C announced; empty: the old protocol
    at: Instant
    touched_at: Instant
    files: dict[str, FileState] = Field(default_factory=dict)
    whole: bool = False  # a whole catalogue came: goods that it lacks go off sale
    swept: bool = False  # they have begun to
    offered: dict[str, Offered] = Field(default_factory=dict)  # by the id of the bond
    offered_until: str = ""  # how far the deals were given


class ExchangePart(Entity):
    """A piece of a file; its bytes are compressed and spelled in base64."""

    kind: ClassVar[str] = "exchange_part"
    collection: ClassVar[str] = "exchange_parts"
    data: str


class ExchangeAccount(Entity):
    """What is known of one 1C between sessions: its price types, how far it was told of deals."""

    kind: ClassVar[str] = "exchange_account"
    collection: ClassVar[str] = "exchange_accounts"
    price_types: dict[str, str] = Field(default_factory=dict)  # id: name, the first is the usual
    currencies: dict[str, str] = Field(default_factory=dict)  # price type: currency
    told_until: str = ""  # `updated_at` of the newest deal that 1C has confirmed


class GoodsGroup(Entity):
    """A group of 1C's catalogue."""

    kind: ClassVar[str] = "goods_group"
    collection: ClassVar[str] = "goods_groups"
    name: str


class GoodsLink(Entity):
    """Which position of the catalogue the goods of 1C are."""

    kind: ClassVar[str] = "goods_link"
    collection: ClassVar[str] = "goods_links"
    account: str
    product_id: ProductId
    seen: str = ""  # session whose whole catalogue named it last
    listed: bool = True  # in 1C, and not marked as deleted


def part_id(session_id: str, file: str, number: int) -> str:
    """Return the id of a piece of a file."""
    return derived("xp", session_id, file, str(number))


def group_id(account: str, external: str) -> str:
    """Return the id of a group of 1C's catalogue."""
    return derived("gg", account, external)


def link_id(account: str, external: str) -> str:
    """Return the id of the link of 1C's goods."""
    return derived("gl", account, external)
