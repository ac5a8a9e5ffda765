"""Goods that a client with an open deal orders by a form: each order has a deal of its own; A4."""

from collections.abc import Iterable

from kartoteka.domain.change import Actor
from kartoteka.domain.deal import Deal
from kartoteka.domain.guards import is_open
from kartoteka.domain.ids import ClientId
from kartoteka.domain.model import Client, Line
from kartoteka.domain.office import Form
from kartoteka.services import deals
from kartoteka.services.deal_forms import LONGEST_NAME, CreateDeal, NewLine
from kartoteka.services.office import Desk


def deal_of(
    desk: Desk, actor: Actor, form: Form, client_id: ClientId, *, cause: str
) -> Deal | None:
    """Return the deal of what was ordered: an open one of the same goods, else a new one.

    None for a form without goods: that the client came by stands in their deal already.

    Raises:
        Rejected: the first stage asks for more, or a product is sold no more.
        Transient: the store does not answer.
    """
    doc = desk.store.get(Client.collection, client_id) if form.products else None
    if doc is None:
        return None
    client = Client.model_validate(doc)
    known = _open_deals(desk, client)
    same = (it for it in known if goods_of(it.lines) == sorted(form.products))
    return next(same, None) or _made(desk, actor, form, (client, known), cause=cause)


def goods_of(lines: Iterable[Line]) -> list[str]:
    """Return the goods of positions by id, each as often as it stands there; others are empty."""
    return sorted(line.product_id or "" for line in lines)


def _open_deals(desk: Desk, client: Client) -> list[Deal]:
    found = desk.store.get_many(Deal.collection, client.open_deal_ids)
    there = (Deal.model_validate(found[name]) for name in client.open_deal_ids if name in found)
    return [deal for deal in there if is_open(deal)]


def _made(
    desk: Desk, actor: Actor, form: Form, around: tuple[Client, list[Deal]], *, cause: str
) -> Deal:
    client, known = around
    hands = (form.owner_id, *(deal.owner_id for deal in known), client.owner_id)
    people = (desk.settings().person(name) for name in hands)
    owner = next((it.id for it in people if it is not None and it.active), "")
    wish = CreateDeal(
        name=client.name[:LONGEST_NAME] or form.title[:LONGEST_NAME],
        client=client.id,
        owner=owner,
        deal_type=form.title[:LONGEST_NAME],
        lines=tuple(NewLine(product=name) for name in form.products),
    )
    return deals.create(desk, actor, wish, cause=cause, mark=cause)
