"""Positions that entries of a backup get in Firestore: their numbers, in their order, long past."""

from datetime import UTC, datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st

from kartoteka.adapters.firestore_log import number_of, restored_at, restored_position
from kartoteka.domain.errors import Invalid
from kartoteka.domain.instant import spell

NUMBERS = st.integers(1, 700_000_000)
IDS = st.text("abcxyz_0189", min_size=1)


@given(NUMBERS, IDS)
def test_position_tells_the_number(number, name):
    assert number_of(restored_position(number, name)) == number


@given(NUMBERS, IDS, NUMBERS, IDS)
def test_positions_are_in_the_order_of_numbers_and_before_every_new_entry(one, a, other, b):
    first, second = restored_position(one, a), restored_position(other, b)
    assert (first < second) == ((one, a) < (other, b))
    assert first < f"{spell(datetime(2026, 1, 1, tzinfo=UTC))} a"


def test_new_entry_has_no_number_and_too_many_are_refused():
    assert number_of(f"{spell(datetime(2026, 11, 23, tzinfo=UTC))} ch_1") is None
    with pytest.raises(Invalid, match="1000000000"):
        restored_at(1_000_000_000)
