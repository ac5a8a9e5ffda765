"""«Оплаты»: what is to be invoiced and paid."""

from kartoteka.domain.model import Role
from sync.columns import Tab
from sync.shelf import sales, tabs
from sync.shelf.editions import Book
from sync.shelf.invoices import INVOICES
from sync.shelf.unmatched import UNMATCHED

PAYMENTS = Tab(
    key="deals",
    title="tab_payments",
    sheet_id=tabs.MY_DEALS.sheet_id,
    columns=(
        sales.NAME,
        sales.PAYER,
        sales.STAGE,
        sales.AMOUNT,
        sales.PAID,
        sales.DEBT,
        sales.RECEIPTS,
        sales.INVOICE_DUE,
        *tabs.acting("payment"),
    ),
    entity="deal",
    holds=sales.is_open_here,
    actions="payment",
)

BOOK = Book(
    key="payments",
    title="book_payments",
    roles=frozenset({Role.ACCOUNTANT, Role.FINANCE}),
    tabs=(PAYMENTS, INVOICES, UNMATCHED, tabs.TASKS),
)
