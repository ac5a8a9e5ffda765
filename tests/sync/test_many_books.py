"""Several books at once: whatever people, the backend and Google do, all end equal to the store.

`make faults` plays 5,000 stories, of any length up to 16; here are a few for every day.
"""

import os

import pytest
from hypothesis import HealthCheck, given, seed, settings
from tests.sync.many_books import told
from tests.sync.many_hands import stories

FULL = bool(os.getenv("FULL"))
_RUNS = 2_500 if FULL else 15
_LONGEST = 16 if FULL else 12

pytestmark = [pytest.mark.fault] if FULL else []


@pytest.mark.parametrize("after", ["sort_part", "delete"])
def test_edit_of_a_row_that_leaves_is_journalled_though_its_cell_shows_it_no_more(
    after: str,
) -> None:
    ends = {"sort_part": ("sort_part", 2), "delete": ("delete", 2, 2)}

    assert told([("type", 2, 2, "note"), ("give", 2), ends[after]]) == []


@pytest.mark.timeout(7200 if FULL else 120)
@pytest.mark.parametrize("part", [1, 2])
def test_any_story_of_several_books_ends_with_each_equal_to_the_store(part: int) -> None:
    @seed(part)
    @settings(
        max_examples=_RUNS,
        deadline=None,
        database=None,
        suppress_health_check=[HealthCheck.too_slow],
        print_blob=True,
    )
    @given(stories(longest=_LONGEST))
    def any_story(story: list[tuple[object, ...]]) -> None:
        assert told(story) == []

    any_story()
