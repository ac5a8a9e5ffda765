"""The office's workbooks: made once, found again after a crash, shared, remembered, repaired.

What the mirror must know of a book between two flushes is one document in `books`. A workbook
carries a mark that is kept there before it is made, so a crash in between never leads to a second
one. A tab whose declaration has changed (a new version, another right of its reader) is made anew
and filled again: what a reader may not see any more must not stay in a corner of the file.
"""

from collections.abc import Mapping
from dataclasses import asdict, dataclass, field, replace
from datetime import datetime

from kartoteka.domain.errors import ConfigError, NotFound, Rejected
from kartoteka.domain.ids import derived, fresh
from kartoteka.domain.instant import read, spell
from kartoteka.log import log
from kartoteka.ports import Doc, Json, Query, Store, WorkbookInfo
from kartoteka.wiring import App
from sync import keepsakes, made_with
from sync.columns import BASE, ID, PASTED, Frame, Tab
from sync.keepsakes import Keepsake
from sync.layout import (
    GRID_ROWS,
    delete_tab_request,
    tab_requests,
    widen_request,
    words_print,
    words_requests,
    workbook_requests,
)
from sync.made_with import APART, print_of, prints
from sync.outbox import quoted
from sync.shelf.editions import TEAM, Edition, Share

COLLECTION = "books"
_WINDOW_S = 60


@dataclass(frozen=True, slots=True)
class Memory:
    """What is known of a workbook since the last flush.

    Attributes:
        mark: by which Drive finds the workbook.
        key: which edition it is; `role` is the book that it is an edition of.
        spreadsheet_id: empty until it is made.
        tabs: title of each tab by key, as people may have renamed it.
        columns: print of the columns that each tab was made with.
        rows: length of each tab's grid.
        roster: print of the set of ids in each tab: when it differs, rows were deleted or added.
        looked: Drive's version of the file at the last complete look.
        dropdowns: print of the dropdowns written last.
        shared: role and name of the permission by address.
        noticed: edits nobody told us about, waiting for their author: when first seen, how often.
        settings: print of the office's settings at the last flush: when it differs all rows are
            compared.
        flushed: when something was written last, as text.
        spent: how many writes of the minute before counted at that moment.
        echoes: whether what we wrote last has not been looked at since.
        behind: position in the log behind which the changes wait for this book; empty: none do.
        written: records whose rows were written by their numbers last, by tab (`proving`).
        loose: what people had typed into rows that were no records' beside those.
        sown: token of the typed rows; another one once those that became records were seen.
        compared: day on which every row was last looked at.
        late: since when Google refuses it, as text; empty: it does not.
        fault: why, in a word. again: before that moment nobody tries.
    """

    mark: str
    key: str = TEAM
    spreadsheet_id: str = ""
    title: str = ""
    url: str = ""
    role: str = TEAM
    tabs: Mapping[str, str] = field(default_factory=dict)
    columns: Mapping[str, str] = field(default_factory=dict)
    rows: Mapping[str, int] = field(default_factory=dict)
    roster: Mapping[str, str] = field(default_factory=dict)
    looked: str = ""
    dropdowns: str = ""
    shared: Mapping[str, str] = field(default_factory=dict)
    noticed: Mapping[str, str] = field(default_factory=dict)
    settings: str = ""
    flushed: str = ""
    spent: float = 0.0
    echoes: bool = False
    behind: str = ""
    written: Mapping[str, str] = field(default_factory=dict)
    loose: Mapping[str, str] = field(default_factory=dict)
    sown: str = ""
    compared: str = ""
    late: str = ""
    fault: str = ""
    again: str = ""

    def doc(self) -> Doc:
        """Return the stored form."""
        return {**asdict(self), "cells": self.cells}

    @property
    def cells(self) -> int:
        """Return how many cells the tabs have that we made: rows by columns, empty ones too.

        A tab that nobody edits has no base and is counted a column too wide.
        """
        widths = {key: made.count(APART) + len((ID, BASE)) for key, made in self.columns.items()}
        return sum(length * widths.get(key, 0) for key, length in self.rows.items())

    def spent_in(self, now: datetime) -> float:
        """Return how many writes of the last minute count still: each less with every second."""
        if not self.flushed:
            return 0.0
        age = (now - read(self.flushed)).total_seconds()
        return self.spent * min(1.0, max(0.0, 1 - age / _WINDOW_S))


def recall(store: Store, key: str = TEAM) -> Memory | None:
    """Return what is known of a book, None before the first attempt to make it."""
    doc = store.get(COLLECTION, key)
    return None if doc is None else _memory(key, doc)


def known(store: Store) -> dict[str, Memory]:
    """Return what is known of every book, by key."""
    return {hit.id: _memory(hit.id, hit.doc) for hit in store.query(Query(COLLECTION))}


def _memory(key: str, doc: Doc) -> Memory:
    return Memory(
        mark=str(doc.get("mark", "")),
        key=key,
        spreadsheet_id=str(doc.get("spreadsheet_id", "")),
        title=str(doc.get("title", "")),
        url=str(doc.get("url", "")),
        role=str(doc.get("role", TEAM)),
        tabs=_map(doc.get("tabs")),
        columns=_map(doc.get("columns")),
        rows={name: int(value) for name, value in _map(doc.get("rows")).items()},
        roster=_map(doc.get("roster")),
        looked=str(doc.get("looked", "")),
        dropdowns=str(doc.get("dropdowns", "")),
        shared=_map(doc.get("shared")),
        noticed=_map(doc.get("noticed")),
        settings=str(doc.get("settings", "")),
        flushed=str(doc.get("flushed", "")),
        spent=float(spent) if isinstance(spent := doc.get("spent"), int | float) else 0.0,
        echoes=bool(doc.get("echoes")),
        behind=str(doc.get("behind", "")),
        written=_map(doc.get("written")),
        loose=_map(doc.get("loose")),
        sown=str(doc.get("sown", "")),
        compared=str(doc.get("compared", "")),
        late=str(doc.get("late", "")),
        fault=str(doc.get("fault", "")),
        again=str(doc.get("again", "")),
    )


def _map(value: Json) -> dict[str, str]:
    return {key: str(item) for key, item in value.items()} if isinstance(value, Mapping) else {}


def remember(store: Store, memory: Memory) -> None:
    """Keep what is known of the workbook."""
    doc = memory.doc()
    store.run(lambda tx: tx.put(COLLECTION, memory.key, doc))


def forget(store: Store, key: str = TEAM) -> None:
    """Forget the workbook: it is gone; the next flush makes a new one and fills it."""
    store.run(lambda tx: tx.delete(COLLECTION, key))


def is_made(edition: Edition, memory: Memory | None, frame: Frame) -> bool:
    """Return whether workbook, tabs, dropdowns and shares are known to be right."""
    if memory is None or not memory.spreadsheet_id:
        return False
    return (
        memory.columns == prints(edition.tabs, frame)
        and memory.dropdowns == words_print(edition.tabs, frame)
        and _is_shared(memory, edition.shares)
    )


def ensure(app: App, edition: Edition, memory: Memory | None, frame: Frame) -> Memory:
    """Return the book's memory; make workbook, tabs and shares where they lack or differ.

    A new book is shared by whoever has filled it: until then nobody types into it.
    """
    is_known = memory is not None
    if memory is None:
        memory = Memory(mark=fresh("bk"), key=edition.key, role=edition.book)
        remember(app.store, memory)
    if not memory.spreadsheet_id:
        return _made(app, edition, memory, frame, may_exist=is_known)
    if memory.columns != prints(edition.tabs, frame):
        memory = repaired(app, edition, memory, frame)
    return shared(app, _current(app, edition, memory, frame), edition.shares)


def title_of(edition: Edition, frame: Frame) -> str:
    """Return the title of a workbook, with the name of the one person it is for."""
    title = frame.say(edition.title, part=edition.part)
    return f"{title} · {edition.whose}" if edition.whose else title


def _made(app: App, edition: Edition, memory: Memory, frame: Frame, *, may_exist: bool) -> Memory:
    title = title_of(edition, frame)
    found = app.sheets.find(memory.mark) if may_exist else None
    if found is None:
        info = app.sheets.create(title, memory.mark, closed=edition.closed)
    else:
        info = app.sheets.info(found)
    memory = replace(memory, spreadsheet_id=info.id, title=title, url=info.url)
    try:
        memory = repaired(app, edition, memory, frame, info=info)
    except ConfigError:  # what a new file has was not looked at
        memory = repaired(app, edition, memory, frame)
    log("info", event="book_made", book=memory.key)
    now = app.clock.now()
    return replace(memory, flushed=spell(now), spent=memory.spent_in(now) + 1, echoes=True)


def repaired(
    app: App, edition: Edition, memory: Memory, frame: Frame, *, info: WorkbookInfo | None = None
) -> Memory:
    """Return the memory after missing and outdated tabs were made anew and titles learnt."""
    info = info or app.sheets.info(memory.spreadsheet_id)
    wanted = {tab.sheet_id for tab in edition.tabs}
    missing = [tab for tab in edition.tabs if _is_to_make(tab, memory, info, frame)]
    placed = {place: tab for place, tab in enumerate(edition.tabs) if tab in missing}
    kept = _keepsakes(app, missing, memory, frame, info=info)
    requests = _made_anew(app, placed, info, frame)
    requests += [request for tab in missing for request in kept[tab.key].requests(tab)]
    memory, named = _renamed(edition, memory, frame, info)
    requests += named
    if not wanted & info.tabs.keys():
        requests = [*workbook_requests(memory.title, frame), *requests]
        requests += [delete_tab_request(sheet_id) for sheet_id in info.tabs]
    else:
        ours = (sheet_id for sheet_id in info.tabs if sheet_id in _sheets_of(memory, info))
        requests += [delete_tab_request(it) for it in ours if it not in wanted]
    for tab in edition.tabs:
        width = info.tabs[tab.sheet_id][2] if tab not in missing else len(tab.keys)
        if width < len(tab.keys):
            requests.append(widen_request(tab, len(tab.keys) - width))
    if requests:
        app.sheets.structure(memory.spreadsheet_id, requests)
    memory = _learnt(edition, memory, frame, missing=missing, info=info)
    lengths = {tab.key: kept[tab.key].length for tab in missing}
    memory = replace(memory, rows={**memory.rows, **lengths})
    remember(app.store, memory)
    return memory


def _renamed(
    edition: Edition, memory: Memory, frame: Frame, info: WorkbookInfo
) -> tuple[Memory, list[Doc]]:
    """Return the memory and the requests that give a book its language, and the title in it.

    A title that people gave it stays.
    """
    spoken = {made_with.language(one) for one in memory.columns.values()}
    if spoken <= {frame.locale}:
        return memory, []
    title = title_of(edition, frame) if info.title == memory.title else info.title
    return replace(memory, title=title), workbook_requests(title, frame)


def _keepsakes(
    app: App, missing: list[Tab], memory: Memory, frame: Frame, *, info: WorkbookInfo
) -> dict[str, Keepsake]:
    """Return what people added to the tabs that are made anew, by the key of each."""
    kept = {tab.key: Keepsake() for tab in missing}
    typed = [tab for tab in missing if tab.two_way or tab.entity == PASTED]
    outdated = [tab for tab in typed if tab.sheet_id in info.tabs]
    if outdated:
        ranges = [quoted(info.tabs[tab.sheet_id][0]) for tab in outdated]
        pages = app.sheets.read(memory.spreadsheet_id, ranges)
        for tab, rows in zip(outdated, pages, strict=True):
            before = memory.columns.get(tab.key, "")
            kept[tab.key] = keepsakes.found(rows, before, tab, frame)
    return kept


def _is_to_make(tab: Tab, memory: Memory, info: WorkbookInfo, frame: Frame) -> bool:
    known = memory.columns.get(tab.key)
    return tab.sheet_id not in info.tabs or known not in {None, print_of(tab, frame)}


def _made_anew(app: App, missing: Mapping[int, Tab], info: WorkbookInfo, frame: Frame) -> list[Doc]:
    """Return the requests that make the missing tabs, by place; an outdated one goes first.

    The last tab of a workbook cannot be deleted: another holds its place meanwhile.
    """
    outdated = [tab.sheet_id for tab in missing.values() if tab.sheet_id in info.tabs]
    requests: list[Doc] = []
    holds = bool(outdated) and len(outdated) == len(info.tabs)
    if holds:
        requests.append({"addSheet": {"properties": {"sheetId": _PLACEHOLDER}}})
    requests += [delete_tab_request(sheet_id) for sheet_id in outdated]
    for place, tab in missing.items():
        index = place if outdated or len(info.tabs) > 1 else None
        requests += tab_requests(tab, frame, app.settings.google_account, index)
    return [*requests, delete_tab_request(_PLACEHOLDER)] if holds else requests


_PLACEHOLDER = 999


def _sheets_of(memory: Memory, info: WorkbookInfo) -> set[int]:
    """Return the tabs of the workbook that we made, by their titles."""
    titles = set(memory.tabs.values())
    return {sheet_id for sheet_id, (title, _, _) in info.tabs.items() if title in titles}


def _learnt(
    edition: Edition, memory: Memory, frame: Frame, *, missing: list[Tab], info: WorkbookInfo
) -> Memory:
    """Return the memory with the tabs' titles and lengths; new tabs have no roster."""
    gone = {tab.key for tab in missing}
    here = {
        tab.key: info.tabs[tab.sheet_id]
        for tab in edition.tabs
        if tab.sheet_id in info.tabs and tab.key not in gone
    }
    tabs = edition.tabs
    known = here.keys() | {tab.key for tab in tabs if tab.entity == PASTED}  # its list goes along
    return replace(
        memory,
        tabs={t.key: here[t.key][0] if t.key in here else frame.say(t.title) for t in tabs},
        columns=prints(edition.tabs, frame),
        rows={t.key: here[t.key][1] if t.key in here else GRID_ROWS for t in tabs},
        roster={key: value for key, value in memory.roster.items() if key in known},
        dropdowns=memory.dropdowns if here else words_print(tabs, frame),
    )


def _current(app: App, edition: Edition, memory: Memory, frame: Frame) -> Memory:
    """Return the memory after the dropdowns and the colours of stages were brought up to date."""
    wanted = words_print(edition.tabs, frame)
    if wanted == memory.dropdowns:
        return memory
    info = app.sheets.info(memory.spreadsheet_id)
    if requests := [it for tab in edition.tabs for it in words_requests(tab, frame, info)]:
        app.sheets.structure(memory.spreadsheet_id, requests)
    memory = replace(memory, dropdowns=wanted)
    remember(app.store, memory)
    return memory


def shared(app: App, memory: Memory, wanted: Mapping[str, Share]) -> Memory:
    """Return the memory after exactly the wanted people have access, each as they should."""
    if _is_shared(memory, wanted):
        return memory
    kept = dict(memory.shared)
    for email, held in memory.shared.items():
        role, _, permission = held.partition(APART)
        if wanted.get(email) != role:
            _unshare(app, memory, permission)
            del kept[email]
    for email, role in wanted.items():
        if email not in kept:
            kept[email] = f"{role}{APART}{_share(app, memory, email, role)}"
    memory = replace(memory, shared=kept)
    remember(app.store, memory)
    return memory


def _is_shared(memory: Memory, wanted: Mapping[str, Share]) -> bool:
    return {email: held.partition(APART)[0] for email, held in memory.shared.items()} == wanted


def _share(app: App, memory: Memory, email: str, role: Share) -> str:
    """Share with one person; an address that Google refuses does not stop the others."""
    try:
        return app.sheets.share(memory.spreadsheet_id, email, role)
    except (Rejected, ConfigError) as exc:
        person = app.desk.settings().by_email(email)
        staff = person.id if person is not None else ""
        log("error", event="share_refused", staff=staff, error=type(exc).__name__)
        return ""


def _unshare(app: App, memory: Memory, permission: str) -> None:
    """Take an access back; one that is gone already is no fault."""
    if not permission:
        return
    try:
        app.sheets.unshare(memory.spreadsheet_id, permission)
    except NotFound:
        log("info", event="share_gone", book=memory.key)


def settings_print(frame: Frame) -> str:
    """Return a print of everything of the office that rows and rights depend on."""
    office = frame.settings.office.model_dump_json(exclude={"routing"})
    people = (f"{p.id}:{p.name}:{p.role}:{p.also}:{p.team}:{p.pair}:{p.active}"
              for p in frame.settings.staff)  # fmt: skip
    return derived("st", office, *people)
