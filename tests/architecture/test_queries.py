"""A query that no line of `kartoteka.indexes` declares is refused on every machine."""

import pytest

from kartoteka.domain.errors import ConfigError
from kartoteka.indexes import INDEXES, covering
from kartoteka.ports import Order, Query, Where

UNDECLARED = [
    Query("leads", (Where("name", "==", "Анна"),)),
    Query("leads", order=(Order("name"),)),
    Query("tasks", (Where("state", "==", "open"), Where("title", ">", "a"))),
    Query("nothing", (Where("state", "==", "open"),)),
]


@pytest.mark.parametrize("query", UNDECLARED, ids=lambda query: query.collection)
def test_an_undeclared_query_is_refused_with_the_line_to_add(store, query):
    for ask in (lambda: list(store.query(query)), lambda: store.count(query)):
        with pytest.raises(ConfigError, match=r"Index\('|range"):
            ask()


def test_a_sum_over_a_field_that_no_line_declares_is_refused(store):
    with pytest.raises(ConfigError, match="total='talk_s'"):
        store.sum(Query("activities", (Where("client_id", "==", "cl_1"),)), "talk_s")


def test_every_declared_shape_is_answered(store):
    for index in INDEXES:
        where = tuple(Where(field, "==", "x") for field in index.equal)
        order = tuple(Order(name, way == "desc") for name, way in index.order)
        query = Query(index.collection, where, order)

        assert covering(query, index.total) == index
        assert index.total or list(store.query(query)) == []
