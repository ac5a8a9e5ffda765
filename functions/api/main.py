"""The open API, pages of papers and of files; whoever asks for health waits for nothing else."""

from functools import partial

from api.health import health
from kartoteka.domain.errors import NotFound
from kartoteka.http import MEBIBYTE, Call, Reply, endpoint
from kartoteka.wiring import app


@partial(endpoint, limit=MEBIBYTE)
def api(call: Call) -> Reply:
    """Answer one request."""
    match (call.method, call.path):
        case ("GET" | "HEAD", ("health",)):
            return health(call, app())
        case ("GET" | "HEAD", ("d", token)):
            from api.paper_page import paper_page

            return paper_page(call, app(), token)
        case ("GET" | "HEAD", ("f", token, *name)) if len(name) <= 1:
            from api.files_page import files_page

            return files_page(call, app(), token, *name)
        case (_, ("v1" | "docs" | "openapi.json", *_)):
            from api.v1 import door

            return door.serve(call, app())
    raise NotFound(f"there is nothing at {call.method} /api/{'/'.join(call.path)}")
