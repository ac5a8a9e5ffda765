"""The history of one record: its parts of the log in the order in which they happened.

The time of a change is taken before its transaction waits for others, so two changes of one
record can bear times in the opposite order. What decides is the chain: each part's `before` is
what the one before it left.
"""

from collections.abc import Container, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from enum import Enum

from kartoteka.domain.change import Change, Part

State = Mapping[str, object]
KEY = "key"  # identity keys are logged beside records, as whole documents
_STAMP = "updated_at"  # differs after every change of any other field
_LASTING = "has_files"  # what came to a client stays theirs, whatever is taken back
_BY_RULES = frozenset({_STAMP, "next_action", "next_at"})  # what follow-ups set in a new record


class Stand(Enum):
    """Where a record is, seen from one change of it."""

    AFTER = "after"  # as the change left it
    BEFORE = "before"  # as the change found it
    ELSEWHERE = "elsewhere"  # changed since in the same fields


@dataclass(frozen=True, slots=True)
class Step:
    """One change of one record."""

    change: Change
    part: Part

    @property
    def at(self) -> datetime:
        """Return the time that the change bears."""
        return self.change.at


def in_order(steps: Iterable[Step]) -> list[Step]:
    """Return the steps in the order in which they happened.

    Steps follow each other by time as long as each begins where the one before it ended;
    otherwise the first later one that does comes first. A step that fits nowhere keeps its time.
    """
    waiting = sorted(steps, key=lambda step: (step.at, step.part.before is not None))
    ordered: list[Step] = []
    state: State | None = None
    while waiting:
        fitting = (at for at, step in enumerate(waiting) if _follows(step.part, state))
        step = waiting.pop(next(fitting, 0))
        state = after(state, step.part)
        ordered.append(step)
    return ordered


def after(state: State | None, part: Part) -> State | None:
    """Return the record after a part was applied to it; None: it is no more."""
    if part.after is None:
        return None
    if part.before is None:
        return dict(part.after)
    return {**(state or {}), **part.after}


def before(state: State | None, part: Part) -> State | None:
    """Return the record before a part was applied; None: it was not there yet."""
    if part.before is None:
        return None
    return dict(part.before) if part.after is None else {**(state or {}), **part.before}


def replay(steps: Sequence[Step]) -> Iterator[tuple[Step, State | None]]:
    """Yield each step, in order, with the record as the step left it."""
    state: State | None = None
    for step in steps:
        state = after(state, step.part)
        yield step, state


def whole(steps: Sequence[Step], stored: State | None) -> bool:
    """Return whether the steps, in order, lead from the record's creation to what is stored.

    A field that the model got later, and that no step names, does not count.
    """
    if not steps:
        return stored is None
    if steps[0].part.before is not None:
        return False
    last: State | None = None
    for step in steps:
        if not _follows(step.part, last):
            return False
        last = after(last, step.part)
    if last is None or stored is None:
        return last is stored
    return all(name in stored and stored[name] == value for name, value in last.items())


def stand(part: Part, state: State | None) -> Stand:
    """Return where a record is seen from a part.

    The stamp of its last change does not count; of a record that the part made, neither does the
    next step, which rules plan without anybody's doing.
    """
    if part.entity == KEY:
        sides = {Stand.AFTER: part.after, Stand.BEFORE: part.before}
        return next((where for where, side in sides.items() if side == state), Stand.ELSEWHERE)
    uncounted = _BY_RULES if part.before is None else frozenset({_STAMP})
    if _agrees(part.after, state, uncounted):
        return Stand.AFTER
    return Stand.BEFORE if _agrees(part.before, state, uncounted) else Stand.ELSEWHERE


def moved_fields(part: Part, state: State | None) -> list[str]:
    """Return the fields of a part that are neither as it left them nor, all, as it found them."""
    if state is None or part.after is None:
        return ["id"]
    uncounted = _BY_RULES if part.before is None else {_STAMP}
    found = part.after.items()
    return [name for name, value in found if name not in uncounted and state.get(name) != value]


def undone(part: Part, state: State | None, now: object) -> State | None:
    """Return the record without the part; None: it goes.

    The stamp comes back too, unless another change moved it meanwhile: then it is `now`.
    """
    restored = before(state, part)
    if restored is None or state is None or part.after is None or _STAMP not in restored:
        return restored
    if state.get(_LASTING):
        restored = {**restored, _LASTING: True}
    if state.get(_STAMP) == part.after.get(_STAMP, state.get(_STAMP)):
        return restored
    return {**restored, _STAMP: now}


def _follows(part: Part, state: State | None) -> bool:
    """Return whether the part begins where the record is; a late field may be missing there."""
    if part.before is None or state is None:
        return part.before is None and state is None
    return all(state[name] == value for name, value in part.before.items() if name in state)


def _agrees(side: State | None, state: State | None, uncounted: Container[str]) -> bool:
    if side is None or state is None:
        return side is None and state is None
    return all(state.get(name) == value for name, value in side.items() if name not in uncounted)
