"""A person in the browser: typing, validation, protections, events, and what the page draws."""

import pytest
from tests.onebox.google.sheets.sheets_desk import ANNA, BORIS

from onebox.google.sheets.a1 import Box
from onebox.google.sheets.ui import EditRefused, Hands


@pytest.fixture
def hands(desk):
    return Hands(desk.service)


def _rule(condition, message=""):
    return {"condition": condition, "strict": True, "inputMessage": message, "showCustomUi": True}


def _one_of(*options):
    values = [{"userEnteredValue": option} for option in options]
    return {"type": "ONE_OF_LIST", "values": values}


def _validate(book, rule, column=0):
    area = {"startRowIndex": 0, "endRowIndex": 5, "startColumnIndex": column}
    area["endColumnIndex"] = column + 1
    book.batch({"setDataValidation": {"range": area, "rule": rule}})


def test_typed_cell_makes_an_event_with_value_and_old_value(hands, book):
    hands.edit(book.id, 0, 1, 2, text="Новый", user=BORIS)
    event = hands.edit(book.id, 0, 1, 2, text="5", user=BORIS)

    assert event == {
        "spreadsheetId": book.id,
        "sheetId": 0,
        "sheetName": "Sheet1",
        "range": {"rowStart": 2, "rowEnd": 2, "columnStart": 3, "columnEnd": 3},
        "user": {"email": BORIS, "nickname": "boris"},
        "authMode": "FULL",
        "value": "5",
        "oldValue": "Новый",
    }
    assert book.get("C2") == [[5]]


def test_pasted_block_makes_an_event_without_values_and_grows_the_grid(hands, book):
    event = hands.paste(book.id, 0, 999, 25, rows=[["a", "b"], ["c"]], user=ANNA)

    assert "value" not in event
    assert event["range"] == {"rowStart": 1000, "rowEnd": 1001, "columnStart": 26, "columnEnd": 27}
    assert book.get("Z1000:AA1001") == [["a", "b"], ["c"]]


def test_strict_list_refuses_with_its_message_and_changes_nothing(desk, hands, book):
    _validate(book, _rule(_one_of("Взять", "Позвонил"), "Выберите действие из списка."))
    hands.edit(book.id, 0, 0, 0, text="Взять", user=ANNA)
    with pytest.raises(EditRefused) as refused:
        hands.edit(book.id, 0, 0, 0, text="Удалить", user=ANNA)
    cleared = hands.edit(book.id, 0, 0, 0, text="", user=ANNA)

    assert refused.value.message == (
        "The data you entered in cell A1 violates the data validation rules set on this cell.\n"
        "Выберите действие из списка."
    )
    assert cleared["oldValue"] == "Взять"
    assert "value" not in cleared


@pytest.mark.parametrize(
    ("condition", "good", "bad"),
    [
        ({"type": "NUMBER_BETWEEN", "values": [0, 10]}, "7", "11"),
        ({"type": "NUMBER_GREATER", "values": [5]}, "6", "5"),
        ({"type": "TEXT_IS_EMAIL"}, "a@b.ru", "почта"),
        ({"type": "BOOLEAN"}, "TRUE", "да"),
        ({"type": "TEXT_CONTAINS", "values": ["дог"]}, "Договор", "счёт"),
        ({"type": "DATE_AFTER", "values": ["1/1/2026"]}, "2026-05-05", "2025-05-05"),
        ({"type": "CUSTOM_FORMULA", "values": ["=A1>3"]}, "4", "3"),
    ],
)
def test_strict_rule_lets_good_input_in_and_bad_input_not(book, condition, good, bad):
    hands = Hands(book.desk.service)
    values = [{"userEnteredValue": str(value)} for value in condition.get("values", [])]
    _validate(book, _rule({**condition, **({"values": values} if values else {})}))
    hands.edit(book.id, 0, 0, 0, text=good, user=ANNA)
    with pytest.raises(EditRefused):
        hands.edit(book.id, 0, 0, 0, text=bad, user=ANNA)

    assert book.get("A1", "FORMATTED_VALUE") != [[bad]]


def test_rule_that_is_not_strict_lets_everything_in(hands, book):
    _validate(book, {"condition": _one_of("Да"), "showCustomUi": True})
    hands.edit(book.id, 0, 0, 0, text="Нет", user=ANNA)

    assert book.get("A1") == [["Нет"]]


def test_api_writes_past_a_strict_rule(book):
    _validate(book, _rule(_one_of("Да")))
    book.put("A1", [["Нет"]])

    assert book.get("A1") == [["Нет"]]


def test_protected_cell_refuses_a_person_who_may_not_edit_it(hands, book):
    asked = {"range": {"endColumnIndex": 1, "startColumnIndex": 0}, "editors": {"users": []}}
    book.batch({"addProtectedRange": {"protectedRange": asked}})
    with pytest.raises(EditRefused, match="protected cell"):
        hands.edit(book.id, 0, 0, 0, text="x", user=BORIS)

    assert book.get("A1") == []


def test_rows_sorted_inserted_and_deleted_by_hand_make_change_events(hands, book):
    book.put("A1:A3", [["в"], ["а"], ["б"]])
    specs = [{"dimensionIndex": 0, "sortOrder": "ASCENDING"}]
    events = [
        hands.sort_range(book.id, 0, Box(0, 0, 3, 1), specs=specs, user=ANNA),
        hands.insert_rows(book.id, 0, 1, count=1, user=ANNA),
        hands.delete_rows(book.id, 0, 0, bottom=1, user=ANNA),
    ]

    assert [event["changeType"] for event in events] == ["OTHER", "INSERT_ROW", "REMOVE_ROW"]
    assert book.get("A1:A3") == [[], ["б"], ["в"]]


def test_page_sees_text_notes_colours_lists_and_what_is_locked(desk, book):
    book.put("A1:B2", [["Этап", "Сумма"], ["Новый", 1500]])
    _validate(book, _rule(_one_of("Новый", "В работе")))
    red = {"backgroundColor": {"red": 1}}
    rule = {
        "ranges": [{"startRowIndex": 1, "startColumnIndex": 0, "endColumnIndex": 1}],
        "booleanRule": {
            "condition": {"type": "TEXT_EQ", "values": [{"userEnteredValue": "Новый"}]},
            "format": {"backgroundColor": {"green": 1}},
        },
    }
    head = {"startRowIndex": 0, "endRowIndex": 1}
    b_column = {"startColumnIndex": 1, "endColumnIndex": 2}
    book.batch(
        {
            "repeatCell": {
                "range": {**head, "startColumnIndex": 0, "endColumnIndex": 2},
                "cell": {"userEnteredFormat": red, "note": "шапка"},
                "fields": "note,userEnteredFormat.backgroundColor",
            }
        },
        {"addConditionalFormatRule": {"rule": rule, "index": 0}},
        {"addProtectedRange": {"protectedRange": {"range": b_column, "editors": {"users": []}}}},
        {
            "updateDimensionProperties": {
                "range": {"dimension": "COLUMNS", "startIndex": 2, "endIndex": 3},
                "properties": {"hiddenByUser": True},
                "fields": "hiddenByUser",
            }
        },
    )
    tab = desk.service.snapshot(book.id, BORIS)["tabs"][0]

    assert tab["rows"][1] == [
        {
            "text": "Новый",
            "editable": True,
            "options": ["Новый", "В работе"],
            "background": "#00ff00",
        },
        {"text": "1500", "editable": False},
    ]
    assert tab["rows"][0][0]["note"] == "шапка"
    assert tab["rows"][0][0]["background"] == "#ff0000"
    assert (tab["hidden"], tab["widths"][:3]) == ([2], [100, 100, 100])


def test_version_of_the_picture_grows_with_each_change(desk, hands, book):
    before = desk.service.snapshot(book.id)["version"]
    hands.edit(book.id, 0, 0, 0, text="x", user=ANNA)

    assert desk.service.snapshot(book.id)["version"] == before + 1
    assert desk.changes == [book.id]
