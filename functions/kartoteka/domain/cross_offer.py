"""An offer of one thing to who bought another, and whether they took it."""

from typing import ClassVar

from kartoteka.domain.ids import ClientId, DealId, ProductId, TaskId
from kartoteka.domain.instant import Instant
from kartoteka.domain.model import Entity

GIVEN, ACCEPTED = "given", "accepted"


class CrossOffer(Entity):
    """One row of the table at work for one won deal; accepted when a deal with the offer is won."""

    kind: ClassVar[str] = "cross_offer"
    collection: ClassVar[str] = "cross_offers"
    row_id: str
    client_id: ClientId
    deal_id: DealId  # what was bought
    product_id: ProductId  # what is offered
    task_id: TaskId
    state: str = GIVEN  # given, accepted
    at: Instant
    accepted_deal_id: DealId | None = None
    accepted_at: Instant | None = None
