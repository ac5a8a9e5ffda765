"""Goods of 1C into the catalogue: a portion is one transaction, with how far the file is.

What 1C tells wins over what a person wrote: name, group, tax, price, stock. What it says nothing of
stays: cost above all. A position that a person made with the same article becomes 1C's.
"""

from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field, replace

from kartoteka.domain.catalogue import Product, name_key
from kartoteka.domain.exchange import (
    ExchangeAccount,
    GoodsGroup,
    GoodsLink,
    group_id,
    link_id,
)
from kartoteka.domain.goods import (
    Goods,
    GroupName,
    PriceType,
    Told,
    chosen_price,
    joined,
    merged,
)
from kartoteka.domain.ids import ProductId, derived
from kartoteka.domain.office import Settings
from kartoteka.domain.shop_rules import ShopRules
from kartoteka.ports import Query, Where
from kartoteka.services.office import Desk
from kartoteka.services.unit import Unit

PORTION = 200  # goods of a transaction: with links and one entry of the log within every limit
FEWEST_LEFT = 0.5  # of the listed goods a whole catalogue must name, or nothing goes off sale
_SMALL = 20
_LONGEST_SKU = 100

Item = Goods | GroupName | PriceType


@dataclass
class GoodsPortion:
    """One portion within one unit; `counts` and `faults` are what came of it."""

    unit: Unit
    settings: Settings
    shop: ShopRules
    account: str
    session_id: str
    counts: Counter[str] = field(default_factory=Counter)
    faults: list[str] = field(default_factory=list)

    def take(self, items: Sequence[Item]) -> None:
        """Keep what these items say; equal ones change nothing."""
        guide = self._guide(items)
        groups = self._groups(items)
        goods = self._unique(items)
        links = self.unit.find_many(GoodsLink, [link_id(self.account, key) for key in goods])
        products = self._products(goods, links)
        for key, one in goods.items():
            link = links.get(link_id(self.account, key))
            category = next((groups[name] for name in one.group_ids if name in groups), "")
            currency, known = self.settings.office.currency, guide.currencies
            prices = tuple(
                replace(it, currency=it.currency or known.get(it.type_id, "")) for it in one.prices
            )
            price = chosen_price(prices, self.shop.price_type, guide.price_types, currency)
            if one.prices and price is None:
                self._fault(key, "goods_price")
            self._one(Told(one, category, price), link, products)

    def _one(self, told: Told, link: GoodsLink | None, products: dict[str, Product]) -> None:
        stored = products.get(link.product_id) if link is not None else None
        base = stored or self._made(told, products)
        known = link or GoodsLink(
            id=link_id(self.account, told.goods.id),
            account=self.account,
            product_id=ProductId(base.id),
        )
        after = merged(base, told, self.unit.now, was_listed=known.listed)
        products[base.id] = after
        if after is not stored:
            self.unit.save(after)
        if base.id not in self._new:
            self.counts["unchanged" if after is stored else "updated"] += 1
        self._link(known, told.goods, after, is_new=known is not link)

    def _link(self, link: GoodsLink, goods: Goods, product: Product, *, is_new: bool) -> None:
        seen = self.session_id if goods.catalogued else link.seen
        update = {"seen": seen, "listed": goods.listed, "product_id": ProductId(product.id)}
        turned = link.model_copy(update=update)
        if is_new or turned != link:
            self.unit.keep(turned)

    def __post_init__(self) -> None:
        self._new: set[str] = set()

    def _made(self, told: Told, products: dict[str, Product]) -> Product:
        """Return the position that 1C's goods are from now on: one of the same article, or new."""
        goods = told.goods
        by_sku = derived("pd", goods.sku.casefold()) if goods.sku else ""
        known = products.get(by_sku)
        if known is not None and not known.external:
            return known.model_copy(update={"external": goods.id})
        taken = known is not None or not by_sku
        product_id = derived("pd", self.account, goods.id) if taken else by_sku
        self._new.add(product_id)
        self.counts["created"] += 1
        return Product(
            id=ProductId(product_id),
            sku=_sku(goods, taken=known is not None),
            name=goods.name or goods.sku or goods.id,
            name_key=name_key(goods.name or goods.sku or goods.id),
            price_minor=0,
            active=False,
            external=goods.id,
            created_at=self.unit.now,
            updated_at=self.unit.now,
        )

    def _unique(self, items: Sequence[Item]) -> dict[str, Goods]:
        """Return the goods by id, what is told twice joined; those without an id are faults."""
        found: dict[str, Goods] = {}
        for item in items:
            if not isinstance(item, Goods):
                continue
            self.counts["received"] += 1
            if not item.id:
                self._fault(item.name[:40], "goods_no_id")
                continue
            known = found.get(item.id)
            found[item.id] = joined(known, item) if known is not None else item
        return found

    def _products(self, goods: dict[str, Goods], links: dict[str, GoodsLink]) -> dict[str, Product]:
        unlinked = [g for key, g in goods.items() if link_id(self.account, key) not in links]
        skus = [derived("pd", one.sku.casefold()) for one in unlinked if one.sku]
        return self.unit.find_many(Product, [*(ln.product_id for ln in links.values()), *skus])

    def _groups(self, items: Sequence[Item]) -> dict[str, str]:
        """Return the names of the groups that the goods are in; told ones are kept."""
        told = {item.id: item.name for item in items if isinstance(item, GroupName)}
        for key, name in told.items():
            self.unit.keep(GoodsGroup(id=group_id(self.account, key), name=name))
        wanted = {key for item in items if isinstance(item, Goods) for key in item.group_ids}
        ids = {group_id(self.account, key): key for key in wanted - told.keys()}
        found = self.unit.find_many(GoodsGroup, ids)
        return told | {ids[name]: group.name for name, group in found.items()}

    def _guide(self, items: Sequence[Item]) -> ExchangeAccount:
        """Return the price types of the account, with those that are told now."""
        kept = self.unit.find(ExchangeAccount, self.account) or ExchangeAccount(id=self.account)
        told = [item for item in items if isinstance(item, PriceType)]
        if not told:
            return kept
        names = kept.price_types | {item.id: item.name for item in told}
        money = kept.currencies | {item.id: item.currency for item in told}
        turned = kept.model_copy(update={"price_types": names, "currencies": money})
        self.unit.keep(turned)
        return turned

    def _fault(self, what: str, code: str) -> None:
        self.counts["errors"] += 1
        self.faults.append(f"{what}: {code}")


def _sku(goods: Goods, *, taken: bool) -> str:
    """Return the article; one that another position has gets a tail of its own."""
    base = goods.sku[:_LONGEST_SKU] or goods.id[:_LONGEST_SKU]
    return f"{base} {derived('', goods.id)[1:7]}" if taken else base


def absent(desk: Desk, account: str, session_id: str) -> tuple[int, list[str]]:
    """Return how many goods of this 1C are listed, and the links the whole catalogue lacked."""
    where = (Where("account", "==", account), Where("listed", "==", True))
    listed, gone = 0, []
    for found in desk.store.query(Query(GoodsLink.collection, where)):
        listed += 1
        if found.doc["seen"] != session_id:
            gone.append(found.id)
    return listed, gone


def too_many(listed: int, gone: int) -> bool:
    """Return whether so many are missing that the catalogue is rather a broken one."""
    return listed >= _SMALL and gone > listed * FEWEST_LEFT


def take_off(unit: Unit, link_ids: Sequence[str]) -> int:
    """Return how many positions went off sale: 1C does not list them any more."""
    links = unit.find_many(GoodsLink, link_ids)
    products = unit.find_many(Product, [link.product_id for link in links.values()])
    for link in links.values():
        unit.keep(link.model_copy(update={"listed": False}))
        product = products.get(link.product_id)
        if product is not None and product.active:
            unit.save(product.model_copy(update={"active": False, "updated_at": unit.now}))
    return len(links)


def portions(link_ids: Sequence[str]) -> Iterator[Sequence[str]]:
    """Yield the links in portions of a transaction each."""
    for at in range(0, len(link_ids), PORTION):
        yield link_ids[at : at + PORTION]
