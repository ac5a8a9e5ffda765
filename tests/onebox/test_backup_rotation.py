"""Which backups a folder keeps."""

from datetime import UTC, datetime, timedelta

from hypothesis import given
from hypothesis import strategies as st

from onebox.backups.rotation import DAYS, MONTHS, WEEKS, file_name, kept, outdated

FIRST = datetime(2025, 1, 1, 3, tzinfo=UTC)
MOMENTS = st.sets(
    st.integers(0, 1000 * 24).map(lambda hours: FIRST + timedelta(hours=hours)), max_size=60
)


@given(MOMENTS)
def test_newest_is_kept_and_never_more_than_the_plan(moments):
    chosen = kept(moments)
    assert chosen <= moments
    assert len(chosen) <= DAYS + WEEKS + MONTHS
    assert not moments or max(moments) in chosen


@given(MOMENTS)
def test_what_was_kept_is_kept_again(moments):
    assert kept(kept(moments)) == kept(moments)


@given(st.integers(1, 500), st.sampled_from([1, 2, 3]))
def test_nightly_rotation_keeps_what_one_look_at_all_nights_would(nights, step):
    every = [FIRST + timedelta(days=step * night) for night in range(nights)]
    held: set[datetime] = set()
    for moment in every:
        held = kept(held | {moment})
    assert held == kept(every)


def test_year_of_nights_leaves_days_weeks_and_months():
    chosen = sorted(kept(FIRST + timedelta(days=night) for night in range(365)))
    assert [m.day for m in chosen if m.month == 12] == [14, 21, *range(25, 32)]
    assert [(m.month, m.day) for m in chosen if m.month < 12] == [
        (1, 31), (2, 28), (3, 31), (4, 30), (5, 31), (6, 30),
        (7, 31), (8, 31), (9, 30), (10, 31), (11, 30),
    ]  # fmt: skip


def test_files_of_other_names_are_left_alone(tmp_path):
    names = {file_name(FIRST + timedelta(days=day)) for day in range(40)}
    for name in [*names, "office-2020.backup", "diary.txt", file_name(FIRST) + ".old"]:
        (tmp_path / name).touch()
    gone = {path.name for path in outdated(tmp_path)}
    assert gone < names
    assert file_name(FIRST + timedelta(days=39)) not in gone
