"""Everything that comes in: forms, calls, messages; answers as each provider expects."""

from functools import partial

from ingest.pipeline import receive, turn_away
from ingest.room import room
from kartoteka.http import Call, Reply, endpoint
from kartoteka.wiring import app


def _overfull(call: Call) -> Reply:
    return turn_away(call, app())


@partial(endpoint, limit=room, overfull=_overfull)
def ingest(call: Call) -> Reply:
    """Take one event of a provider, or serve a form of the office's site."""
    return receive(call, app())
