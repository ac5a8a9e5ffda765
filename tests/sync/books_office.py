"""The law office with all its books in memory: what the tests of many books say."""

from dataclasses import dataclass
from datetime import timedelta

from tests.sync.fakes_sheets import FakeSheets, Person, Workbook
from tests.sync.sheets_office import Team

from kartoteka.domain.change import SYSTEM
from kartoteka.domain.model import Lead
from kartoteka.services.commands import execute
from kartoteka.services.people import actor_by_email
from kartoteka.services.registry import COMMANDS
from kartoteka.services.unit import Unit, transact
from kartoteka.settings import Settings
from kartoteka.wiring import App
from sync import books, trail
from sync.columns import Frame, Tab
from sync.sheets_mirror import drain
from sync.shelf import tabs
from sync.shelf.editions import editions
from sync.shelf.shelf import BOOKS
from sync.shelf.team import LEADS
from sync.views import everything, load

ANNA_BOOK, BORIS_BOOK = "mine.st_anna", "mine.st_boris"
HEAD_BOOK, DIRECTOR_BOOK = "department.st_viktor", "department.director"


@dataclass
class Shelf(Team):
    """A team whose books follow everybody's rights."""

    opened: bool = False

    def drain(self) -> list[str]:
        """Drain; the minute in which all books were made is over then."""
        calls = super().drain()
        if not self.opened:
            self.opened = True
            self.clock.advance(timedelta(minutes=1))
        return calls

    def workbook(self, key: str) -> Workbook:
        memory = books.recall(self.app.store, key)
        assert memory is not None
        return self.sheets.books[memory.spreadsheet_id]

    def there(self, key: str, tab: Tab = tabs.MY_REQUESTS) -> Person:
        return Person(self.sheets, tab.sheet_id, self.workbook(key))

    def free(self, name: str) -> str:
        """A request that nobody has; return the lead."""
        lead_id = self.request(name)

        def work(unit: Unit) -> None:
            lead = unit.need(Lead, lead_id)
            unit.save(lead.model_copy(update={"owner_id": None}))

        transact(self.app.store, SYSTEM, "test", self.clock.now(), work=work)
        return lead_id

    def leads_of_team(self) -> Person:
        return self.there("team", LEADS)

    def keys(self) -> dict[str, str]:
        """Key of the book by its workbook."""
        return {it.spreadsheet_id: key for key, it in books.known(self.app.store).items()}

    def keys_of(self) -> dict[str, str]:
        """Workbook by the key of the book."""
        return {key: file for file, key in self.keys().items()}

    def do(self, name: str, email: str = "viktor@office.example", /, **given: object):
        desk = self.app.desk
        who = actor_by_email(desk.settings(), email)
        return execute(COMMANDS, desk, who, name, given=given, cause=f"command:{name}")

    def picks(
        self, key: str, email: str, record: str, action: str, *, tab: Tab = tabs.MY_REQUESTS
    ) -> str:
        """A person chooses an action; return what the row, or the record's last row, says."""
        there = self.there(key, tab)
        there.type(record, "Действие", action)
        self.tells(key, email, tab, record)
        drain(self.app)
        return str(there.shown(record, "Итог")) if record in there.ids() else ""

    def tells(
        self, key: str, email: str, tab: Tab, record: str, *, header: str = "Действие"
    ) -> None:
        """The add-on reports an edit of one cell."""
        self.made += 1
        there = self.there(key, tab)
        place = there.column(header) + 1
        row = there.row_of(record) + 1
        report = trail.Report(
            f"ed_{self.made}", f"2026-11-23T06:{self.made:04}", email, tab.sheet_id,
            (record,), (place, place), None, (row, row),
        )  # fmt: skip
        doc = report.doc(key)
        self.app.store.run(lambda tx: tx.put(trail.COLLECTION, report.id, doc))

    def wrong_anywhere(self) -> list[str]:
        """Return what in any book differs from what its reader should see."""
        settings = self.app.desk.settings()
        faults = []
        for edition in editions(settings, BOOKS).values():
            frame = Frame(settings, edition.reader, self.clock.now())
            for tab in edition.two_way:
                if tab.entity != "staff":
                    faults += [
                        f"{edition.key}: {it}" for it in self._faults(edition.key, tab, frame)
                    ]
        return faults

    def _faults(self, key: str, tab: Tab, frame: Frame) -> list[str]:
        there = Person(self.sheets, tab.sheet_id, self.workbook(key))
        ids = everything(self.app.store, tab, frame)
        views = load(self.app.store, tab, ids, frame)
        if sorted(there.ids()) != sorted(views):
            return [f"{key} {tab.key}: {sorted(there.ids())} != {sorted(views)}"]
        faults = []
        for record, view in views.items():
            shown = there.tab.grid[there.row_of(record)]
            wanted = tab.row(view, frame)
            for place, (name, cell) in enumerate(wanted.items(), start=1):
                if name != "outcome" and (shown[place] if place < len(shown) else "") != cell:
                    faults.append(f"{key} {tab.key} {record} {name}: {shown[place]!r} != {cell!r}")
        return faults


def shelf(desk, clock, queue, sheets: FakeSheets, *, books: str = "auto") -> Shelf:
    settings = Settings(google_account="office@office.example", books=books)
    app = App(settings, clock, lambda _: desk.store)
    app.__dict__.update(sheets=sheets, tasks=queue, store=desk.store, desk=desk)
    return Shelf(app, sheets, clock)
