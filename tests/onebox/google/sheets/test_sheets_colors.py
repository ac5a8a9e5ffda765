"""Colours come back as Sheets keeps them: eight bits a channel, in single precision."""

import pytest

from onebox.google.sheets.colors import eight_bits
from onebox.google.sheets.schema import theme_colors


@pytest.mark.parametrize(
    ("sent", "kept"),
    [
        (0.5, 0.49803922),
        (1, 1),
        (0.9999, 0.99607843),
        (102 / 255, 0.4),
        (255, 0.003921569),
        (1e300, 0),
    ],
)
def test_colour_that_is_stored_is_cut_to_the_steps_of_255(sent, kept):
    assert eight_bits({"green": sent, "alpha": 0.5}) == {"green": kept, "alpha": 0.5}


def test_colours_of_the_theme_are_told_as_they_are():
    for pair in theme_colors():
        assert eight_bits(pair["color"]["rgbColor"]) == pair["color"]["rgbColor"]


def test_colour_stored_twice_is_the_colour_stored_once():
    for share in [number / 1000 for number in range(1001)]:
        once = eight_bits({"red": share})
        assert eight_bits(once) == once
        assert abs(once["red"] - share) <= 1.001 / 255


def test_tab_colour_of_half_blue_is_answered_as_127_of_255(book):
    style = {"rgbColor": {"red": 1, "green": 0, "blue": 0.5}}
    change = {"properties": {"sheetId": 0, "tabColorStyle": style}, "fields": "tabColorStyle"}
    book.batch({"updateSheetProperties": change})

    told = book.resource("sheets.properties.tabColorStyle")

    half = {"rgbColor": {"red": 1, "blue": 0.49803922}}
    assert told == {"sheets": [{"properties": {"tabColorStyle": half}}]}
