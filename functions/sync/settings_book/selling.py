"""The tab of what is offered to who bought something else."""

from collections.abc import Iterator, Mapping

from kartoteka.domain.catalogue import Product
from kartoteka.ports import CellValue, Store
from sync.actions.offering import Asked, Command
from sync.columns import Frame, Kind, Setting
from sync.settings_book.asking import (
    Edited,
    New,
    Page,
    asked_for,
    expected,
    setting,
    typed,
    yes_no,
)
from sync.settings_book.readers import Readers, filled, number, plain, said, switch
from sync.settings_book.typed import flag


def _rows(frame: Frame, store: Store) -> Iterator[Setting]:
    office = frame.settings.office
    rows = office.selling.cross_sell
    ids = {name for row in rows for name in (row.product_id, row.offer_id) if name}
    docs = store.get_many(Product.collection, sorted(ids)) if ids else {}
    names = {name: str(doc["name"]) for name, doc in docs.items()}
    for row in rows:
        cells: dict[str, CellValue] = {
            "product": names.get(row.product_id or "", row.product_id or ""),
            "category": row.category,
            "offer": names.get(row.offer_id, row.offer_id),
            "after_days": row.after_days,
            "active": flag(row.active, frame),
        }
        yield setting(f"cross_sell:{row.id}", (row.id,), cells, office)


_CROSS_SELL: Readers = {
    "product": ("product", plain),
    "category": ("category", plain),
    "offer": ("offer", plain),
    "after_days": ("after_days", number),
    "active": ("active", switch),
}


def _change(edit: Edited) -> Command:
    wish = said(_CROSS_SELL, edit.column, edit.typed, edit.frame)
    return "cross_sell.set", {"id": edit.setting.key[0], **wish, **edit.expected}


def _add(cells: Mapping[str, str], frame: Frame) -> New:
    whole = {**dict.fromkeys(_CROSS_SELL, ""), **cells}
    return New(("cross_sell.set", filled(_CROSS_SELL, whole, frame)))


def _drop(asked: Asked) -> Command:
    row = asked_for(asked)
    return "cross_sell.remove", {"id": row.key[0], **expected(row)}


CROSS_SELL = Page(
    code="cross_sell",
    columns=(
        typed("product", 240, header="cross_product"),
        typed("category", 180, header="cross_category"),
        typed("offer", 240, header="cross_offer"),
        typed("after_days", 100, header="cross_days", kind=Kind.NUMBER),
        typed("active", 90, choices=yes_no),
    ),
    rows=_rows,
    change=_change,
    add=_add,
    drop=_drop,
)
