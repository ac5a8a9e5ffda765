"""Everything one flush writes: collected first, sent in as few calls as Google's sizes allow."""

import json
from bisect import bisect_left
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import TypeVar

from kartoteka.ports import CellValue, Doc, Patch, Sheets
from sync.layout import cells_request, delete_rows_request
from sync.wire import letter_of

LARGEST = 1_800_000  # bytes of one call, as sent; Google recommends at most 2 MB
_LARGEST_ROWS = LARGEST // 2  # bytes of the cells of one request: the wire puts as much around them
_AROUND = 96  # bytes that the wire puts around a block of cells, the numbers of its rows among them
FOLDED = 2_000  # cells that travel with the structure
APPENDED = 400  # rows of one request, and documents of one transaction

T = TypeVar("T")
_Line = Sequence[CellValue | None]
_COMPACT = json.JSONEncoder(ensure_ascii=False, separators=(",", ":"))


def quoted(title: str) -> str:
    """Return a tab's title as it stands in an A1 range."""
    return "'" + title.replace("'", "''") + "'"


@dataclass
class Outbox:
    """What is to be written into one workbook.

    Structure goes first: notes and restored cells travel together in one atomic call, and rows
    are appended behind whatever is there. A repeat after a lost answer changes nothing, because
    the next flush reads the ids again.
    """

    sheet_ids: Mapping[str, int] = field(default_factory=dict)  # by title
    requests: list[Doc] = field(default_factory=list)
    lines: dict[str, dict[int, _Line]] = field(default_factory=dict)
    dropped: dict[str, dict[int, int]] = field(default_factory=dict)  # row to sheet id, by title
    sent: int = 0  # calls made

    def drop(self, title: str, sheet_id: int, number: int) -> bool:
        """Delete one row, counted from 1, after everything else; False if that was said before."""
        known = self.dropped.setdefault(title, {})
        is_new = number not in known
        known[number] = sheet_id
        return is_new

    def put(self, title: str, number: int, line: _Line) -> None:
        """Write one row, counted from 1; None leaves a cell."""
        self.lines.setdefault(title, {})[number] = line

    def send(self, sheets: Sheets, workbook: str) -> None:
        """Send everything.

        Raises:
            RateLimited, ProviderDown: part of it may have been written; the flush is repeated.
        """
        folded = self._folded()
        told = [*self.requests, *folded, *self._deletions()]
        for requests in _portions((it, _weight(it)) for it in told):
            sheets.structure(workbook, requests)
            self.sent += 1
        if folded:
            return
        moved = {title: self._moved(title, lines) for title, lines in self.lines.items()}
        blocks = (block for title, lines in moved.items() for block in _blocks(title, lines))
        for portion in _portions(blocks):
            sheets.write(workbook, dict(portion))
            self.sent += 1

    @property
    def is_empty(self) -> bool:
        """Return whether there is nothing to send."""
        return not (self.requests or self.lines or self.dropped)

    def _folded(self) -> list[Doc]:
        """Return few cells as requests of the one call that is made anyway: one write, not two."""
        cells = sum(len(line) for lines in self.lines.values() for line in lines.values())
        known = self.lines.keys() <= self.sheet_ids.keys()
        if not known or cells > FOLDED or not (self.requests or self.dropped):
            return []
        return [
            request
            for title, lines in self.lines.items()
            for number, line in lines.items()
            for request in _as_requests(self.sheet_ids[title], number, line)
        ]

    def _deletions(self) -> Iterator[Doc]:
        for numbers in self.dropped.values():
            for number in sorted(numbers, reverse=True):
                yield delete_rows_request(numbers[number], number - 1, number)

    def _moved(self, title: str, lines: Mapping[int, _Line]) -> dict[int, _Line]:
        """Return the rows by the numbers they have after the others were deleted."""
        gone = sorted(self.dropped.get(title, ()))
        return {
            number - bisect_left(gone, number): line
            for number, line in lines.items()
            if number not in gone
        }


def _as_requests(sheet_id: int, number: int, line: _Line) -> Iterator[Doc]:
    """Yield one request for each run of neighbouring cells to write."""
    run: list[CellValue] = []
    for place, cell in enumerate((*line, None)):
        if cell is not None:
            run.append(cell)
        elif run:
            yield cells_request(sheet_id, (number - 1, place - len(run)), run)
            run = []


def _blocks(title: str, lines: Mapping[int, _Line]) -> Iterator[tuple[tuple[str, Patch], int]]:
    """Yield the A1 ranges of neighbouring rows with their cells, and what they weigh."""
    around = _AROUND + _weight(title)
    for run in _runs(lines):
        rows = [lines[number] for number in run]
        for part, weight in loads(rows):
            yield _block(title, run[part], rows[part]), weight + around


def _runs(lines: Mapping[int, _Line]) -> Iterator[list[int]]:
    """Yield the numbers of rows that stand without a gap."""
    run: list[int] = []
    for number in sorted(lines):
        if run and number != run[-1] + 1:
            yield run
            run = []
        run.append(number)
    if run:
        yield run


def _block(title: str, run: Sequence[int], rows: Sequence[_Line]) -> tuple[str, Patch]:
    last = letter_of(max(map(len, rows)) - 1)
    return f"{quoted(title)}!A{run[0]}:{last}{run[-1]}", rows


def _portions(weighed: Iterable[tuple[T, int]]) -> Iterator[list[T]]:
    portion: list[T] = []
    size = 0
    for item, weight in weighed:
        if portion and size + weight > LARGEST:
            yield portion
            portion, size = [], 0
        portion.append(item)
        size += weight
    if portion:
        yield portion


def _weight(item: object) -> int:
    """Return the bytes of an item on the wire, where text is UTF-8, and of the comma behind it."""
    return len(_COMPACT.encode(item).encode("utf-8", "replace")) + 1


def loads(rows: Sequence[_Line]) -> Iterator[tuple[slice, int]]:
    """Yield which rows one request takes: at most APPENDED, fewer if their cells are long.

    And how many bytes these are.
    """
    first, size = 0, 0
    for place, row in enumerate(rows):
        weight = _weight(row)
        if place > first and (place - first == APPENDED or size + weight > _LARGEST_ROWS):
            yield (slice(first, place), size)
            first, size = place, 0
        size += weight
    if rows:
        yield (slice(first, len(rows)), size)


def chunks(items: Sequence[T]) -> Iterator[Sequence[T]]:
    """Yield the items in slices of at most APPENDED."""
    for start in range(0, len(items), APPENDED):
        yield items[start : start + APPENDED]
