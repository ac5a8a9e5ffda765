"""Developer metadata, and everything that finds ranges by data filters."""

import pytest


def _lookup(**asked):
    return {"developerMetadataLookup": asked}


@pytest.fixture
def marked(book):
    """Row 2 is marked as lead l-1, column 1 as phones, the spreadsheet as book."""
    book.put("A1:B2", [["Имя", "Телефон"], ["Анна", "+7"]])
    row = {"dimension": "ROWS", "startIndex": 1, "endIndex": 2}
    column = {"dimension": "COLUMNS", "startIndex": 1, "endIndex": 2}
    for key, value, location in (
        ("lead", "l-1", {"dimensionRange": row}),
        ("field", "phone", {"dimensionRange": column}),
        ("kind", "book", {"spreadsheet": True}),
    ):
        item = {
            "metadataKey": key,
            "metadataValue": value,
            "location": location,
            "visibility": "DOCUMENT",
        }
        book.batch({"createDeveloperMetadata": {"developerMetadata": item}})
    return book


def _search(book, *filters):
    body = {"dataFilters": list(filters)}
    answer = book.desk.call("POST", f"/{book.id}/developerMetadata:search", body=body)
    return [
        one["developerMetadata"]["metadataValue"]
        for one in answer.get("matchedDeveloperMetadata", [])
    ]


def test_metadata_is_found_by_key_value_and_kind_of_place(marked):
    assert _search(marked, _lookup(metadataKey="lead")) == ["l-1"]
    assert _search(marked, _lookup(metadataValue="book")) == ["book"]
    assert _search(marked, _lookup(locationType="COLUMN")) == ["phone"]
    assert _search(marked, _lookup(metadataKey="nothing")) == []


def test_metadata_is_fetched_by_its_id_and_missing_one_is_not_found(marked):
    shown = marked.resource("sheets.data.rowMetadata.developerMetadata", ranges="A2")
    found = shown["sheets"][0]["data"][0]["rowMetadata"][0]["developerMetadata"][0]
    path = f"/{marked.id}/developerMetadata/{found['metadataId']}"
    error = marked.desk.refusal("GET", f"/{marked.id}/developerMetadata/1")

    assert marked.desk.call("GET", path) == found
    assert found["location"]["locationType"] == "ROW"
    assert error.status == 404


def test_values_of_a_marked_row_are_read_after_it_moved(marked):
    insert = {"range": {"dimension": "ROWS", "startIndex": 0, "endIndex": 3}}
    marked.batch({"insertDimension": insert})
    wanted = _lookup(metadataKey="lead", metadataValue="l-1")
    answer = marked.desk.call(
        "POST", f"/{marked.id}/values:batchGetByDataFilter", body={"dataFilters": [wanted]}
    )

    found = answer["valueRanges"][0]
    assert found["valueRange"]["values"] == [["Анна", "+7"]]
    assert found["valueRange"]["range"] == "Sheet1!A5:Z5"
    assert found["dataFilters"] == [wanted]


def test_values_of_a_marked_row_are_written_and_cleared(marked):
    wanted = _lookup(metadataKey="lead")
    data = [{"dataFilter": wanted, "majorDimension": "ROWS", "values": [["Пётр"]]}]
    written = marked.desk.call(
        "POST",
        f"/{marked.id}/values:batchUpdateByDataFilter",
        body={"valueInputOption": "RAW", "data": data},
    )
    after = marked.get("A1:B2")
    cleared = marked.desk.call(
        "POST", f"/{marked.id}/values:batchClearByDataFilter", body={"dataFilters": [wanted]}
    )

    assert written["responses"][0]["updatedRange"] == "Sheet1!A2"
    assert after == [["Имя", "Телефон"], ["Пётр", "+7"]]
    assert cleared["clearedRanges"] == ["Sheet1!A2:Z2"]
    assert marked.get("A1:B2") == [["Имя", "Телефон"]]


def test_metadata_is_changed_and_deleted_by_filter(marked):
    changed = marked.batch(
        {
            "updateDeveloperMetadata": {
                "dataFilters": [_lookup(metadataKey="lead")],
                "developerMetadata": {"metadataValue": "l-2"},
                "fields": "metadataValue",
            }
        }
    )[0]
    deleted = marked.batch({"deleteDeveloperMetadata": {"dataFilter": _lookup(metadataKey="lead")}})

    found = changed["updateDeveloperMetadata"]["developerMetadata"]
    assert [one["metadataValue"] for one in found] == ["l-2"]
    assert len(deleted[0]["deleteDeveloperMetadata"]["deletedDeveloperMetadata"]) == 1
    assert _search(marked, _lookup(metadataKey="lead")) == []


def test_spreadsheet_is_cut_to_what_data_filters_name(marked):
    marked.batch({"addSheet": {"properties": {"title": "Б"}}})
    body = {"dataFilters": [{"a1Range": "Sheet1!A1"}], "includeGridData": True}
    answer = marked.desk.call("POST", f"/{marked.id}:getByDataFilter", body=body)

    assert [one["properties"]["title"] for one in answer["sheets"]] == ["Sheet1"]
    assert len(answer["sheets"][0]["data"][0]["rowData"]) == 1


_TOP = {"spreadsheet": True}
_TWO_ROWS = {"dimensionRange": {"sheetId": 0, "dimension": "ROWS", "startIndex": 1, "endIndex": 3}}
_ALL_ROWS = {"dimensionRange": {"sheetId": 0, "dimension": "ROWS"}}


@pytest.mark.parametrize(
    ("item", "why"),
    [
        (
            {"visibility": "DOCUMENT", "location": _TOP},
            "Developer metadata must always have a key specified.",
        ),
        (
            {"metadataKey": "x", "location": _TOP},
            "Developer metadata must always have visibility specified.",
        ),
        (
            {"metadataKey": "x", "visibility": "DOCUMENT"},
            "Developer metadata must always have a location specified.",
        ),
        (
            {"metadataKey": "x", "visibility": "DOCUMENT", "location": _TWO_ROWS},
            "DimensionRange must represent a single row or column.",
        ),
        (
            {"metadataKey": "x", "visibility": "DOCUMENT", "location": _ALL_ROWS},
            "DimensionRange must specify both a startIndex and an endIndex",
        ),
    ],
)
def test_metadata_without_what_it_needs_is_refused(book, item, why):
    assert book.refused({"createDeveloperMetadata": {"developerMetadata": item}}) == (
        f"Invalid requests[0].createDeveloperMetadata: {why}"
    )


def test_first_row_is_a_place_for_metadata(book):
    place = {"sheetId": 0, "dimension": "ROWS", "startIndex": 0, "endIndex": 1}
    item = {"metadataKey": "x", "visibility": "DOCUMENT", "location": {"dimensionRange": place}}

    (made,) = book.batch({"createDeveloperMetadata": {"developerMetadata": item}})

    found = made["createDeveloperMetadata"]["developerMetadata"]["location"]
    assert found["locationType"] == "ROW"


def test_look_at_the_whole_spreadsheet_and_what_it_meets_is_refused(desk, book):
    lookup = {"locationMatchingStrategy": "INTERSECTING_LOCATION", "metadataLocation": _TOP}
    body = {"dataFilters": [{"developerMetadataLookup": lookup}]}

    error = desk.refusal("POST", f"/{book.id}/developerMetadata:search", body=body)

    assert error.message.startswith("DeveloperMetadataLookup.spreadsheet is true")
