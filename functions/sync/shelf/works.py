"""«Работы»: the deals that one executor works on."""

from kartoteka.domain.model import Role
from sync.columns import Tab
from sync.shelf import sales, tabs
from sync.shelf.editions import Book

WORKS = Tab(
    key="deals",
    title="tab_works",
    sheet_id=tabs.MY_DEALS.sheet_id,
    columns=(
        sales.NAME,
        sales.CLIENT,
        sales.STAGE,
        sales.CONTRACTOR,
        sales.CONTRACTOR_DUE,
        sales.NEXT,
        sales.DUE,
        *tabs.acting("work"),
        sales.COLD,
    ),
    entity="deal",
    holds=sales.is_open_here,
    actions="work",
)

BOOK = Book(
    key="works",
    title="book_works",
    roles=frozenset({Role.EXECUTOR}),
    tabs=(WORKS, tabs.MY_TASKS, tabs.HISTORY),
)
