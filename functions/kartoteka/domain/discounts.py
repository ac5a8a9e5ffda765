"""The office's limit of discounts: how much less than the price somebody may ask alone; pure."""

from collections.abc import Iterable, Mapping

from kartoteka.domain.catalogue import Product
from kartoteka.domain.change import Actor
from kartoteka.domain.deal import Deal
from kartoteka.domain.errors import NotAllowed
from kartoteka.domain.model import Line, Role
from kartoteka.domain.office import Office

OVER_LIMIT = "discount_over_limit"
_BASIS = 10_000
_PER_CENT = 100
_HEADS = {Role.HEAD, Role.DIRECTOR, Role.ADMIN}


def limit_for(actor: Actor, office: Office) -> int | None:
    """Return the actor's limit in basis points; heads, machines and approved acts have none."""
    free = not actor.is_person or actor.is_backed or actor.role in _HEADS
    return None if free else office.selling.approvals.discount_limit_bp


def check_lines(
    actor: Actor, lines: Iterable[Line], products: Mapping[str, Product], office: Office
) -> None:
    """Refuse positions that cost less than the limit lets; a price below the catalogue's counts.

    Raises:
        NotAllowed: `discount_over_limit` names the discount and the limit, both in per cent.
    """
    limit = limit_for(actor, office)
    if limit is None:
        return
    for line in lines:
        product = products.get(line.product_id or "")
        listed = max(line.price_minor, product.price_minor if product is not None else 0)
        asked = line.price_minor * (_BASIS - line.discount_bp)
        _check(asked, listed * _BASIS, limit)


def check_amount(actor: Actor, deal: Deal, office: Office) -> None:
    """Refuse an amount set by hand that is too far below what the positions cost.

    Raises:
        NotAllowed: `discount_over_limit`, as above.
    """
    limit = limit_for(actor, office)
    if limit is None or not deal.amount_by_hand:
        return
    bare = (line.model_copy(update={"discount_bp": 0}) for line in deal.lines)
    _check(deal.amount_minor, sum(line.total_minor for line in bare), limit)


def _check(asked: int, full: int, limit: int) -> None:
    if asked * _BASIS >= full * (_BASIS - limit):
        return
    given = (full - asked) * _BASIS // full
    raise NotAllowed(
        f"a discount of {_percent(given)} % is above {_percent(limit)} %",
        code="discount_over_limit",
        given=_percent(given),
        limit=_percent(limit),
    )


def _percent(basis: int) -> str:
    return f"{basis / _PER_CENT:g}"
