"""What every store promises about queries, run on each of them."""

from typing import Any

import pytest

from kartoteka.domain.errors import ConfigError, Invalid
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


def sample(store: Store) -> None:
    put(
        store,
        a={"kind": "x", "state": "open", "n": 3, "amount": 100},
        b={"kind": "x", "state": "won", "n": 1, "amount": 250},
        c={"kind": "y", "state": "open", "n": 2, "amount": 1000},
        d={"kind": "x", "state": "open", "n": 1, "amount": None},
        e={"kind": "x", "state": "lost"},
        f={"kind": "x", "n": "text", "amount": "7"},
        g={"kind": None, "n": None},
    )


X = Where("kind", "==", "x")


@pytest.mark.parametrize(
    ("query", "expected"),
    [
        (Query("things"), "abcdefg"),
        (Query("things", limit=2), "ab"),
        (Query("things", (X,)), "abdef"),
        (Query("things", (Where("kind", "==", None),)), "g"),
        (Query("things", (X, Where("state", "==", "open"))), "ad"),
        (Query("things", (X, Where("state", "in", ("lost", "open")))), "ade"),
        (Query("things", (Where("kind", "in", ("y", "x")),)), "abcdef"),
        (Query("things", (X,), (Order("n"),)), "bdaf"),
        (Query("things", (X,), (Order("n", descending=True),)), "fabd"),
        (Query("things", (), (Order("n"),)), "gbdcaf"),
        (Query("things", (), (Order("n", descending=True), Order("kind"))), "facbdg"),
        (Query("things", (Where("n", ">", 1),)), "ca"),
        (Query("things", (Where("n", ">=", 1), Where("n", "<", 3))), "bdc"),
        (Query("things", (X, Where("n", "<=", 1.0)), (Order("n"),)), "bd"),
        (Query("things", (X, Where("n", "<", 3)), (Order("n", descending=True),)), "bd"),
        (Query("things", (Where("n", ">=", ""),)), "f"),
        (Query("things", (Where("kind", "in", ("y", "x")),), (Order("n"),), 3), "bdc"),
    ],
)
def test_query_finds_the_records_in_order(store: Store, query: Query, expected: str) -> None:
    sample(store)

    assert ids(store, query) == list(expected)
    assert [found.id for found in store.run(lambda tx: tx.query(query))] == list(expected)


def test_query_of_a_collection_never_written_is_empty(store: Store) -> None:
    assert ids(store, Query("things", (X,))) == []
    assert store.count(Query("things")) == 0
    assert store.sum(Query("things"), "amount") == 0
    assert store.read_log("events", None, 10) == []
    assert store.log_head("events") is None


@pytest.mark.parametrize(
    "query",
    [
        Query("things"),
        Query("things", (X,), (Order("n"),)),
        Query("things", (), (Order("n", descending=True), Order("kind"))),
        Query("things", (Where("kind", "in", ("x", "y")),), (Order("n", descending=True),)),
    ],
)
@pytest.mark.parametrize("size", [1, 2, 3])
def test_cursor_continues_behind_the_page(store: Store, query: Query, size: int) -> None:
    sample(store)
    whole, paged, after = ids(store, query), [], None
    while True:
        page = list(
            store.query(Query(query.collection, query.where, query.order, size, after=after))
        )
        paged += [found.id for found in page]
        if len(page) < size:
            break
        after = page[-1].cursor

    assert paged == whole


def test_long_answer_streams_past_the_page_size(store: Store) -> None:
    def work(tx: Tx) -> None:
        for n in range(450):
            tx.put("things", f"{n:03}", {"kind": "x", "n": n % 7})

    store.run(work)
    expected = sorted((f"{n:03}" for n in range(450)), key=lambda name: (int(name) % 7, name))

    assert ids(store, Query("things", (X,), (Order("n"),))) == expected
    assert ids(store, Query("things", (X,), (Order("n"),), limit=420)) == expected[:420]


@pytest.mark.parametrize("cursor", ["", "@@", "W10", "WzFd", "bnVsbA", "я"])
def test_damaged_cursor_is_refused(store: Store, cursor: str) -> None:
    with pytest.raises(Invalid, match="cursor"):
        store.query(Query("things", (X,), (Order("n"),), after=cursor))


@pytest.mark.parametrize(
    "where",
    [
        Where("kind", "in", ()),
        Where("kind", "in", tuple(range(31))),
        Where("kind", "in", (None, 1)),
        Where("kind", "==", ("x",)),
        Where("kind", "==", float("nan")),
        Where("kind", "==", "a\0b"),
    ],
)
def test_impossible_condition_is_refused(store: Store, where: Where) -> None:
    with pytest.raises(Invalid):
        store.query(Query("things", (where,)))


@pytest.mark.parametrize("value", [None, True, (1, 2)])
def test_range_over_what_has_no_order_is_refused(store: Store, value: Any) -> None:
    with pytest.raises(Invalid):
        store.query(Query("things", (Where("n", ">", value),)))


def test_count_and_sum_follow_the_conditions(store: Store) -> None:
    sample(store)

    assert store.count(Query("things")) == 7
    assert store.count(Query("things", (X,))) == 5
    assert store.count(Query("things", (Where("n", ">=", 2),))) == 2
    assert store.count(Query("things", (X, Where("state", "in", ("won", "lost"))))) == 2
    assert store.sum(Query("things"), "amount") == 1350
    assert store.sum(Query("things", (X,)), "amount") == 350


@pytest.mark.parametrize(
    "query",
    [
        Query("things", (Where("state", "==", "open"),)),
        Query("things", (X,), (Order("state"),)),
        Query("things", (), (Order("n", descending=True),)),
        Query("things", (Where("kind", ">", "a"), Where("n", ">", 1))),
        Query("other", (X,)),
    ],
)
def test_undeclared_query_is_refused_everywhere(store: Store, query: Query) -> None:
    for ask in (store.query, store.count, lambda q: store.run(lambda tx: tx.query(q))):
        with pytest.raises(ConfigError):
            ask(query)
    with pytest.raises(ConfigError, match="total='n'"):
        store.sum(Query("things"), "n")


def test_searched_field_must_hold_one_value(store: Store) -> None:
    for value in ([1], {"a": 1}, "a\0b"):
        with pytest.raises(Invalid, match="searched"):
            put(store, one={"n": value})
