"""Protected ranges and file access: who may change what."""

import pytest
from tests.onebox.google.sheets.sheets_desk import ANNA, BORIS, Desk, Workbook

_REFUSED = (
    "You are trying to edit a protected cell or object. "
    "Please contact the spreadsheet owner to remove protection if you need to edit."
)
_COLUMN_A = {"startColumnIndex": 0, "endColumnIndex": 1}


@pytest.fixture
def guarded(tmp_path):
    desk = Desk(tmp_path / "google.sqlite3", editors=lambda _id: [ANNA, BORIS])
    book = Workbook(desk)
    asked = {"range": _COLUMN_A, "editors": {"users": []}, "description": "служебное"}
    book.batch({"addProtectedRange": {"protectedRange": asked}})
    yield book
    desk.vault.close()


def _put(book, range_name, user):
    path = f"/{book.id}/values/{range_name}"
    query = [("valueInputOption", "RAW")]
    return book.desk.call("PUT", path, query, {"values": [["x"]]}, user=user)


def test_stranger_to_a_protection_is_refused_and_the_owner_is_not(guarded):
    path = f"/{guarded.id}/values/A1"
    query = [("valueInputOption", "RAW")]
    error = guarded.desk.refusal("PUT", path, query, {"values": [["x"]]}, user=BORIS)

    assert (error.status, error.message) == (400, _REFUSED)
    assert _put(guarded, "A1", ANNA)["updatedCells"] == 1
    assert _put(guarded, "B1", BORIS)["updatedCells"] == 1


@pytest.mark.parametrize(
    "sent",
    [
        {"repeatCell": {"range": _COLUMN_A, "cell": {}, "fields": "note"}},
        {"deleteDimension": {"range": {"dimension": "ROWS", "startIndex": 0, "endIndex": 1}}},
        {
            "sortRange": {
                "range": {"startColumnIndex": 0, "endColumnIndex": 3},
                "sortSpecs": [{"dimensionIndex": 0, "sortOrder": "ASCENDING"}],
            }
        },
        {"deleteProtectedRange": {"protectedRangeId": 0}},
    ],
)
def test_structure_of_protected_cells_is_guarded_too(guarded, sent):
    kind = next(iter(sent))
    if kind == "deleteProtectedRange":
        number = guarded.sheet()["protectedRanges"][0]["protectedRangeId"]
        sent = {kind: {"protectedRangeId": number}}

    assert guarded.refused(sent, user=BORIS) == f"Invalid requests[0].{kind}: {_REFUSED}"


def test_one_protected_range_of_a_batch_names_its_place(guarded):
    data = [{"range": "B1", "values": [[1]]}, {"range": "A1", "values": [[1]]}]
    body = {"valueInputOption": "RAW", "data": data}
    error = guarded.desk.refusal("POST", f"/{guarded.id}/values:batchUpdate", body=body, user=BORIS)

    assert error.message == f"Invalid data[1]: {_REFUSED}"
    assert guarded.get("B1") == []


def test_protection_tells_editors_only_to_those_who_may_edit(guarded):
    path = f"/{guarded.id}"
    to_owner = guarded.desk.call("GET", path)["sheets"][0]["protectedRanges"][0]
    to_other = guarded.desk.call("GET", path, user=BORIS)["sheets"][0]["protectedRanges"][0]

    assert (to_owner["requestingUserCanEdit"], to_owner["editors"]) == (True, {"users": [ANNA]})
    assert "editors" not in to_other
    assert "requestingUserCanEdit" not in to_other


def test_protection_asked_for_with_empty_lists_is_told_without_them(book):
    asked = {"range": _COLUMN_A, "editors": {"users": [], "groups": []}, "warningOnly": False}

    (reply,) = book.batch({"addProtectedRange": {"protectedRange": asked}})

    assert reply["addProtectedRange"]["protectedRange"]["editors"] == {}
    assert book.sheet()["protectedRanges"][0]["editors"] == {"users": [ANNA]}


def test_protection_that_names_nobody_lets_all_editors_of_the_file_in(guarded):
    second = {"range": {"startColumnIndex": 4, "endColumnIndex": 5}}
    reply = guarded.batch({"addProtectedRange": {"protectedRange": second}})[0]

    assert reply["addProtectedRange"]["protectedRange"]["editors"] == {"users": [ANNA, BORIS]}
    assert _put(guarded, "E1", BORIS)["updatedCells"] == 1


def test_protected_sheet_leaves_its_open_cells_to_everybody(guarded):
    guarded.batch({"addSheet": {"properties": {"title": "Журнал", "sheetId": 9}}})
    hole = {"sheetId": 9, "startRowIndex": 0, "endRowIndex": 1}
    asked = {"range": {"sheetId": 9}, "unprotectedRanges": [hole], "editors": {"users": [ANNA]}}
    guarded.batch({"addProtectedRange": {"protectedRange": asked}})
    refused = guarded.desk.refusal(
        "PUT",
        f"/{guarded.id}/values/Журнал!A2",
        [("valueInputOption", "RAW")],
        {"values": [["x"]]},
        user=BORIS,
    )

    assert refused.message == _REFUSED
    assert _put(guarded, "Журнал!A1", BORIS)["updatedCells"] == 1


def test_warning_only_stops_nobody(guarded):
    asked = {"range": {"startColumnIndex": 7, "endColumnIndex": 8}, "warningOnly": True}
    guarded.batch({"addProtectedRange": {"protectedRange": asked}})

    assert _put(guarded, "H1", BORIS)["updatedCells"] == 1


def test_warning_names_no_editors_in_its_reply_and_all_of_the_file_afterwards(guarded):
    asked = {"range": {"startColumnIndex": 7, "endColumnIndex": 8}, "warningOnly": True}
    (reply,) = guarded.batch({"addProtectedRange": {"protectedRange": asked}})
    told = reply["addProtectedRange"]["protectedRange"]

    assert (told["warningOnly"], told["editors"]) == (True, {})
    assert guarded.sheet()["protectedRanges"][-1]["editors"] == {"users": [ANNA, BORIS]}


def test_file_access_decides_before_anything_else(tmp_path):
    roles = {ANNA: {"reader", "writer"}, BORIS: {"reader"}}
    desk = Desk(
        tmp_path / "google.sqlite3",
        can=lambda user, _id, role: role in roles.get(user, set()),
    )
    book = Workbook(desk)
    path, query = f"/{book.id}/values/A1", [("valueInputOption", "RAW")]
    as_reader = desk.refusal("PUT", path, query, {"values": [[1]]}, user=BORIS)
    as_stranger = desk.refusal("GET", path, user="vera@office.ru")
    desk.vault.close()

    assert (as_reader.status, as_reader.reason) == (403, "PERMISSION_DENIED")
    assert as_stranger.message == "The caller does not have permission"
    assert desk.changes == []


_GRID = {"sheetId": 0, "gridProperties": {"frozenRowCount": 1}}
_RULE = {"ranges": [{}], "gradientRule": {"minpoint": {"type": "MIN"}, "maxpoint": {"type": "MAX"}}}


@pytest.mark.parametrize(
    "sent",
    [
        {"updateSheetProperties": {"properties": _GRID, "fields": "gridProperties.frozenRowCount"}},
        {"appendDimension": {"dimension": "ROWS", "length": 1}},
        {
            "updateDimensionProperties": {
                "range": {"dimension": "ROWS"},
                "properties": {"hiddenByUser": True},
                "fields": "hiddenByUser",
            }
        },
        {"setBasicFilter": {"filter": {}}},
        {"clearBasicFilter": {}},
        {"addConditionalFormatRule": {"rule": _RULE}},
    ],
)
def test_sheet_protected_as_a_whole_is_changed_by_its_editors_only(book, sent):
    hole = {"endRowIndex": 1, "endColumnIndex": 1}
    whole = {"range": {"sheetId": 0}, "unprotectedRanges": [hole], "editors": {"users": []}}
    book.batch({"addProtectedRange": {"protectedRange": whole}})
    kind = next(iter(sent))

    assert book.refused(sent, user=BORIS) == f"Invalid requests[0].{kind}: {_REFUSED}"
    assert len(book.batch(sent)) == 1


def test_second_protection_of_a_sheet_and_editors_of_a_warning_are_refused(book):
    whole = {"addProtectedRange": {"protectedRange": {"range": {"sheetId": 0}}}}
    warning = {"range": _COLUMN_A, "warningOnly": True, "editors": {"users": [BORIS]}}
    book.batch(whole)

    assert book.refused(whole) == (
        'Invalid requests[0].addProtectedRange: Sheet "Sheet1" already has sheet protection'
    )
    assert book.refused({"addProtectedRange": {"protectedRange": warning}}) == (
        "Invalid requests[0].addProtectedRange: "
        "ProtectedRange is warningOnly. Editors cannot be set on it."
    )
