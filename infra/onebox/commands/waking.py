"""Commands beside a box that may not be served: nobody waits for a queue that is not there."""

import socket
from dataclasses import replace
from pathlib import Path
from urllib.parse import urlsplit

from kartoteka.ports import QueuedTask
from kartoteka.services.office import Desk
from kartoteka.services.wake import Waker
from onebox.office import serving

_PATIENCE_S = 0.5


class Silent:
    """A queue that takes everything and calls nobody."""

    def enqueue(self, task: QueuedTask) -> bool:
        """Return True: the call is not made."""
        return bool(task.name)


def silenced(desk: Desk) -> Desk:
    """Return the desk without calls to consumers or of its own to the queues."""
    return replace(desk, tasks=Silent(), waker=Waker(Silent(), desk.clock))


def beside(desk: Desk, data: Path) -> Desk:
    """Return the desk as it is while the box is served, otherwise silenced.

    A box that starts works off what its consumers have not read, so nothing is lost.
    """
    return desk if _is_served(data) else silenced(desk)


def _is_served(data: Path) -> bool:
    place = serving(data)
    if place is None:
        return False
    address = urlsplit(place.base_url)
    try:
        with socket.create_connection((address.hostname, address.port), timeout=_PATIENCE_S):
            return True
    except OSError:
        return False
