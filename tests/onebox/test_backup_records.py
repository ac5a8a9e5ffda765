"""Records read again are compared with what was said of them, whichever store kept them."""

from pathlib import Path

import pytest

from kartoteka.adapters.sqlite import SqliteStore
from kartoteka.adapters.sqlite_moment import SqliteMoment
from onebox.backups.records import Described, check_equal, describe


@pytest.fixture
def emptied(tmp_path: Path) -> Described:
    """What a box says of a collection whose last record was deleted."""
    store = SqliteStore(tmp_path / "kartoteka.db")
    store.run(lambda tx: tx.put("timers", "tm_1", {"state": "pending"}))
    store.run(lambda tx: tx.delete("timers", "tm_1"))
    store.close()
    return describe(SqliteMoment(tmp_path / "kartoteka.db"))


@pytest.mark.parametrize("ordered", [True, False])
def test_emptied_collection_is_equal_to_one_that_the_cloud_does_not_keep(
    emptied: Described, ordered: bool
) -> None:
    assert emptied["records/timers.ndjson"]["records"] == 0

    check_equal(emptied, {}, ordered=ordered)
    check_equal({}, emptied, ordered=ordered)


@pytest.mark.parametrize("turned", [True, False])
def test_record_that_only_one_side_has_is_refused_by_the_name_of_its_file(
    tmp_path: Path, turned: bool
) -> None:
    store = SqliteStore(tmp_path / "kartoteka.db")
    store.run(lambda tx: tx.put("timers", "tm_1", {"state": "pending"}))
    store.close()
    sides = [describe(SqliteMoment(tmp_path / "kartoteka.db")), {}]
    said, found = reversed(sides) if turned else sides

    with pytest.raises(ValueError, match=r"records/timers\.ndjson differs"):
        check_equal(said, found, ordered=False)
