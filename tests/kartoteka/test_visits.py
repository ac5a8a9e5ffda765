"""The limit of calls a minute."""

import pytest

from kartoteka.domain.errors import TooMany
from kartoteka.visits import Visits


def test_calls_of_each_caller_each_minute_and_each_kind_are_counted_apart() -> None:
    visits = Visits()
    visits.count("form_too_many", "a", 1, 0)
    visits.count("form_too_many", "b", 1, 1)
    visits.count("site_too_many:talk", "a", 1, 2)
    visits.count("form_too_many", "a", 1, 61)

    with pytest.raises(TooMany) as refused:
        visits.count("form_too_many", "a", 1, 62)

    assert refused.value.code == "form_too_many"


def test_kinds_share_the_words_of_their_refusal() -> None:
    visits = Visits()
    visits.count("site_too_many:talk", "a", 1, 0)
    visits.count("site_too_many:hello", "a", 1, 1)

    with pytest.raises(TooMany) as refused:
        visits.count("site_too_many:talk", "a", 1, 2)

    assert refused.value.code == "site_too_many"


def test_those_who_came_long_ago_are_forgotten() -> None:
    visits = Visits()
    for number in range(10_001):
        visits.count("form_too_many", str(number), 1, 0)

    visits.count("form_too_many", "0", 1, 1)
    with pytest.raises(TooMany):
        visits.count("form_too_many", "10000", 1, 1)
