"""What the journal told of a person who asked to be forgotten is told anew, without them."""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass

from kartoteka.domain.change import Change
from kartoteka.domain.deal import Deal
from kartoteka.domain.model import Lead, Task
from kartoteka.ports import CellValue, Rows, Store
from kartoteka.services.forget import entries_about
from sync.cells import normal
from sync.columns import Frame, Tab, View
from sync.journal import entries
from sync.stock import Stock
from sync.views import readable, touched
from sync.writing import Pen

_TOLD = (Lead.kind, Deal.kind, Task.kind)
_CONFLICTS = "conflicts"
_OF_A_CHANGE = "ch_"
_BESIDE = 4  # columns before the words: id, when, who, what was done
_Line = list[CellValue | None]


@dataclass(frozen=True, slots=True)
class Retelling:
    """Tells lines of one journal anew; the log says nothing of the forgotten any more."""

    store: Store
    stock: Stock
    frame: Frame
    tab: Tab

    def into(self, pen: Pen, found: Rows, forgotten: Iterable[str]) -> bool:
        """Write the lines that are told anew; return whether there are any."""
        lines = self.lines(found, forgotten)
        for number, line in lines.items():
            pen.outbox.put(pen.memory.tabs[self.tab.key], number, line)
        return bool(lines)

    def lines(self, found: Rows, forgotten: Iterable[str]) -> Mapping[int, _Line]:
        """Return the rows that have to be written again, by number, counted from 1.

        Args:
            found: the tab as read, header first.
            forgotten: ids of the clients.
        """
        changes = [it for client in forgotten for it in entries_about(self.store, client)]
        if not changes:
            return {}
        told = {f"{change.id}:{n}" for change in changes for n in range(len(change.parts))}
        told |= self._untold(found)
        fresh = dict(self._fresh(changes))
        bare: _Line = [*[None] * _BESIDE, self.frame.say("client_forgotten"), ""]
        rows = {n: row for n, row in enumerate(found, 1) if row and normal(row[0]) in told}
        wanted = {number: fresh.get(normal(row[0]), bare) for number, row in rows.items()}
        return {number: line for number, line in wanted.items() if _differs(rows[number], line)}

    def _fresh(self, changes: Sequence[Change]) -> Iterator[tuple[str, _Line]]:
        """Yield the lines of these changes as they are told now, by id."""
        ids = touched(self.store, changes)
        views: dict[str, View] = {}
        for kind in _TOLD:
            views |= readable(self.stock, kind, ids[kind], self.frame)
        for entry in entries(changes, views, self.frame):
            cells = self.tab.row(View(entry.id, entry=entry), self.frame)
            yield entry.id, [entry.id, *cells.values()]

    def _untold(self, found: Rows) -> set[str]:
        """Return the lines of edits that lost, where what was typed is not kept any more."""
        lines = {normal(row[0]) for row in found[1:] if row}
        lost = {it: it.partition(":")[0] for it in lines if it and not it.startswith(_OF_A_CHANGE)}
        kept = self.store.get_many(_CONFLICTS, sorted(set(lost.values()))) if lost else {}
        return {line for line, name in lost.items() if name not in kept}


def _differs(row: Sequence[CellValue], line: _Line) -> bool:
    there = [*map(normal, row), *[""] * (len(line) - len(row))]
    return any(cell is not None and normal(cell) != there[n] for n, cell in enumerate(line))
