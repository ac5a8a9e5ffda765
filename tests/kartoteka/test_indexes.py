"""The declared shapes, the rule that covers queries, and what is made from them."""

import json
from typing import Any

import hcl2
import pytest

from kartoteka.domain.errors import ConfigError
from kartoteka.indexes import (
    INDEXES,
    LOGS,
    Catalog,
    Index,
    covering,
    effective_order,
    firestore_json,
    terraform,
)
from kartoteka.ports import Order, Query, Where

DUE = Index("tasks", ("state",), (("due_at", "asc"),))
OPEN = Where("state", "==", "open")
LATE = Where("due_at", "<", "2026")


def asked(index: Index) -> Query:
    """Return the plainest query of this shape."""
    where = tuple(Where(field, "==", "x") for field in reversed(index.equal))
    return Query(index.collection, where, tuple(Order(f, way == "desc") for f, way in index.order))


@pytest.mark.parametrize("index", INDEXES, ids=lambda index: index.name)
def test_every_line_covers_its_own_query(index: Index) -> None:
    assert covering(asked(index), index.total) == index


def test_no_line_is_written_twice() -> None:
    shapes = [(i.collection, frozenset(i.equal), i.order, i.total) for i in INDEXES]

    assert len(set(shapes)) == len(shapes)
    assert len({index.name for index in INDEXES}) == len(INDEXES)


@pytest.mark.parametrize(
    "query",
    [
        Query("tasks", (OPEN,), (Order("due_at"),)),
        Query("tasks", (Where("state", "in", ("open", "late")),), (Order("due_at"),)),
        Query("tasks", (OPEN, LATE)),
        Query("tasks", (OPEN, LATE, Where("due_at", ">", "2025")), (Order("due_at"),), limit=5),
    ],
)
def test_conditions_and_order_of_the_line_are_covered(query: Query) -> None:
    assert covering(query) == DUE


@pytest.mark.parametrize(
    "query",
    [
        Query("tasks", (OPEN,)),
        Query("tasks", (OPEN,), (Order("due_at", descending=True),)),
        Query("tasks", (), (Order("due_at"),)),
        Query("tasks", (LATE,)),
        Query("tasks", (OPEN, Where("kind", "==", "call")), (Order("due_at"),)),
        Query("tasks", (OPEN,), (Order("due_at"), Order("kind"))),
        Query("unknown", (OPEN,), (Order("due_at"),)),
    ],
)
def test_anything_else_names_the_line_to_add(query: Query) -> None:
    with pytest.raises(ConfigError, match=rf"Index\('{query.collection}', equal="):
        covering(query)


@pytest.mark.parametrize(
    "query",
    [
        Query("tasks", (LATE, Where("n", ">", 1))),
        Query("tasks", (LATE,), (Order("created_at"), Order("due_at"))),
    ],
)
def test_range_on_another_field_than_the_first_of_the_order_is_refused(query: Query) -> None:
    with pytest.raises(ConfigError, match="range"):
        covering(query)


def test_sum_needs_a_line_with_its_field() -> None:
    catalog = Catalog([Index("deals", ("state",), total="amount")], [])
    query = Query("deals", (OPEN,))

    assert catalog.covering(query, "amount").total == "amount"
    with pytest.raises(ConfigError, match="total='profit'"):
        catalog.covering(query, "profit")
    with pytest.raises(ConfigError):
        catalog.covering(query)


def test_listing_by_id_needs_no_line() -> None:
    assert covering(Query("staff", limit=5)).fields == ()


def test_range_orders_by_its_field() -> None:
    assert effective_order(Query("tasks", (OPEN, LATE))) == (Order("due_at"),)
    assert effective_order(Query("tasks", (OPEN,))) == ()


@pytest.mark.parametrize("name", ["", "Имя", "a.b", "__name__", "1st", 'a"b', "a b"])
def test_name_that_no_store_can_index_is_refused(name: str) -> None:
    with pytest.raises(ConfigError, match="name"):
        Index("tasks", (name,))


def composites() -> set[tuple[str, tuple[tuple[str, str], ...]]]:
    content = json.loads(firestore_json())
    return {
        (entry["collectionGroup"], tuple((f["fieldPath"], f["order"]) for f in entry["fields"]))
        for entry in content["indexes"]
    }


def test_firestore_file_has_the_composite_index_of_every_line_that_needs_one() -> None:
    made = composites()

    for index in INDEXES:
        fields = [(name, "ASCENDING") for name in index.equal]
        fields += [(name, f"{way.upper()}ENDING") for name, way in index.order]
        fields += [(index.total, "ASCENDING")] if index.total else []
        descends = not index.total and fields[-1][1] == "DESCENDING"
        fields += [("__name__", "ASCENDING")] if descends else []
        assert ((index.collection, tuple(fields)) in made) is (len(fields) > 1)


def test_logs_are_indexed_by_shard_and_nothing_else() -> None:
    overrides = json.loads(firestore_json())["fieldOverrides"]

    for log in LOGS:
        assert (log, (("shard", "ASCENDING"), ("committed_at", "ASCENDING"))) in composites()
        assert (log, (("shard", "ASCENDING"), ("committed_at", "DESCENDING"))) in composites()
        assert {"collectionGroup": log, "fieldPath": "committed_at", "indexes": []} in overrides


def unquoted(value: Any) -> Any:
    return value.strip('"') if isinstance(value, str) else value


def test_terraform_declares_the_same_indexes() -> None:
    parsed = hcl2.loads(terraform("var.project", "var.database"))
    made, labels = set(), set()
    for resource in parsed["resource"]:
        ((kind, named),) = resource.items()
        ((label, body),) = named.items()
        labels.add((kind, label))
        if unquoted(kind) == "google_firestore_index":
            fields = tuple(
                (unquoted(f["field_path"]), unquoted(f["order"])) for f in body["fields"]
            )
            made.add((unquoted(body["collection"]), fields))

    assert made == composites()
    assert len(labels) == len(parsed["resource"]) == len(made) + len(LOGS)
