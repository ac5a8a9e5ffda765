"""From the picture of a spreadsheet to the rows of the grid."""

from hypothesis import given
from hypothesis import strategies as st

from onebox.web.book import Difference, difference, grid_options, new_notes
from onebox.web.snapshot import tabs

HEADER = [{"text": title, "editable": False, "background": "#1f3a5f"} for title in ("ID", "Имя")]


def picture(*rows, hidden=(0,)):
    drawn = [[{"text": text, "editable": True, **more} for text, more in row] for row in rows]
    tab = {"sheet_id": 7, "title": "Лиды", "widths": [100, 190], "hidden": list(hidden)}
    return {"tabs": [{**tab, "rows": [HEADER, *drawn]}]}


def row(number, **cells):
    return {"row": number, "notes": {}, **cells}


def test_hidden_columns_are_not_sent_to_the_browser_as_columns():
    (tab,) = tabs(picture([("ld_1", {}), ("Мария", {})]))

    assert [column["field"] for column in tab.columns] == ["c2"]
    assert tab.columns[0]["headerName"] == "Имя"


def test_cell_keeps_text_note_colour_choices_and_lock():
    look = {"note": "нельзя", "background": "#fff2cc", "options": ["a", "b"], "editable": False}
    (tab,) = tabs(picture([("ld_1", {}), ("<b>Мария</b>", look)]))
    (shown,) = tab.rows

    assert shown["c2"] == "<b>Мария</b>"
    assert shown["notes"] == {"c2": "нельзя"}
    assert shown["paint"] == {"c2": "#fff2cc"}
    assert shown["choices"] == {"c2": ["a", "b"]}
    assert shown["open"] == {"c1": True}


def test_cell_leads_to_files_of_this_machine_and_nowhere_else():
    files, card = "http://127.0.0.1:8080/api/f/x", "https://contacts.google.com/search/1"
    (tab,) = tabs(picture([("ld_1", {"link": card}), ("Звонок 📎", {"link": files})]))

    assert tab.rows[0]["links"] == {"c2": files}


def test_column_of_numbers_stands_as_in_the_sheet():
    (tab,) = tabs(picture([("ld_1", {"align": "LEFT"}), ("226 000,00", {"align": "RIGHT"})]))
    (plain,) = tabs(picture([("ld_1", {}), ("Мария", {"align": "LEFT"})]))

    assert tab.columns[0]["cellClass"] == "kt-right"
    assert "cellClass" not in plain.columns[0]


def test_formatted_rows_without_text_at_the_end_are_left_out():
    blank = [("", {"background": "#eef4ff"}), ("", {"options": ["a"]})]
    (tab,) = tabs(picture([("ld_1", {}), ("Мария", {})], blank, blank))

    assert (len(tab.rows), tab.total) == (1, 1)


def test_rows_are_numbered_as_in_the_sheet():
    (tab,) = tabs(picture(*[[(f"ld_{n}", {}), ("x", {})] for n in range(3)]))

    assert [shown["row"] for shown in tab.rows] == [2, 3, 4]


def test_tab_without_drawn_rows_is_empty():
    shown = picture()
    shown["tabs"][0]["rows"] = []

    (tab,) = tabs(shown)

    assert (tab.columns, tab.rows, tab.total) == ((), (), 0)


grids = st.dictionaries(st.integers(2, 30), st.text(max_size=3)).map(
    lambda found: [row(number, c1=text) for number, text in sorted(found.items())]
)


@given(grids, grids)
def test_difference_applied_to_the_old_rows_gives_the_new_ones(old, new):
    changes = difference(old, new)
    shown = {each["row"]: each for each in old}
    for each in changes.remove:
        del shown[each["row"]]
    for each in changes.update:
        assert each["row"] in shown
        shown[each["row"]] = each
    for each in changes.add:
        assert each["row"] not in shown
        shown[each["row"]] = each

    assert sorted(shown.values(), key=lambda each: each["row"]) == new


@given(grids)
def test_equal_rows_cost_nothing(rows):
    assert not difference(rows, [dict(each) for each in rows])
    assert Difference([], [], []) == difference(rows, rows)


def test_new_note_is_told_with_its_place_and_an_old_one_is_not():
    old = [row(2, c1="a"), {"row": 3, "notes": {"c1": "old"}}]
    new = [{"row": 2, "notes": {"c1": "new"}}, {"row": 3, "notes": {"c1": "old"}}]

    assert new_notes(old, new) == [((2, "c1"), "new")]


def test_grid_renders_text_and_never_html():
    (tab,) = tabs(picture([("ld_1", {}), ("<script>", {})]))
    options = grid_options(tab)

    assert "innerHTML" not in str(options)
    assert {"cellRenderer", ":cellRenderer"}.isdisjoint(options["defaultColDef"])
    assert "textContent = (cell.value" in str(options)
    assert options["rowData"][0]["c2"] == "<script>"


def test_column_that_wraps_shows_its_texts_whole_and_others_stay_one_line():
    long = ("задача «Перезвонить» ответственному через 15 рабочих минут", {"wrap": "WRAP"})
    (wrapped,) = tabs(picture([("ld_1", {}), long]))
    (plain,) = tabs(picture([("ld_1", {}), ("Мария", {"wrap": "CLIP"})]))

    assert wrapped.columns[0]["autoHeight"]
    assert wrapped.columns[0]["wrapText"]
    assert "autoHeight" not in plain.columns[0]


def test_note_of_a_header_tells_what_the_tab_is_about():
    shown = picture()
    noted = {**HEADER[1], "note": "Здесь заявки."}
    shown["tabs"][0]["rows"] = [[HEADER[0], noted]]

    assert [tab.about for tab in tabs(shown)] == ["Здесь заявки."]
    assert [tab.about for tab in tabs(picture())] == [""]


def test_tab_without_rows_says_so_in_the_readers_language():
    (tab,) = tabs(picture())

    assert grid_options(tab, "Строк пока нет.")["localeText"] == {"noRowsToShow": "Строк пока нет."}
