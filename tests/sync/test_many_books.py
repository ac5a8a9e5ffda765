"""Several books at once: whatever people, the backend and Google do, all end equal to the store.

`make faults` plays 5,000 stories, of any length up to 16; here are a few for every day.
"""

import os

import pytest
from hypothesis import HealthCheck, given, seed, settings
from tests.sync.many_books import stories, told

FULL = bool(os.getenv("FULL"))
_RUNS = 2_500 if FULL else 15
_LONGEST = 16 if FULL else 12

pytestmark = [pytest.mark.fault] if FULL else []


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
