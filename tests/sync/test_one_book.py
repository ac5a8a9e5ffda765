"""The team's one book: whatever people, the backend and Google do, it ends equal to the store.

The same stories as those of several books, and many more of them: a round costs a fifth.
"""

import os
from collections.abc import Callable

import pytest
from tests.sync.many_hands import ONE_PLACE
from tests.sync.story_office import told, told_all

FULL = bool(os.getenv("FULL"))
_RUNS = 480

pytestmark = [pytest.mark.fault] if FULL else []


@pytest.mark.parametrize(
    "before",
    [
        [("type", 0, 0, "name")],
        [("type", 0, 0, "note"), ("rename", 2)],
        [("delete", 0, 2), ("type", 0, 1, "name")],
        [("insert", 0, 1), ("type", 0, 2, "note")],
        [("type", 0, 0, "name"), ("copy", 0, 0)],
    ],
)
def test_value_typed_before_a_part_was_sorted_is_journalled_beside_what_its_cell_shows(
    before: list[tuple[object, ...]],
) -> None:
    assert told([*before, ("sort_part", 0)], ONE_PLACE) == []


@pytest.mark.parametrize(
    "story",
    [
        [("copy", 0, 0), ("drain",), ("type", 0, 0, "name"), ("meanwhile", "read", "delete", 0, 0)],
        [("copy", 0, 1), ("type", 0, 1, "name"), ("delete", 0, 1)],
        [("type", 0, 1, "note"), ("meanwhile", "read", "delete", 0, 1)],
    ],
)
def test_value_typed_into_a_row_that_was_deleted_before_anybody_read_it_is_journalled(
    story: list[tuple[object, ...]],
) -> None:
    assert told(story, ONE_PLACE) == []


def test_value_typed_into_a_column_that_was_dragged_then_is_known_by_its_header() -> None:
    story = [("type", 0, 0, "note"), ("drag", 0), ("delete", 0, 0)]

    assert told(story, ONE_PLACE) == []


def test_row_whose_cells_landed_in_another_that_was_deleted_then_is_written_again() -> None:
    story = [("meanwhile", "structure", "sort", 0, 0), ("delete", 0, 2)]

    assert told(story, ONE_PLACE) == []


@pytest.mark.timeout(7200 if FULL else 600)
@pytest.mark.parametrize("part", range(10))
def test_any_story_of_one_book_ends_with_it_equal_to_the_store(
    part: int, pytestconfig: pytest.Config, record_property: Callable[[str, object], None]
) -> None:
    chance = pytestconfig.getoption("--hypothesis-seed")
    played = told_all(_RUNS, part, longest=12, places=ONE_PLACE, chance=chance)
    record_property("stories", played)
