"""The sheet: how many calls a thousand changed rows take, and how soon a row is there."""

import time
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

from bench.processes import FORM, box, load, rest, stats
from bench.report import Row, at_least, at_most, quantile, told
from kartoteka.adapters.clock import SystemClock
from kartoteka.domain.change import SYSTEM
from kartoteka.domain.model import Lead
from kartoteka.ports import Query
from kartoteka.services.unit import Unit, transact
from kartoteka.services.wake import CONSUMERS
from kartoteka.wiring import App
from onebox.demo.sheet import Book, Watch, open_book
from onebox.office import open_app

_ROWS = 1_000
_PER_SECOND, _SECONDS = 20, 30
_REST_S = 180.0
_LOOK_S = 0.2
_WATCH_S = 0.5  # a quarter of the office's own quota of reads
_LAST_ROWS_S = 60.0
_FIRST_MINUTE_S = 62.0  # in which all books are made; they spend Google's quota of that minute
_READ = ("sheets.spreadsheets.values.batchGet",)
_WRITE = ("sheets.spreadsheets.batchUpdate", "sheets.spreadsheets.values.batchUpdate")


def calls_for_changes(folder: Path) -> list[Row]:
    """Count Google's calls of one flush that shows a thousand leads with a changed note.

    Google grants reads and writes apart. Each book is read to be written and once more when its
    version has moved; the tick's looks at books that show nothing of it are among the reads.
    """
    data = folder / "calls"
    with box(data) as port:
        load(port, FORM, _ROWS, callers=8, seed=1)
        rest(port, _REST_S)
        app = open_app(data)
        before, rested = stats(port), _flushes(app)
        _touch(app)
        app.desk.waker.ask(CONSUMERS["sheets"])
        rest(port, _REST_S)
        after = stats(port)
        shown = max(1, sum(rested.get(key) != at for key, at in _flushes(app).items()))
        app.store.close()
    reads, writes = (_calls(after, of) - _calls(before, of) for of in (_READ, _WRITE))
    return [
        told("books that show the changed rows", shown),
        at_most(f"writes a book for {_ROWS:,} changed rows", writes / shown, 2),
        at_most("reads a book, all looks meanwhile among them", reads / shown, 3),
    ]


def _flushes(app: App) -> dict[str, str]:
    """Return when each book was written last."""
    return {row.id: str(row.doc.get("flushed")) for row in app.store.query(Query("books"))}


def _touch(app: App) -> None:
    """Change the note of every lead in one commit."""

    def work(unit: Unit) -> None:
        for found in ids:
            lead = unit.need(Lead, found)
            unit.save(lead.model_copy(update={"note": "Перезвонить в пятницу."}))

    ids = [found.id for found in app.store.query(Query(Lead.collection))]
    transact(app.store, SYSTEM, "command:bench", SystemClock().now(), work=work)


def _calls(told_of: Mapping[str, Any], methods: Sequence[str]) -> int:
    by_method: dict[str, int] = told_of["google_calls_by_method"]
    return sum(by_method.get(name, 0) for name in methods)


def waits_for_rows(folder: Path) -> list[Row]:
    """Measure the seconds from a form being sent until a colleague can read its row."""
    data = folder / "waits"
    with box(data) as port:
        load(port, FORM, 1, callers=1, seed=999_999_990)
        rest(port, _REST_S)
        time.sleep(_FIRST_MINUTE_S)
        app = open_app(data)
        readers = [f"colleague{n}@office.example" for n in range(30)]
        base_url = f"http://127.0.0.1:{port}"
        book = open_book(base_url, app.store, readers, wait_s=20)
        waits = _followed(port, app, _shared(app, book))
        book.close()
        app.store.close()
    return [
        at_least("leads whose row was seen", len(waits), _PER_SECOND * _SECONDS),
        told("event to row, p50", quantile(waits, 0.5), "s"),
        at_most(f"event to row at {_PER_SECOND}/s, p95", quantile(waits, 0.95), 5, "s"),
        told("longest", max(waits), "s"),
    ]


def _shared(app: App, book: Book) -> Book:
    """Share the workbook with the readers: Google counts a person's reads, so there are several."""
    for reader in book.readers:
        app.sheets.share(book.id, reader, "reader")
    return book


def _followed(port: int, app: App, book: Book) -> list[float]:
    watch = Watch(book, "Лиды", _WATCH_S)
    watch.look(on=True)
    shift = time.time() - time.monotonic()  # noqa: TID251 - the sender is another process
    total = _PER_SECOND * _SECONDS
    sent = load(port, FORM, total, callers=8, seed=1, per_second=_PER_SECOND)["sent_at"]
    deadline = time.monotonic() + _LAST_ROWS_S
    names = {f"Посетитель {person}": at - shift for person, at in sent.items()}
    leads = {row.id: names.get(str(row.doc["name"])) for row in app.store.query(Query("leads"))}
    asked = {lead: at for lead, at in leads.items() if at is not None}
    while time.monotonic() < deadline and not all(map(watch.seen, asked)):
        time.sleep(_LOOK_S)
    watch.end()
    seen = {lead: watch.seen(lead) for lead in asked}
    return [at - asked[lead] for lead, at in seen.items() if at is not None]
