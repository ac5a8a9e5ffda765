"""Actions that make offers and invoices in the row of a deal, and what may be done with one."""

from collections.abc import Sequence

from kartoteka.domain.sales_paper import INVOICE, OFFER
from kartoteka.services.sales_papers import TurnedOut
from sync.actions.offering import Asked, Command, Offer
from sync.columns import Frame


def _offer(asked: Asked) -> Command:
    given = {"deal": asked.view.id, "what": OFFER, "text": asked.argument}
    return "paper.make", {**given, "send": True}


def _invoice(asked: Asked) -> Command:
    given = {"deal": asked.view.id, "what": INVOICE, "text": asked.argument}
    return "paper.make", {**given, "send": True}


def _send(asked: Asked) -> Command:
    return "paper.send", {"paper": asked.view.id}


def _void(asked: Asked) -> Command:
    return "paper.void", {"paper": asked.view.id, "reason": asked.argument}


def _number(found: object, frame: Frame) -> str:
    """Say which offer it is; never where it opens: the row may be of who reads no prices."""
    label = found.paper.label if isinstance(found, TurnedOut) else ""
    return frame.say("outcome_offer", label=label)


def _address(found: object, frame: Frame) -> str:
    """Say which invoice it is and where the client opens it."""
    if not isinstance(found, TurnedOut):
        return ""
    told = frame.say("outcome_invoice", label=found.paper.label, address=found.address)
    return told.strip()


DEAL_PAPERS: Sequence[Offer] = (Offer("make_offer", _offer, answer=_number),)
BILLING: Sequence[Offer] = (Offer("make_invoice", _invoice, answer=_address),)
INVOICE_OFFERS: Sequence[Offer] = (
    Offer("send_invoice", _send, answer=_address),
    Offer("void_invoice", _void, needs=True),
)
