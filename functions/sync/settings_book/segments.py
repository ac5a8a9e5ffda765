"""The tab of segments: which there are, what they ask, how many clients are in each."""

from collections.abc import Iterator, Mapping
from functools import partial

from kartoteka.domain.instant import read
from kartoteka.domain.segment_ready import READY, segments_of
from kartoteka.ports import CellValue, Store
from kartoteka.services.segment_language import called
from kartoteka.services.segment_state import Counted, counted
from sync.actions.offering import Asked, Command
from sync.cells import serial
from sync.columns import Frame, Kind, Setting
from sync.settings_book import naming
from sync.settings_book.asking import (
    Edited,
    New,
    Page,
    asked_for,
    expected,
    named_id,
    setting,
    shown,
    typed,
    yes_no,
)
from sync.settings_book.readers import Readers, filled, one, plain, said, switch
from sync.settings_book.typed import flag

_KINDS = ("dynamic", "static", "ready")
_kinds = partial(naming.words, "segment", _KINDS)


def _segments(frame: Frame, store: Store) -> Iterator[Setting]:
    office, sizes = frame.settings.office, counted(store)
    for row in segments_of(office):
        known = sizes.get(row.id) or Counted("")
        asks = frame.say(f"segment_asks_{row.id}") if row.kind == "ready" else row.condition
        at = serial(read(known.at), office.work.zone) if known.at else ""
        cells: dict[str, CellValue] = {
            "name": called(row, frame.locale),
            "kind": _kinds(frame).shown(row.kind),
            "condition": asks,
            "active": flag(row.on, frame),
            "size": known.size if known.whole else "",
            "counted_at": at,
        }
        spelled = ("en",) if frame.locale == "en" and row.name_en else ()
        yield setting(f"segment:{row.id}", (row.id, *spelled), cells, office)


_SEGMENT: Readers = {
    "name": ("name", plain),
    "kind": ("kind", one(_kinds)),
    "condition": ("condition", plain),
    "active": ("on", switch),
}


def _change(edit: Edited) -> Command:
    wish = said(_SEGMENT, edit.column, edit.typed, edit.frame)
    code = edit.setting.key[0]
    if code in READY and edit.typed.strip() == edit.frame.say(f"segment_asks_{code}"):
        wish = {}  # a question in code is only told
    if edit.column == "name" and edit.setting.key[1:] == ("en",):
        wish = {"name_en": wish["name"]}
    return "segment.set", {"segment": code, **wish, **edit.expected}


def _add(cells: Mapping[str, str], frame: Frame) -> New:
    wish = filled(_SEGMENT, {**dict.fromkeys(_SEGMENT, ""), **cells}, frame)
    return New(("segment.set", wish), f"segment:{named_id('sg', cells['name'])}")


def _drop(asked: Asked) -> Command:
    row = asked_for(asked)
    return "segment.remove", {"segment": row.key[0], **expected(row)}


def _kind_choices(frame: Frame) -> list[str]:
    """Return the kinds that people may make."""
    return [_kinds(frame).shown(kind) for kind in _KINDS[:2]]


SEGMENTS = Page(
    code="segments",
    columns=(
        typed("name", 220, header="title"),
        shown("kind", 130, header="segment_kind", choices=_kind_choices),
        typed("condition", 420, header="segment_condition", kind=Kind.LINES),
        typed("active", 90, choices=yes_no),
        shown("size", 90, header="segment_size", kind=Kind.NUMBER),
        shown("counted_at", 140, header="segment_counted_at", kind=Kind.DATE),
    ),
    rows=_segments,
    change=_change,
    add=_add,
    drop=_drop,
)
