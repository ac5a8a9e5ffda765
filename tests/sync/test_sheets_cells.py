"""Cells, bases, pages and portions: the small laws the mirror stands on."""

import json
from datetime import UTC, datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st

from sync.cells import MOST_CHARACTERS, Base, digest, normal, read_base, same, serial, shown
from sync.outbox import LARGEST, Outbox
from sync.reading import roster
from sync.wire import letter_of


def test_serial_is_the_local_wall_clock_of_the_office() -> None:
    noon = datetime(2026, 11, 23, 6, 0, tzinfo=UTC)

    assert serial(noon, "Europe/Moscow") == 46349 + 9 / 24
    assert serial(noon, "Asia/Kamchatka") == 46349 + 18 / 24
    assert serial(datetime(1899, 12, 30, tzinfo=UTC), "UTC") == 0


@pytest.mark.parametrize("same", [[5, 5.0, "5"], [0.1 + 0.2, 0.3], [True, "TRUE"], ["", ""]])
def test_cells_that_look_the_same_are_the_same(same: list) -> None:
    assert len({digest(cell) for cell in same}) == 1


@given(*[st.text(max_size=2) | st.booleans() | st.integers(-9, 9) | st.floats()] * 2)
def test_cells_are_the_same_if_their_texts_are(one, other) -> None:
    assert same(one, other) == (normal(one) == normal(other))


@given(st.text(st.characters(codec="utf-8")))
def test_text_is_shown_whole_but_for_control_characters(text: str) -> None:
    kept = [c for c in shown(text) if c not in "\r\n"]

    assert kept == [
        c for c in text if c not in "\r\n" and (ord(c) > 0x9F or c.isprintable() or c == "\t")
    ]
    assert shown(shown(text)) == shown(text)


@pytest.mark.parametrize("letter", ["Я", "\U0001f600"])
def test_long_text_is_cut_to_what_a_cell_holds(letter: str) -> None:
    text = shown(letter * 60_000)

    assert len(text.encode("utf-16-le")) // 2 <= MOST_CHARACTERS
    assert text.endswith("…")
    assert shown(text) == text


@given(
    st.text(),
    st.dictionaries(st.text(), st.text()),
    st.lists(st.text()),
    st.sampled_from(["", "copy"]),
)
def test_base_survives_the_sheet(record: str, hashes: dict, noted: list, mark: str) -> None:
    base = Base(record, hashes, tuple(noted), mark)

    assert read_base(base.encode()) == base


@pytest.mark.parametrize("cell", ["", "мусор", "{", "[]", 5, '{"h":[]}', '{"n":5}', "{" * 100_000])
def test_damaged_base_is_no_base(cell: object) -> None:
    assert read_base(cell) is None


def test_long_text_in_the_hidden_column_is_understood_and_not_remembered() -> None:
    short = Base("ld_1", {f"field_{number}": "a" * 8 for number in range(30)}).encode()
    long = Base("ld_1", {f"поле {number}": "я" * 8 for number in range(2_000)}).encode()

    assert read_base(short) is read_base(short)
    assert read_base(long) == read_base(long)
    assert read_base(long) is not read_base(long)


def test_base_holds_no_value() -> None:
    base = Base("ld_1", {"name": digest("Ирина Соколова")})

    assert "Ирина" not in base.encode()
    assert len(base.encode()) < 60


@given(st.lists(st.text(), unique=True), st.randoms())
def test_roster_knows_a_set_in_any_order(ids: list, random) -> None:
    mixed = list(ids)
    random.shuffle(mixed)

    assert roster(ids) == roster(mixed)
    assert roster([*ids, "one more, at the end"]) != roster(ids)


@pytest.mark.parametrize(
    ("index", "letters"), [(0, "A"), (25, "Z"), (26, "AA"), (701, "ZZ"), (702, "AAA")]
)
def test_columns_are_lettered_as_in_a_sheet(index: int, letters: str) -> None:
    assert letter_of(index) == letters


class Listener:
    """Takes what an outbox sends."""

    def __init__(self) -> None:
        self.sizes: list[int] = []
        self.cells: dict[str, list] = {}

    def structure(self, _workbook: str, requests: list) -> None:
        self.sizes.append(len(json.dumps(requests, ensure_ascii=False).encode()))

    def write(self, _workbook: str, blocks: dict) -> None:
        self.sizes.append(len(json.dumps(blocks, ensure_ascii=False).encode()))
        assert not self.cells.keys() & blocks.keys()
        self.cells |= blocks


def test_neighbouring_rows_travel_as_one_range() -> None:
    outbox, google = Outbox(), Listener()
    for number in (4, 2, 3, 9):
        outbox.put("Лиды", number, [str(number), None, "x"])

    outbox.send(google, "book")

    assert google.cells == {
        "'Лиды'!A2:C4": [["2", None, "x"], ["3", None, "x"], ["4", None, "x"]],
        "'Лиды'!A9:C9": [["9", None, "x"]],
    }


def test_nothing_to_send_is_no_call() -> None:
    google = Listener()

    Outbox().send(google, "book")

    assert google.sizes == []


def test_calls_stay_under_the_size_that_google_recommends() -> None:
    outbox, google = Outbox(), Listener()
    outbox.requests = [{"appendCells": {"rows": "Ж" * 100_000}} for _ in range(30)]
    for number in range(0, 120, 2):
        outbox.put("Лиды", number + 2, ["Ж" * 20_000])

    outbox.send(google, "book")

    assert max(google.sizes) < LARGEST + 20_000
    assert len(google.sizes) == 4 + 2
    assert len(google.cells) == 60


def test_number_reads_as_people_see_it() -> None:
    assert normal(46349.40972222222) == "46349.409722"
    assert normal(float("inf")) == "inf"
