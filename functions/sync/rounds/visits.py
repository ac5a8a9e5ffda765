"""The books whose turn it is in a round: what for, how urgent, and how the round goes."""

from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta

from kartoteka.domain.change import Change
from kartoteka.domain.instant import read
from sync.flush import Flush
from sync.rounds.lateness import Fault
from sync.rounds.quota import Rank
from sync.shelf.editions import TEAM

MOST = 5_000  # changes a flush
_TEAM_PAUSE = timedelta(seconds=2)  # less than between two drains: each of them may write it
_ENOUGH = 3  # refusals one after another: Google itself is down


@dataclass(frozen=True, slots=True)
class Visit:
    """A book on its turn: `whole` compares every row, `asked` is for what a person did.

    `made` says whether its file is known to be as it should be, `told` whether changes of the
    log wait for it; `rank` is none of what takes its turn whatever was used of the minute.
    """

    flush: Flush
    whole: bool
    asked: bool
    made: bool
    told: bool
    rank: Rank | None

    @property
    def key(self) -> str:
        """Return the key of the book."""
        return self.flush.edition.key

    @property
    def waits(self) -> bool:
        """Return whether what it brings stands in the log, so that it may be read there later."""
        return not (self.whole or self.flush.news.is_old)

    @property
    def turn(self) -> tuple[bool, int, str]:
        """Return by what the books of a round are sorted: the last written comes last."""
        memory = self.flush.memory
        return bool(memory.late), -(self.rank or Rank.EDIT), memory.flushed

    def due(self, pause: timedelta) -> datetime | None:
        """Return when the book may be written again; None: now, whoever waits.

        What a person typed does not wait. The team's book, which all look at, waits little.
        """
        memory = self.flush.memory
        if not self.waits or self.asked or not memory.flushed:
            return None
        return read(memory.flushed) + (min(pause, _TEAM_PAUSE) if memory.key == TEAM else pause)

    def with_news(self, changes: Sequence[Change]) -> "Visit":
        """Return the visit with the changes that waited for this book."""
        store = self.flush.app.store
        whole = self.whole or len(changes) == MOST
        news = self.flush.news.with_changes(store, changes)
        return replace(self, flush=replace(self.flush, news=news), whole=whole)


@dataclass
class Tally:
    """How a round goes: the books that are done, those that Google refused, and why."""

    done: int = 0
    failed: list[tuple[Visit, Fault]] = field(default_factory=list)
    slow: bool = False  # Google asked to wait: what can wait does
    unmade: bool = False  # books could not be made; a look for them is queued
    began: datetime | None = None  # when the first of the books that can wait was written

    @property
    def is_hopeless(self) -> bool:
        """Return whether Google takes nothing at all: each further call may last a minute."""
        return not self.done and len(self.failed) >= _ENOUGH
