"""A tab with charts as a page draws it: the cells as a table, each chart where Sheets has it."""

from collections.abc import Mapping, Sequence
from html import escape
from typing import Any

Drawn = Mapping[str, Any]  # a tab of the stand-in's snapshot
_STYLES = {
    "bold": "font-weight:600",
    "italic": "font-style:italic",
}
_POINT = 1.33  # pixels of a point
_GRID = {"left": 14, "right": 22, "top": 50, "bottom": 34, "containLabel": True}
_FEW = 10  # places: each has its label
_INK, _MUTED, _LINE = "#1f3a5f", "#5f6b7a", "#e6eaf0"


def table(drawn: Drawn) -> str:
    """Return the cells as an HTML table; text of cells is never taken for HTML."""
    widths, heights = drawn["widths"], drawn["heights"]
    columns = "".join(f'<col style="width:{width}px">' for width in widths)
    spans, covered = _merged(drawn["merges"])
    lines = []
    for row, height in enumerate(heights):
        cells = drawn["rows"][row] if row < len(drawn["rows"]) else []
        shown = (
            _cell(cells[column] if column < len(cells) else {}, spans.get((row, column), 1))
            for column in range(len(widths))
            if (row, column) not in covered
        )
        lines.append(f'<tr style="height:{height}px">{"".join(shown)}</tr>')
    return (
        f'<table class="kt-board-table" style="width:{sum(widths)}px">'
        f"<colgroup>{columns}</colgroup>{''.join(lines)}</table>"
    )


def place(drawn: Drawn, chart: Mapping[str, Any]) -> str:
    """Return where a chart lies over the table, as CSS."""
    over = chart["position"]["overlayPosition"]
    anchor = over["anchorCell"]
    left = sum(drawn["widths"][: anchor.get("columnIndex", 0)]) + over.get("offsetXPixels", 0)
    top = sum(drawn["heights"][: anchor.get("rowIndex", 0)]) + over.get("offsetYPixels", 0)
    size = f"width:{over['widthPixels']}px;height:{over['heightPixels']}px"
    return f"left:{left}px;top:{top}px;{size}"


def options(drawn: Drawn, chart: Mapping[str, Any], locale: str) -> dict[str, Any]:
    """Return what ECharts draws of a chart: bars, columns and lines of a basic one.

    `locale` chooses how numbers are grouped.
    """
    spec = chart["spec"]
    basic = spec["basicChart"]
    headers = basic.get("headerCount", 0)
    names = [
        str(cell.get("text", ""))
        for cell in _column(drawn, basic["domains"][0]["domain"])[headers:]
    ]
    lies = basic["chartType"] == "BAR"
    grouped = f"value => value == null ? '—' : Number(value).toLocaleString({locale!r})"
    across = {
        "type": "category",
        "data": names,
        "inverse": lies,
        "axisTick": {"show": False},
        "axisLine": {"lineStyle": {"color": _LINE}},
        "axisLabel": {
            "color": _MUTED,
            "fontSize": 11,
            "width": 190 if lies or len(names) > _FEW else 82,
            "overflow": "truncate" if lies or len(names) > _FEW else "break",
            **({"interval": 0} if len(names) <= _FEW else {}),
            **({} if lies or len(names) > _FEW else {"lineHeight": 13}),  # of broken labels
        },
    }
    along = {
        "type": "value",
        "splitLine": {"lineStyle": {"color": _LINE}},
        "axisLabel": {"color": _MUTED, "fontSize": 11, ":formatter": grouped},
    }
    series = [_series(drawn, basic, one, headers) for one in basic["series"]]
    many = basic.get("legendPosition") != "NO_LEGEND"
    return {
        "animation": False,
        "title": {
            "text": spec.get("title", ""),
            "left": 12,
            "top": 10,
            "textStyle": {"fontSize": 14, "color": _INK, "fontWeight": 600},
        },
        "tooltip": {"trigger": "axis", ":valueFormatter": grouped},
        "legend": {"show": many, "bottom": 6, "itemWidth": 12, "itemHeight": 8},
        "grid": {**_GRID, "bottom": 34 if many else 22},
        "xAxis": along if lies else across,
        "yAxis": across if lies else along,
        "series": series,
    }


def _series(
    drawn: Drawn, basic: Mapping[str, Any], one: Mapping[str, Any], headers: int
) -> dict[str, Any]:
    cells = _column(drawn, one["series"])
    kind = one.get("type", basic["chartType"])
    is_line = kind == "LINE"
    found: dict[str, Any] = {
        "name": str(cells[0].get("text", "")) if headers and cells else "",
        "type": "line" if is_line else "bar",
        "data": [cell.get("number") for cell in cells[headers:]],
        "itemStyle": {"color": _colour(one.get("color", {}))},
        "showSymbol": False,
        "barMaxWidth": 34,
    }
    if is_line:
        found["lineStyle"] = {"width": one.get("lineStyle", {}).get("width", 2)}
    elif basic.get("stackedType") == "STACKED":
        found["stack"] = "all"
    elif len(basic["series"]) == 1:
        aside = "right" if kind == "BAR" else "top"
        found["label"] = {"show": True, "position": aside, "color": _INK, "fontSize": 11}
    return found


def _column(drawn: Drawn, data: Mapping[str, Any]) -> list[Mapping[str, Any]]:
    """Return the cells of a one-column source."""
    area = data["sourceRange"]["sources"][0]
    column, rows = area.get("startColumnIndex", 0), drawn["rows"]
    numbers = range(area.get("startRowIndex", 0), area["endRowIndex"])
    return [_at(rows, row, column) for row in numbers]


def _at(rows: Sequence[Sequence[Mapping[str, Any]]], row: int, column: int) -> Mapping[str, Any]:
    there = row < len(rows) and column < len(rows[row])
    return rows[row][column] if there else {}


def _merged(
    merges: Sequence[Mapping[str, int]],
) -> tuple[dict[tuple[int, int], int], set[tuple[int, int]]]:
    """Return how many columns the first cell of a merge takes, and which cells it covers."""
    spans, covered = {}, set()
    for area in merges:
        row, first = area.get("startRowIndex", 0), area.get("startColumnIndex", 0)
        spans[row, first] = area["endColumnIndex"] - first
        covered |= {(row, column) for column in range(first + 1, area["endColumnIndex"])}
    return spans, covered


def _cell(cell: Mapping[str, Any], span: int) -> str:
    style = [f"text-align:{str(cell.get('align', 'left')).lower()}"]
    style += [f"{name}:{cell[name]}" for name in ("background", "color") if cell.get(name)]
    style += [_STYLES[name] for name in ("bold", "italic") if cell.get(name)]
    if cell.get("size"):
        style.append(f"font-size:{round(cell['size'] * _POINT)}px")
    if cell.get("wrap") == "WRAP":
        style.append("white-space:normal")
    wide = f' colspan="{span}"' if span > 1 else ""
    return f'<td{wide} style="{";".join(style)}">{escape(str(cell.get("text", "")))}</td>'


def _colour(parts: Mapping[str, float]) -> str:
    shares = (round(255 * parts.get(name, 0)) for name in ("red", "green", "blue"))
    return "#" + "".join(f"{share:02x}" for share in shares)
