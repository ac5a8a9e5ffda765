"""Random histories on a store equal the same histories on a dict."""

import tempfile
from collections.abc import Callable
from functools import cmp_to_key
from pathlib import Path
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from tests.kartoteka.adapters.store_shapes import SHAPES

from kartoteka.adapters.firestore import FirestoreStore
from kartoteka.adapters.sqlite import SqliteStore
from kartoteka.domain.errors import Conflict
from kartoteka.ports import Order, Query, Store, Tx, Where

Docs = dict[str, dict[str, Any]]

VALUES = st.one_of(
    st.none(),
    st.booleans(),
    st.integers(-3, 3),
    st.sampled_from([0.5, -1.0, 2.0, 1e300, 2**62, -(2**63)]),
    st.sampled_from(["", "a", "B", "ab", "я", "ё", "é", "e\u0301", "🦔", "\uffff", "z" * 40]),
)
DOCS = st.dictionaries(st.sampled_from(["kind", "state", "n", "free"]), VALUES)
IDS = st.sampled_from(["a", "B", "c", "я", "🦔", "\uffff"])
WRITES = st.lists(st.tuples(st.sampled_from(["put", "create", "delete"]), IDS, DOCS), max_size=6)
HISTORIES = st.lists(WRITES.filter(lambda writes: not creates_and_deletes(writes)), max_size=5)
COMPARABLE = VALUES.filter(lambda value: value is not None and not isinstance(value, bool))
KIND = st.one_of(
    VALUES.map(lambda value: Where("kind", "==", value)),
    st.lists(VALUES.filter(lambda v: v is not None), min_size=1, max_size=4).map(
        lambda values: Where("kind", "in", tuple(values))
    ),
)
RANGE = st.builds(
    lambda op, v: Where("n", op, v), st.sampled_from(["<", "<=", ">", ">="]), COMPARABLE
)
QUERIES = st.one_of(
    st.just(Query("things")),
    KIND.map(lambda kind: Query("things", (kind,))),
    st.builds(
        lambda kind, bounds, down: Query("things", (kind, *bounds), (Order("n", down),)),
        KIND,
        st.lists(RANGE, max_size=1),
        st.booleans(),
    ),
    RANGE.map(lambda bound: Query("things", (bound,))),
    st.just(Query("things", (), (Order("n", descending=True), Order("kind")))),
)
ASKED = st.lists(QUERIES, min_size=3, max_size=6)


def creates_and_deletes(writes: list[tuple[str, str, Any]]) -> bool:
    """Return whether a record is created and then deleted, which stores refuse as a mistake."""
    created: set[str] = set()
    for kind, name, _ in writes:
        if kind == "delete" and name in created:
            return True
        if kind == "create":
            created.add(name)
    return False


def rank(value: Any) -> int:
    return [type(None), bool, float, str].index(float if type(value) is int else type(value))


def compare(one: Any, two: Any) -> int:
    """Order values as the stores do: by kind, then by value; text by code point."""
    left, right = (rank(one), one), (rank(two), two)
    if left[0] != right[0] or one is None:
        return int(left[0] > right[0]) - int(left[0] < right[0])
    return int(one > two) - int(one < two)


def matches(doc: dict[str, Any], where: Where) -> bool:
    if where.field not in doc:
        return False
    values = where.value if isinstance(where.value, tuple) else (where.value,)
    ways = {"<": {-1}, "<=": {-1, 0}, ">": {1}, ">=": {1, 0}}.get(where.op, {0})
    held = doc[where.field]
    return any(rank(held) == rank(value) and compare(held, value) in ways for value in values)


def answer(docs: Docs, query: Query) -> list[str]:
    """Return what the query must find."""
    ranges = [w.field for w in query.where if w.op in {"<", "<=", ">", ">="}]
    order = query.order or tuple(Order(field) for field in ranges[:1])

    def before(one: str, two: str) -> int:
        for by in order:
            found = compare(docs[one][by.field], docs[two][by.field])
            if found:
                return -found if by.descending else found
        return compare(one, two)

    found = [
        name
        for name, doc in docs.items()
        if all(matches(doc, w) for w in query.where) and all(by.field in doc for by in order)
    ]
    return sorted(found, key=cmp_to_key(before))


def apply(docs: Docs, writes: list[tuple[str, str, dict[str, Any]]]) -> Docs | None:
    """Return the documents after the transaction, None where it conflicts."""
    after = dict(docs)
    for kind, name, doc in writes:
        if kind == "create" and name in after:
            return None
        if kind == "delete":
            after.pop(name, None)
        else:
            after[name] = doc
    return after


def act(store: Store, writes: list[tuple[str, str, dict[str, Any]]]) -> bool:
    def work(tx: Tx) -> None:
        for kind, name, doc in writes:
            if kind == "delete":
                tx.delete("things", name)
            else:
                getattr(tx, kind)("things", name, doc)

    try:
        store.run(work)
    except Conflict:
        return False
    return True


def paged(store: Store, query: Query, size: int) -> list[str]:
    found, after = [], None
    while True:
        page = list(store.query(Query("things", query.where, query.order, size, after)))
        found += [record.id for record in page]
        if len(page) < size:
            return found
        after = page[-1].cursor


def check(store: Store, history: list[Any], queries: list[Query], size: int) -> None:
    docs: Docs = {}
    for writes in history:
        after = apply(docs, writes)
        assert act(store, writes) is (after is not None)
        docs = docs if after is None else after
    assert store.get_many("things", ["a", "B", "c", "я", "🦔", "\uffff"]) == docs
    for query in queries:
        expected = answer(docs, query)
        assert [found.id for found in store.query(query)] == expected
        assert paged(store, query, size) == expected
        assert store.count(query) == len(expected)


@given(history=HISTORIES, queries=ASKED, size=st.integers(1, 4))
@settings(max_examples=60, deadline=None)
def test_any_history_on_sqlite_equals_a_dict(
    history: list[Any], queries: list[Query], size: int
) -> None:
    with tempfile.TemporaryDirectory() as folder:
        store = SqliteStore(Path(folder) / "model.db", catalog=SHAPES)
        check(store, history, queries, size)
        store.close()


@pytest.mark.emulator
def test_any_history_on_firestore_equals_a_dict(
    open_firestore: Callable[..., FirestoreStore],
) -> None:
    @given(
        history=HISTORIES, queries=st.lists(QUERIES, min_size=3, max_size=6), size=st.integers(1, 4)
    )
    @settings(max_examples=12, deadline=None, suppress_health_check=[HealthCheck.too_slow])
    def law(history: list[Any], queries: list[Query], size: int) -> None:
        check(open_firestore(catalog=SHAPES), history, queries, size)

    law()
