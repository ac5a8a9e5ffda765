"""The books under load: many changed rows, a look at a whole long book, a long backlog.

The stand-in for Google answers in this process; what is measured runs in one of its own, so that
its memory is only that of the mirror.
"""

import json
import sys
import threading
import time
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager, suppress
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from functools import partial
from pathlib import Path
from typing import Any

import uvicorn
from starlette.applications import Starlette
from starlette.routing import Mount

from bench.alone import alone
from bench.base import NoTasks
from bench.memory import peak_mib
from bench.report import Row, at_most, told
from kartoteka.adapters.clock import SystemClock
from kartoteka.adapters.sheets import GspreadSheets
from kartoteka.adapters.sqlite import SqliteStore
from kartoteka.domain.change import SYSTEM, Change, Part
from kartoteka.domain.errors import RateLimited
from kartoteka.domain.ids import ClientId, LeadId
from kartoteka.domain.model import Client, Lead, Source
from kartoteka.ports import Clock, Doc, Patch, Query, QueuedTask, SheetCalls, Tx
from kartoteka.services.setup import read_preset, set_up
from kartoteka.services.unit import LOG, Unit, transact
from kartoteka.settings import Settings
from kartoteka.wiring import App
from onebox.google.app import GoogleOptions, build_google
from sync import books
from sync.sheets_mirror import answer, drain

_ROWS, _LONG, _BACKLOG, _LEADS = 10_000, 20_000, 50_000, 500
_CHUNK = 500
_MOST_CALLS, _MOST_TIMES = 25, 3
_TURNS = 3  # of the drain and of gspread alone, one after the other
_LOOK_S, _LOOK_MIB, _LOOK_CALLS = 10, 300, 4
_BUCKET = timedelta(seconds=3)


@contextmanager
def _google(folder: Path, clock: Clock, options: GoogleOptions) -> Iterator[str]:
    """Serve a stand-in on a free port; yield its address."""
    google = build_google(folder / "google.sqlite3", clock.now, options)
    application = Starlette(routes=[Mount("/google", app=google.asgi)])
    config = uvicorn.Config(application, "127.0.0.1", 0, log_level="critical", ws="none")
    server = uvicorn.Server(config)
    thread = threading.Thread(target=server.run)
    thread.start()
    while not server.started:
        time.sleep(0.01)
    try:
        yield f"http://127.0.0.1:{server.servers[0].sockets[0].getsockname()[1]}/google"
    finally:
        server.should_exit = True
        thread.join()
        google.close()


def _office(folder: Path, address: str, clock: Clock, which: str) -> App:
    """Return the office of a folder; mapped pages of the store would count as memory."""
    settings = Settings(data=folder, google_endpoint=address, books=which)
    file = folder / "office.sqlite3"
    app = App(settings, clock, lambda _: SqliteStore(file, mapped_bytes=0))
    app.__dict__["tasks"] = NoTasks()
    return app


class _Counted(GspreadSheets):
    """The real port; knows how many calls were made, and what was written."""

    def __init__(self, settings: Settings) -> None:
        super().__init__(settings)
        self.calls = 0
        self.refused = 0
        self.written: list[tuple[str, str, Any]] = []

    def read(self, workbook: str, ranges: Sequence[str]) -> list[Any]:
        """Count and read."""
        self.calls += 1
        with self._noticing():
            return super().read(workbook, ranges)

    def write(self, workbook: str, blocks: Mapping[str, Patch]) -> None:
        """Count, keep and write."""
        self.calls += 1
        self.written.append(("write", workbook, blocks))
        with self._noticing():
            super().write(workbook, blocks)

    def structure(self, workbook: str, requests: Sequence[Doc]) -> None:
        """Count, keep and write."""
        self.calls += 1
        self.written.append(("structure", workbook, requests))
        with self._noticing():
            super().structure(workbook, requests)

    @contextmanager
    def _noticing(self) -> Iterator[None]:
        try:
            yield
        except RateLimited:
            self.refused += 1
            raise


def _counted(app: App) -> _Counted:
    sheets = _Counted(app.settings)
    app.__dict__["sheets"] = sheets
    return sheets


def _fill(app: App, count: int) -> None:
    """Put so many requests into the office, shared out among its managers."""
    people = [person.id for person in app.desk.settings().staff if person.takes_leads]
    pipeline, now = app.desk.settings().office.leads, app.clock.now()
    source = Source(channel="form", name="Сайт")

    def work(unit: Unit, start: int) -> None:
        for number in range(start, min(start + _CHUNK, count)):
            name = f"Клиент {number}"
            client = unit.add(
                Client(
                    id=ClientId(f"cl_{number}"), name=name, phones=(f"+7917{number:07}",),
                    created_at=now, updated_at=now,
                )
            )  # fmt: skip
            unit.add(
                Lead(
                    id=LeadId(f"ld_{number}"), client_id=client.id, name=name,
                    pipeline=pipeline.id, stage=pipeline.first.id, stage_entered_at=now,
                    owner_id=people[number % len(people)], first_touch=source, last_touch=source,
                    created_at=now, updated_at=now,
                )
            )  # fmt: skip

    for start in range(0, count, _CHUNK):
        transact(app.store, SYSTEM, "bench", now, work=partial(work, start=start))


def _rename_all(app: App, ids: Sequence[str], word: str) -> None:
    """Give every lead another name, each in a change of its own."""
    for start in range(0, len(ids), _CHUNK):
        app.store.run(partial(_renamed, app.clock.now(), ids[start : start + _CHUNK], word))


def _renamed(now: datetime, ids: Sequence[str], word: str, tx: Tx) -> None:
    for lead_id, doc in tx.get_many(Lead.collection, ids).items():
        name = f"{word} {lead_id}"
        tx.put(Lead.collection, lead_id, {**doc, "name": name})
        part = Part(
            entity=Lead.kind, id=lead_id, before={"name": doc["name"]}, after={"name": name}
        )
        change = Change(at=now, actor=SYSTEM, cause="bench", subject=lead_id, parts=(part,))
        tx.append(LOG, change.id, change.model_dump(mode="json"))


def _ids(app: App) -> list[str]:
    return [hit.id for hit in app.store.query(Query(Lead.collection))]


def _built(folder: Path, address: str, count: int) -> dict[str, float]:
    """Make an office with its team's book filled."""
    app = _office(folder, address, SystemClock(), "team")
    set_up(app.store, SystemClock(), read_preset("law_firm"))
    _fill(app, count)
    for _ in range(2 + count // 5_000):
        drain(app, look=True)
    app.store.close()
    return {}


def _changed(folder: Path, address: str) -> dict[str, float]:
    """Drain so many changed rows; then write the same cells with gspread alone; in turns.

    The journal grows with each turn, for both alike; the middle one counts.
    """
    app = _office(folder, address, SystemClock(), "team")
    ids, sheets = _ids(app), _counted(app)
    drain(app, look=True)  # Google's client is loaded and connected
    bare = GspreadSheets(app.settings)
    bare.version(_memory(app).spreadsheet_id)
    turns = []
    for turn in range(_TURNS):
        _rename_all(app, ids, f"Новое имя {turn}")
        turns.append(_turn(app, sheets, bare))
    app.store.close()
    return sorted(turns, key=lambda found: found["times"])[_TURNS // 2]


def _turn(app: App, sheets: _Counted, bare: GspreadSheets) -> dict[str, float]:
    """Return what one drain took, and the same cells alone."""
    sheets.calls, sheets.written = 0, []
    started, own = time.perf_counter(), time.process_time()
    while drain(app).more:
        pass
    seconds, own = time.perf_counter() - started, time.process_time() - own
    written, started = sheets.written, time.perf_counter()
    for kind, workbook, what in written:
        getattr(bare, kind)(workbook, what)
    alone = time.perf_counter() - started
    took = {"seconds": seconds, "own_s": own, "bare_s": alone, "times": seconds / alone}
    return {**took, "calls": sheets.calls}


def _looked(folder: Path, address: str) -> dict[str, float]:
    """Compare every row of a long book with the store."""
    app = _office(folder, address, SystemClock(), "team")
    books.remember(app.store, replace(_memory(app), settings=""))
    sheets, before = _counted(app), peak_mib()
    started, own = time.perf_counter(), time.process_time()
    drain(app, look=True)
    seconds, own = time.perf_counter() - started, time.process_time() - own
    app.store.close()
    took = {"seconds": seconds, "own_s": own, "calls": sheets.calls}
    return {**took, "before_mib": before, "peak_mib": peak_mib()}


def _memory(app: App) -> books.Memory:
    found = books.recall(app.store)
    if found is None:
        raise AssertionError("the book was not made")
    return found


class _Moved:
    """A clock that is moved by hand, for the office and for the quotas."""

    def __init__(self) -> None:
        self._now = datetime(2026, 11, 23, 6, 0, tzinfo=UTC)
        self._begin = self._now

    def now(self) -> datetime:
        return self._now

    def pass_by(self, span: timedelta) -> None:
        self._now += span

    def seconds(self) -> float:
        """Return the seconds since the start."""
        return (self._now - self._begin).total_seconds()


class _Due:
    """Keeps the tasks of the books, and does those that are due."""

    def __init__(self) -> None:
        self.waiting: dict[str, QueuedTask] = {}

    def enqueue(self, task: QueuedTask) -> bool:
        """Keep a task of the books."""
        is_new = task.name not in self.waiting and task.queue == "sheets"
        if is_new and task.payload.get("look"):
            self.waiting[task.name] = task
        return is_new

    def work_off(self, app: App) -> None:
        """Do what is due."""
        now = app.clock.now()
        due = [task for task in self.waiting.values() if task.at is None or task.at <= now]
        for task in due:
            del self.waiting[task.name]
            answer(app, task.payload)


def backlog(folder: Path) -> list[Row]:
    """Drain a backlog of 50,000 changes into all books, under Google's quota."""
    clock, queue = _Moved(), _Due()
    with _google(folder, clock, GoogleOptions(timer=clock.seconds)) as address:
        app = _office(folder, address, clock, "auto")
        app.__dict__["tasks"] = queue
        set_up(app.store, clock, read_preset("law_firm"))
        _fill(app, _LEADS)
        sheets = _counted(app)
        _settled(app, queue, clock)
        clock.pass_by(timedelta(minutes=2))
        ids = _ids(app)
        for number in range(_BACKLOG // len(ids) + 1):
            _rename_all(app, ids, f"Имя {number}")
        sheets.calls, sheets.refused, began = 0, 0, clock.now()
        used = _Used(sheets)
        rounds = _settled(app, queue, clock, used)
        seconds = (clock.now() - began).total_seconds()
        app.store.close()
    return [
        told("changes in the backlog", len(ids) * (_BACKLOG // len(ids) + 1)),
        told("rounds of the queue", rounds),
        told("Google calls of all books", sheets.calls),
        told("reads in the busiest minute", used.most("reads", began)),
        told("writes in the busiest minute", used.most("writes", began)),
        at_most("calls that the quota refused", sheets.refused, 0),
        at_most("office time until all books are level", seconds, 600, "s"),
    ]


class _Used:
    """How many calls of each kind were made until when."""

    def __init__(self, sheets: _Counted) -> None:
        self._sheets = sheets
        self._seen: list[tuple[datetime, SheetCalls]] = []

    def look(self, now: datetime) -> None:
        """Note what was made until now."""
        self._seen.append((now, replace(self._sheets.counted)))

    def most(self, kind: str, began: datetime) -> int:
        """Return the most calls of a kind in any minute since the beginning."""
        seen: list[tuple[datetime, int]] = [
            (at, getattr(calls, kind)) for at, calls in self._seen if at >= began
        ]
        minute = timedelta(minutes=1)
        return max(
            last - first
            for place, (begin, first) in enumerate(seen)
            for at, last in seen[place:]
            if at - begin <= minute
        )


def _settled(app: App, queue: _Due, clock: _Moved, used: _Used | None = None) -> int:
    """Let the queue work until nothing waits; return how often."""
    for number in range(1, 10_000):
        if used is not None:
            used.look(clock.now())
        with suppress(RateLimited):
            more = drain(app).more
            queue.work_off(app)
            behind = any(memory.behind for memory in books.known(app.store).values())
            if not (more or behind):
                return number
        clock.pass_by(_BUCKET)
    raise AssertionError("the books never became level")


def drained(folder: Path) -> list[Row]:
    """Return the rows of the report: changed rows, then a whole book, then a backlog."""
    options = GoogleOptions(quotas=False)
    rows: list[Row] = []
    for count, measured in ((_ROWS, "changed"), (_LONG, "looked")):
        own = folder / measured
        own.mkdir()
        with _google(own, SystemClock(), options) as address:
            _apart("built", own, address, count)
            rows += _ROWS_OF[measured](_apart(measured, own, address, 0))
    (folder / "backlog").mkdir()
    return rows + backlog(folder / "backlog")


def _rows_of_changed(found: Mapping[str, float]) -> list[Row]:
    return [
        at_most(f"Google calls for {_ROWS:,} changed rows", found["calls"], _MOST_CALLS),
        told("the drain of them", found["seconds"], "s"),
        told("of that our own processor's time", found["own_s"], "s"),
        told("the same cells by gspread alone", found["bare_s"], "s"),
        at_most("the drain, in times of gspread alone", found["times"], _MOST_TIMES),
    ]


def _rows_of_looked(found: Mapping[str, float]) -> list[Row]:
    return [
        at_most(f"every one of {_LONG:,} rows compared", found["seconds"], _LOOK_S, "s"),
        told("of that our own processor's time", found["own_s"], "s"),
        at_most("Google calls of the comparison", found["calls"], _LOOK_CALLS),
        told("memory before", found["before_mib"], "MiB"),
        at_most("memory at most", found["peak_mib"], _LOOK_MIB, "MiB"),
    ]


_ROWS_OF = {"changed": _rows_of_changed, "looked": _rows_of_looked}


def _apart(what: str, folder: Path, address: str, count: int) -> dict[str, float]:
    """Do one step in a process of its own."""
    return alone("bench.books_bench", what, folder, address, count)


def _step(what: str, folder: Path, address: str, count: int) -> dict[str, float]:
    if what == "built":
        return _built(folder, address, count)
    return {"changed": _changed, "looked": _looked}[what](folder, address)


if __name__ == "__main__":
    print(json.dumps(_step(sys.argv[1], Path(sys.argv[2]), sys.argv[3], int(sys.argv[4]))))
