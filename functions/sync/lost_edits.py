"""Edits made in a phone or a calendar that could not become records, as lines of the journal.

What was typed is told of fields that everybody who sees the record may read; of free words only
that there were some, because they may name what their reader must not know.
"""

from collections.abc import Mapping
from datetime import datetime

from kartoteka.domain.deal import Deal
from kartoteka.domain.ids import StaffId
from kartoteka.domain.instant import read, spell
from kartoteka.domain.model import Client, Lead, Task
from kartoteka.domain.shortening import cut
from kartoteka.ports import Doc, Found, Order, Query, Where
from sync.columns import Entry, Frame, View, name_of
from sync.stock import Stock
from sync.views import readable

_MOST = 200  # of one flush; the next goes on
_LONGEST = 200  # characters of what was typed
_KINDS = {"cl": Client.kind, "ld": Lead.kind, "dl": Deal.kind, "ts": Task.kind}  # by prefix of ids
_REACH = ("client.phones", "client.emails")
_TOLD: Mapping[str, tuple[str, tuple[str, ...]]] = {  # header, and who may read the words
    "phone:name": ("col_name", ("client.name",)),
    "phone:company": ("col_company", ("client.company",)),
    "phone:contact": ("col_phone", _REACH),
    "phone:phones": ("col_phone", _REACH),
    "phone:emails": ("col_email", _REACH),
    "calendar:title": ("col_what", ("task.title",)),
}
_HELD: Mapping[str, str] = {
    "phone:note": "col_note",
    "calendar:when": "col_due",
    "calendar:words": "col_note",
}


def since(stock: Stock, frame: Frame, position: str) -> tuple[list[Entry], str]:
    """Return the lines behind a position, and the position behind them.

    `position` is the moment of the last edit that was told, as text.
    """
    query = Query("conflicts", (Where("at", ">", position),), (Order("at"),), limit=_MOST)
    found = list(stock.answer(query))
    told = [hit for hit in found if _source(hit.doc)]
    views = _views(stock, told, frame)
    lines = [_line(hit, views[str(hit.doc["record"])], frame) for hit in told
             if str(hit.doc["record"]) in views]  # fmt: skip
    return lines, str(found[-1].doc["at"]) if found else position


def begin(moment: datetime) -> str:
    """Return the position at a moment."""
    return spell(moment)


def _source(doc: Doc) -> str:
    """Return phone or calendar; empty for an edit of a sheet, which its own flush tells."""
    source = str(doc.get("book", "")).partition(":")[0]
    return source if source in {"phone", "calendar"} else ""


def _views(stock: Stock, told: list[Found], frame: Frame) -> dict[str, View]:
    views: dict[str, View] = {}
    ids = [str(hit.doc["record"]) for hit in told]
    for prefix, kind in _KINDS.items():
        here = [record for record in ids if record.partition("_")[0] == prefix]
        views |= readable(stock, kind, here, frame) if here else {}
    return views


def _line(hit: Found, view: View, frame: Frame) -> Entry:
    doc, source = hit.doc, _source(hit.doc)
    place, at = f"{source}:{doc.get('column')}", read(str(doc["at"]))
    typed = str(doc.get("typed", ""))
    shown = cut(typed, _LONGEST)
    told, reads = _TOLD.get(place, ("", ()))
    column = frame.say(told or _HELD.get(place) or "journal_lost_other")
    code = "journal_lost" if told and frame.lets(view, reads) else "journal_lost_words"
    return Entry(
        id=f"{hit.id}:{spell(at)[:10]}",
        at=at,
        who=frame.person(StaffId(str(doc.get("who", "")))) or frame.say("actor_book"),
        what=frame.say(f"journal_lost_{source}"),
        about=str(name_of(view, frame)) or (view.task.title if view.task is not None else ""),
        change=frame.say(code, column=column, typed=shown),
    )
