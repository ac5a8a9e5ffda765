"""What people did to rows of settings is carried out: cells, new rows, rows that were emptied.

Everything is looked up again right before: what somebody changed since the row was written is
told to the second, and each command names the version that was read a moment ago.
"""

from collections.abc import Container, Iterable, Mapping
from dataclasses import replace
from zoneinfo import ZoneInfo

from kartoteka.domain.change import Actor
from kartoteka.domain.errors import Conflict, Invalid, Rejected
from kartoteka.ports import Store
from kartoteka.services.commands import execute
from kartoteka.services.office import Desk, read_settings
from kartoteka.services.registry import COMMANDS
from sync.cells import normal, shown
from sync.columns import ACTION, OUTCOME, Frame, Setting, Tab, View
from sync.commands import Wish, of_this_cell
from sync.merge import Verdict
from sync.plan import Edit, Plan, Row
from sync.settings_book.asking import Edited, Page
from sync.settings_book.offers import REMOVE
from sync.settings_book.pages import PAGES


def now(store: Store, frame: Frame, tab: Tab, row: str) -> tuple[Frame, View | None]:
    """Return the settings and one of their rows as they are at this moment; None: it is gone."""
    fresh = replace(frame, settings=read_settings(store))
    found = _rows(store, fresh, tab).get(row)
    return fresh, None if found is None else View(row, setting=found)


def _rows(store: Store, frame: Frame, tab: Tab) -> dict[str, Setting]:
    made = tab.lists(frame, store) if tab.lists is not None else ()
    return {row.id: row for row in made}


def change(desk: Desk, frame: Frame, place: tuple[Tab, Edit], wish: Wish) -> str | None:
    """Carry out one typed cell; return None, or why not, in the office's language.

    `place` is the tab and the edit that was found there.

    Raises:
        Transient: the store does not answer; the whole flush is repeated.
    """
    tab, edit = place
    fresh, view = now(desk.store, frame, tab, edit.record)
    row = view.setting if view is not None else None
    if row is None:
        return frame.say("setting_gone")
    if edit.verdict is Verdict.CONFLICT or _differs(row, edit):
        return _stale(row, fresh)
    asks = PAGES[tab.key].change
    if asks is None:
        return frame.say("sheet_read_only")
    try:
        name, given = asks(Edited(row, edit.column, wish.typed, fresh))
        execute(COMMANDS, desk, wish.actor, name, given=given, cause=wish.cause)
    except (Rejected, Conflict) as exc:
        return of_this_cell(exc, fresh, wish.typed)
    return None


def _differs(row: Setting, edit: Edit) -> bool:
    cell = row.cells[edit.column]
    there = shown(cell) if isinstance(cell, str) else cell
    return normal(there) != normal(edit.stored)


def _stale(row: Setting, frame: Frame) -> str:
    """Return who changed a row before, and when."""
    person = frame.settings.person(row.by)
    zone = ZoneInfo(frame.settings.office.work.zone)
    when = f"{row.version.astimezone(zone):%d.%m.%Y %H:%M:%S}" if row.version else "-"
    return frame.say("settings_stale", who=person.name if person else row.by or "-", when=when)


def added(
    desk: Desk, frame: Frame, place: tuple[Tab, Container[str]], row: Row, *, who: tuple[Actor, str]
) -> str:
    """Return the row of settings that a typed row became.

    One that is there without a row was made by a flush that died before it could say so.

    Args:
        desk: what services work with.
        frame: the office.
        place: where it was typed, and the rows that are shown there.
        row: as typed.
        who: the person, and the cause to give.

    Raises:
        Rejected, Conflict: it cannot be one; says what to change.
        Transient: the store does not answer; the whole flush is repeated.
    """
    tab, there = place
    make = PAGES[tab.key].add
    if make is None:
        raise Invalid("no rows are added here", code="setting_no_rows")
    fresh = replace(frame, settings=read_settings(desk.store))
    before = _rows(desk.store, fresh, tab)
    cells = {key: normal(cell).strip() for key, cell in row.cells.items()}
    new = make(cells, fresh)
    if new.row in before and new.row not in there:
        return new.row
    if new.row in before:
        said = next(filter(None, cells.values()), "")
        raise Invalid("it is there already", code="settings_taken", what=said)
    name, given = new.command
    execute(COMMANDS, desk, who[0], name, given=given, cause=who[1])
    after = replace(frame, settings=read_settings(desk.store))
    made = (name for name in _rows(desk.store, after, tab) if name not in before)
    return new.row or next(made, "")


def emptied(planned: Plan, tab: Tab, frame: Frame) -> list[Edit]:
    """Return the edits of a tab; those of a row that was emptied are one: its removal.

    Cells that were emptied go first, so that what excludes something else is gone before it.
    """
    page = PAGES.get(tab.key) if tab.lists is not None else None
    if page is None:
        return list(planned.edits)
    gone = _emptied(planned.edits, planned.change, page)
    edits = sorted(planned.edits, key=lambda edit: bool(normal(edit.typed)))
    action = frame.say(f"act_{REMOVE}")
    removals = [
        Edit(edit.record, ACTION, action, "", Verdict.COMMAND, turn=edit.turn, whole=True)
        for edit in gone.values()
    ]
    return [edit for edit in edits if edit.record not in gone] + removals


def _emptied(edits: Iterable[Edit], rows: Mapping[str, Row], page: Page) -> dict[str, Edit]:
    """Return an edit of each row in which nothing is left."""
    if page.drop is None:
        return {}
    return {edit.record: edit for edit in edits if _is_blank(rows[edit.record])}


def _is_blank(row: Row) -> bool:
    cells = (cell for key, cell in row.cells.items() if key not in {ACTION, OUTCOME})
    return not any(normal(cell).strip() for cell in cells)
