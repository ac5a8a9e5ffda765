"""Several books at once: whatever people, the backend and Google do, all end equal to the store.

`make faults` plays 5,000 stories, of any length up to 16, other ones each time, and as many of one
book; here are some for every day, and those of one book in `test_one_book`.
"""

import os
from collections.abc import Callable

import pytest
from tests.sync.story_office import told, told_all

FULL = bool(os.getenv("FULL"))
_RUNS = 1_250 if FULL else 50
_LONGEST = 16 if FULL else 12

pytestmark = [pytest.mark.fault] if FULL else []


@pytest.mark.parametrize("after", ["sort_part", "delete"])
def test_edit_of_a_row_that_leaves_is_journalled_though_its_cell_shows_it_no_more(
    after: str,
) -> None:
    ends = {"sort_part": ("sort_part", 2), "delete": ("delete", 2, 2)}

    assert told([("type", 2, 2, "note"), ("give", 2), ends[after]]) == []


@pytest.mark.parametrize(
    "after",
    [
        [("look",), ("look",), ("jot", 2), ("meanwhile", "structure", "shuffle", 2, 0)],
        [("kill", 2)],
        [("kill", 2), ("shuffle", 2)],
    ],
)
def test_task_typed_at_the_moment_of_a_sort_or_a_death_is_made_once(
    after: list[tuple[object, ...]],
) -> None:
    assert told([("jot", 2), *after]) == []


def test_row_that_leaves_goes_though_cells_of_another_landed_in_it() -> None:
    landed = ("meanwhile", "structure", "delete", 2, 0)

    assert told([("request", 0), ("insert", 2, 1), ("give", 2), landed]) == []


@pytest.mark.timeout(7200 if FULL else 600)
@pytest.mark.parametrize("part", range(4))
def test_any_story_of_several_books_ends_with_each_equal_to_the_store(
    part: int, pytestconfig: pytest.Config, record_property: Callable[[str, object], None]
) -> None:
    chance = pytestconfig.getoption("--hypothesis-seed")
    record_property("stories", told_all(_RUNS, part, longest=_LONGEST, chance=chance))
