"""A tab with charts on the page: its cells as a table, its charts as ECharts draws them."""

from onebox.web.board import options, place, table
from onebox.web.snapshot import tabs

HEADERS = [{"text": "Кто"}, {"text": "Факт"}, {"text": "План"}]
ROWS = [
    HEADERS,
    [{"text": "<b>Анна</b>"}, {"text": "1 000", "number": 1000}, {"text": "2 000", "number": 2000}],
    [{"text": "Борис"}, {"text": ""}, {"text": "500", "number": 500, "bold": True, "size": 10}],
]


def source(column, top=0):
    area = {"startRowIndex": top, "endRowIndex": 3, "startColumnIndex": column,
            "endColumnIndex": column + 1}  # fmt: skip
    return {"sourceRange": {"sources": [area]}}


def chart(kind, **more):
    series = [
        {"series": source(1), "type": "COLUMN", "color": {"red": 1}},
        {"series": source(2), "type": "LINE", "color": {}},
    ]
    if kind != "COMBO":
        series = [{"series": one["series"]} for one in series]
    basic = {"chartType": kind, "headerCount": 1, "legendPosition": "BOTTOM_LEGEND",
             "domains": [{"domain": source(0)}], "series": series, **more}  # fmt: skip
    over = {"anchorCell": {"rowIndex": 1, "columnIndex": 1}, "widthPixels": 300,
            "heightPixels": 200}  # fmt: skip
    return {"spec": {"title": "План", "basicChart": basic}, "position": {"overlayPosition": over}}


def drawn(*charts):
    return {"sheet_id": 7, "title": "Сводка", "rows": ROWS, "charts": list(charts),
            "widths": [100, 50, 50], "heights": [20, 30, 20], "hidden": [],
            "merges": [{"startRowIndex": 1, "endRowIndex": 2, "startColumnIndex": 1,
                        "endColumnIndex": 3}]}  # fmt: skip


def test_text_of_cells_is_never_html():
    assert "&lt;b&gt;Анна&lt;/b&gt;" in table(drawn())


def test_merged_cells_are_one():
    shown = table(drawn())

    assert 'colspan="2"' in shown
    assert shown.count("<td") == 8


def test_combo_is_columns_and_a_line_with_gaps_where_cells_are_empty():
    found = options(drawn(), chart("COMBO"), "ru")

    assert [(one["type"], one["data"]) for one in found["series"]] == [
        ("bar", [1000, None]),
        ("line", [2000, 500]),
    ]
    assert found["xAxis"]["data"] == ["<b>Анна</b>", "Борис"]
    assert found["series"][0]["itemStyle"] == {"color": "#ff0000"}


def test_numbers_of_an_axis_are_grouped_as_the_page_s_language_does():
    shown = [options(drawn(), chart("LINE"), lang)["yAxis"]["axisLabel"] for lang in ("ru", "en")]

    assert [label[":formatter"].rpartition("toLocaleString")[2] for label in shown] == [
        "('ru')",
        "('en')",
    ]


def test_bars_lie_and_stack():
    found = options(drawn(), chart("BAR", stackedType="STACKED"), "ru")

    assert found["yAxis"]["type"] == "category"
    assert found["yAxis"]["inverse"] is True
    assert {one["stack"] for one in found["series"]} == {"all"}


def test_chart_lies_where_its_anchor_is():
    assert place(drawn(), chart("LINE")) == "left:100px;top:20px;width:300px;height:200px"


def test_tab_with_charts_is_a_board_and_no_grid():
    [tab] = tabs({"tabs": [drawn(chart("LINE"))]})

    assert tab.board is not None
    assert tab.columns == ()
