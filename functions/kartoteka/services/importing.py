"""Import of a table of clients: portions in transactions of their own, resumable, undone as one.

Every portion writes its clients, the batch and how far the file is together, so a crash at any
moment neither loses nor doubles a row: the same file is gone on with where it stopped.
"""

from collections import Counter
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from functools import partial
from itertools import islice

from kartoteka.domain.access import Operation, check, check_fields
from kartoteka.domain.batch import Batch
from kartoteka.domain.catalogue import Company
from kartoteka.domain.change import Actor
from kartoteka.domain.errors import Conflict, Invalid
from kartoteka.domain.headers import Columns, columns, header_row
from kartoteka.domain.ids import BatchId, derived, fresh
from kartoteka.domain.model import Client, Entity, Lead
from kartoteka.domain.office import Settings
from kartoteka.domain.routing import Hands, Turns
from kartoteka.domain.table import Entry, Fault, Reading, Row, Table
from kartoteka.domain.table_import import ERROR, ImportRun, Verdict
from kartoteka.i18n import LOCALES, catalogue, text
from kartoteka.services import batches
from kartoteka.services.importing_rows import Portion, Words
from kartoteka.services.office import Desk
from kartoteka.services.onlooker import Onlooker
from kartoteka.services.unit import Unit, transact

IMPORT = "import"
ROWS = 150  # a transaction: with companies, requests and notes it stays within Firestore's limits
_LETTERS = 500_000  # twice, in record and log, at up to four bytes: under the 10 MiB of a commit
_HEAD = 10
_WAKES = 20  # portions between two calls of the consumers; a last one follows the end
_TEMPLATE = (
    *("name", "company", "inn", "phones", "emails"),
    *("owner_id", "segment", "tags", "note", "request", "source"),
)
_ATTEMPTS = 3
_SEGMENTS = ("new", "in_work", "client", "returned", "wholesale", "partner", "blacklist")
# The records and fields that the columns fill; the others are keys of a company or words.
_FILLS: Mapping[str, tuple[type[Entity], str]] = {
    "name": (Client, "name"),
    "first_name": (Client, "name"),
    "middle_name": (Client, "name"),
    "last_name": (Client, "name"),
    "nickname": (Client, "name"),
    "company": (Client, "company"),
    "inn": (Company, "inn"),
    "kpp": (Company, "kpp"),
    "phone": (Client, "phones"),
    "email": (Client, "emails"),
    "owner": (Client, "owner_id"),
    "segment": (Client, "segment"),
    "tags": (Client, "tags"),
    "request": (Lead, "note"),
}


@dataclass(frozen=True, slots=True)
class Plan:
    """A table that this person may import: where its headers are and what they mean."""

    table: Table
    actor: Actor
    columns: Columns
    header: int  # number of the header row
    settings: Settings

    @property
    def run_id(self) -> str:
        """Return the same id for the same file with the same columns by the same person."""
        meant = "\x1e".join(f"{column.place}={column.field}" for column in self.columns.read)
        return derived("im", self.table.fingerprint, self.actor.id, meant)


def prepare(desk: Desk, actor: Actor, table: Table, given: Mapping[str, str] | None = None) -> Plan:
    """Return how the table would be imported; nothing is written.

    Raises:
        NotAllowed: this person may not import clients, or not fill one of the fields.
        Invalid: no column holds numbers or addresses, or `given` names what there is not.
    """
    settings = desk.settings()
    check(actor, Operation.IMPORT, Client, within=settings)
    head = list(islice((row for row in table.rows() if not row.is_blank), _HEAD))
    if not head:
        raise Invalid(
            f"{table.name}: there are no rows", fields={"file": "import_empty"}, code="import_empty"
        )
    top = head[header_row([row.cells for row in head], settings.office.fields)]
    found = columns(top.cells, settings.office.fields, given)
    for field in sorted(found.fields):
        model, name = _FILLS.get(field, (Client, field))
        if field not in {"note", "source"}:
            check_fields(actor, model, [name], settings)
    return Plan(table, actor, found, top.number, settings)


def begin(desk: Desk, plan: Plan, *, cause: str) -> ImportRun:
    """Return the import of this file: an unfinished one goes on, otherwise a new one begins."""
    batch_id = BatchId(fresh("bt"))

    def work(unit: Unit) -> ImportRun:
        earlier = unit.find(ImportRun, plan.run_id)
        if earlier is not None and earlier.state == "running" and _goes_on(unit, earlier):
            return earlier
        batches.begin(unit, batch_id, IMPORT, plan.actor)
        run = ImportRun(
            id=plan.run_id, batch_id=batch_id, actor=plan.actor, file=plan.table.name, at=unit.now
        )
        unit.keep(run)
        return run

    return transact(desk.store, plan.actor, cause, desk.now(), work=work)


def run(desk: Desk, plan: Plan, started: ImportRun) -> Iterator[list[Verdict]]:
    """Yield the verdicts of each portion behind its commit; the file is done at the end.

    Raises:
        Conflict: another process imports this file, or its batch was undone meanwhile.
    """
    reading, words = _reader(plan)
    done = started.rows
    for place, rows in enumerate(_portions(plan, done)):
        entries = [_read(reading, row) for row in rows]
        step = _Step(started, plan, done, entries, words, _hands(desk, plan.settings))
        verdicts = _settled(desk, plan.actor, step)
        if place % _WAKES == 0:
            desk.waker.after_commit()
        done += len(rows)
        yield verdicts
    transact(desk.store, plan.actor, "import", desk.now(), work=lambda unit: _close(unit, started))
    desk.waker.after_commit()


def tried(desk: Desk, plan: Plan) -> Iterator[list[Verdict]]:
    """Yield what would become of each row, portion by portion; nothing is written or used up."""
    reading, words = _reader(plan)
    unit = Unit(Onlooker(desk.store), plan.actor, IMPORT, desk.now())
    hands = _hands(replace(desk, turns=Turns()), plan.settings)
    portion = Portion(unit, fresh("bt"), plan.settings, hands, words)
    for rows in _portions(plan, 0):
        yield portion.verdicts([_read(reading, row) for row in rows])


def earlier(desk: Desk, plan: Plan) -> ImportRun | None:
    """Return the last import of this very table by this person, None when it never began."""
    doc = desk.store.get(ImportRun.collection, plan.run_id)
    return None if doc is None else ImportRun.model_validate(doc)


@dataclass(frozen=True, slots=True)
class _Step:
    """The work of one transaction; it may be run again."""

    run: ImportRun
    plan: Plan
    done: int
    entries: Sequence[Entry | Verdict]
    words: Words
    hands: Callable[[int], Hands]

    def __call__(self, unit: Unit) -> list[Verdict]:
        run = unit.need(ImportRun, self.run.id)
        batch = batches.resume(unit, run.batch_id)
        if batch is None or (run.rows, run.batch_id) != (self.done, self.run.batch_id):
            raise Conflict(
                f"import {run.id} goes on elsewhere or was undone", code="import_elsewhere"
            )
        portion = Portion(unit, run.batch_id, self.plan.settings, self.hands, self.words)
        verdicts = portion.verdicts(self.entries)
        batches.advance(unit, batch, portion.written, done=False)
        totals = Counter(run.totals)
        totals.update(verdict.what for verdict in verdicts)
        rows = self.done + len(self.entries)
        unit.keep(run.model_copy(update={"rows": rows, "totals": dict(totals)}))
        return verdicts


def reasons(verdict: Verdict, locale: str) -> list[str]:
    """Return why the row became what it did: each says what a person has to change or know."""
    return [_reason(fault, locale) for fault in verdict.faults]


def template(locale: str) -> tuple[list[str], list[str]]:
    """Return the headers of an empty table for import, and a row that shows how it is filled."""
    titles = [text(f"column_client_{name}", locale) for name in _TEMPLATE]
    shown = catalogue(locale)
    return titles, [shown.get(f"sample_client_{name}", "") for name in _TEMPLATE]


def _reason(fault: Fault, locale: str) -> str:
    facts = dict(fault.facts)
    if fault.code == "import_kept":
        named = (text(f"column_client_{name}", locale) for name in str(facts["fields"]).split(", "))
        facts["fields"] = ", ".join(name.removeprefix("column_client_") for name in named)
    return text(fault.code, locale, **{"column": fault.column, **facts})


def _settled(desk: Desk, actor: Actor, step: _Step) -> list[Verdict]:
    """Return the verdicts; a client that somebody made meanwhile is met on the next attempt."""
    for _ in range(_ATTEMPTS - 1):
        try:
            return transact(desk.store, actor, IMPORT, desk.now(), work=step)
        except Conflict as exc:
            if exc.code:
                raise
    return transact(desk.store, actor, IMPORT, desk.now(), work=step)


def _portions(plan: Plan, done: int) -> Iterator[list[Row]]:
    """Yield the rows behind the headers that are not blank, the first `done` left out.

    A portion has at most 150 rows and, with long notes, about half a million characters.
    """
    rows = (row for row in plan.table.rows() if row.number > plan.header and not row.is_blank)
    portion: list[Row] = []
    size = 0
    for row in islice(rows, done, None):
        portion.append(row)
        size += sum(map(len, row.cells))
        if len(portion) >= ROWS or size >= _LETTERS:
            yield portion
            portion, size = [], 0
    if portion:
        yield portion


def _reader(plan: Plan) -> tuple[Reading, Words]:
    locale = plan.settings.office.locale
    words = Words(text("import_channel", locale), text("import_came_from", locale))
    return Reading(plan.columns, plan.settings, _segments()), words


def _read(reading: Reading, row: Row) -> Entry | Verdict:
    found = reading.entry(row)
    return found if isinstance(found, Entry) else Verdict(row.number, ERROR, tuple(found))


def _hands(desk: Desk, settings: Settings) -> Callable[[int], Hands]:
    """Return what gives each row the office's people, with a turn of its own in every queue."""
    now = desk.now()

    drawn: dict[tuple[int, str], int] = {}

    def turn(row: int, queue: str) -> int:
        if (row, queue) not in drawn:
            drawn[(row, queue)] = desk.turns.next(queue)
        return drawn[(row, queue)]

    def full() -> frozenset[str]:
        return desk.loads.full(desk.store, settings)

    return lambda row: Hands(settings, now, turn=partial(turn, row), full=full)


def _goes_on(unit: Unit, run: ImportRun) -> bool:
    """Return whether the unfinished import's batch was not undone meanwhile."""
    batch = unit.find(Batch, run.batch_id)
    return batch is not None and batch.state == "running"


def _close(unit: Unit, run: ImportRun) -> None:
    done = unit.need(ImportRun, run.id)
    batch = batches.resume(unit, run.batch_id)
    if batch is not None:
        batches.advance(unit, batch, 0, done=True)
    unit.keep(done.model_copy(update={"state": "done", "done_at": unit.now}))


def _segments() -> dict[str, str]:
    """Return the ids of the types of clients by their names in every language."""
    named = {
        text(f"segment_{segment}", locale).casefold(): segment
        for locale in LOCALES
        for segment in _SEGMENTS
    }
    return named | {segment: segment for segment in _SEGMENTS}
