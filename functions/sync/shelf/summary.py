"""«Сводка»: the figures of the office with charts, and how much waits for whom."""

from kartoteka.domain.model import Role
from kartoteka.ports import CellValue
from sync.columns import FIGURES, Column, Frame, Tab, View
from sync.shelf import tabs
from sync.shelf.editions import Book


def _drawn(_view: View, _frame: Frame) -> CellValue:
    return ""  # blocks are drawn by `sync.board`, they have no rows


def _block(key: str, *reads: str) -> Column:
    """Return a block of figures: who may not read these fields has no such block."""
    return Column(key, "figures", 0, _drawn, reads=reads)


BOARD = Tab(
    key="figures",
    title="tab_summary",
    sheet_id=1010,
    columns=(
        _block("leads", "lead.first_touch", "lead.created_at"),
        _block("funnel", "lead.stage", "deal.stage", "lead.state", "deal.state"),
        _block("speed", "lead.created_at", "activity.at"),
        _block("limits", "lead.created_at", "lead.stage", "deal.stage", "activity.at"),
        _block("people", "staff.name", "lead.owner_id", "deal.owner_id", "task.due_at"),
        _block("sales", "deal.amount_minor", "deal.won_at", "deal.owner_id"),
        _block("plan", "plan.amount_minor"),
    ),
    two_way=False,
    entity=FIGURES,
)

BOOK = Book(
    key="summary",
    title="book_summary",
    roles=frozenset({Role.DIRECTOR}),
    tabs=(BOARD, tabs.COLLEAGUES),
)
