"""What cells look like: bands, conditional formats, colour scales, rows hidden by filters."""

import pytest

_RED, _GREEN, _WHITE = {"red": 1}, {"green": 1}, {"red": 1, "green": 1, "blue": 1}


def _box(top, bottom, left, right):
    return {
        "startRowIndex": top,
        "endRowIndex": bottom,
        "startColumnIndex": left,
        "endColumnIndex": right,
    }


def _rule(text, **style):
    condition = {"type": "TEXT_CONTAINS", "values": [{"userEnteredValue": text}]}
    return {"ranges": [_box(0, 9, 0, 1)], "booleanRule": {"condition": condition, "format": style}}


def _backgrounds(book, cells):
    return [book.cell(name)["effectiveFormat"]["backgroundColor"] for name in cells]


@pytest.fixture
def numbers(book):
    book.put("A1", [[0], [50], [100], ["текст"]])
    return book


def test_rule_that_holds_shows_in_the_effective_format_only(book):
    book.put("A1", [["срочно"], ["потом"]])
    book.batch({"addConditionalFormatRule": {"rule": _rule("срочно", backgroundColor=_RED)}})
    first, second = book.cell("A1"), book.cell("A2")

    assert first["effectiveFormat"]["backgroundColor"] == _RED
    assert "userEnteredFormat" not in first
    assert second["effectiveFormat"]["backgroundColor"] == _WHITE


def test_earlier_of_two_rules_wins_where_they_meet(book):
    book.put("A1", [["срочно и дорого"]])
    first = _rule("срочно", backgroundColor=_RED)
    second = _rule("дорого", backgroundColor=_GREEN, textFormat={"italic": True})
    book.batch(
        {"addConditionalFormatRule": {"rule": first}},
        {"addConditionalFormatRule": {"rule": second, "index": 1}},
    )
    style = book.cell("A1")["effectiveFormat"]

    assert style["backgroundColor"] == _RED
    assert style["textFormat"]["italic"] is True


@pytest.mark.parametrize(
    ("middle", "expected"),
    [
        (None, [{}, {"red": 0.5}, {"red": 1}]),
        ({"type": "PERCENT", "value": "50", "color": _GREEN}, [{}, _GREEN, {"red": 1}]),
        ({"type": "PERCENTILE", "value": "50", "color": _GREEN}, [{}, _GREEN, {"red": 1}]),
        ({"type": "NUMBER", "value": "=5*20", "color": _GREEN}, [{}, {"green": 0.5}, _GREEN]),
    ],
)
def test_scale_colours_numbers_between_its_points(numbers, middle, expected):
    points = {"minpoint": {"type": "MIN", "color": {}}, "maxpoint": {"type": "MAX", "color": _RED}}
    if middle:
        points["midpoint"] = middle
    rule = {"ranges": [_box(0, 9, 0, 1)], "gradientRule": points}
    numbers.batch({"addConditionalFormatRule": {"rule": rule}})

    assert _backgrounds(numbers, ["A1", "A2", "A3"]) == expected
    assert _backgrounds(numbers, ["A4"]) == [_WHITE]


def test_bands_colour_header_rows_and_footer_under_a_format_of_ones_own(numbers):
    grey, blue = {"red": 0.4, "green": 0.4, "blue": 0.4}, {"blue": 1}
    rows = {"headerColor": grey, "firstBandColor": _GREEN, "secondBandColor": _RED}
    band = {"range": _box(0, 4, 0, 1), "rowProperties": {**rows, "footerColor": blue}}
    own = {"userEnteredFormat": {"backgroundColor": {"red": 1, "blue": 1}}}
    numbers.batch(
        {"addBanding": {"bandedRange": band}},
        {
            "repeatCell": {
                "range": _box(2, 3, 0, 1),
                "cell": own,
                "fields": "userEnteredFormat.backgroundColor",
            }
        },
    )

    assert _backgrounds(numbers, ["A1", "A2", "A3", "A4"]) == [
        grey,
        _GREEN,
        {"red": 1, "blue": 1},
        blue,
    ]


def test_filter_tells_its_criteria_in_both_spellings_and_hides_rows(book):
    book.put("A1", [["Этап"], ["Новый"], ["Отказ"], ["Новый"]])
    specs = [{"columnIndex": 0, "filterCriteria": {"hiddenValues": ["Отказ"]}}]
    book.batch({"setBasicFilter": {"filter": {"range": _box(0, 4, 0, 1), "filterSpecs": specs}}})
    kept = book.sheet()["basicFilter"]
    rows = book.resource("sheets.data.rowMetadata", ranges="A1:A4")["sheets"][0]["data"][0]

    assert kept["criteria"] == {"0": {"hiddenValues": ["Отказ"]}}
    assert kept["filterSpecs"] == specs
    assert [one.get("hiddenByFilter", False) for one in rows["rowMetadata"]] == [
        False,
        False,
        True,
        False,
    ]


@pytest.mark.parametrize(
    "criteria",
    [
        {"condition": {"type": "NUMBER_LESS", "values": [{"userEnteredValue": "60"}]}},
        {"visibleBackgroundColor": _GREEN},
        {"visibleForegroundColor": _RED},
    ],
)
def test_filter_by_condition_or_colour_shows_only_what_fits(book, criteria):
    book.put("A1", [["Сумма"], [50], [70]])
    style = {"backgroundColor": _GREEN, "textFormat": {"foregroundColor": _RED}}
    paint = {"range": _box(1, 2, 0, 1), "cell": {"userEnteredFormat": style}}
    book.batch(
        {"repeatCell": {**paint, "fields": "userEnteredFormat"}},
        {"setBasicFilter": {"filter": {"range": _box(0, 3, 0, 1), "criteria": {"0": criteria}}}},
    )
    rows = book.resource("sheets.data.rowMetadata", ranges="A1:A3")["sheets"][0]["data"][0]

    assert [one.get("hiddenByFilter", False) for one in rows["rowMetadata"]] == [False, False, True]


def test_criteria_with_an_unknown_field_are_refused_by_the_parser(desk, book):
    view = {"range": _box(0, 3, 0, 1), "criteria": {"0": {"hidden": ["x"]}}}
    with pytest.raises(Exception, match='Unknown name "hidden" at'):
        desk.service_call(
            f"/{book.id}:batchUpdate", {"requests": [{"addFilterView": {"filter": view}}]}
        )


def test_view_changed_by_one_spelling_tells_the_other_too(book):
    view = {"range": _box(0, 3, 0, 1), "criteria": {"0": {"hiddenValues": ["x"]}}}
    made = book.batch({"addFilterView": {"filter": view}})[0]["addFilterView"]["filter"]
    specs = [{"columnIndex": 0, "filterCriteria": {"hiddenValues": ["y"]}}]
    fresh = {"filterViewId": made["filterViewId"], "filterSpecs": specs}
    book.batch({"updateFilterView": {"filter": fresh, "fields": "filterSpecs"}})

    assert made["filterSpecs"][0]["filterCriteria"] == {"hiddenValues": ["x"]}
    assert book.sheet()["filterViews"][0]["criteria"] == {"0": {"hiddenValues": ["y"]}}
