"""Moving a virtual clock so that everything due on the way happens at its own moment."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime

from kartoteka.domain.errors import KartotekaError
from onebox.clock import BoxClock

# Work that creates more work for the same moment for ever would stop the time.
MOST_AT_ONE_MOMENT = 10_000


@dataclass(frozen=True, slots=True)
class Step:
    """The next thing to happen: `fire` makes it happen and returns when it has ended."""

    due: datetime
    fire: Callable[[], None]


def pass_time(clock: BoxClock, target: datetime, next_step: Callable[[], Step | None]) -> int:
    """Take steps up to `target` in their order, then set the clock there; return their number.

    Raises:
        KartotekaError: more than 10,000 steps at one moment: something creates itself anew.
    """
    fired = at_this_moment = 0
    while (step := next_step()) is not None and step.due <= target:
        before = clock.now()
        clock.reach(step.due)
        step.fire()
        fired += 1
        at_this_moment = at_this_moment + 1 if clock.now() == before else 1
        if at_this_moment > MOST_AT_ONE_MOMENT:
            raise KartotekaError(
                f"More than {MOST_AT_ONE_MOMENT} calls at {before.isoformat()}: a task creates "
                "itself again without a later time; the clock stays here."
            )
    clock.reach(target)
    return fired
