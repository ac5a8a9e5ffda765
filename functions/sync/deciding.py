"""Every edit found in the sheet gets an answer: carried out, refused, journalled, or held a moment.

An edit is held while nobody knows whose it is: the add-on's report is usually a second behind
the cell. After a short wait it is taken as the book's, that is, of somebody who may edit it.
"""

from collections import Counter
from collections.abc import Container, Iterable, Mapping
from dataclasses import dataclass, field
from datetime import timedelta
from functools import partial

from kartoteka.domain.change import Actor
from kartoteka.domain.ids import StaffId, derived
from kartoteka.domain.instant import read, spell
from kartoteka.ports import CellValue, Doc, Tx
from kartoteka.services.office import Desk
from sync.actions.running import act
from sync.cells import digest, normal
from sync.columns import ACTION, OUTCOME, Entry, Frame, Tab, View, is_too_long, name_of
from sync.commands import Wish, carry_out
from sync.journal import Clash, clash_entry
from sync.merge import Verdict
from sync.newcomers import made_by, welcome
from sync.outbox import chunks
from sync.plan import Edit, Plan, Row
from sync.settings_book import changing
from sync.shelf.editions import TEAM, Edition
from sync.trail import Told, actor_of, exactly

GRACE = timedelta(seconds=1.5)
_LOOKS = 3  # enough even when the office's clock stands still
_LAST = {"owner": 1, ACTION: 2}  # these may take a record out of the person's hands
_CONFLICTS = "conflicts"
_Cell = tuple[str, str]  # record, column


@dataclass(frozen=True, slots=True)
class Author:
    """Who edited a cell: `actor` is None for a stranger."""

    user: str
    actor: Actor | None


@dataclass
class Decisions:
    """The answers of one flush.

    Attributes:
        notes: why an edit was refused, by record and column.
        held: columns whose edit waits for its author, by record.
        commanded: records whose row must be read again.
        outcomes: how the actions ended, by tab and record.
        noticed: edits without a known author: when first seen and how often.
        waiting: numbers of typed rows whose author is waited for, of the present tab.
        reasons: why typed rows are no records, by their numbers, of the present tab.
        conflicts: documents of the conflict journal by id.
        lines: the same as lines of the journal tab.
        sown: token of the rows that people typed. typed: how many of each were met, by print.
        moved: whether one of them was elsewhere when we wrote its record, in the present tab.
    """

    desk: Desk
    frame: Frame
    edition: Edition
    before: Mapping[str, str]
    notes: dict[str, dict[str, str]] = field(default_factory=dict)
    held: dict[str, list[str]] = field(default_factory=dict)
    commanded: dict[str, None] = field(default_factory=dict)
    outcomes: dict[tuple[str, str], str] = field(default_factory=dict)
    noticed: dict[str, str] = field(default_factory=dict)
    waiting: set[int] = field(default_factory=set)
    reasons: dict[int, str] = field(default_factory=dict)
    conflicts: dict[str, Doc] = field(default_factory=dict)
    lines: list[Entry] = field(default_factory=list)
    sown: str = ""
    typed: Counter[str] = field(default_factory=Counter)
    moved: bool = False

    @property
    def cause(self) -> str:
        """Return what the commands of this book give as their cause."""
        return f"sheet:{self.edition.key}"

    @property
    def book_actor(self) -> Actor:
        """Return who acts when nobody says who typed: the one person whose book it is, or it."""
        reader = self.edition.reader
        return reader if self.edition.key != TEAM else reader.model_copy(update={"id": "book:team"})

    def decide(
        self, tab: Tab, edits: Iterable[Edit], views: Mapping[str, View], told: Mapping[_Cell, Told]
    ) -> None:
        """Answer the edits of one tab; a record is given away after everything else was done."""
        self.waiting.clear()
        self.reasons.clear()
        self.moved = False
        for edit in sorted(edits, key=lambda edit: _LAST.get(edit.column, 0)):
            if edit.verdict is Verdict.RESTORE:
                self._refuse(edit, self.frame.say("sheet_read_only"))
                continue
            key = f"{tab.key}:{edit.record}:{edit.column}:{digest(edit.typed)}"
            said = told.get((edit.record, edit.column))
            author = self._book if edit.moved else self._author(key, said)
            if author is None:
                held = [column.key for column in tab.columns] if edit.whole else [edit.column]
                self.held.setdefault(edit.record, []).extend(held)
            else:
                self._answer(tab, edit, views[edit.record], author)

    def _answer(self, tab: Tab, edit: Edit, view: View, author: Author) -> None:
        if edit.column == ACTION and edit.is_command:
            self._act(tab, edit, view, author)
            return
        if tab.lists is not None:
            self._set(tab, edit, view, author)
            return
        stood = edit.stored
        if edit.is_command:
            refusal = self._refusal(tab, edit, view, author)
            if refusal is None:
                stood = edit.typed
                self.commanded[edit.record] = None
            else:
                self._refuse(edit, refusal)
        if edit.verdict is Verdict.CONFLICT:
            self.clash(edit, stood, view, author.user)

    def _act(self, tab: Tab, edit: Edit, view: View, author: Author) -> None:
        """Do what a person chose for this row; the token of the row keeps it from a second time."""
        if author.actor is None:
            self.outcomes[tab.key, edit.record] = self.frame.say("sheet_stranger")
            return
        cause = f"{self.cause}:{derived('act', self.edition.key, edit.record, edit.turn)}"
        frame, there = self.frame, view
        if tab.lists is not None:
            frame, found = changing.now(self.desk.store, frame, tab, edit.record)
            there = found or view
        wish = Wish(there, normal(edit.typed), author.actor, cause)
        self.outcomes[tab.key, edit.record] = act(self.desk, frame, tab, wish)
        self.commanded[edit.record] = None

    def _set(self, tab: Tab, edit: Edit, view: View, author: Author) -> None:
        """Change a setting; what another changed meanwhile stands, and both are kept."""
        if author.actor is None:
            self._refuse(edit, self.frame.say("sheet_stranger"))
            return
        wish = Wish(view, normal(edit.typed), author.actor, self.cause)
        refusal = changing.change(self.desk, self.frame, (tab, edit), wish)
        self.commanded[edit.record] = None
        if refusal is not None:
            self._refuse(edit, refusal)
        if edit.verdict is Verdict.CONFLICT:
            self.clash(edit, edit.stored, view, author.user)

    def with_outcomes(
        self, tab: Tab, wanted: dict[str, dict[str, CellValue]]
    ) -> dict[str, dict[str, CellValue]]:
        """Return the rows of a tab with the ends of the actions beside them."""
        for (key, record), said in self.outcomes.items():
            if key == tab.key and record in wanted:
                wanted[record][OUTCOME] = said
        return wanted

    def _refusal(self, tab: Tab, edit: Edit, view: View, author: Author) -> str | None:
        if author.actor is None:
            return self.frame.say("sheet_stranger")
        if is_too_long(view, edit.column):
            return self.frame.say("sheet_too_long")
        wish = Wish(view, normal(edit.typed), author.actor, self.cause)
        return carry_out(self.desk, self.frame, (tab.entity, edit.column), wish)

    def welcome(self, tab: Tab, row: Row, user: str, *, shown: Container[str]) -> str | None:
        """Return the record that a typed row became; None while it is none, and say why.

        `shown` are the records that have a row. One that was made by a flush that died, or whose
        row moved while it was written, is known by its cause and not made twice.
        """
        cells = "".join(digest(cell) for cell in row.cells.values())
        key = f"{tab.key}:{derived('row', cells)}"
        self.typed[key] += 1
        cause = self.cause
        if tab.lists is None:
            cause = f"{cause}:{derived('row', key, self.sown, str(self.typed[key]))}"
            known = made_by(self.desk.store, tab, cause)
            if known in shown:
                self.moved = True
                self.reasons[row.number] = self.frame.say("sheet_copy")
            if known:
                return None if known in shown else known
        author = self._author(key, Told(user, None) if user else None)
        if author is None:
            self.waiting.add(row.number)
            return None
        actor = author.actor
        if actor is None or actor.id == "book:team":
            return None
        who = (actor, cause)
        found = welcome(self.desk, self.frame, (tab, shown), row, who=who)
        if found.why:
            self.reasons[row.number] = found.why
        return found.record or None

    def chooser(self, tab: Tab, chosen: str, user: str) -> Actor | str | None:
        """Return who chose what stands at the top of a tab, a refusal, or None: wait a moment."""
        author = self._author(f"{tab.key}:{digest(chosen)}", Told(user, None) if user else None)
        if author is None:
            return None
        return author.actor or self.frame.say("sheet_stranger")

    def _refuse(self, edit: Edit, reason: str) -> None:
        self.notes.setdefault(edit.record, {})[edit.column] = reason

    def _author(self, key: str, told: Told | None) -> Author | None:
        """Return who edited the cell, None while that is worth waiting for."""
        if told is not None and told.user:
            return self.author_of(told.user)
        if told is None and not self._waited(key):
            return None
        return self._book

    @property
    def _book(self) -> Author:
        return Author(self.book_actor.id, self.book_actor)

    def author_of(self, user: str) -> Author:
        """Return the person behind an address."""
        actor = actor_of(user, self.frame.settings)
        return Author(actor.id if actor else user, actor)

    def _waited(self, key: str) -> bool:
        now = self.desk.now()
        looks, _, first = self.before.get(key, f"0|{spell(now)}").partition("|")
        seen = int(looks) + 1
        if now - read(first) >= GRACE or seen >= _LOOKS:
            return True
        self.noticed[key] = f"{seen}|{first}"
        return False

    def miss(
        self, tab: Tab, planned: Plan, views: Mapping[str, View], told: Mapping[_Cell, Told]
    ) -> None:
        """Keep what somebody typed, and what then was covered or deleted before we could see it.

        The add-on told us of an edit, yet the cell shows none: a write of ours came a moment
        later, the row was deleted, or a part of the columns was sorted and the value stands in
        another row. The store's value stands, the typed one is journalled; so is what stands in
        rows that have to go.
        """
        self._leave(tab, planned.leaving, told)
        for (record, key), report in told.items():
            column, view = tab.column(key), views.get(record)
            if report.value is None or column is None or not column.editable:
                continue
            if key == ACTION:
                continue  # done before: its cell was emptied
            if view is None:
                self._miss_gone(planned.leaving.get(record), (record, key), report)
                continue
            row, stored = planned.change.get(record), tab.row(view, self.frame)[key]
            shown = "" if row is None else row.cells[key]
            if not any(report.says(cell) for cell in (shown, stored)):
                edit = Edit(record, key, report.value, stored, Verdict.CONFLICT)
                self.clash(edit, stored, view, self.author_of(report.user).user)

    def miss_new(self, tab: Tab, rows: Iterable[Row], told: Iterable[tuple[str, Told]]) -> None:
        """Keep what was typed into a new row that was gone, or covered, before we could see it."""
        told = [(key, report) for key, report in told if tab.column(key) is not None]
        here = {(key, normal(row.cells[key])) for row in rows for key, _ in told} if told else set()
        for key, report in told:
            value = report.value or ""
            if (key, value) not in here and (key, exactly(value)) not in here:
                edit = Edit("", key, value, "", Verdict.CONFLICT)
                self.clash(edit, "", View(""), self.author_of(report.user).user)

    def lose(self, typed: Iterable[tuple[str, str]]) -> None:
        """Keep what was typed into new rows, by column, where a write of ours landed then."""
        for key, value in typed:
            edit = Edit("", key, value, "", Verdict.CONFLICT)
            self.clash(edit, "", View(""), self.book_actor.id)

    def _miss_gone(self, row: Row | None, cell: _Cell, report: Told) -> None:
        """Keep what was typed for a record that left, if its row does not show it any more."""
        record, key = cell
        if row is None or normal(row.cells[key]) != report.value:
            edit = Edit(record, key, report.value or "", "", Verdict.CONFLICT)
            self.clash(edit, "", View(record), self.author_of(report.user).user)

    def _leave(self, tab: Tab, leaving: Mapping[str, Row], told: Mapping[_Cell, Told]) -> None:
        """Keep what was typed into rows that have to go, before they do."""
        for record, row in leaving.items():
            base = row.base  # another's, if what we meant for that one landed here
            for column in tab.columns:
                typed = row.cells[column.key]
                if not column.editable or base is None or not normal(typed):
                    continue
                if base.hashes.get(column.key) != digest(typed):
                    edit = Edit(record, column.key, typed, "", Verdict.CONFLICT)
                    said = told.get((record, column.key))
                    user = (
                        self.author_of(said.user).user if said and said.user else self.book_actor.id
                    )
                    self.clash(edit, "", View(record), user)

    def keep(self) -> None:
        """Store the conflicts before the sheet is written: a crash must not lose a loser."""
        for part in chunks(list(self.conflicts.items())):
            self.desk.store.run(partial(_put_all, conflicts=part))

    def clash(self, edit: Edit, stood: CellValue, view: View, user: str) -> None:
        """Keep a conflict with both values and its author; the same one is kept once."""
        now = self.desk.now()
        values = (normal(edit.typed), normal(edit.stored))
        record = derived("cf", self.edition.key, edit.record, edit.column, *values)
        self.conflicts[record] = {
            "book": self.edition.key,
            "record": edit.record,
            "column": edit.column,
            "sheet_value": values[0],
            "store_value": values[1],
            "stood": normal(stood),
            "user": user,
            "at": spell(now),
        }
        who = self.frame.person(StaffId(user)) or self.frame.say("actor_book")
        said = Clash(edit.column, edit.typed, edit.stored, stood, who, now)
        line = f"{record}:{spell(now)[:10]}"
        self.lines.append(clash_entry(line, said, str(name_of(view, self.frame)), self.frame))


def _put_all(tx: Tx, conflicts: Iterable[tuple[str, Doc]]) -> None:
    for record, doc in conflicts:
        tx.put(_CONFLICTS, record, doc)
