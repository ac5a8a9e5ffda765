"""Whatever people, the backend and Google do in between: in the end sheet = store, nothing lost."""

from collections.abc import Callable
from contextlib import suppress
from datetime import timedelta
from pathlib import Path
from tempfile import TemporaryDirectory

from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from tests.fakes import FakeTasks, FixedClock
from tests.furnished import furnish
from tests.sync.fakes_sheets import FakeSheets
from tests.sync.sheets_office import VIKTOR, Team, team

from kartoteka.adapters.sqlite import SqliteStore
from kartoteka.domain.errors import Transient
from kartoteka.services.office import Desk, SettingsCache
from kartoteka.services.unit import LOG
from kartoteka.services.wake import Waker

FIELDS = {"Имя": "name", "Заметка": "note"}
which = st.integers(0, 5)
ops = st.one_of(
    st.tuples(st.just("request")),
    st.tuples(st.just("rename"), which),
    st.tuples(st.just("move"), which),
    st.tuples(st.just("type"), which, st.sampled_from(sorted(FIELDS))),
    st.tuples(st.just("reverse")),
    st.tuples(st.just("delete"), which),
    st.tuples(st.just("copy"), which),
    st.tuples(st.just("drain")),
    st.tuples(st.just("look")),
    st.tuples(st.just("fail"), st.integers(0, 2), st.booleans()),
    st.tuples(
        st.just("meanwhile"),
        st.sampled_from(["read", "structure", "write"]),
        st.sampled_from(["reverse", "type", "delete"]),
        which,
    ),
)


class Chaos:
    """Plays operations and remembers the last thing typed into each cell."""

    def __init__(self, office: Team) -> None:
        self.office = office
        self.ids = [office.request() for _ in range(3)]
        self.typed: dict[tuple[str, str], str] = {}
        self.count = 0
        office.drain()

    def play(self, name: str, *facts: object) -> None:
        getattr(self, name)(*facts)

    def request(self) -> None:
        self.ids.append(self.office.request())

    def rename(self, index: int) -> None:
        self.office.rename(self._id(index), self._word("Из формы"))

    def move(self, index: int) -> None:
        lead = self._id(index)
        stage = self.office.lead(lead).stage
        self.office.put_on_stage(lead, {"new": "c1", "c1": "r2"}.get(stage, "new"))

    def type(self, index: int, header: str = "Имя") -> None:
        lead, value = self._id(index), self._word("От руки")
        if lead in self.office.leads.ids():
            self.office.types(VIKTOR, lead, header, value)
            self.typed[lead, header] = value

    def reverse(self) -> None:
        self.office.leads.reverse()

    def delete(self, index: int) -> None:
        lead = self._id(index)
        if lead in self.office.leads.ids():
            row = self.office.leads.row_of(lead)
            self.office.leads.delete_rows(row, row + 1)

    def copy(self, index: int) -> None:
        lead = self._id(index)
        if lead in self.office.leads.ids():
            cells = self.office.leads.tab.grid[self.office.leads.row_of(lead)]
            self.office.leads.insert_row(1, list(cells))

    def drain(self) -> None:
        with suppress(Transient):
            self.office.drain()

    def look(self) -> None:
        with suppress(Transient):
            self.office.look()

    def fail(self, calls: int, applied: object) -> None:
        self.office.sheets.fail_soon(calls, applied=bool(applied))
        self.look()

    def meanwhile(self, call: str, what: str, index: int) -> None:
        """Do something just before the mirror's next call of this kind."""
        sheets = self.office.sheets

        def between(name: str) -> None:
            if name == call:
                sheets.between = lambda _name: None
                self.play(what, *([] if what == "reverse" else [index]))

        sheets.between = between
        self.rename(index)
        self.drain()
        sheets.between = lambda _name: None

    def settle(self) -> None:
        sheets = self.office.sheets
        sheets.before.clear()
        sheets.after.clear()
        self._drop_copies()
        self.office.settle()
        self._drop_copies()
        self.office.settle()

    def _drop_copies(self) -> None:
        """A person deletes the rows that were marked as copies."""
        self.office.look()
        tab = self.office.leads.tab
        last = self.office.leads.column("База")
        marked = [i for i, row in enumerate(tab.grid) if '"m":"copy"' in str(row[last : last + 1])]
        for row in reversed(marked):
            self.office.leads.delete_rows(row, row + 1)

    def kept(self) -> set[tuple[str, str, str]]:
        """Everything that ever was in the store or in the conflict journal."""
        store = self.office.app.store
        parts = [p for entry in store.read_log(LOG, None, 9999) for p in entry.doc["parts"]]
        taken = {
            (p["id"], f, str((p["after"] or {}).get(f))) for p in parts for f in FIELDS.values()
        }
        clashes = self.office.conflicts()
        return taken | {(c["record"], c["column"], c["sheet_value"]) for c in clashes}

    def lost(self) -> list[str]:
        kept = self.kept()
        return [
            value for (lead, header), value in self.typed.items()
            if (lead, FIELDS[header], value) not in kept
        ]  # fmt: skip

    def _id(self, index: int) -> str:
        return self.ids[index % len(self.ids)]

    def _word(self, prefix: str) -> str:
        self.count += 1
        self.office.clock.advance(timedelta(seconds=1))
        return f"{prefix} {self.count}"


def in_an_office(work: Callable[[Chaos], None]) -> None:
    with TemporaryDirectory() as folder:
        furnish(Path(folder) / "office.sqlite3")
        store = SqliteStore(Path(folder) / "office.sqlite3")
        clock, queue, sheets = FixedClock(), FakeTasks(), FakeSheets()
        desk = Desk(store, queue, clock, SettingsCache(store, ttl_s=3600), Waker(queue, clock))
        try:
            work(Chaos(team(desk, clock, queue, sheets)))
        finally:
            store.close()


@settings(
    max_examples=15,
    deadline=None,
    suppress_health_check=[HealthCheck.too_slow],
    print_blob=True,
)
@given(st.lists(ops, max_size=14))
def test_any_interleaving_ends_with_sheet_equal_store_and_no_edit_lost(story: list) -> None:
    def work(chaos: Chaos) -> None:
        for op in story:
            chaos.play(*op)
        chaos.settle()

        assert chaos.office.wrong() == []
        assert chaos.lost() == []
        assert chaos.office.look() == ["read"]

    in_an_office(work)
