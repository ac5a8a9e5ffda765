"""Which deal an order of a shop is, and how far the two sides agree."""

from typing import ClassVar

from pydantic import Field

from kartoteka.domain.ids import DealId, derived
from kartoteka.domain.instant import Instant
from kartoteka.domain.model import Entity, Value
from kartoteka.domain.shop_order import ShopLine


class Telling(Value):
    """A telling of an order of which people have not heard yet: its news, as codes of notices."""

    at: Instant
    first: bool = False
    news: tuple[str, ...] = ()


class Order(Entity):
    """The bond of an order and its deal; nothing of the buyer is in it.

    `agreed` is the print of the goods that both sides had last: whichever side differs from it
    was edited since. Both differ: `state` is conflict, and `theirs` are the shop's goods until a
    person chooses.
    """

    kind: ClassVar[str] = "order"
    collection: ClassVar[str] = "orders"
    channel: str
    account: str
    external: str  # the shop's id of the order
    number: str = ""  # as the shop calls it
    issued: str = ""  # the number under which we told 1C of it
    deal_id: DealId
    status: str = ""  # the shop's word
    version: str = ""  # the newest that the shop has told
    said: str = ""  # print of all that the shop said last
    agreed: str = ""
    sent: str = ""  # print of what we told the shop last
    state: str = "agreed"  # agreed, sending, conflict, refused
    why: str = ""  # a code of ours, when refused
    theirs: tuple[ShopLine, ...] = ()
    theirs_total_minor: int | None = Field(default=None, ge=0)
    paid: bool = False
    shipped: bool = False
    cancelled: bool = False
    page: str = ""
    untold: tuple[Telling, ...] = ()  # the oldest first; emptied by whoever tells it
    created_at: Instant
    updated_at: Instant


def order_id(channel: str, account: str, external: str) -> str:
    """Return the id of the bond; the same order always has the same."""
    return derived("or", channel, account, external)
