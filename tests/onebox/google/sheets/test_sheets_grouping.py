"""Groups of rows and columns, by the examples of Google's reference."""

import pytest

_LETTERS = "ABCDEFGH"


def _area(text):
    first, last = text.split(":")
    start, end = _LETTERS.index(first), _LETTERS.index(last) + 1
    return {"sheetId": 0, "dimension": "COLUMNS", "startIndex": start, "endIndex": end}


def _group(text):
    return {"addDimensionGroup": {"range": _area(text)}}


def _told(groups):
    found = []
    for one in groups:
        start, end = one["range"]["startIndex"], one["range"]["endIndex"]
        found.append((f"{_LETTERS[start]}:{_LETTERS[end - 1]}", one["depth"]))
    return found


@pytest.mark.parametrize(
    ("added", "groups"),
    [
        (["C:D", "B:E"], [("B:E", 1), ("C:D", 2)]),
        (["B:E", "C:D"], [("B:E", 1), ("C:D", 2)]),
        (["B:D", "C:E"], [("B:E", 1), ("C:D", 2)]),
        (["B:C", "B:C"], [("B:C", 1), ("B:C", 2)]),
        (["E:F", "A:B"], [("A:B", 1), ("E:F", 1)]),
    ],
)
def test_groups_nest_as_the_reference_says(book, added, groups):
    replies = book.batch(*(_group(text) for text in added))

    assert _told(replies[-1]["addDimensionGroup"]["dimensionGroups"]) == groups
    assert _told(book.sheet()["columnGroups"]) == groups


def test_group_deleted_over_a_part_leaves_the_rest(book):
    book.batch(_group("B:E"), _group("C:D"))
    reply = book.batch({"deleteDimensionGroup": {"range": _area("D:E")}})[0]
    nothing = book.refused({"deleteDimensionGroup": {"range": _area("G:H")}})

    groups = reply["deleteDimensionGroup"]["dimensionGroups"]
    assert _told(groups) == [("B:D", 1), ("C:C", 2)]
    assert nothing.endswith("The given range does not have a group.")


def test_group_collapsed_hides_what_is_in_it_and_opened_shows_it(book):
    book.batch(_group("B:C"))

    def change(*, collapsed):
        group = {"range": _area("B:C"), "depth": 1, "collapsed": collapsed}
        book.batch({"updateDimensionGroup": {"dimensionGroup": group, "fields": "*"}})
        data = book.resource("sheets.data.columnMetadata", ranges="A1:D1")["sheets"][0]["data"][0]
        return [one.get("hiddenByUser", False) for one in data["columnMetadata"]]

    closed = change(collapsed=True)
    kept = book.sheet()["columnGroups"][0]

    assert (closed, kept["collapsed"]) == ([False, True, True, False], True)
    assert change(collapsed=False) == [False] * 4
    assert "collapsed" not in book.sheet()["columnGroups"][0]
