"""The tab of days off: those of the country's calendar and the office's own, which win."""

from collections.abc import Iterator, Mapping
from datetime import date
from functools import partial

from kartoteka.domain.worktime import WorkTime
from kartoteka.ports import CellValue, Store
from sync.actions.offering import Asked, Command
from sync.columns import Frame, Setting
from sync.settings_book import naming
from sync.settings_book.asking import (
    Edited,
    New,
    Page,
    asked_for,
    expected,
    setting,
    shown,
    typed,
)
from sync.settings_book.typed import day, day_of

_OFF, _WORKED = "off", "worked"
_kinds = partial(naming.words, "day", (_OFF, _WORKED))
_origins = partial(naming.words, "day", ("country", "own"))
_SAYS = {_OFF: "holiday.add", _WORKED: "workday.add"}


def _holidays(frame: Frame, _store: Store) -> Iterator[Setting]:
    office = frame.settings.office
    work = office.work
    own = work.holidays | work.workdays
    worked = {named for named in work.country.worked if work.is_extra(named)}
    for named in sorted(own | work.country.off | worked):
        cells: dict[str, CellValue] = {
            "day": day(named),
            "kind": _kinds(frame).shown(_kind(work, named)),
            "origin": _origins(frame).shown("own" if named in own else "country"),
        }
        key = named.isoformat()
        yield setting(f"holiday:{key}", (key,), cells, office)


def _kind(work: WorkTime, named: date) -> str:
    return _OFF if work.is_day_off(named) else _WORKED


def _change_kind(edit: Edited) -> Command:
    kind = _kinds(edit.frame).read(edit.typed)
    return _SAYS[kind], {"days": [*edit.setting.key], **edit.expected}


def _add_holiday(cells: Mapping[str, str], frame: Frame) -> New:
    off = day_of(cells["day"], frame.settings.office.work.zone).isoformat()
    kind = _kinds(frame).read(cells["kind"]) if cells["kind"] else _OFF
    return New((_SAYS[kind], {"days": [off]}), f"holiday:{off}")


def _drop_holiday(asked: Asked) -> Command:
    """Return that a day off is worked again, or that a working day is one no more."""
    row = asked_for(asked)
    work = asked.frame.settings.office.work
    is_off = work.is_day_off(date.fromisoformat(row.key[0]))
    name = "holiday.remove" if is_off else "workday.remove"
    return name, {"days": [*row.key], **expected(row)}


def _kind_choices(frame: Frame) -> list[str]:
    return list(_kinds(frame).by_id.values())


HOLIDAYS = Page(
    code="holidays",
    columns=(
        shown("day", 140),
        typed("kind", 130, header="day_kind", choices=_kind_choices),
        shown("origin", 220, header="day_origin"),
    ),
    rows=_holidays,
    change=_change_kind,
    add=_add_holiday,
    drop=_drop_holiday,
)
