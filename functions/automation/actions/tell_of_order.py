"""Who works on an order of a shop hears what came, and the order counts for its day."""

from automation.rules import TellOfOrder
from kartoteka.domain.change import Actor
from kartoteka.services import order_news
from kartoteka.services.office import Desk


def tell_of_order(desk: Desk, plan: TellOfOrder, actor: Actor, cause: str) -> None:
    """Tell it once: what was told is no news any more."""
    order_news.spread(desk, actor, plan.order_id, cause)
