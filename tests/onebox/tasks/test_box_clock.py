import time
from datetime import UTC, datetime, timedelta

import pytest

from kartoteka.domain.errors import ConfigError, Invalid, NotAllowed
from onebox.clock import BoxClock

START = datetime(2026, 11, 23, 9, 0, tzinfo=UTC)
HOUR = timedelta(hours=1)
SOON = timedelta(seconds=5)


def test_clock_without_start_shows_the_wall(tmp_path):
    touched = tmp_path / "now"
    touched.touch()
    wall = datetime.fromtimestamp(touched.stat().st_mtime, UTC)
    assert abs(BoxClock().now() - wall) < SOON


def test_virtual_clock_starts_at_the_given_instant_and_ticks():
    clock = BoxClock(START)
    first = clock.now()
    time.sleep(0.01)
    assert START <= first < clock.now() < START + SOON


def test_advance_moves_by_the_step():
    clock = BoxClock(START)
    clock.advance(3 * HOUR)
    assert START + 3 * HOUR <= clock.now() < START + 3 * HOUR + SOON


def test_set_backwards_is_refused_and_says_what_the_clock_shows():
    clock = BoxClock(START)
    with pytest.raises(Invalid, match=r"2026-11-23T09:00:00.*never goes back"):
        clock.set(START - HOUR)
    assert clock.now() >= START


def test_negative_advance_is_refused():
    with pytest.raises(Invalid, match="never goes back"):
        BoxClock(START).advance(-HOUR)


def test_moment_without_zone_is_refused():
    with pytest.raises(Invalid, match="time zone"):
        BoxClock(START).set(START.replace(tzinfo=None) + HOUR)


def test_real_clock_cannot_be_moved():
    with pytest.raises(NotAllowed, match="--clock"):
        BoxClock().advance(HOUR)


def test_reach_of_a_passed_moment_changes_nothing():
    clock = BoxClock(START)
    clock.reach(START - HOUR)
    assert clock.now() >= START


def test_held_clock_stands_still_and_ticks_again_afterwards():
    clock = BoxClock(START)
    with clock.held():
        seen = clock.now()
        time.sleep(0.01)
        assert clock.now() == seen
    time.sleep(0.005)
    assert seen < clock.now() < seen + SOON


def test_restart_continues_where_the_first_clock_would_be(tmp_path):
    saved = tmp_path / "clock.json"
    first = BoxClock(START, saved)
    first.advance(5 * HOUR)
    before = first.now()
    second = BoxClock(START, saved)
    assert before <= second.now() < before + SOON


def test_restart_without_start_continues_the_saved_time(tmp_path):
    saved = tmp_path / "clock.json"
    BoxClock(START, saved)
    assert BoxClock(saved=saved).virtual


def test_restart_with_a_later_start_takes_the_later_one(tmp_path):
    saved = tmp_path / "clock.json"
    BoxClock(START, saved)
    assert BoxClock(START + 9 * HOUR, saved).now() >= START + 9 * HOUR


def test_wall_clock_set_back_does_not_take_the_virtual_time_back(tmp_path):
    saved = tmp_path / "clock.json"
    BoxClock(START, saved).advance(HOUR)
    # As if the wall had lost a day since: the saved offset now leads before the saved moment.
    text = saved.read_text()
    offset = text.split('"offset_s": ')[1].rstrip("}")
    saved.write_text(text.replace(offset, str(float(offset) - 86400)))
    assert BoxClock(saved=saved).now() >= START + HOUR


def test_damaged_file_says_to_delete_it(tmp_path):
    saved = tmp_path / "clock.json"
    saved.write_text("{]")
    with pytest.raises(ConfigError, match="delete it"):
        BoxClock(saved=saved)
