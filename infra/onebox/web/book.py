"""A tab of the workbook as AG Grid wants it: columns, rows, and what changed between two looks."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

MOST_ROWS = 2000  # the newest; a browser is not asked to hold more
Row = dict[str, Any]
Snapshot = Mapping[str, Any]

_NUMBER_COLUMN = {
    "field": "row",
    "headerName": "",
    "width": 46,
    "pinned": "left",
    "editable": False,
    "sortable": False,
    "resizable": False,
    "suppressMovable": True,
    "cellClass": "kt-number",
    "headerClass": "kt-number",
}


@dataclass(frozen=True, slots=True)
class Tab:
    """One tab: `rows` are AG Grid rows, each with its 1-based number in `row`.

    `board` is the tab as the stand-in draws it, if it has charts; `about` is what a header says
    of the whole tab.
    """

    sheet_id: int
    title: str
    columns: tuple[Row, ...]
    rows: tuple[Row, ...]
    total: int
    board: Snapshot | None = None
    about: str = ""


@dataclass(frozen=True, slots=True)
class Difference:
    """What a grid must do to show the new rows."""

    add: list[Row]
    update: list[Row]
    remove: list[Row]

    def __bool__(self) -> bool:
        return bool(self.add or self.update or self.remove)


def difference(old: Sequence[Row], new: Sequence[Row]) -> Difference:
    """Return the rows to add, change and remove; rows are the same by their number."""
    before = {row["row"]: row for row in old}
    after = {row["row"] for row in new}
    return Difference(
        add=[row for row in new if row["row"] not in before],
        update=[row for row in new if row["row"] in before and before[row["row"]] != row],
        remove=[{"row": number} for number in before if number not in after],
    )


def new_notes(old: Sequence[Row], new: Sequence[Row]) -> list[tuple[tuple[int, str], str]]:
    """Return the notes that cells got between two looks, each with its row number and field."""
    before = {row["row"]: row.get("notes", {}) for row in old}
    return [
        ((row["row"], field), note)
        for row in new
        for field, note in row.get("notes", {}).items()
        if before.get(row["row"], {}).get(field) != note
    ]


def columns(tab: Tab) -> list[Row]:
    """Return the columns of the grid: the numbers of the rows, then those of the tab."""
    return [_NUMBER_COLUMN, *tab.columns]


def same_columns(old: Sequence[Row] | None, new: Sequence[Row]) -> bool:
    """Return whether two looks show the same columns, whatever their headings say now."""
    return old is not None and [_unnamed(one) for one in old] == [_unnamed(one) for one in new]


def _unnamed(column: Row) -> Row:
    name = str(column.get("headerName", "")).partition("\n")[0]
    return {**column, "headerName": name}


def grid_options(tab: Tab, nothing: str = "") -> dict[str, Any]:
    """Return the AG Grid options of a tab; text is never taken for HTML.

    `nothing` is what a tab without rows says.
    """
    return {
        "localeText": {"noRowsToShow": nothing},
        "columnDefs": columns(tab),
        "rowData": list(tab.rows),
        ":getRowId": "params => String(params.data.row)",
        "defaultColDef": _cell_behaviour(),
        "rowHeight": 38,
        "headerHeight": 46,
        "tooltipShowDelay": 150,
        "tooltipInteraction": False,
        "stopEditingWhenCellsLoseFocus": True,
        "enterNavigatesVerticallyAfterEdit": True,
        "undoRedoCellEditing": False,
        "suppressFieldDotNotation": True,
        "suppressScrollOnNewData": True,
        "suppressDragLeaveHidesColumns": True,
        "cellFlashDuration": 900,
    }


# A cell that leads to files: its text as text, behind it a clip instead of the sign for one, which
# not every machine can draw.
_LEADING = (
    "cell => { const box = document.createElement('span'), to = document.createElement('a');"
    " box.textContent = (cell.value ?? '').replace('📎', ''); to.href = led; to.target = '_blank';"
    " to.rel = 'noopener noreferrer'; to.className = 'kt-led'; to.setAttribute('aria-label', '📎');"
    " to.addEventListener('dblclick', event => event.stopPropagation());"
    " box.append(to); return box; }"
)


def _cell_behaviour() -> dict[str, Any]:
    here = "const at = p.colDef.field; const row = p.data || {};"
    return {
        "sortable": False,
        "resizable": True,
        "suppressMovable": True,
        "wrapHeaderText": True,
        "autoHeaderHeight": True,
        "enableCellChangeFlash": True,
        ":editable": f"p => {{ {here} return !!(row.open || {{}})[at]; }}",
        ":cellStyle": (
            f"p => {{ {here} return {{backgroundColor: (row.paint || {{}})[at] || null,"
            " color: (row.ink || {})[at] || null}; }"
        ),
        "cellClassRules": {
            "kt-noted": "!!((data || {}).notes || {})[colDef.field]",
            "kt-locked": "!((data || {}).open || {})[colDef.field]",
            "kt-choice": "!!((data || {}).choices || {})[colDef.field]",
        },
        ":tooltipValueGetter": f"p => {{ {here} return (row.notes || {{}})[at] || null; }}",
        ":cellRendererSelector": (
            f"p => {{ {here} const led = (row.links || {{}})[at];"
            f" return led ? {{component: {_LEADING}}} : undefined; }}"
        ),
        ":cellEditorSelector": (
            f"p => {{ {here} const some = (row.choices || {{}})[at];"
            " return some ? {component: 'agSelectCellEditor', params: {values: some,"
            " valueListMaxHeight: 320}} : {component: 'agTextCellEditor'}; }"
        ),
    }
