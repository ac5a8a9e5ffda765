"""The count of what Firestore would bill."""

from functools import partial

from kartoteka.adapters.counted import CountedStore
from kartoteka.ports import Query, Store, Tx, Where


def put(tx: Tx, name: str) -> None:
    tx.put("things", name, {})


def test_operations_are_counted_as_they_are_billed(store: Store) -> None:
    counted = CountedStore(store)

    def work(tx: Tx) -> None:
        tx.get("things", "absent")
        tx.get_many("things", ["a", "b", "b"])
        tx.query(Query("things"))
        tx.put("things", "a", {})
        tx.create("things", "b", {})
        tx.delete("things", "c")
        tx.append("changes", "d", {})

    with counted.measure() as ops:
        counted.run(work)

    assert (ops.reads, ops.writes, ops.deletes) == (1 + 2 + 1, 3, 1)


def test_each_read_outside_a_transaction_is_counted(store: Store) -> None:
    counted = CountedStore(store)
    for name in "abc":
        counted.run(partial(put, name=name))
    costs = []
    for ask in (
        lambda: counted.get("things", "a"),
        lambda: counted.get_many("things", ["a", "b"]),
        lambda: list(counted.query(Query("things"))),
        lambda: list(counted.query(Query("empty"))),
        lambda: counted.count(Query("things")),
        lambda: counted.count(Query("leads", (Where("created_at", ">", "2026"),))),
        lambda: counted.read_log("changes", None, 10),
        lambda: counted.log_head("changes"),
    ):
        with counted.measure() as ops:
            ask()
        costs.append(ops.reads)

    assert costs == [1, 2, 3, 1, 1, 1, 1, 1]


def test_measurement_ends_with_its_block_and_may_be_nested(store: Store) -> None:
    counted = CountedStore(store)
    with counted.measure() as outer:
        counted.get("things", "a")
        with counted.measure() as inner:
            counted.get("things", "a")
    counted.get("things", "a")

    assert (outer.reads, inner.reads) == (2, 1)


def test_answers_are_those_of_the_store(store: Store) -> None:
    counted = CountedStore(store)
    counted.run(lambda tx: tx.put("things", "a", {"n": 1}))
    counted.run(lambda tx: tx.append("changes", "c", {"subject": "a"}))

    assert counted.get("things", "a") == {"n": 1}
    assert counted.get_many("things", ["a", "b"]) == {"a": {"n": 1}}
    assert list(counted.query(Query("things"))) == list(store.query(Query("things")))
    assert counted.count(Query("things")) == 1
    assert counted.read_log("changes", None, 5) == store.read_log("changes", None, 5)
    assert counted.log_head("changes") == store.log_head("changes")
