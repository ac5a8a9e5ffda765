"""SQL for prepared queries: always one seek into the declared index, never an offset or a sort.

The generated column `f_<field>` holds a code of the field's value such that SQLite's own order is
the order of `queries`: null, false and true become the three lowest numbers, numbers and text
stay, a missing field is NULL and never matches. `INDEXED BY` makes SQLite refuse a statement that
cannot use the index, so no query gets slow silently as the data grows.
"""

from collections.abc import Iterable
from dataclasses import dataclass
from itertools import product

from kartoteka.adapters.queries import Cursor, Prepared
from kartoteka.ports import Order, Scalar, Where

Code = str | int | float

NULL_CODE = float("-inf")
FALSE_CODE = -1.7976931348623157e308
TRUE_CODE = -1.7976931348623155e308
_AFTER_NUMBERS = ""  # every text is at or behind it, every number before it
_PAGE = "SELECT id, doc {} {} LIMIT ?"
_BRANCH = "SELECT * FROM (SELECT {} {} {} LIMIT ?)"
_REWRITE = "UPDATE {} SET doc = ? WHERE id = ?"
_MERGED = "SELECT id, doc FROM ({}) {} LIMIT ?"


@dataclass(frozen=True, slots=True)
class Sql:
    """A statement and the values of its question marks."""

    text: str
    values: tuple[Code, ...]


def table(collection: str) -> str:
    """Return the table of a collection."""
    return f"doc_{collection}"


def column(field: str) -> str:
    """Return the generated column of a field."""
    return f"f_{field}"


def code(value: Scalar) -> Code:
    """Return what the column of a field with this value holds."""
    if value is None:
        return NULL_CODE
    if isinstance(value, bool):
        return TRUE_CODE if value else FALSE_CODE
    return value


def rewrite(log: str) -> str:
    """Return the statement that replaces one entry of a log: its text, its id."""
    return _REWRITE.format(table(log))


def page(query: Prepared, size: int, after: Cursor | None) -> Sql:
    """Return the statement for the next rows (id, doc) behind the cursor."""
    pairs = [tuple((field, value) for value in values) for field, values in query.equal]
    branches = [_branch(query, equal, after) for equal in product(*pairs)]
    order = _order_by(query.order)
    if len(branches) == 1:
        return Sql(_PAGE.format(branches[0].text, order), (*branches[0].values, size))
    keys = ", ".join(["id, doc", *(column(o.field) for o in query.order)])
    parts = [_BRANCH.format(keys, branch.text, order) for branch in branches]
    values = tuple(value for branch in branches for value in (*branch.values, size))
    return Sql(_MERGED.format(" UNION ALL ".join(parts), order), (*values, size))


def count(query: Prepared) -> Sql:
    """Return the statement for the number of matching records."""
    found = _all(query)
    return Sql(f"SELECT count(*) {found.text}", found.values)


def total(query: Prepared, field: str) -> Sql:
    """Return the statement for the sum of the numbers in a field, NULL when there are none."""
    found = _all(query)
    name = column(field)
    joint = "AND" if " WHERE " in found.text else "WHERE"
    return Sql(
        f"SELECT sum({name}) {found.text} {joint} {name} > ? AND {name} < ?",
        (*found.values, TRUE_CODE, _AFTER_NUMBERS),
    )


def _all(query: Prepared) -> Sql:
    where = [
        Sql(f"{column(field)} IN ({', '.join('?' * len(values))})", tuple(map(code, values)))
        for field, values in query.equal
    ]
    return _from(query, [*where, *_span(query, None)])


def _branch(query: Prepared, equal: Iterable[tuple[str, Scalar]], after: Cursor | None) -> Sql:
    where = [Sql(f"{column(field)} = ?", (code(value),)) for field, value in equal]
    where += _span(query, after)
    if after is not None:
        where.append(_behind(query.order, after))
    return _from(query, where)


def _from(query: Prepared, where: list[Sql]) -> Sql:
    forced = f" INDEXED BY {query.index.name}" if query.index.fields else ""
    condition = f" WHERE {' AND '.join(part.text for part in where)}" if where else ""
    values = tuple(value for part in where for value in part.values)
    return Sql(f"FROM {table(query.index.collection)}{forced}{condition}", values)


def _order_by(order: tuple[Order, ...]) -> str:
    parts = [f"{column(o.field)} DESC" if o.descending else column(o.field) for o in order]
    return f"ORDER BY {', '.join([*parts, 'id'])}"


def _span(query: Prepared, after: Cursor | None) -> list[Sql]:
    """Return the bounds of the ordered fields; those of the first are where SQLite seeks.

    Of several bounds SQLite may seek to any, so only the tightest at each end is spelled.
    """
    if not query.order:
        return []
    first, *others = query.order
    lower = [(">=", NULL_CODE), *_lower(query.ranges)]
    upper = list(_upper(query.ranges))
    if after is not None:
        (upper if first.descending else lower).append(
            ("<=" if first.descending else ">=", code(after.values[0]))
        )
    ends = [max(lower, key=_tightness), *([min(upper, key=_looseness)] if upper else [])]
    span = [Sql(f"{column(first.field)} {op} ?", (value,)) for op, value in ends]
    return span + [Sql(f"{column(o.field)} >= ?", (NULL_CODE,)) for o in others]


def _lower(ranges: tuple[Where, ...]) -> Iterable[tuple[str, Code]]:
    for where in ranges:
        if where.op in {">", ">="}:
            yield where.op, _bound(where)
        else:
            yield (">=", _AFTER_NUMBERS) if isinstance(where.value, str) else (">", TRUE_CODE)


def _upper(ranges: tuple[Where, ...]) -> Iterable[tuple[str, Code]]:
    for where in ranges:
        if where.op in {"<", "<="}:
            yield where.op, _bound(where)
        elif not isinstance(where.value, str):
            yield "<", _AFTER_NUMBERS


def _bound(where: Where) -> Code:
    return code(None if isinstance(where.value, tuple) else where.value)


def _place(value: Code) -> tuple[bool, float, str]:
    """Return a key that sorts codes as SQLite does: numbers, then text."""
    return (True, 0, value) if isinstance(value, str) else (False, value, "")


def _tightness(end: tuple[str, Code]) -> tuple[tuple[bool, float, str], bool]:
    return _place(end[1]), end[0] == ">"


def _looseness(end: tuple[str, Code]) -> tuple[tuple[bool, float, str], bool]:
    return _place(end[1]), end[0] == "<="


def _behind(order: tuple[Order, ...], after: Cursor) -> Sql:
    """Return the condition of the records behind the cursor, ties broken by ascending id."""
    text, values = "id > ?", (after.id,)
    found = Sql(text, values)
    for field, value in reversed(list(zip(order, after.values, strict=True))):
        name, op = column(field.field), "<" if field.descending else ">"
        held = code(value)
        found = Sql(
            f"({name} {op} ? OR ({name} = ? AND {found.text}))", (held, held, *found.values)
        )
    return found
