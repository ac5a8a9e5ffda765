"""The office's workbook: made once, found again after a crash, shared, remembered, repaired.

What the mirror must know between two flushes is one document `books/team`. A workbook carries a
mark that is kept here before it is made, so a crash in between never leads to a second one.
"""

from collections.abc import Mapping
from dataclasses import asdict, dataclass, field, replace

from kartoteka.domain.errors import ConfigError, Rejected
from kartoteka.domain.ids import fresh
from kartoteka.log import log
from kartoteka.ports import Doc, Json, Sheets, Store, WorkbookInfo
from kartoteka.wiring import App
from sync.columns import TABS, Frame
from sync.layout import (
    GRID_ROWS,
    delete_tab_request,
    dropdown_print,
    dropdown_requests,
    tab_requests,
    widen_request,
    workbook_requests,
)

COLLECTION = "books"
TEAM = "team"


@dataclass(frozen=True, slots=True)
class Memory:
    """What is known of a workbook since the last flush.

    Attributes:
        mark: by which Drive finds the workbook.
        spreadsheet_id: empty until it is made.
        tabs: title of each tab by key, as people may have renamed it.
        rows: length of each tab's grid.
        roster: print of the set of ids in each tab: when it differs, rows were deleted or added.
        looked: Drive's version of the file at the last complete look.
        dropdowns: print of the dropdowns written last.
        shared: addresses that have access.
        noticed: edits nobody told us about, waiting for their author: when first seen, how often.
    """

    mark: str
    spreadsheet_id: str = ""
    title: str = ""
    url: str = ""
    role: str = TEAM
    tabs: Mapping[str, str] = field(default_factory=dict)
    rows: Mapping[str, int] = field(default_factory=dict)
    roster: Mapping[str, str] = field(default_factory=dict)
    looked: str = ""
    dropdowns: str = ""
    shared: tuple[str, ...] = ()
    noticed: Mapping[str, str] = field(default_factory=dict)

    def doc(self) -> Doc:
        """Return the stored form."""
        return {**asdict(self), "shared": list(self.shared)}


def recall(store: Store) -> Memory | None:
    """Return what is known of the team's workbook, None before the first attempt to make it."""
    doc = store.get(COLLECTION, TEAM)
    if doc is None:
        return None
    shared = doc.get("shared")
    return Memory(
        mark=str(doc.get("mark", "")),
        spreadsheet_id=str(doc.get("spreadsheet_id", "")),
        title=str(doc.get("title", "")),
        url=str(doc.get("url", "")),
        role=str(doc.get("role", TEAM)),
        tabs=_map(doc.get("tabs")),
        rows={key: int(value) for key, value in _map(doc.get("rows")).items()},
        roster=_map(doc.get("roster")),
        looked=str(doc.get("looked", "")),
        dropdowns=str(doc.get("dropdowns", "")),
        shared=tuple(str(item) for item in shared) if isinstance(shared, list | tuple) else (),
        noticed=_map(doc.get("noticed")),
    )


def _map(value: Json) -> dict[str, str]:
    return {key: str(item) for key, item in value.items()} if isinstance(value, Mapping) else {}


def remember(store: Store, memory: Memory) -> None:
    """Keep what is known of the workbook."""
    doc = memory.doc()
    store.run(lambda tx: tx.put(COLLECTION, TEAM, doc))


def forget(store: Store) -> None:
    """Forget the workbook: it is gone; the next flush makes a new one and fills it."""
    store.run(lambda tx: tx.delete(COLLECTION, TEAM))


def ensure(app: App, frame: Frame) -> Memory:
    """Return the workbook's memory; make the workbook, its tabs and shares where they lack."""
    memory = recall(app.store)
    known = memory is not None
    if memory is None:
        memory = Memory(mark=fresh("bk"))
        remember(app.store, memory)
    if not memory.spreadsheet_id:
        memory = _made(app, memory, frame, may_exist=known)
    return _shared(app, _current(app, memory, frame), frame)


def _made(app: App, memory: Memory, frame: Frame, *, may_exist: bool) -> Memory:
    title = frame.say("book_title")
    found = app.sheets.find(memory.mark) if may_exist else None
    workbook = found or app.sheets.create(title, memory.mark)
    info = app.sheets.info(workbook)
    memory = replace(memory, spreadsheet_id=workbook, title=title, url=info.url)
    memory = repaired(app, memory, frame, info)
    log("info", event="book_made", book=TEAM)
    return memory


def repaired(app: App, memory: Memory, frame: Frame, info: WorkbookInfo | None = None) -> Memory:
    """Return the memory after missing tabs and columns were made again and titles learnt."""
    info = info or app.sheets.info(memory.spreadsheet_id)
    missing = [tab for tab in TABS if tab.sheet_id not in info.tabs]
    requests: list[Doc] = []
    for tab in missing:
        requests += tab_requests(tab, frame, app.settings.google_account)
    if len(missing) == len(TABS):
        requests = [*workbook_requests(memory.title, frame), *requests]
        requests += [delete_tab_request(sheet_id) for sheet_id in info.tabs]
    for tab in TABS:
        width = info.tabs[tab.sheet_id][2] if tab not in missing else len(tab.keys)
        if width < len(tab.keys):
            requests.append(widen_request(tab, len(tab.keys) - width))
    if requests:
        app.sheets.structure(memory.spreadsheet_id, requests)
    memory = _learnt(memory, info, frame)
    remember(app.store, memory)
    return memory


def _learnt(memory: Memory, info: WorkbookInfo, frame: Frame) -> Memory:
    """Return the memory with the tabs' titles and lengths; new tabs have no roster."""
    here = {tab.key: info.tabs[tab.sheet_id] for tab in TABS if tab.sheet_id in info.tabs}
    return replace(
        memory,
        tabs={t.key: here[t.key][0] if t.key in here else frame.say(t.title) for t in TABS},
        rows={t.key: here[t.key][1] if t.key in here else GRID_ROWS for t in TABS},
        roster={key: value for key, value in memory.roster.items() if key in here},
        dropdowns=memory.dropdowns if here else dropdown_print(TABS, frame),
    )


def _current(app: App, memory: Memory, frame: Frame) -> Memory:
    """Return the memory after new stages and people were put into the dropdowns."""
    wanted = dropdown_print(TABS, frame)
    if wanted == memory.dropdowns:
        return memory
    requests = [request for tab in TABS for request in dropdown_requests(tab, frame)]
    app.sheets.structure(memory.spreadsheet_id, requests)
    memory = replace(memory, dropdowns=wanted)
    remember(app.store, memory)
    return memory


def _shared(app: App, memory: Memory, frame: Frame) -> Memory:
    """Return the memory after everybody active got access."""
    wanted = {person.email: person.id for person in frame.settings.staff if person.active}
    lacking = [email for email in wanted if email not in memory.shared]
    if not lacking:
        return memory
    for email in lacking:
        _share(app.sheets, memory, email, wanted[email])
    memory = replace(memory, shared=(*memory.shared, *lacking))
    remember(app.store, memory)
    return memory


def _share(sheets: Sheets, memory: Memory, email: str, staff_id: str) -> None:
    """Share with one person; an address that Google refuses does not stop the others."""
    try:
        sheets.share(memory.spreadsheet_id, email, "writer")
    except (Rejected, ConfigError) as exc:
        log("error", event="share_refused", staff=staff_id, error=type(exc).__name__)
