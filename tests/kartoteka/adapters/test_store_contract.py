"""What every store promises about records, transactions and logs, run on each of them.

The promises about queries are in `test_store_contract_queries.py`.
"""

import threading
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import pytest

from kartoteka.adapters.sqlite import SqliteStore
from kartoteka.domain.errors import ConfigError, Conflict, Invalid, NotFound
from kartoteka.ports import Order, Query, Store, Tx, Where


@pytest.fixture
def store(any_store: Store) -> Store:
    return any_store


def put(store: Store, **docs: dict[str, Any]) -> None:
    def work(tx: Tx) -> None:
        for record_id, doc in docs.items():
            tx.put("things", record_id, doc)

    store.run(work)


def ids(store: Store, query: Query) -> list[str]:
    return [found.id for found in store.query(query)]


def increment(tx: Tx) -> None:
    doc = tx.get("things", "total") or {"n": 0}
    tx.put("things", "total", {"n": int(str(doc["n"])) + 1})


def together(store: Store, threads: int, work: Callable[[Tx], Any], times: int = 1) -> None:
    """Run the work in many threads that start at once; any error is raised here."""
    start = threading.Barrier(threads)

    def run() -> None:
        start.wait()
        for _ in range(times):
            store.run(work)

    with ThreadPoolExecutor(threads) as pool:
        for done in [pool.submit(run) for _ in range(threads)]:
            done.result()


def test_written_document_is_read_back_whole(store: Store) -> None:
    doc = {
        "text": "Ёж 🦔 \u200f=IMPORTXML(1) <script>\n\0",
        "whole": 2**63 - 1,
        "real": 0.1,
        "yes": True,
        "nothing": None,
        "list": [1, "two", None, {"deep": [True]}],
        "a.b": {"c.d": {}},
        "Имя с пробелом": "",
    }
    put(store, one=doc)

    assert store.get("things", "one") == doc
    assert store.run(lambda tx: tx.get("things", "one")) == doc


def test_absent_records_are_none_or_left_out(store: Store) -> None:
    put(store, one={"n": 1})

    assert store.get("things", "two") is None
    assert store.get("never_written", "one") is None
    assert store.get_many("things", ["two", "one", "one"]) == {"one": {"n": 1}}
    assert store.get_many("things", []) == {}


def test_put_replaces_the_whole_document(store: Store) -> None:
    put(store, one={"n": 1, "kind": "a"})
    put(store, one={"n": 2})

    assert store.get("things", "one") == {"n": 2}


def test_deleted_record_is_gone_and_deleting_again_succeeds(store: Store) -> None:
    put(store, one={"n": 1})
    store.run(lambda tx: tx.delete("things", "one"))
    store.run(lambda tx: tx.delete("things", "one"))

    assert store.get("things", "one") is None
    assert ids(store, Query("things")) == []


@pytest.mark.parametrize(
    "record_id",
    ["a/b@x.ru", "50%", "%2F", ".", "..", "__all__", "почта:я", " ", "a\0b", "x" * 1500],
)
def test_any_text_is_a_record_id(store: Store, record_id: str) -> None:
    store.run(lambda tx: tx.create("things", record_id, {"n": 1}))

    assert store.get("things", record_id) == {"n": 1}
    assert list(store.get_many("things", [record_id])) == [record_id]
    assert ids(store, Query("things")) == [record_id]


@pytest.mark.parametrize("record_id", ["", "x" * 1501, "ж" * 751, "\ud800"])
def test_impossible_record_id_is_refused(store: Store, record_id: str) -> None:
    with pytest.raises(Invalid):
        store.get("things", record_id)
    with pytest.raises(Invalid):
        store.run(lambda tx: tx.put("things", record_id, {}))


@pytest.mark.parametrize(
    "value",
    [
        {1},
        b"bytes",
        2**63,
        float("nan"),
        float("inf"),
        [[1]],
        {"": 1},
        {"__x__": 1},
        {1: 2},
        "\ud800",
        "x" * 1_048_576,
    ],
    ids=lambda value: str(value)[:12],
)
def test_value_that_no_store_keeps_is_refused(store: Store, value: Any) -> None:
    with pytest.raises(Invalid):
        store.run(lambda tx: tx.put("things", "one", {"n": value}))


def test_document_over_one_mebibyte_is_refused_and_one_below_is_kept(store: Store) -> None:
    half = "x" * 500_000
    put(store, one={"a": half, "b": half})

    assert store.get("things", "one") == {"a": half, "b": half}
    with pytest.raises(Invalid, match="1,048,576"):
        put(store, one={"a": half, "b": half, "c": half})


def test_created_record_that_exists_is_a_conflict_and_stays(store: Store) -> None:
    put(store, one={"n": 1})

    with pytest.raises(Conflict):
        store.run(lambda tx: tx.create("things", "one", {"n": 2}))
    assert store.get("things", "one") == {"n": 1}


def test_several_writes_of_one_record_act_as_one_after_another(store: Store) -> None:
    def work(tx: Tx) -> None:
        tx.create("things", "new", {"n": 1})
        tx.put("things", "new", {"n": 2})
        tx.delete("things", "old")
        tx.create("things", "old", {"n": 3})
        tx.put("things", "gone", {"n": 4})
        tx.delete("things", "gone")

    put(store, old={"n": 0})
    store.run(work)

    assert store.get_many("things", ["new", "old", "gone"]) == {"new": {"n": 2}, "old": {"n": 3}}
    with pytest.raises(Conflict):
        store.run(work)


def test_record_created_behind_a_write_of_the_same_transaction_is_a_conflict(store: Store) -> None:
    def work(tx: Tx) -> None:
        tx.put("things", "one", {"n": 1})
        tx.create("things", "one", {"n": 2})

    with pytest.raises(Conflict):
        store.run(work)
    assert store.get("things", "one") is None


def test_conflict_undoes_the_whole_transaction(store: Store) -> None:
    put(store, one={"n": 1})

    def work(tx: Tx) -> None:
        tx.put("things", "two", {"n": 2})
        tx.append("events", "e", {"subject": "two", "at": "1"})
        tx.create("things", "one", {"n": 2})

    with pytest.raises(Conflict):
        store.run(work)
    assert store.get("things", "two") is None
    assert store.log_head("events") is None


def test_exception_in_work_writes_nothing_and_frees_the_store(store: Store) -> None:
    def work(tx: Tx) -> None:
        tx.get("things", "one")
        tx.put("things", "one", {"n": 1})
        raise KeyError("ours")

    with pytest.raises(KeyError, match="ours"):
        store.run(work)
    assert store.get("things", "one") is None
    put(store, one={"n": 3})
    assert store.get("things", "one") == {"n": 3}


def test_only_one_of_many_creators_of_a_key_wins(store: Store) -> None:
    outcomes: list[str] = []

    def claim(name: str) -> None:
        try:
            store.run(lambda tx: tx.create("keys", "phone:+7999", {"client": name}))
        except Conflict:
            outcomes.append("lost")
        else:
            outcomes.append(name)

    with ThreadPoolExecutor(8) as pool:
        list(pool.map(claim, [f"c{n}" for n in range(8)]))

    winners = [name for name in outcomes if name != "lost"]
    assert len(outcomes) == 8
    assert [{"client": name} for name in winners] == [store.get("keys", "phone:+7999")]


def test_read_behind_a_write_is_refused(store: Store) -> None:
    def work(tx: Tx) -> None:
        tx.put("things", "one", {"n": 1})
        tx.get("things", "one")

    with pytest.raises(ConfigError, match="reads"):
        store.run(work)


def test_concurrent_increments_of_one_document_are_all_counted(store: Store) -> None:
    threads = 50 if isinstance(store, SqliteStore) else 8
    together(store, threads, increment)

    assert store.get("things", "total") == {"n": threads}


def append(store: Store, record_id: str) -> None:
    store.run(lambda tx: tx.append("events", record_id, {"subject": "s", "at": record_id}))


def read_all(store: Store, after: str | None, limit: int) -> tuple[list[str], str | None]:
    """Read to the end; return the ids and the last position."""
    seen: list[str] = []
    while entries := store.read_log("events", after, limit):
        seen += [entry.id for entry in entries]
        after = entries[-1].position
    return seen, after


def test_log_is_read_in_commit_order_from_any_position(store: Store) -> None:
    names = ["m", "a", "z", "b", "y"]
    for name in names:
        append(store, name)
    first = store.read_log("events", None, 2)
    rest, last = read_all(store, first[-1].position, 2)

    assert [entry.id for entry in first] + rest == names
    assert first[0].doc == {"subject": "s", "at": "m"}
    assert store.log_head("events") == last
    assert store.read_log("events", last, 10) == []


def test_log_is_also_a_collection(store: Store) -> None:
    append(store, "one")

    assert store.get("events", "one") == {"subject": "s", "at": "one"}
    found = list(store.query(Query("events", (Where("subject", "==", "s"),), (Order("at"),))))
    assert [record.doc for record in found] == [{"subject": "s", "at": "one"}]


def test_log_entry_is_written_once(store: Store) -> None:
    append(store, "one")

    with pytest.raises(Conflict):
        append(store, "one")
    for refused in (
        lambda tx: tx.put("events", "one", {}),
        lambda tx: tx.create("events", "two", {}),
        lambda tx: tx.append("things", "one", {}),
    ):
        with pytest.raises(ConfigError):
            store.run(refused)
    with pytest.raises(Invalid):
        store.run(lambda tx: tx.append("events", "two", {"committed_at": "now"}))
    assert read_all(store, None, 10)[0] == ["one"]


def test_rewritten_log_entry_says_something_else_in_its_old_place(store: Store) -> None:
    for name in ("one", "two", "three"):
        append(store, name)
    before = [(entry.id, entry.position) for entry in store.read_log("events", None, 10)]

    for _ in range(2):
        store.rewrite_log_entry("events", "two", {"subject": "other", "at": "two"})

    entries = store.read_log("events", None, 10)
    assert [(entry.id, entry.position) for entry in entries] == before
    assert entries[1].doc == {"subject": "other", "at": "two"}
    about = Query("events", (Where("subject", "==", "s"),), (Order("at"),))
    assert ids(store, about) == ["one", "three"]


def test_only_an_existing_log_entry_can_be_rewritten(store: Store) -> None:
    put(store, one={"n": 1})
    append(store, "one")

    with pytest.raises(NotFound):
        store.rewrite_log_entry("events", "two", {})
    with pytest.raises(ConfigError):
        store.rewrite_log_entry("things", "one", {})
    with pytest.raises(Invalid):
        store.rewrite_log_entry("events", "one", {"shard": 1})
    assert read_all(store, None, 10)[0] == ["one"]


@pytest.mark.parametrize("position", ["", "x", "1", "2026 a"])
def test_damaged_log_position_is_refused(store: Store, position: str) -> None:
    append(store, "one")

    with pytest.raises(Invalid, match="position"):
        store.read_log("events", position, 10)
    with pytest.raises(ConfigError):
        store.read_log("things", None, 10)


def test_reader_beside_writers_sees_every_entry_once(store: Store) -> None:
    """Each writer's own entries must also come in the order in which it committed them."""
    writers, each = 6, 12

    def write(writer: int) -> None:
        for number in range(each):
            append(store, f"{writer}-{number:02}")

    seen: list[str] = []
    after: str | None = None
    with ThreadPoolExecutor(writers) as pool:
        running = [pool.submit(write, writer) for writer in range(writers)]
        while not all(future.done() for future in running):
            more, after = read_all(store, after, 5)
            seen += more
    seen += read_all(store, after, 5)[0]

    assert sorted(seen) == [f"{w}-{n:02}" for w in range(writers) for n in range(each)]
    for writer in range(writers):
        own = [name for name in seen if name.startswith(f"{writer}-")]
        assert own == sorted(own)
