"""«Счета»: invoices of which something is still expected; I5, I7."""

from kartoteka.domain.sales_paper import INVOICE, LIVING
from kartoteka.ports import CellValue
from sync.columns import Column, Frame, Kind, Tab, View
from sync.shelf.tabs import acting

_KOPECKS = 100
_SHEET = 1013


def _label(view: View, _frame: Frame) -> CellValue:
    return view.paper.label if view.paper is not None else ""


def _state(view: View, frame: Frame) -> CellValue:
    return frame.say(f"paper_state_{view.paper.state}") if view.paper is not None else ""


def _payer(view: View, _frame: Frame) -> CellValue:
    if view.company is not None:
        return view.company.name
    return view.client.name if view.client is not None else ""


def _subject(view: View, _frame: Frame) -> CellValue:
    return view.paper.subject if view.paper is not None else ""


def _total(view: View, _frame: Frame) -> CellValue:
    return view.paper.total_minor / _KOPECKS if view.paper is not None else ""


def _paid(view: View, _frame: Frame) -> CellValue:
    return view.paper.paid_minor / _KOPECKS if view.paper is not None else ""


def _due(view: View, frame: Frame) -> CellValue:
    return frame.date(view.paper.due if view.paper is not None else None)


def waits(view: View, _frame: Frame) -> bool:
    """Return whether it is an invoice that is to be sent, or to be paid still."""
    return view.paper is not None and view.paper.what == INVOICE and view.paper.state in LIVING


INVOICES = Tab(
    key="invoices",
    title="tab_invoices",
    sheet_id=_SHEET,
    columns=(
        Column("label", "paper_label", 110, _label, reads=("paper.label",)),
        Column("state", "state", 140, _state, reads=("paper.state",)),
        Column("payer", "payer", 200, _payer, reads=("paper.payer", "client.name")),
        Column("subject", "paper_subject", 200, _subject, reads=("paper.subject",)),
        Column("amount", "amount", 110, _total, Kind.MONEY, reads=("paper.total_minor",)),
        Column("paid", "paid", 110, _paid, Kind.MONEY, reads=("paper.paid_minor",)),
        Column("due", "invoice_due", 125, _due, Kind.DATE, reads=("paper.due",)),
        *acting("invoice"),
    ),
    entity="paper",
    holds=waits,
    actions="invoice",
)
