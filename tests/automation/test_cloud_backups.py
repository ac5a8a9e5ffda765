"""Every night in the cloud: the export is begun, looked after, told of, and kept long enough."""

from datetime import UTC, datetime, timedelta
from types import SimpleNamespace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from automation import backups
from automation.backups import KEPT_DAYS, shelf
from kartoteka.domain.errors import ConfigError, Invalid, ProviderDown
from kartoteka.services.health import examine

BUCKET = "office-backups"
FIRST = datetime(2026, 1, 1, 3, tzinfo=UTC)


class FakeExports:
    """Google's exports, done when told so."""

    def __init__(self):
        self.begun = []
        self.done = False
        self.trouble = None

    def begin(self, place, moment):
        if self.trouble:
            raise self.trouble
        self.begun.append((place, moment))
        return f"operations/{len(self.begun)}"

    def is_done(self, operation):
        if self.trouble:
            raise self.trouble
        assert operation == f"operations/{len(self.begun)}"
        return self.done


@pytest.fixture
def exports():
    return FakeExports()


@pytest.fixture
def night(desk, clock, exports):
    app = SimpleNamespace(
        desk=desk, exports=exports, settings=SimpleNamespace(backup_bucket=BUCKET)
    )
    return lambda: backups.run(app)


def looks(tasks):
    return [task for task in tasks.queued if task.path == "/automation/backup"]


def test_night_asks_for_the_whole_minute_before_and_a_look_in_five(night, clock, tasks, exports):
    said = night()

    [(place, moment)] = exports.begun
    assert said == {"running": place}
    assert moment == clock.now().replace(second=0, microsecond=0) - timedelta(minutes=1)
    assert place == f"gs://{BUCKET}/monthly/{moment:%Y-%m-%dT%H%MZ}"
    [look] = looks(tasks)
    assert (look.queue, look.at) == ("automation", clock.now() + timedelta(minutes=5))


def test_export_is_looked_after_until_it_is_whole_and_health_knows(night, clock, tasks, exports):
    night()
    clock.advance(timedelta(minutes=5))
    assert "running" in night()
    assert len(looks(tasks)) == 2
    clock.advance(timedelta(minutes=5))
    exports.done = True

    assert "made" in night()

    assert len(exports.begun) == 1
    assert len(looks(tasks)) == 2


def test_health_counts_from_the_minute_that_the_backup_shows(night, desk, clock, exports):
    night()
    clock.advance(timedelta(minutes=30))
    assert examine(desk).backups.newest_s is None
    exports.done = True
    night()

    assert examine(desk).backups.newest_s == 31 * 60


def test_export_given_up_is_told_and_the_next_night_asks_anew(night, clock, exports, capsys):
    night()
    exports.trouble = Invalid("Google gave the export up: code 8")
    assert "failed" in night()
    assert '"event": "backup_failed"' in capsys.readouterr().out

    exports.trouble = None
    clock.advance(timedelta(days=1))
    night()

    assert len(exports.begun) == 2


def test_silent_google_is_for_the_scheduler_to_repeat(night, exports):
    exports.trouble = ProviderDown("silent")
    with pytest.raises(ProviderDown):
        night()
    exports.trouble = None
    night()

    assert len(exports.begun) == 1


def test_operation_that_never_ends_is_not_waited_for_the_next_night(night, clock, exports):
    night()
    clock.advance(timedelta(days=1))
    night()

    assert len(exports.begun) == 2


def test_missing_bucket_is_named(desk, exports):
    app = SimpleNamespace(desk=desk, exports=exports, settings=SimpleNamespace(backup_bucket=""))
    with pytest.raises(ConfigError, match="KARTOTEKA_BACKUP_BUCKET"):
        backups.run(app)


def made(nights):
    """Each night's shelf, as the notes of the nights before decide it."""
    newest, where = None, {}
    for night in nights:
        where[night] = shelf(night, newest)
        month, week = backups._spans(night)
        newest = {"month": month, "week": week}
    return where


def held(where, now):
    """What the bucket's rules have left: older objects are deleted."""
    return [night for night, name in where.items() if now - night < timedelta(days=KEPT_DAYS[name])]


NIGHTS = st.sets(st.integers(0, 600), min_size=1, max_size=400).map(
    lambda days: [FIRST + timedelta(days=day) for day in sorted(days)]
)


@given(NIGHTS)
def test_seven_days_four_weeks_and_twelve_months_are_kept_whatever_nights_are_missing(nights):
    where = made(nights)
    now = nights[-1] + timedelta(hours=23)
    left = held(where, now)

    assert {n for n in nights if now - n < timedelta(days=7)} <= set(left)
    for span, days in ((lambda n: n.isocalendar()[:2], 28), (lambda n: (n.year, n.month), 366)):
        firsts = {}
        for night in nights:
            firsts.setdefault(span(night), night)
        wanted = {s for s, night in firsts.items() if now - night < timedelta(days=days)}
        assert wanted <= {span(night) for night in left}


def test_year_of_nights_keeps_no_more_than_the_plan():
    nights = [FIRST + timedelta(days=day) for day in range(500)]
    left = held(made(nights), nights[-1] + timedelta(hours=1))
    last = nights[-1]

    assert sum(last - night < timedelta(days=7) for night in left) == 7
    assert len({night.isocalendar()[:2] for night in left if (last - night).days < 28}) >= 4
    assert len({(night.year, night.month) for night in left}) in {12, 13}
    assert len(left) <= 7 + 4 + 13
