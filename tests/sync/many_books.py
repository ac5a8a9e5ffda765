"""A small office with several books in memory, where everything goes wrong that can: one run is a
story of operations, `settle` lets it end, `faults` holds the end against the store.
"""

from collections.abc import Iterable, Iterator
from contextlib import suppress
from dataclasses import dataclass, field
from datetime import timedelta

from tests.sync.books_office import Shelf
from tests.sync.many_hands import ALONE, FIELDS, OWN, TEAM, Hand, Killed, Place, Troubled
from tests.sync.sheets_office import ANNA, BORIS, VIKTOR

from kartoteka.domain.change import SYSTEM
from kartoteka.domain.errors import KartotekaError, ProviderDown, RateLimited
from kartoteka.ports import CellValue, Query
from kartoteka.services import leads
from kartoteka.services.unit import LOG
from sync import books
from sync.cells import normal
from sync.columns import BASE, ID, Frame, Tab
from sync.layout import headers_of
from sync.reading import page
from sync.rounds import writer
from sync.sheets_mirror import drain
from sync.shelf import tabs
from sync.shelf.editions import Edition, editions
from sync.shelf.shelf import BOOKS
from sync.views import everything, load

_LOOKS = 8  # more than anything needs to come to rest
_CALL = timedelta(seconds=0.7)
_LONG = timedelta(minutes=11)  # behind it every rest and every claim is over


@dataclass
class World:
    """Plays operations; remembers what was typed last into each cell, and by whom."""

    shelf: Shelf
    sheets: Troubled
    ids: list[str]
    places: tuple[Place, ...]
    typed: dict[tuple[str, str, str], tuple[str, str]] = field(default_factory=dict)
    newcomers: list[str] = field(default_factory=list)
    jotted: list[str] = field(default_factory=list)
    told_of: set[str] = field(default_factory=set)
    count: int = 0

    def play(self, name: str, *facts: object) -> None:
        """Do one operation; in a tab that is out of order there is nothing to do."""
        with suppress(StopIteration, IndexError, KeyError):
            getattr(self, name)(*facts)

    def request(self, owner: int = 0) -> None:
        self.ids.append(self.shelf.request(owner=("st_anna", "st_boris")[owner % 2]))

    def rename(self, which: int) -> None:
        leads.rename(
            self.shelf.app.desk, SYSTEM, self._id(which), self._word("Из формы"), cause="t"
        )

    def remark(self, which: int) -> None:
        desk, word = self.shelf.app.desk, self._word("Из звонка")
        leads.write_note(desk, SYSTEM, self._id(which), word, cause="t")

    def move(self, which: int) -> None:
        stage = self.shelf.lead(self._id(which)).stage
        self.shelf.put_on_stage(self._id(which), {"new": "c1", "c1": "r2"}.get(stage, "new"))

    def give(self, which: int) -> None:
        """The row leaves one «Мои» and comes to the other."""
        lead = self._id(which)
        to = "st_boris" if self.shelf.lead(lead).owner_id == "st_anna" else "st_anna"
        leads.assign(self.shelf.app.desk, SYSTEM, lead, to, cause="t")

    def type(self, place: int, which: int, header: str = "name") -> None:
        hand, lead, word = self._hand(place), self._id(which), self._word("От руки")
        if lead not in hand.ids():
            return
        row = hand.row_of(lead)
        self._cover([hand.person.tab.cell(row, hand.place(header))])
        hand.put(row, header, word)
        hand.report(row, header, lead, word)
        self.typed[hand.key, lead, header] = (word, hand.user)

    def sort(self, place: int) -> None:
        self._hand(place).person.reverse()

    def sort_seen_part(self, place: int) -> None:
        """A part is sorted when every edit was seen.

        Whose an unseen value is that left its row can be told in simple cases alone: while a
        column is dragged or the process dies in between, it cannot. These have their own tests.
        """
        if self._everything_is_seen():
            self.sort_part(place)

    def sort_part(self, place: int) -> None:
        """Only some columns are sorted, without their ids."""
        hand = self._hand(place)
        person = hand.person
        order = range(len(person.rows()) - 1, -1, -1)
        person.permute(order, [hand.place(key) for key in (*FIELDS, "stage")])

    def insert(self, place: int, rows: int) -> None:
        """A row is typed between the others, or rows are pasted under them.

        The add-on tells the text of a single cell only.
        """
        hand = self._hand(place)
        person = hand.person
        at = len(person.tab.trimmed()) if rows > 1 else 1
        for number in range(rows):
            word = self._word("Новый")
            phone = f"+7926{self.count:07}"
            person.insert_row(at + number)
            for key, value in (("name", word), ("phone", phone)):
                person.tab.put(at + number, hand.place(key), value)
            hand.report(at + number, "name", "", word if rows == 1 else None)
            self.newcomers.append(word)
            self.told_of |= {word} if rows == 1 else set()
        person._changed()

    def jot(self, place: int) -> None:
        """A task of one's own is typed under the others."""
        hand = self._todo(place)
        row, word = len(hand.person.tab.trimmed()), self._word("Дело")
        hand.put(row, "what", word)
        hand.report(row, "what", "", word)
        self.jotted.append(word)

    def shuffle(self, place: int) -> None:
        """One's own tasks are sorted."""
        self._todo(place).person.reverse()

    def _todo(self, place: int) -> Hand:
        """Return a hand in the tasks of whose book it is; other books have none of their own."""
        key, _, user = self.places[place]
        if not key.startswith(OWN):
            raise KeyError(key)
        return Hand(self.shelf, key, tabs.MY_TASKS, user)

    def delete(self, place: int, which: int) -> None:
        hand, lead = self._hand(place), self._id(which)
        if lead in hand.ids():
            self._tear_out(hand, hand.row_of(lead))

    def _tear_out(self, hand: Hand, row: int) -> None:
        """Delete a row; what a sort brought there and nothing has taken yet goes with it."""
        self._cover(hand.person.tab.grid[row])
        hand.person.delete_rows(row, row + 1)

    def _cover(self, cells: Iterable[CellValue]) -> None:
        """A person takes away what was pasted, of which nobody told, and nothing has taken yet."""
        shown = {normal(cell) for cell in cells} - self._names() - self.told_of
        self.newcomers = [word for word in self.newcomers if word not in shown]

    def _names(self) -> set[str]:
        return {str(hit.doc["name"]) for hit in self.shelf.app.store.query(Query("leads"))}

    def copy(self, place: int, which: int) -> None:
        hand, lead = self._hand(place), self._id(which)
        if lead in hand.ids():
            cells = hand.person.tab.grid[hand.row_of(lead)]
            hand.person.insert_row(1, list(cells))

    def cut(self, place: int, which: int) -> None:
        """A whole row is cut and put at the end."""
        hand, lead = self._hand(place), self._id(which)
        if lead in hand.ids():
            row = hand.row_of(lead)
            cells = list(hand.person.tab.grid[row])
            hand.person.delete_rows(row, row + 1)
            hand.person.insert_row(len(hand.person.tab.trimmed()), cells)

    def lose_id(self, place: int, which: int) -> None:
        hand, lead = self._hand(place), self._id(which)
        if lead in hand.ids():
            hand.put(hand.row_of(lead), ID, "")

    def retitle(self, place: int) -> None:
        """A header gets another name."""
        self._hand(place).put(0, "phone", self._word("Откуда"))

    def drag(self, place: int) -> None:
        """A column is dragged to the left."""
        hand = self._hand(place)
        one, other = hand.place("note"), hand.place("stage")
        for row in hand.person.tab.grid:
            row.extend([""] * (max(one, other) + 1 - len(row)))
            row[one], row[other] = row[other], row[one]
        notes = hand.person.tab.notes
        turned = {one: other, other: one}
        hand.person.tab.notes = {(r, turned.get(c, c)): text for (r, c), text in notes.items()}
        hand.person._changed()

    def drain(self) -> None:
        with suppress(KartotekaError):
            drain(self.shelf.app)

    def linger(self) -> None:
        """Google takes its time for each call, so that a round leaves books to the next."""
        self.sheets.between = lambda _name: self.shelf.clock.advance(_CALL)
        self.drain()
        self.sheets.between = lambda _name: None

    def look(self) -> None:
        with suppress(KartotekaError):
            drain(self.shelf.app, look=True)

    def look_at(self, place: int) -> None:
        with suppress(KartotekaError):
            drain(self.shelf.app, look=True, book=self.places[place][0])

    def wait(self) -> None:
        self.shelf.clock.advance(timedelta(seconds=40))

    def fail(self, calls: int, applied: object, slow: object) -> None:
        """A call of the next look fails, with or without its effect."""
        error = RateLimited("slow down") if slow else ProviderDown("Google does not answer")
        self.sheets.fail_soon(calls, applied=bool(applied), error=error)
        self.look()

    def kill(self, calls: int) -> None:
        """The process dies between two calls of Google; its claim stays."""
        left = [calls]

        def between(_name: str) -> None:
            left[0] -= 1
            if left[0] < 0:
                raise Killed

        self.sheets.between = between
        store, held = self.shelf.app.store, None
        try:
            self.look()
        except Killed:
            held = store.get(writer.COLLECTION, "sheets")
        self.sheets.between = lambda _name: None
        if held is not None:
            claim = {**held, "token": "dead"}
            store.run(lambda tx: tx.put(writer.COLLECTION, "sheets", claim))

    def outage(self, place: int, slow: object) -> None:
        """One file is out of order from now on."""
        file = self.shelf.keys_of()[self.places[place][0]]
        self.sheets.down[file] = RateLimited if slow else ProviderDown

    def mend(self) -> None:
        self.sheets.down.clear()

    def meanwhile(self, call: str, what: str, place: int, which: int) -> None:
        """Somebody acts just before the mirror's next call of this kind."""

        def between(name: str) -> None:
            if name == call:
                self.sheets.between = lambda _name: None
                self.play(what, *([place] if what in ALONE else [place, which]))

        self.sheets.between = between
        self.rename(which)
        self.drain()
        self.sheets.between = lambda _name: None

    def settle(self) -> None:
        """Everything is mended, copies are deleted, and nobody does anything any more."""
        self.sheets.before.clear()
        self.sheets.after.clear()
        self.sheets.down.clear()
        self._until_still()
        if self._drop_copies():
            self._until_still()

    def _everything_is_seen(self) -> bool:
        """Look until nothing moves; return False where a file is out of order or Google fails."""
        if self.sheets.down:
            return False
        try:
            self._until_still()
        except KartotekaError:
            return False
        return True

    def _until_still(self) -> None:
        """Look until a look leaves no trace: nothing written, noticed or told."""
        for _ in range(_LOOKS):
            self.shelf.clock.advance(_LONG)
            before = self._trace()
            calls = self.sheets.count(lambda: drain(self.shelf.app, look=True))
            if set(calls) <= {"read", "info"} and self._trace() == before:
                return
        raise AssertionError("the books are written again and again")

    def _trace(self) -> tuple[object, str | None]:
        store = self.shelf.app.store
        return books.known(store), store.log_head(LOG)

    def _drop_copies(self) -> int:
        """A person deletes the rows that were marked as copies; return how many."""
        dropped = 0
        for number in range(len(self.places)):
            hand = self._hand(number)
            at = hand.place(BASE)
            grid = hand.person.tab.grid
            marked = [
                i for i, row in enumerate(grid) if at < len(row) and '"m":"copy"' in str(row[at])
            ]
            for row in reversed(marked):
                self._tear_out(hand, row)
            dropped += len(marked)
        return dropped

    def faults(self) -> Iterator[str]:
        """Yield what is wrong at the end."""
        settings = self.shelf.app.desk.settings()
        team_only = self.shelf.app.settings.books == TEAM
        for edition in editions(settings, BOOKS, team_only=team_only).values():
            for tab in edition.two_way:
                if tab.lists is None and tab.entity != "staff":
                    yield from self._wrong_in(edition, tab)
        yield from self._lost()
        yield from self._doubled()

    def _wrong_in(self, edition: Edition, tab: Tab) -> Iterator[str]:
        app = self.shelf.app
        frame = Frame(app.desk.settings(), edition.reader, app.clock.now())
        sheet = self.shelf.there(edition.key, tab).tab
        found = page(tab, sheet.trimmed(), frame)
        views = load(app.store, tab, everything(app.store, tab, frame), frame)
        rows = {row.id: row for row in found.rows if row.id}
        shown = [row.id for row in found.rows if row.id]
        where = f"{edition.key}/{tab.key}"
        if sorted(shown) != sorted(views):
            yield f"{where}: rows {sorted(shown)} instead of {sorted(views)}"
        headers = {normal(cell).partition("\n")[0] for cell in sheet.grid[0]} - {""}
        foreign = {
            it for it in headers - set(headers_of(tab, frame).values()) if it[:6] != "Откуда"
        }
        if foreign:
            yield f"{where}: columns {sorted(foreign)}"
        for record in rows.keys() & views.keys():
            for key, cell in tab.row(views[record], frame).items():
                if key != "outcome" and normal(rows[record].cells[key]) != normal(cell):
                    yield f"{where} {record} {key}: {rows[record].cells[key]!r} is not {cell!r}"

    def _lost(self) -> Iterator[str]:
        """Yield what was typed and is neither in the store nor in the journal with its author."""
        taken = self._taken()
        clashes = {(c["record"], c["column"], c["sheet_value"]): c for c in self.shelf.conflicts()}
        people = {ANNA: "st_anna", BORIS: "st_boris", VIKTOR: "st_viktor"}
        for (_, lead, key), (word, user) in self.typed.items():
            clash = clashes.get((lead, key, word))
            if clash is not None and clash["user"] not in {people[user], "book:team"}:
                yield f"{word} is said to be of {clash['user']}, not of {people[user]}"
            if clash is None and (lead, key, word) not in taken:
                yield f"{word}, typed into {key} of {lead}, is lost"

    def _doubled(self) -> Iterator[str]:
        """Yield records of typed rows that were made twice, and typed rows that are nowhere."""
        names = [str(hit.doc["name"]) for hit in self.shelf.app.store.query(Query("leads"))]
        cells = {
            normal(cell)
            for key, tab, user in self.places
            for row in self.shelf.there(key, tab).rows()
            for cell in row
        }
        cells |= {str(clash["sheet_value"]) for clash in self.shelf.conflicts()}
        cells |= {word for _, _, word in self._taken()}
        titles = [str(hit.doc["title"]) for hit in self.shelf.app.store.query(Query("tasks"))]
        for word in self.jotted:
            if titles.count(word) != 1:
                yield f"{word} became {titles.count(word)} tasks"
        for word in self.newcomers:
            if names.count(word) > 1:
                yield f"{word} became {names.count(word)} requests"
            if word not in names and word not in cells:
                yield f"{word} is nowhere"

    def _taken(self) -> set[tuple[str, str, str]]:
        """Return everything that ever was in the store: record, field, value."""
        entries = self.shelf.app.store.read_log(LOG, None, 9999)
        return {
            (part["id"], key, str((part["after"] or {}).get(key)))
            for entry in entries for part in entry.doc["parts"] for key in FIELDS
        }  # fmt: skip

    def _id(self, index: int) -> str:
        return self.ids[index % len(self.ids)]

    def _hand(self, place: int) -> Hand:
        key, tab, user = self.places[place]
        return Hand(self.shelf, key, tab, user)

    def _word(self, prefix: str) -> str:
        self.count += 1
        self.shelf.clock.advance(timedelta(seconds=1))
        return f"{prefix} {self.count}"
