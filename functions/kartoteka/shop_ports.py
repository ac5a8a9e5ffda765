"""What orders need from the world: the shop in which an order lives."""

from dataclasses import dataclass
from datetime import datetime
from typing import Any, Protocol

from kartoteka.domain.office import Account
from kartoteka.domain.shop_order import ShopLine


@dataclass(frozen=True, slots=True)
class SeenOrder:
    """An order as the shop holds it at this moment."""

    version: str
    lines: tuple[ShopLine, ...]
    total_minor: int | None


@dataclass(frozen=True, slots=True)
class LineEdit:
    """What becomes of one position: `id` is the shop's, empty for a new one; `gone` removes it."""

    id: str
    name: str = ""
    sku: str = ""
    quantity_milli: int = 1000
    full_minor: int = 0  # of the whole position, before its discount
    total_minor: int = 0
    gone: bool = False


@dataclass(frozen=True, slots=True)
class ChangedOrders:
    """Orders as the shop spells them, the one changed first in front; `more`: there is a page."""

    orders: tuple[dict[str, Any], ...]
    more: bool


class Shops(Protocol):
    """The shops by their account.

    Raises:
        RateLimited, ProviderDown: the queue repeats. NotFound: the order is not there any more.
        NotAllowed: the shop refuses the edit. ConfigError: the account has no key.
    """

    def look(self, account: Account, order: str) -> SeenOrder:
        """Return the order as it is now."""

    def changed(self, account: Account, since: datetime, page: int) -> ChangedOrders:
        """Return a page, from 1 on, of the orders that changed since a moment."""

    def edit(self, account: Account, order: str, edits: tuple[LineEdit, ...]) -> SeenOrder:
        """Return the order after these edits, made all together."""
