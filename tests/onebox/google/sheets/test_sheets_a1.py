"""A1 and R1C1 addresses."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from onebox.google.sheets.a1 import (
    Box,
    area_name,
    column_index,
    column_name,
    label,
    parse_area,
    quoted,
    split_title,
)


@pytest.mark.parametrize(
    ("text", "box"),
    [
        ("A1", Box(0, 0, 1, 1)),
        ("$B$2:C4", Box(1, 1, 4, 3)),
        ("C4:B2", Box(1, 1, 4, 3)),
        ("A:C", Box(0, 0, None, 3)),
        ("3:5", Box(2, 0, 5, None)),
        ("A5:A", Box(4, 0, None, 1)),
        ("B2:2", Box(1, 1, 2, None)),
        ("aa10", Box(9, 26, 10, 27)),
        ("R2C3", Box(1, 2, 2, 3)),
        ("R1C1:R2C5", Box(0, 0, 2, 5)),
        ("A", None),
        ("1", None),
        ("A0", None),
        ("A1:", None),
        (":A1", None),
        ("A1:B2:C3", None),
        ("ABCD1", None),
        ("", None),
        ("Лист", None),
    ],
)
def test_address_is_read_as_a_rectangle_or_not_at_all(text, box):
    assert parse_area(text) == box


@given(st.integers(0, 20_000))
def test_column_letters_name_one_column(index):
    assert column_index(column_name(index)) == index


@given(st.integers(0, 999), st.integers(0, 700), st.integers(1, 50), st.integers(1, 50))
def test_rectangle_is_read_back_from_its_name(top, left, height, width):
    box = Box(top, left, top + height, left + width)

    assert parse_area(area_name(box)) == box


@given(st.text(min_size=1, max_size=30))
def test_title_is_read_back_from_a_range_whatever_is_in_it(title):
    range_name = label(title, Box(0, 0, 2, 2))

    assert split_title(range_name) == (title, "A1:B2")


@pytest.mark.parametrize(
    ("title", "written"),
    [
        ("Sheet1", "Sheet1"),
        ("FORENSIC_LIVE", "FORENSIC_LIVE"),
        ("Лиды", "'Лиды'"),
        ("Q3 Budget", "'Q3 Budget'"),
        ("D3", "'D3'"),
        ("2026", "'2026'"),
        ("It's", "'It''s'"),
    ],
)
def test_title_is_quoted_only_where_it_must_be(title, written):
    assert quoted(title) == written
