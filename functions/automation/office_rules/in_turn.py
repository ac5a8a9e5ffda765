"""Rules that one change wakes act on a record in the order of the table, one behind the other.

Each waits only until the one before was tried: a failing rule is repeated by the queue, or parked,
while the next ones go on. What got lost on the way is asked for again by the tick.
"""

from collections.abc import Iterable, Sequence
from itertools import groupby

from automation.office_rules import acting
from kartoteka.domain.firing import Firing
from kartoteka.domain.ids import derived
from kartoteka.hook_ports import Hooks
from kartoteka.ports import QueuedTask
from kartoteka.services.firings import PATH, QUEUE
from kartoteka.services.office import Desk


def hand_over(desk: Desk, firings: Iterable[Firing]) -> None:
    """Ask the queue to act: what one cause planned about one record is done in this order.

    Raises:
        Transient: the queue does not answer.
    """
    for _, row in groupby(firings, key=lambda it: (it.cause, it.record_id)):
        _ask(desk, [it.id for it in row])


def act(desk: Desk, hooks: Hooks, firing_id: str, following: Sequence[str] = ()) -> str:
    """Return how the firing ended; however that was, the next one is asked for.

    Raises:
        Transient: an action could not be done now; the queue repeats, and it goes on there.
    """
    try:
        return acting.act(desk, hooks, firing_id)
    finally:
        if following:
            _ask(desk, following)


def _ask(desk: Desk, names: Sequence[str]) -> None:
    """Queue the first with the others behind it; asked twice it is one task."""
    first, *rest = names
    payload = {"firing": first, "following": list(rest)}
    desk.tasks.enqueue(QueuedTask(QUEUE, derived("firing", first, ""), PATH, payload))
