"""What only the SQLite store promises."""

import multiprocessing
import sqlite3
import threading
from concurrent.futures import ThreadPoolExecutor
from functools import partial
from pathlib import Path

import pytest

from kartoteka.adapters import sqlite_query
from kartoteka.adapters.queries import Cursor, Prepared
from kartoteka.adapters.sqlite import SqliteStore
from kartoteka.adapters.sqlite_lock import FairLock
from kartoteka.domain.errors import ConfigError, Conflict, Transient
from kartoteka.indexes import CATALOG, INDEXES, Catalog, Index
from kartoteka.ports import Order, Query, Tx, Where


def add_one(tx: Tx) -> None:
    doc = tx.get("things", "total") or {"n": 0}
    tx.put("things", "total", {"n": int(str(doc["n"])) + 1})
    tx.append("changes", f"{threading.get_ident()}-{doc['n']}", {"n": doc["n"]})


def add_many(path: Path, times: int) -> None:
    store = SqliteStore(path)
    for _ in range(times):
        store.run(add_one)
    store.close()


def test_processes_on_one_file_lose_no_increment(tmp_path: Path) -> None:
    """Also the log holds the increments in the order in which they happened."""
    path, spawn = tmp_path / "shared.db", multiprocessing.get_context("spawn")
    running = [spawn.Process(target=add_many, args=(path, 10)) for _ in range(4)]
    for process in running:
        process.start()
    for process in running:
        process.join()

    store = SqliteStore(path)
    assert [process.exitcode for process in running] == [0] * 4
    assert store.get("things", "total") == {"n": 40}
    assert [e.doc["n"] for e in store.read_log("changes", None, 99)] == list(range(40))
    store.close()


def sample_query(index: Index) -> Prepared:
    return Prepared(
        index,
        tuple((field, ("value",)) for field in index.equal),
        (),
        tuple(Order(field, way == "desc") for field, way in index.order),
        None,
        None,
    )


@pytest.mark.parametrize("index", INDEXES, ids=lambda index: index.name)
@pytest.mark.parametrize("paged", [False, True], ids=["first page", "next page"])
def test_declared_shape_is_answered_by_one_seek(tmp_path: Path, index: Index, paged: bool) -> None:
    store = SqliteStore(tmp_path / "plan.db")
    record = dict.fromkeys(index.fields, "value")
    write = Tx.append if index.collection in CATALOG.logs else Tx.put
    store.run(lambda tx: getattr(tx, write.__name__)(index.collection, "one", record))
    after = Cursor(tuple("value" for _ in index.order), "one") if paged else None
    sql = sqlite_query.page(sample_query(index), 10, after)
    with sqlite3.connect(tmp_path / "plan.db") as connection:
        plan = [row[3] for row in connection.execute("EXPLAIN QUERY PLAN " + sql.text, sql.values)]
    connection.close()
    store.close()

    assert len(plan) == 1
    assert plan[0].startswith(f"SEARCH doc_{index.collection} USING INDEX {index.name} (")
    first = f"f_{index.order[0][0]}" if index.order else "id"
    assert f"{first}<" in plan[0] or f"{first}>" in plan[0] or not (paged or index.order)


def test_reader_does_not_wait_for_a_writer(tmp_path: Path) -> None:
    store = SqliteStore(tmp_path / "busy.db")
    store.run(lambda tx: tx.put("things", "one", {"n": 1}))
    inside, release = threading.Event(), threading.Event()

    def slow(tx: Tx) -> None:
        tx.put("things", "one", {"n": 2})
        inside.set()
        release.wait(10)

    with ThreadPoolExecutor(1) as pool:
        writing = pool.submit(store.run, slow)
        inside.wait(10)
        seen_meanwhile = store.get("things", "one")
        release.set()
        writing.result()

    assert seen_meanwhile == {"n": 1}
    assert store.get("things", "one") == {"n": 2}
    store.close()


def test_file_held_by_another_process_is_transient(tmp_path: Path) -> None:
    store = SqliteStore(tmp_path / "held.db", patience_s=0.1)
    store.run(lambda tx: tx.put("things", "one", {"n": 1}))
    other = sqlite3.connect(tmp_path / "held.db", isolation_level=None)
    other.execute("BEGIN IMMEDIATE")

    with pytest.raises(Transient):
        store.run(lambda tx: tx.put("things", "one", {"n": 2}))
    assert store.get("things", "one") == {"n": 1}
    other.execute("ROLLBACK")
    other.close()
    store.run(lambda tx: tx.put("things", "one", {"n": 3}))
    assert store.get("things", "one") == {"n": 3}
    store.close()


def test_shape_declared_later_finds_the_records_written_before(tmp_path: Path) -> None:
    path = tmp_path / "grown.db"
    old = SqliteStore(path, catalog=Catalog([], []))
    old.run(lambda tx: tx.put("things", "one", {"kind": "x", "n": 1}))
    old.close()
    new = SqliteStore(path, catalog=Catalog([Index("things", ("kind",), (("n", "asc"),))], []))

    query = Query("things", (Where("kind", "==", "x"),), (Order("n"),))
    assert [found.id for found in new.query(query)] == ["one"]
    assert [found.id for found in new.run(lambda tx: tx.query(query))] == ["one"]
    new.close()


def test_rolled_back_first_use_leaves_a_usable_collection(tmp_path: Path) -> None:
    """The table made inside the failed transaction is gone with it."""
    store = SqliteStore(tmp_path / "fresh.db")
    store.run(lambda tx: tx.put("other", "one", {}))

    def failing(tx: Tx) -> None:
        tx.put("things", "one", {"n": 1})
        tx.create("other", "one", {})

    with pytest.raises(Exception, match="exists"):
        store.run(failing)
    assert store.get("things", "one") is None
    store.run(lambda tx: tx.put("things", "one", {"n": 2}))
    assert store.get("things", "one") == {"n": 2}
    store.close()


def test_two_records_of_a_first_use_that_is_rolled_back_leave_a_usable_collection(
    tmp_path: Path,
) -> None:
    store = SqliteStore(tmp_path / "office.sqlite3")
    store.run(lambda tx: tx.create("clients", "cl_1", {"name": "Анна"}))

    def two_and_a_conflict(tx: Tx) -> None:
        tx.put("timers", "tm_1", {"state": "pending"})
        tx.put("timers", "tm_2", {"state": "pending"})
        tx.create("clients", "cl_1", {"name": "Борис"})

    with pytest.raises(Conflict):
        store.run(two_and_a_conflict)

    assert store.get("timers", "tm_1") is None
    store.run(lambda tx: tx.put("timers", "tm_1", {"state": "pending"}))
    assert store.get("timers", "tm_1") == {"state": "pending"}
    store.close()


def test_commits_are_durable_and_journal_is_wal(tmp_path: Path) -> None:
    store = SqliteStore(tmp_path / "safe.db")
    with store._writers.lent() as connection:
        synchronous = connection.execute("PRAGMA synchronous").fetchone()[0]
        journal = connection.execute("PRAGMA journal_mode").fetchone()[0]
    store.close()

    assert (synchronous, journal) == (2, "wal")


def test_reads_map_the_file_and_writers_do_not(tmp_path: Path) -> None:
    store = SqliteStore(tmp_path / "mapped.db", mapped_bytes=1 << 20)
    store.run(lambda tx: tx.put("things", "one", {"n": 1}))
    mapped = []
    for lent in (store._connections.lent, store._writers.lent):
        with lent() as connection:
            mapped.append(connection.execute("PRAGMA mmap_size").fetchone()[0])
    store.close()

    assert mapped == [1 << 20, 0]


def test_transaction_inside_a_transaction_is_refused(tmp_path: Path) -> None:
    store = SqliteStore(tmp_path / "nested.db")

    with pytest.raises(ConfigError, match="inside"):
        store.run(lambda _: store.run(add_one))
    store.run(add_one)
    assert store.get("things", "total") == {"n": 1}
    store.close()


def test_missing_folder_and_foreign_file_are_named(tmp_path: Path) -> None:
    with pytest.raises(ConfigError, match="folder"):
        SqliteStore(tmp_path / "absent" / "x.db")
    (tmp_path / "note.txt").write_text("not a database, but long enough to be looked at" * 99)
    store = SqliteStore(tmp_path / "note.txt")
    with pytest.raises(ConfigError, match="SQLITE_NOTADB"):
        store.get("things", "one")


def test_closed_store_is_refused(tmp_path: Path) -> None:
    store = SqliteStore(tmp_path / "closed.db")
    store.run(add_one)
    store.close()

    with pytest.raises(ConfigError, match="closed"):
        store.get("things", "total")


def wait_until_queued(lock: FairLock, number: int) -> None:
    tick = threading.Event()
    while len(lock._waiting) < number:
        tick.wait(0.001)


def test_lock_serves_in_the_order_of_arrival() -> None:
    lock, served = FairLock(), list[int]()

    def queue_up(number: int) -> None:
        with lock.held(10):
            served.append(number)

    with ThreadPoolExecutor(8) as pool, lock.held(10):
        for number in range(8):
            pool.submit(queue_up, number)
            wait_until_queued(lock, number + 1)

    assert served == list(range(8))


def test_lock_that_is_not_freed_in_time_is_transient_and_lets_the_others_pass() -> None:
    lock, passed = FairLock(), list[str]()

    def impatient() -> None:
        with pytest.raises(Transient):
            lock._acquire(0.01)
        passed.append("gave up")

    def patient() -> None:
        with lock.held(10):
            passed.append("served")

    with ThreadPoolExecutor(2) as pool:
        with lock.held(10):
            first = pool.submit(impatient)
            first.result(10)
            second = pool.submit(patient)
            wait_until_queued(lock, 1)
        second.result(10)

    assert passed == ["gave up", "served"]


def test_journal_is_moved_into_the_file_beside_the_writers(tmp_path: Path) -> None:
    """Without it the file itself would stay empty until the store is closed."""
    store = SqliteStore(tmp_path / "moved.db")
    for start in range(0, 2_000, 500):
        store.run(partial(put_block, start=start))
    store._checkpointer.close()
    with sqlite3.connect(f"file:{tmp_path / 'moved.db'}?immutable=1", uri=True) as file_only:
        moved = file_only.execute("SELECT count(*) FROM doc_things").fetchone()[0]
    file_only.close()
    store.close()

    assert moved >= 500


def test_journal_starts_anew_while_writing_goes_on(tmp_path: Path) -> None:
    """A run that only follows the writers never ends up with them, and the journal grows on."""
    store = SqliteStore(tmp_path / "short.db")
    sizes = []
    for number in range(1_600):
        store.run(partial(put_scattered, number=number))
        sizes.append((tmp_path / "short.db-wal").stat().st_size)
    store.close()

    assert sizes[-1] < 2 * sizes[400]


def put_scattered(tx: Tx, number: int) -> None:
    for part in range(5):
        tx.put("things", f"{number * 7_919 % 100_003}-{part}", {"text": "x" * 300})


def put_block(tx: Tx, start: int) -> None:
    for number in range(start, start + 500):
        tx.put("things", f"{number}", {"n": number})
