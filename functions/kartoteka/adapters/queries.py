"""A query checked and taken apart, the same for every store.

Comparisons are within one kind of value: text with text, numbers with numbers. A document that
lacks a compared or ordered field is not in the answer. In an order, null comes first, then false,
true, numbers, text by code point.
"""

import base64
import binascii
import json
import math
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any, TypeGuard

from kartoteka.domain.errors import Invalid
from kartoteka.indexes import Catalog, Index, effective_order
from kartoteka.ports import Order, Query, Scalar, Where

MAX_BRANCHES = 30
_INT64 = range(-(2**63), 2**63)


@dataclass(frozen=True, slots=True)
class Cursor:
    """Where a page ended: the ordered fields' values and the id of its last record."""

    values: tuple[Scalar, ...]
    id: str


@dataclass(frozen=True, slots=True)
class Prepared:
    """A checked query; `equal` holds per field the values allowed, each at least one."""

    index: Index
    equal: tuple[tuple[str, tuple[Scalar, ...]], ...]
    ranges: tuple[Where, ...]
    order: tuple[Order, ...]
    limit: int | None
    after: Cursor | None


def prepare(catalog: Catalog, query: Query) -> Prepared:
    """Return the checked query.

    Raises:
        ConfigError: no declared index covers it.
        Invalid: a value, the limit or the cursor cannot be used.
    """
    index = catalog.covering(query)
    if query.limit is not None and query.limit < 1:
        raise Invalid(f"limit {query.limit}: use a positive number, or None for all")
    order = effective_order(query)
    after = None if query.after is None else read_cursor(query.after, order)
    return Prepared(index, _equal(query), _ranges(query), order, query.limit, after)


def prepare_total(catalog: Catalog, query: Query, field: str | None = None) -> Prepared:
    """Return the checked query of a count, or of the sum over `field`; raises like `prepare`."""
    if query.limit is not None or query.after is not None:
        raise Invalid("a count or sum takes the whole answer: leave out limit and after")
    index = catalog.covering(query, field)
    return Prepared(index, _equal(query), _ranges(query), effective_order(query), None, None)


def cursor_of(order: tuple[Order, ...], record_id: str, doc: Mapping[str, Any]) -> str:
    """Return the cursor that continues behind this record; safe in an address."""
    content = [*(doc[o.field] for o in order), record_id]
    packed = json.dumps(content, ensure_ascii=False, separators=(",", ":")).encode()
    return base64.urlsafe_b64encode(packed).rstrip(b"=").decode()


def read_cursor(text: str, order: tuple[Order, ...]) -> Cursor:
    """Return the cursor behind its text; `Invalid` if it is not one of this order."""
    try:
        packed = base64.urlsafe_b64decode(text + "=" * (-len(text) % 4))
        content = json.loads(packed)
    except (ValueError, RecursionError, binascii.Error) as exc:
        raise Invalid("the cursor is damaged: start from the first page") from exc
    if not isinstance(content, list) or len(content) != len(order) + 1:
        raise Invalid("the cursor belongs to another query: start from the first page")
    *values, record_id = content
    if not isinstance(record_id, str) or not all(_is_scalar(value) for value in values):
        raise Invalid("the cursor belongs to another query: start from the first page")
    return Cursor(tuple(values), record_id)


def _equal(query: Query) -> tuple[tuple[str, tuple[Scalar, ...]], ...]:
    conditions = [w for w in query.where if w.op in {"==", "in"}]
    equal = tuple((w.field, _allowed(w)) for w in conditions)
    branches = math.prod(len(values) for _, values in equal)
    if branches > MAX_BRANCHES:
        raise Invalid(f"the in-conditions make {branches} cases, the limit is {MAX_BRANCHES}")
    return equal


def _allowed(where: Where) -> tuple[Scalar, ...]:
    if where.op == "==":
        return (_scalar(where.field, where.value),)
    values = where.value if isinstance(where.value, tuple) else ()
    if not 1 <= len(values) <= MAX_BRANCHES:
        raise Invalid(f"field {where.field!r}: `in` needs a tuple of 1 to {MAX_BRANCHES} values")
    if None in values:
        raise Invalid(f"field {where.field!r}: `in` cannot look for None, use ==")
    return tuple(_distinct(_scalar(where.field, value) for value in values))


def _distinct(values: Iterable[Scalar]) -> list[Scalar]:
    """Return the values once each; 1 and True differ, 1 and 1.0 do not."""
    return list({(isinstance(value, bool), value): value for value in values}.values())


def _ranges(query: Query) -> tuple[Where, ...]:
    ranges = tuple(w for w in query.where if w.op not in {"==", "in"})
    kinds = {isinstance(_comparable(w), str) for w in ranges}
    if len(kinds) > 1:
        raise Invalid(f"field {ranges[0].field!r}: both ends of a range must be of one kind")
    return ranges


def _comparable(where: Where) -> str | float:
    value = _scalar(where.field, where.value)
    if value is None or isinstance(value, bool):
        raise Invalid(f"field {where.field!r}: a range compares text or numbers, not {value}")
    return value


def _scalar(field: str, value: object) -> Scalar:
    if isinstance(value, str) and "\0" in value:
        raise Invalid(
            f"field {field!r}: remove the character U+0000 from the condition",
            code="value_impossible",
        )
    if not _is_scalar(value):
        raise Invalid(f"field {field!r}: compare with text, a number, true, false or None")
    return value


def _is_scalar(value: object) -> TypeGuard[Scalar]:
    if isinstance(value, str):
        return _is_unicode(value)
    if isinstance(value, bool) or value is None:
        return True
    if isinstance(value, int):
        return value in _INT64
    return isinstance(value, float) and math.isfinite(value)


def _is_unicode(text: str) -> bool:
    try:
        text.encode()
    except UnicodeEncodeError:
        return False
    return True
