"""What may be asked of a kind of record: the declared shapes of queries, in words of an address.

`state=open&owner_id=st_anna` compares fields, `created_at_from` and `created_at_to` are the ends of
a time, `sort` names the order. Only a shape that `kartoteka.indexes` declares is asked, and only by
fields that the actor may read: an answer to a closed field would tell it.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from zoneinfo import ZoneInfo

from kartoteka.domain.access import Level, level
from kartoteka.domain.errors import Malformed
from kartoteka.domain.instant import spell
from kartoteka.indexes import CATALOG, Index
from kartoteka.ports import Op, Order, Query, Scalar, Where
from kartoteka.services.read import KINDS, Look

_SORT = "sort"
_ENDS: Mapping[str, Op] = {"_from": ">=", "_to": "<"}
_FLAGS = {"true": True, "false": False}
_MOST_VALUES = 30


@dataclass(frozen=True, slots=True)
class Shape:
    """One declared question: the fields compared, and the field of its order, `-` if falling."""

    equal: tuple[str, ...]
    sort: str = ""

    @property
    def field(self) -> str:
        """Return the field of the order, empty for the order of ids."""
        return self.sort.removeprefix("-")

    def __str__(self) -> str:
        """Return how the question is spelled in an address."""
        order = [f"sort={self.sort}"] if self.sort else []
        return "&".join([*self.equal, *order])


def shapes(collection: str) -> tuple[Shape, ...]:
    """Return every question that a kind of record answers, besides listing it by id."""
    return tuple(_shape(index) for index in CATALOG.of(collection) if _is_plain(index))


def question(look: Look, collection: str, given: Mapping[str, str]) -> Query:
    """Return the query behind the parameters of an address.

    Raises:
        Malformed: no declared question has these filters, and those there are are named; or a
            time cannot be read.
    """
    if not given:
        return Query(collection)
    ends = {name: end for name in given if (end := _end(name)) is not None}
    equal = {name: it for name, it in given.items() if name not in ends and name != _SORT}
    chosen = _chosen(look, collection, given, (set(equal), {field for field, _ in ends.values()}))
    where = [_where(collection, name, value) for name, value in equal.items()]
    for name, (field, comparison) in ends.items():
        moment = instant(look, name, given[name])
        where.append(Where(field, comparison, spell(moment)))
    order = (Order(chosen.field, chosen.sort.startswith("-")),) if chosen.sort else ()
    return Query(collection, tuple(where), order)


def instant(look: Look, name: str, text: str) -> datetime:
    """Return a time as somebody typed it, in the office's zone unless it names one.

    Raises:
        Malformed: it is no time; `name` is the parameter to correct.
    """
    try:
        found = datetime.fromisoformat(text.replace(" ", "+"))  # a plus of an address is a blank
        zone = ZoneInfo(look.settings.office.work.zone)
        return found if found.tzinfo else found.replace(tzinfo=zone)
    except (ValueError, OverflowError) as exc:
        raise Malformed(f"{name}: no time", code="api_time", name=name) from exc


def _is_plain(index: Index) -> bool:
    return index.total is None and len(index.order) <= 1


def _shape(index: Index) -> Shape:
    if not index.order:
        return Shape(index.equal)
    [(field, way)] = index.order
    return Shape(index.equal, f"-{field}" if way == "desc" else field)


def _is_open(look: Look, collection: str, shape: Shape) -> bool:
    kind = KINDS[collection]
    fields = (*shape.equal, *filter(None, (shape.field,)))
    reached = (level(look.actor, kind, name, within=look.settings) for name in fields)
    return all(found >= Level.READ for found in reached)


def _end(name: str) -> tuple[str, Op] | None:
    """Return the field and the comparison of one end of a time."""
    for end, comparison in _ENDS.items():
        field = name.removesuffix(end)
        if field != name and (field == "at" or field.endswith("_at")):
            return field, comparison
    return None


def _chosen(
    look: Look, collection: str, given: Mapping[str, str], fields: tuple[set[str], set[str]]
) -> Shape:
    """Return the open question with exactly these fields compared and this field's ends given."""
    equal, spans = fields
    there = [one for one in shapes(collection) if _is_open(look, collection, one)]
    sort = given.get(_SORT, "")
    fit = [
        one
        for one in there
        if set(one.equal) == equal and sort in {"", one.sort} and spans <= {one.field}
    ]
    if not fit:
        names, known = ", ".join(given), "; ".join(dict.fromkeys(map(str, there))) or "-"
        said = f"no such filters: {names}; there are: {known}"
        raise Malformed(said, code="api_filter", given=names, known=known)
    return min(fit, key=lambda one: bool(one.sort))


def _where(collection: str, name: str, given: str) -> Where:
    values = tuple(_value(collection, name, value) for value in given.split(","))
    if len(values) == 1:
        return Where(name, "==", values[0])
    if len(values) > _MOST_VALUES or None in values:
        said = f"{name}: 1 to {_MOST_VALUES} values"
        raise Malformed(said, code="api_values", name=name, count=_MOST_VALUES)
    return Where(name, "in", values)


def _value(collection: str, name: str, value: str) -> Scalar:
    """Return a value as records hold it: nothing is None."""
    field = KINDS[collection].model_fields.get(name)
    if field is not None and field.annotation is bool:
        return _FLAGS.get(value, value)
    return value or None
