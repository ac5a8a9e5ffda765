"""Everything that comes in: forms, calls, messages; answers as each provider expects."""

from functools import partial

from ingest.pipeline import receive
from ingest.room import room
from kartoteka.http import Call, Reply, endpoint
from kartoteka.wiring import app


@partial(endpoint, limit=room)
def ingest(call: Call) -> Reply:
    """Take one event of a provider, or serve a form of the office's site."""
    return receive(call, app())
