"""The collector of cycles during a round."""

import gc

import pytest

from sync.rounds.patience import rarely_collected


def test_collector_waits_during_the_block_and_is_as_before_whatever_happens_in_it() -> None:
    usual, seen = gc.get_threshold(), []

    @rarely_collected()
    def fails() -> None:
        seen.append(gc.get_threshold())
        raise KeyError

    with pytest.raises(KeyError):
        fails()

    assert seen[0][0] > usual[0]
    assert gc.isenabled()
    assert gc.get_threshold() == usual
