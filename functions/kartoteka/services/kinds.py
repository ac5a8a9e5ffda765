"""The records of which the change log keeps the whole history, by their kind."""

from kartoteka.domain.catalogue import Company, Product
from kartoteka.domain.chat import Chat
from kartoteka.domain.deal import Deal
from kartoteka.domain.model import Activity, Client, Entity, Lead, Notice, Pair, Task
from kartoteka.domain.order import Order
from kartoteka.domain.payment import PaymentFact
from kartoteka.domain.proposal import Proposal
from kartoteka.domain.sales_paper import SalesPaper

_MODELS: tuple[type[Entity], ...] = (
    Activity,
    Chat,
    Client,
    Company,
    Deal,
    Lead,
    Notice,
    Order,
    Pair,
    PaymentFact,
    Product,
    Proposal,
    SalesPaper,
    Task,
)
KINDS: dict[str, type[Entity]] = {model.kind: model for model in _MODELS}
