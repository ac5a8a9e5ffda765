"""A store of which one transaction also notes that an action of a firing was done.

An effect and the note that it was made are committed together, so an action whose task comes
twice, or whose process died behind the commit, is not done a second time.
"""

from collections.abc import Callable
from datetime import datetime
from typing import TypeVar

from kartoteka.domain.errors import Conflict, NotAllowed
from kartoteka.domain.firing import MOST_MOVES, Firing, Outcome, Pace
from kartoteka.ports import Store, Tx
from kartoteka.services.through import Through

T = TypeVar("T")
DONE_BEFORE = "firing_done"


class Once(Through):
    """A store for one action of one firing; see the module.

    Args:
        store: the office's own.
        firing: the id of the firing whose action it is.
        outcome: what is noted with the effect.
        now: the present instant.
        moves: the record that the action takes to another stage, empty for none: its sixth move
            within an hour is refused.
    """

    def __init__(
        self, store: Store, firing: str, outcome: Outcome, now: datetime, *, moves: str = ""
    ) -> None:
        super().__init__(store)
        self._firing = firing
        self._outcome = outcome
        self._now = now
        self._moves = moves
        self.noted = False

    def run(self, work: Callable[[Tx], T]) -> T:
        """Run `work` and the note in one transaction; what runs after the first has no note.

        Raises:
            Conflict: `firing_done`: an earlier call did it.
            NotAllowed: rules moved the record too often within an hour.
        """
        if self.noted:
            return self._store.run(work)
        result = self._store.run(lambda tx: self._with_note(tx, work))
        self.noted = True
        return result

    def _with_note(self, tx: Tx, work: Callable[[Tx], T]) -> T:
        firing, pace = self._undone(tx), self._pace(tx)
        result = work(tx)
        made = {"record": str(getattr(result, "id", ""))}
        noted = firing.with_outcome(self._outcome.model_copy(update=made))
        tx.put(Firing.collection, firing.id, noted.model_dump(mode="json"))
        if pace is not None:
            tx.put(Pace.collection, pace.id, pace.model_dump(mode="json"))
        return result

    def _undone(self, tx: Tx) -> Firing:
        firing = Firing.model_validate(tx.get(Firing.collection, self._firing))
        if firing.is_settled(self._outcome.number):
            raise Conflict(f"{firing.id} did this before", code=DONE_BEFORE)
        return firing

    def _pace(self, tx: Tx) -> Pace | None:
        """Return the pace of the record with this move, None when it does not move."""
        if not self._moves:
            return None
        doc = tx.get(Pace.collection, self._moves)
        pace = Pace.model_validate(doc) if doc else Pace(id=self._moves)
        if len(pace.lately(self._now)) >= MOST_MOVES:
            raise NotAllowed(
                f"rules moved {self._moves} {MOST_MOVES} times", code="rules_loop", count=MOST_MOVES
            )
        return pace.moved(self._now)
