"""Columns of deals; money only where the reader may see it."""

from collections.abc import Sequence

from kartoteka.domain import signals
from kartoteka.domain.next_step import is_open
from kartoteka.domain.payment import Receipt
from kartoteka.domain.pipeline import Stage
from kartoteka.domain.scope import stage_of
from kartoteka.ports import CellValue
from sync.columns import Column, Frame, Kind, View, people
from sync.merge import Winner
from sync.shelf.attached import files_of, marked
from sync.shelf.cards import card_of

_KOPECKS = 100


def _name(view: View, _frame: Frame) -> CellValue:
    return view.deal.name if view.deal is not None else ""


def _client(view: View, frame: Frame) -> CellValue:
    """Return who buys: the client's name and number, or the company."""
    if view.client is None:
        return view.company.name if view.company is not None else ""
    phone = next(iter(view.client.phones), "") if frame.lets(view, ("client.phones",)) else ""
    return " · ".join(filter(None, (view.client.name, phone)))


def _company(view: View, _frame: Frame) -> CellValue:
    if view.company is not None:
        return view.company.name
    return view.client.company or view.client.name if view.client is not None else ""


def _stage(view: View, frame: Frame) -> CellValue:
    return frame.stage(view.deal.stage, view.deal.pipeline) if view.deal is not None else ""


def _owner(view: View, frame: Frame) -> CellValue:
    return frame.person(view.deal.owner_id) if view.deal is not None else ""


def _next_step(view: View, frame: Frame) -> CellValue:
    action = view.deal.next_action if view.deal is not None else None
    return marked(frame.say(f"task_{action.what}") if action is not None else "", view, frame)


def _due(view: View, frame: Frame) -> CellValue:
    return frame.date(view.deal.next_at if view.deal is not None else None)


def _note(view: View, _frame: Frame) -> CellValue:
    return view.deal.note if view.deal is not None else ""


def _amount(view: View, _frame: Frame) -> CellValue:
    return view.deal.amount_minor / _KOPECKS if view.deal is not None else ""


def _paid(view: View, _frame: Frame) -> CellValue:
    return view.deal.paid_minor / _KOPECKS if view.deal is not None else ""


def _debt(view: View, _frame: Frame) -> CellValue:
    deal = view.deal
    return max(0, deal.amount_minor - deal.paid_minor) / _KOPECKS if deal is not None else ""


def receipts_told(receipts: Sequence[Receipt], frame: Frame) -> str:
    """Return the receipts in one cell: where each can be seen, or its number."""
    shown = (it.link or frame.say("receipt_number", number=it.number) for it in receipts)
    return "\n".join(
        frame.say("receipt_back", receipt=said) if it.back else said
        for it, said in zip(receipts, shown, strict=True)
    )


def _receipts(view: View, frame: Frame) -> CellValue:
    return receipts_told(view.deal.receipts, frame) if view.deal is not None else ""


def _invoice_due(view: View, frame: Frame) -> CellValue:
    return frame.date(view.deal.invoice_due if view.deal is not None else None)


def _contractor(view: View, _frame: Frame) -> CellValue:
    return view.deal.contractor if view.deal is not None else ""


def _contractor_due(view: View, frame: Frame) -> CellValue:
    return frame.date(view.deal.contractor_due if view.deal is not None else None)


def _cold(view: View, frame: Frame) -> CellValue:
    """Return when the deal goes cold: the row takes its colour at that moment by itself."""
    stage = stage_of(view.deal, frame.settings) if view.deal is not None else None
    if view.deal is None or stage is None:
        return ""
    found = signals.limits(view.deal, stage, frame.settings.office.work)
    return frame.date(found.cold_at) if found is not None else ""


def stages(frame: Frame) -> list[str]:
    """Return the names of the stages of every pipeline of deals that is switched on."""
    lines = (line for line in frame.settings.office.pipelines if line.kind != "lead")
    found: list[Stage] = [stage for line in lines if line.active for stage in line.stages]
    return list(dict.fromkeys(frame.named(stage) for stage in found))


def is_open_here(view: View, _frame: Frame) -> bool:
    """Return whether somebody still has to act on the deal."""
    return view.deal is not None and is_open(view.deal)


def is_mine(view: View, frame: Frame) -> bool:
    """Return whether it is an open deal of the reader, of their pair, or one they work on."""
    deal = view.deal
    if deal is None or not is_open(deal):
        return False
    hands = {deal.owner_id, *(item.staff_id for item in deal.participants)}
    return not frame.circle.isdisjoint(filter(None, hands))


NAME = Column("name", "deal", 210, _name, editable=True, winner=Winner.SHEET, reads=("deal.name",))
CLIENT = Column("client", "client", 200, _client, reads=("client.name",), link=card_of)
PAYER = Column("company", "payer", 170, _company, reads=("client.name",))
STAGE = Column(
    "stage", "stage", 220, _stage, Kind.CHOICE,
    editable=True, choices=stages, reads=("deal.stage",),
)  # fmt: skip
OWNER = Column(
    "owner", "owner", 140, _owner, Kind.CHOICE,
    editable=True, winner=Winner.SHEET, choices=people, reads=("deal.owner_id",),
)  # fmt: skip
AMOUNT = Column(
    "amount", "amount", 110, _amount, Kind.MONEY, editable=True, reads=("deal.amount_minor",)
)
PAID = Column("paid", "paid", 110, _paid, Kind.MONEY, reads=("deal.paid_minor",))
DEBT = Column(
    "debt", "debt", 110, _debt, Kind.MONEY, reads=("deal.amount_minor", "deal.paid_minor")
)
RECEIPTS = Column("receipts", "receipts", 200, _receipts, reads=("deal.receipts",))
INVOICE_DUE = Column(
    "invoice_due", "invoice_due", 125, _invoice_due, Kind.DATE, reads=("deal.invoice_due",)
)
CONTRACTOR = Column(
    "contractor", "contractor", 160, _contractor, editable=True, reads=("deal.contractor",)
)
CONTRACTOR_DUE = Column(
    "contractor_due", "contractor_due", 125, _contractor_due, Kind.DATE,
    reads=("deal.contractor_due",),
)  # fmt: skip
NEXT = Column("next", "next", 190, _next_step, reads=("deal.next_action",), link=files_of)
DUE = Column("due", "due", 125, _due, Kind.DATE, reads=("deal.next_at",))
NOTE = Column("note", "note", 240, _note, editable=True, winner=Winner.SHEET, reads=("deal.note",))
COLD = Column("cold", "cold", 0, _cold, Kind.DATE, reads=("deal.last_touch_at",))
