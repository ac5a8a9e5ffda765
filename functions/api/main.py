"""The open API, health, and pages that have their own address."""

from functools import partial

from api.health import health
from kartoteka.domain.errors import NotFound
from kartoteka.http import MEBIBYTE, Call, Reply, endpoint
from kartoteka.wiring import app


@partial(endpoint, limit=MEBIBYTE)
def api(call: Call) -> Reply:
    """Answer one request; whoever asks for health waits for nothing else."""
    match (call.method, call.path):
        case ("GET" | "HEAD", ("health",)):
            return health(call, app())
        case (_, ("a" | "d" | "f", *_)):
            from api import pages

            return pages.serve(call, app())
        case (_, ("v1" | "docs" | "openapi.json", *_)):
            from api.v1 import door

            return door.serve(call, app())
    raise NotFound(f"there is nothing at {call.method} /api/{'/'.join(call.path)}")
