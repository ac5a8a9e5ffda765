"""«Платежи без счёта»: money that came and found no deal; I7."""

from dataclasses import replace

from kartoteka.i18n import channel
from kartoteka.ports import CellValue
from sync.columns import Column, Frame, Kind, Tab, View
from sync.shelf.sales import receipts_told
from sync.shelf.tabs import acting

_KOPECKS = 100
_WAITS = frozenset({"unchecked", "unmatched"})
_SHEET = 1010
_CHOSEN, _OUTCOME = acting("unmatched")


def _at(view: View, frame: Frame) -> CellValue:
    return frame.date(view.payment.at) if view.payment is not None else ""


def _service(view: View, frame: Frame) -> CellValue:
    return channel(view.payment.channel, frame.locale) if view.payment is not None else ""


def _amount(view: View, _frame: Frame) -> CellValue:
    return view.payment.net_minor / _KOPECKS if view.payment is not None else ""


def _currency(view: View, _frame: Frame) -> CellValue:
    return view.payment.currency if view.payment is not None else ""


def _numbers(view: View, _frame: Frame) -> CellValue:
    return ", ".join(view.payment.numbers) if view.payment is not None else ""


def _receipts(view: View, frame: Frame) -> CellValue:
    return receipts_told(view.payment.receipts, frame) if view.payment is not None else ""


def _payer(view: View, _frame: Frame) -> CellValue:
    return view.payment.payer_name if view.payment is not None else ""


def _payer_reach(view: View, _frame: Frame) -> CellValue:
    payment = view.payment
    return ", ".join((*payment.payer_phones, *payment.payer_emails)) if payment is not None else ""


def _why(view: View, frame: Frame) -> CellValue:
    payment = view.payment
    if payment is None:
        return ""
    return frame.say(payment.why or f"payment_{payment.state}")


def waits(view: View, _frame: Frame) -> bool:
    """Return whether a person, or the service, has to say whose money it is."""
    return view.payment is not None and view.payment.state in _WAITS


UNMATCHED = Tab(
    key="unmatched",
    title="tab_unmatched",
    sheet_id=_SHEET,
    columns=(
        Column("at", "at", 125, _at, Kind.DATE, reads=("payment.at",)),
        Column("service", "provider", 120, _service, reads=("payment.channel",)),
        Column(
            "amount", "amount", 110, _amount, Kind.MONEY,
            reads=("payment.amount_minor", "payment.refunded_minor"),
        ),
        Column("currency", "currency", 80, _currency, reads=("payment.currency",)),
        Column("numbers", "numbers", 160, _numbers, reads=("payment.numbers",)),
        Column("receipts", "receipts", 200, _receipts, reads=("payment.receipts",)),
        Column("payer", "payer", 180, _payer, reads=("payment.payer_name",)),
        Column(
            "payer_reach", "payer_reach", 200, _payer_reach,
            reads=("payment.payer_phones", "payment.payer_emails"),
        ),
        Column("why", "why", 260, _why, reads=("payment.why", "payment.state")),
        replace(_CHOSEN, reads=("payment.state",)),  # closed to whoever may only read it
        _OUTCOME,
    ),
    entity="payment",
    holds=waits,
    actions="unmatched",
)  # fmt: skip
