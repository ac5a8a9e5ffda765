"""Prepared queries in Firestore's terms; the id is always the last order, ascending."""

from google.cloud.firestore import FieldFilter, Query
from google.cloud.firestore_v1.aggregation import AggregationQuery

from kartoteka.adapters.firestore_client import NO_RETRY, Attempt, Client
from kartoteka.adapters.firestore_documents import plain, record_id, stored_id
from kartoteka.adapters.queries import Cursor, Prepared, cursor_of
from kartoteka.ports import Found


def page(
    client: Client,
    query: Prepared,
    size: int | None,
    after: Cursor | None,
    *,
    call_s: float,
    attempt: Attempt | None = None,
) -> list[Found]:
    """Return up to `size` records (None: all) behind the cursor, with one call."""
    asked = _asked(client, query).order_by("__name__")
    if after is not None:
        values = {o.field: value for o, value in zip(query.order, after.values, strict=True)}
        asked = asked.start_after({**values, "__name__": stored_id(after.id)})
    if size is not None:
        asked = asked.limit(size)
    answer = asked.stream(transaction=attempt, retry=NO_RETRY, timeout=call_s)
    docs = ((record_id(snapshot.id), plain(snapshot)) for snapshot in answer)
    return [Found(name, doc, cursor_of(query.order, name, doc)) for name, doc in docs]


def count(client: Client, query: Prepared, call_s: float) -> int:
    """Return the number of matching records, counted by the server."""
    asked = AggregationQuery(_asked(client, query))
    asked.count(alias="answer")
    return _number(asked, call_s)


def total(client: Client, query: Prepared, field: str, call_s: float) -> int:
    """Return the sum of a field, added by the server."""
    asked = AggregationQuery(_asked(client, query))
    asked.sum(field, alias="answer")
    return _number(asked, call_s)


def _number(asked: AggregationQuery, call_s: float) -> int:
    answer = asked.stream(retry=NO_RETRY, timeout=call_s)
    return int(sum(result.value for results in answer for result in results))


def _asked(client: Client, query: Prepared) -> Query:
    asked = Query(client.collection(query.index.collection))
    for field, values in query.equal:
        one = len(values) == 1
        condition = FieldFilter(field, "==" if one else "in", values[0] if one else list(values))
        asked = asked.where(filter=condition)
    for where in query.ranges:
        asked = asked.where(filter=FieldFilter(where.field, where.op, where.value))
    for order in query.order:
        way = Query.DESCENDING if order.descending else Query.ASCENDING
        asked = asked.order_by(order.field, direction=way)
    return asked
