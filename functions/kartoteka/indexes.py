"""Every shape of query that the code asks, declared once.

The SQLite indexes, `firestore.indexes.json` and the Terraform resources are made from these
lines, and both stores refuse a query that no line covers: Google's emulator would answer it, the
real database would not.

A query needs the line whose `equal` holds exactly its `==` and `in` fields, and whose `order` is
exactly its effective order. The effective order is the one asked for, or the field of its range
condition ascending when none is asked for; a range is allowed on one field, which then is the
first of the order. Neither a longer nor a shorter line, nor the opposite direction, serves
instead: records of equal order follow by id ascending, and a Firestore index holds them in one
sequence only. A sum needs a line of its own with the field in `total`. Listing a whole
collection by id needs no line.
"""

import json
import re
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Literal

from kartoteka.domain.errors import ConfigError
from kartoteka.ports import Order, Query

Direction = Literal["asc", "desc"]
_NAME = re.compile(r"[a-z][a-z0-9_]*")
_SPELLING = {"asc": "ASCENDING", "desc": "DESCENDING"}
_Field = tuple[str, str]


@dataclass(frozen=True, slots=True)
class Index:
    """One shape: equality fields, then fields of range and order, or the field of a sum."""

    collection: str
    equal: tuple[str, ...] = ()
    order: tuple[tuple[str, Direction], ...] = ()
    total: str | None = None

    def __post_init__(self) -> None:
        for name in (self.collection, *self.fields):
            if not _NAME.fullmatch(name):
                raise ConfigError(f"index name {name!r}: use a-z, 0-9 and _, a letter first")

    @property
    def fields(self) -> tuple[str, ...]:
        """Return the fields in the sequence of the index."""
        return (*self.equal, *(name for name, _ in self.order), *filter(None, (self.total,)))

    @property
    def name(self) -> str:
        """Return a name unique among all lines: `tasks_state_due_at_asc`."""
        parts = [self.collection, *self.equal, *(f"{name}_{way}" for name, way in self.order)]
        return "_".join([*parts, "total", self.total] if self.total else parts)


INDEXES: tuple[Index, ...] = (
    Index("activities", ("client_id",), (("at", "desc"),)),
    Index("activities", ("lead_id",), (("at", "desc"),)),
    Index("api_answers", order=(("at", "asc"),)),
    Index("approvals", ("client_id",)),
    Index("approvals", ("judge_id", "state"), (("at", "asc"),)),
    Index("approvals", ("state",), (("at", "asc"),)),
    Index("approvals", order=(("at", "asc"),)),
    Index("batches", ("other", "state")),
    Index("batches", ("state",), (("at", "asc"),)),
    Index("calendar_links", ("account",)),
    Index("calendar_links", ("client_id",)),
    Index("calendar_links", ("record",)),
    Index("calendar_links", ("account", "state")),
    Index("changes", ("cause",), (("at", "desc"),)),
    Index("changes", ("subject",), (("at", "asc"),)),
    Index("chats", ("client_id",)),
    Index("clients", ("company_id",)),
    Index("clients", ("merged_into",)),
    Index("clients", order=(("updated_at", "asc"),)),
    Index("companies", ("merged_into",)),
    Index("conflicts", ("record",)),
    Index("conflicts", order=(("at", "asc"),)),
    Index("contact_links", ("account",)),
    Index("contact_links", ("client_id",)),
    Index("contact_links", ("account", "resource")),
    Index("contact_links", ("account", "state")),
    Index("cross_offers", ("client_id", "state")),
    Index("cross_offers", ("row_id", "state")),
    Index("deals", ("client_id",)),
    Index("deals", ("company_id",)),
    Index("deals", ("pipeline", "stage")),
    Index("deals", ("client_id", "state")),
    Index("deals", ("owner_id", "state"), (("next_at", "asc"),)),
    Index("deals", ("state",), (("next_at", "asc"),)),
    Index("deals", ("state",), (("stage_entered_at", "asc"),)),
    Index("deals", order=(("updated_at", "asc"),)),
    Index("exchanges", order=(("at", "desc"),)),
    Index("firings", ("record_id",), (("updated_at", "desc"),)),
    Index("firings", ("state",), (("updated_at", "asc"),)),
    Index("firings", ("state",), (("updated_at", "desc"),)),
    Index("firings", order=(("updated_at", "desc"),)),
    Index("generators", ("state",), (("next_at", "asc"),)),
    Index("generators", order=(("at", "desc"),)),
    Index("goods_links", ("account", "listed")),
    Index("inbounds", ("channel",), (("received_at", "desc"),)),
    Index("inbounds", ("client_id",)),
    Index("inbounds", ("what",), (("at", "desc"),)),
    Index("inbounds", ("state",), (("at", "desc"),)),
    Index("leads", ("client_id",)),
    Index("leads", ("pipeline", "stage")),
    Index("leads", ("client_id", "state")),
    Index("leads", ("owner_id",), (("created_at", "asc"),)),
    Index("leads", ("owner_id", "state"), (("next_at", "asc"),)),
    Index("leads", ("owner_id", "state", "touched_at")),
    Index("leads", ("state",), (("next_at", "asc"),)),
    Index("leads", ("state",), (("stage_entered_at", "asc"),)),
    Index("leads", order=(("created_at", "asc"),)),
    Index("notices", order=(("at", "asc"),)),
    Index("orders", ("account", "issued")),
    Index("orders", ("deal_id",)),
    Index("orders", ("number",)),
    Index("orders", ("state",), (("updated_at", "asc"),)),
    Index("papers", ("client_id",)),
    Index("papers", ("deal_id", "what")),
    Index("papers", ("label", "what")),
    Index("papers", ("what", "state"), (("due", "asc"),)),
    Index("pairs", ("left",)),
    Index("pairs", ("right",)),
    Index("pairs", ("state",), (("at", "asc"),)),
    Index("payments", ("client_id",)),
    Index("payments", ("state",), (("at", "asc"),)),
    Index("products", ("active",), (("name_key", "asc"),)),
    Index("proposals", ("client_id", "state")),
    Index("proposals", ("state",), (("at", "asc"),)),
    Index("campaigns", ("state",), (("next_at", "asc"),)),
    Index("campaigns", order=(("created_at", "desc"),)),
    Index("recipients", ("campaign_id", "state"), (("due_at", "asc"),)),
    Index("recipients", ("campaign_id", "state")),
    Index("recipients", ("campaign_id",)),
    Index("recipients", ("client_id",)),
    Index("recipients", ("client_id", "state")),
    Index("recipients", ("state",), (("sending_at", "asc"),)),
    Index("series_members", ("client_id", "state")),
    Index("series_members", ("series_id", "state")),
    Index("series_members", ("state",), (("due_at", "asc"),)),
    Index("segment_members", ("client_id",)),
    Index("segment_members", ("segment_id",)),
    Index("segment_turns", order=(("at", "asc"),)),
    Index("sheet_edits", ("book",), (("at", "asc"),)),
    Index("sla_cases", ("client_id", "state")),
    Index("sla_cases", order=(("due_at", "asc"),)),
    Index("stat_facts", order=(("waiting_since", "asc"),)),
    Index("tasks", ("assignee_id", "state"), (("due_at", "asc"),)),
    Index("tasks", ("client_id",)),
    Index("tasks", ("client_id", "state", "what")),
    Index("tasks", ("deal_id", "state")),
    Index("tasks", ("lead_id", "state")),
    Index("tasks", ("parent_id", "state")),
    Index("tasks", ("state",), (("done_at", "asc"),)),
    Index("tasks", ("state",), (("due_at", "asc"),)),
    Index("tasks", order=(("created_at", "asc"),)),
    Index("telling_posts", ("state",), (("at", "desc"),)),
    Index("timers", ("state",), (("due_at", "asc"),)),
    Index("outgoing", ("client_id",)),
    Index("outgoing", ("state",), (("at", "asc"),)),
)

# Collections that grow by `append` and are read in commit order.
LOGS: frozenset[str] = frozenset({"changes"})

# What Firestore keeps beside the fields of a log entry; no document may use these names.
LOG_FIELDS = ("committed_at", "shard", "attempt")


class Catalog:
    """The declared shapes and logs that a store obeys; `CATALOG` holds those of the product."""

    def __init__(self, indexes: Iterable[Index], logs: Iterable[str]) -> None:
        self.logs = frozenset(logs)
        self._shapes: dict[str, tuple[Index, ...]] = {}
        for index in indexes:
            self._shapes[index.collection] = (*self.of(index.collection), index)
        self._searched = {
            name: frozenset(field for index in shapes for field in index.fields)
            for name, shapes in self._shapes.items()
        }

    def of(self, collection: str) -> tuple[Index, ...]:
        """Return the declared shapes of one collection."""
        return self._shapes.get(collection, ())

    def searched_fields(self, collection: str) -> frozenset[str]:
        """Return the fields of the collection that some shape compares, orders or sums."""
        return self._searched.get(collection, frozenset())

    def covering(self, query: Query, total: str | None = None) -> Index:
        """Return the declared shape of a query (or of its sum over the field `total`).

        Raises:
            ConfigError: no line covers it; the message is the line to add.
        """
        wanted = _wanted(query, total)
        if not wanted.fields:
            return wanted
        for index in self.of(query.collection):
            if _same(index, wanted):
                return index
        raise ConfigError(f"undeclared query: add to kartoteka.indexes.INDEXES: {_line(wanted)}")


CATALOG = Catalog(INDEXES, LOGS)


def covering(query: Query, total: str | None = None) -> Index:
    """Return the product's declared shape of a query; see `Catalog.covering`."""
    return CATALOG.covering(query, total)


def effective_order(query: Query) -> tuple[Order, ...]:
    """Return the order asked for, or the one that a range condition implies."""
    ranges = _range_fields(query)
    if query.order or not ranges:
        return query.order
    return (Order(ranges[0]),)


def firestore_json() -> str:
    """Return the content of `firestore.indexes.json` (the Firebase command line's format)."""
    content = {
        "indexes": [
            {
                "collectionGroup": collection,
                "queryScope": "COLLECTION",
                "fields": [{"fieldPath": name, "order": way} for name, way in fields],
            }
            for collection, fields in _composites()
        ],
        "fieldOverrides": [
            {"collectionGroup": log, "fieldPath": "committed_at", "indexes": []}
            for log in sorted(LOGS)
        ],
    }
    return json.dumps(content, indent=2) + "\n"


def terraform(
    project: str = "var.project", database: str = "google_firestore_database.main.name"
) -> str:
    """Return the Terraform resources of all composite indexes; arguments are HCL expressions."""
    place = f"  project    = {project}\n  database   = {database}\n"
    blocks = [
        f'resource "google_firestore_index" "{_label(collection, fields)}" {{\n'
        f'{place}  collection = "{collection}"\n{_hcl_fields(fields)}}}\n'
        for collection, fields in _composites()
    ]
    blocks += [
        f'resource "google_firestore_field" "{log}_committed_at" {{\n'
        f'{place}  collection = "{log}"\n  field      = "committed_at"\n\n  index_config {{}}\n}}\n'
        for log in sorted(LOGS)
    ]
    return "\n".join(blocks)


def _range_fields(query: Query) -> list[str]:
    return list(dict.fromkeys(w.field for w in query.where if w.op not in {"==", "in"}))


def _wanted(query: Query, total: str | None) -> Index:
    ranges, order = _range_fields(query), effective_order(query)
    if len(ranges) > 1 or (ranges and order[0].field != ranges[0]):
        raise ConfigError(
            f"query of {query.collection!r}: a range is allowed on one field,"
            f" the first of the order; got ranges on {ranges}"
        )
    equal = dict.fromkeys(w.field for w in query.where if w.op in {"==", "in"})
    return Index(query.collection, tuple(equal), tuple(_way(o) for o in order), total)


def _way(order: Order) -> tuple[str, Direction]:
    return (order.field, "desc" if order.descending else "asc")


def _same(index: Index, wanted: Index) -> bool:
    return (set(index.equal), index.order, index.total) == (
        set(wanted.equal),
        wanted.order,
        wanted.total,
    )


def _line(wanted: Index) -> str:
    total = f", total={wanted.total!r}" if wanted.total else ""
    return f"Index({wanted.collection!r}, equal={wanted.equal}, order={wanted.order}{total})"


def _composites() -> list[tuple[str, tuple[_Field, ...]]]:
    """Return the composite indexes; a shape of one ascending field has Firestore's automatic one.

    Firestore continues the last direction to the id; ids ascend here, so behind a descending
    field the id is spelled out.
    """
    shapes = [(index.collection, _composite(index)) for index in INDEXES]
    shapes += [
        (log, (("shard", "ASCENDING"), ("committed_at", way)))
        for log in LOGS
        for way in _SPELLING.values()
    ]
    return sorted({shape for shape in shapes if len(shape[1]) > 1})


def _composite(index: Index) -> tuple[_Field, ...]:
    fields = [(name, "ASCENDING") for name in index.equal]
    fields += [(name, _SPELLING[way]) for name, way in index.order]
    if index.total:
        return (*fields, (index.total, "ASCENDING"))
    if fields and fields[-1][1] == "DESCENDING":
        fields.append(("__name__", "ASCENDING"))
    return tuple(fields)


def _label(collection: str, fields: tuple[_Field, ...]) -> str:
    named = [f"{name}_{way[:-6].lower()}" for name, way in fields if name != "__name__"]
    return "_".join([collection, *named])


def _hcl_fields(fields: tuple[_Field, ...]) -> str:
    return "".join(
        f'\n  fields {{\n    field_path = "{name}"\n    order      = "{way}"\n  }}\n'
        for name, way in fields
    )
