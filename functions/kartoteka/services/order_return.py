"""An edited order goes back to its shop, once the shop says that it has not changed it; A12."""

from collections.abc import Iterator
from datetime import timedelta

from kartoteka.domain.catalogue import Product
from kartoteka.domain.change import Actor, ActorKind
from kartoteka.domain.deal import Deal
from kartoteka.domain.deal_amount import with_told
from kartoteka.domain.errors import ConfigError, Rejected
from kartoteka.domain.instant import spell
from kartoteka.domain.model import Line
from kartoteka.domain.office import Account
from kartoteka.domain.order import Order
from kartoteka.domain.shop_order import ShopLine, goods_print
from kartoteka.ports import Order as Sequence
from kartoteka.ports import Query, Where
from kartoteka.services.deal_records import keep
from kartoteka.services.notices import tell
from kartoteka.services.office import Desk
from kartoteka.services.order_commands import hand_over
from kartoteka.services.unit import Unit, transact
from kartoteka.shop_ports import LineEdit, SeenOrder, Shops

_ACTOR = Actor(kind=ActorKind.SYSTEM, id="shops")
_MOST = 100
_LATE = timedelta(minutes=10)


def deliver(desk: Desk, shops: Shops, name: str) -> str:
    """Return how far the order is: sent, conflict, refused, or done before.

    The shop is asked first: an order that it changed since it told us is not overwritten, its goods
    are kept beside ours and a person chooses.

    Raises:
        RateLimited, ProviderDown: the queue repeats.
    """
    doc = desk.store.get(Order.collection, name)
    bond = None if doc is None else Order.model_validate(doc)
    if bond is None or bond.state != "sending":
        return "done"
    held = desk.store.get(Deal.collection, bond.deal_id)
    if held is None:  # deleted while it waited: the shop's order stays as it is
        return _settled(desk, bond, "refused", why="order_deal_gone")
    deal = Deal.model_validate(held)
    try:
        account = desk.settings().account(bond.channel, bond.account)
        seen = shops.look(account, bond.external)
        ours = goods_print(deal.lines)
        if goods_print(seen.lines) not in {ours, bond.agreed}:
            return _settled(desk, bond, "conflict", seen=seen)
        done = _edited(desk, shops, account, (bond, deal, seen))
    except (Rejected, ConfigError) as exc:
        return _settled(desk, bond, "refused", why=exc.code or "order_refused")
    return _settled(desk, bond, "agreed", seen=done, agreed=ours)


def hand_over_late(desk: Desk) -> int:
    """Ask again for orders that wait although their task should have brought them."""
    before = spell(desk.now() - _LATE)
    where = (Where("state", "==", "sending"), Where("updated_at", "<=", before))
    query = Query(Order.collection, where, (Sequence("updated_at"),), limit=_MOST)
    found = [hit.id for hit in desk.store.query(query)]
    for name in found:
        hand_over(desk, name)
    return len(found)


def _edited(
    desk: Desk, shops: Shops, account: Account, what: tuple[Order, Deal, SeenOrder]
) -> SeenOrder:
    bond, deal, seen = what
    wanted = [line.product_id for line in deal.lines if line.product_id]
    docs = desk.store.get_many(Product.collection, wanted) if wanted else {}
    skus = {name: str(doc["sku"]) for name, doc in docs.items()}
    edits = tuple(changes(deal.lines, seen.lines, skus))
    return shops.edit(account, bond.external, edits) if edits else seen


def changes(
    ours: tuple[Line, ...], theirs: tuple[ShopLine, ...], skus: dict[str, str]
) -> Iterator[LineEdit]:
    """Yield what makes the shop's goods ours; positions are known by name, in their order."""
    left = list(theirs)
    for line in ours:
        known = next((it for it in left if it.name.strip() == line.name.strip()), None)
        if known is not None:
            left.remove(known)
        if known is None or goods_print([known]) != goods_print([line]):
            full = line.model_copy(update={"discount_bp": 0}).total_minor
            yield LineEdit(
                id=known.id if known is not None else "",
                name=line.name,
                sku=skus.get(line.product_id or "", ""),
                quantity_milli=line.quantity_milli,
                full_minor=full,
                total_minor=line.total_minor,
            )
    yield from (LineEdit(id=it.id, name=it.name, gone=True) for it in left)


def _settled(
    desk: Desk,
    bond: Order,
    state: str,
    *,
    why: str = "",
    seen: SeenOrder | None = None,
    agreed: str = "",
) -> str:
    def work(unit: Unit) -> None:
        now = unit.need(Order, bond.id)
        update: dict[str, object] = {"state": state, "why": why, "updated_at": unit.now}
        if seen is not None and state == "conflict":
            update |= {"theirs": seen.lines, "theirs_total_minor": seen.total_minor}
        if seen is not None:
            update["version"] = max(seen.version, now.version)
        if agreed:
            update |= {"agreed": agreed, "sent": agreed}
        unit.save(now.model_copy(update=update))
        deal = unit.find(Deal, bond.deal_id)
        if deal is not None and seen is not None and goods_print(deal.lines) == agreed:
            deal = keep(unit, deal, with_told(deal, seen.total_minor, unit.now))
        if deal is not None and deal.owner_id is not None:
            tell(unit, deal.owner_id, _CODES[state], deal)

    transact(desk.store, _ACTOR, "order", desk.now(), work=work)
    desk.waker.after_commit()
    return "sent" if state == "agreed" else state


_CODES = {
    "agreed": "notice_order_sent",
    "conflict": "notice_order_conflict",
    "refused": "notice_order_refused",
}
