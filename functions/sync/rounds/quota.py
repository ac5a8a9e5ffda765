"""Google's minute: how much of it the books have used, and which work may begin now.

Google grants one account so many reads and so many writes of spreadsheets a minute and refuses
what is beyond. Rounds over the books come one after another, so what they used stands with their
claim (`sync/rounds/writer`): each process knows it, and it costs no write of its own. Work of a
rank begins only while work of its own and lower ranks has used less than its share of the minute.
So what is more urgent finds room whatever is being made, and what is less urgent keeps its share
however much is urgent.

Source: usage limits of the Sheets API: 60 reads and 60 writes a minute for one account.
"""

from dataclasses import dataclass, field, replace
from datetime import UTC, datetime
from enum import IntEnum

from kartoteka.ports import SheetCalls

_MINUTE = 60_000  # ms
_TRICKLE = 20_000  # ms; one book is made so often however busy the office is
_Moment = tuple[int, int, int, int]  # milliseconds since 1970, reads, writes, rank


class Rank(IntEnum):
    """What work is for, and its share: so many calls of the minute it may use with lower ranks."""

    CHECK = 18  # what we wrote is looked at once more
    MAKING = 30  # books that are made, or made as they should be
    ROWS = 34  # what changed in the office
    TEAM = 52  # the same in the book that all look at
    EDIT = 58  # what a person typed, and the answer to it


@dataclass
class Minute:
    """The calls of the last minute; `counted` is what the port had made when it was looked at."""

    moments: list[_Moment] = field(default_factory=list)
    counted: SheetCalls = field(default_factory=SheetCalls)

    @classmethod
    def read(cls, text: str, counted: SheetCalls) -> "Minute":
        """Return the minute that `text` tells of; an empty one when nothing was kept."""
        moments = [_moment(part) for part in text.split()]
        return cls(moments, replace(counted))

    def text(self, now: datetime) -> str:
        """Return what is to be kept of it."""
        return " ".join(":".join(map(str, it)) for it in self._recent(now))

    def note(self, counted: SheetCalls, now: datetime, rank: Rank | None = None) -> None:
        """Count the calls that the port has made since the last look, for work of this rank."""
        reads, writes = counted.reads - self.counted.reads, counted.writes - self.counted.writes
        if reads or writes:
            self.moments = [*self._recent(now), (_ms(now), reads, writes, rank or Rank.CHECK)]
            self.counted = replace(counted)

    def used(self, now: datetime) -> SheetCalls:
        """Return the calls of the last minute."""
        recent = self._recent(now)
        return SheetCalls(sum(it[1] for it in recent), sum(it[2] for it in recent))

    def opens(self, rank: Rank, now: datetime) -> datetime | None:
        """Return when work of this rank may begin; None: now."""
        recent, last = self._recent(now), _ms(now)
        full = _freed(recent, Rank.EDIT) or last
        found = _freed([it for it in recent if it[3] <= rank], rank) or last
        if rank is Rank.MAKING:
            made = [it[0] for it in recent if it[3] == Rank.MAKING]
            found = min(found, max(made, default=last - _TRICKLE) + _TRICKLE)
        opens = max(found, full)
        return None if opens <= last else datetime.fromtimestamp(opens / 1000, UTC)

    def _recent(self, now: datetime) -> list[_Moment]:
        """Return the calls that Google may count still; a clock that was put back forgets some."""
        last = _ms(now)
        return [it for it in self.moments if last - _MINUTE < it[0] <= last]


def _freed(recent: list[_Moment], share: int) -> int | None:
    """Return when fewer calls of each kind than the share count; None: they are fewer now."""
    reads, writes = sum(it[1] for it in recent), sum(it[2] for it in recent)
    found = None
    for moment, read, written, _ in recent:
        if max(reads, writes) < share:
            break
        reads, writes, found = reads - read, writes - written, moment + _MINUTE
    return found


def _moment(text: str) -> _Moment:
    moment, reads, writes, making = map(int, text.split(":"))
    return moment, reads, writes, making


def _ms(now: datetime) -> int:
    return int(now.timestamp() * 1000)
