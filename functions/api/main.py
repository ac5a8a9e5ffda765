"""The open API; answers JSON."""

from api.health import health
from api.paper_page import paper_page
from kartoteka.domain.errors import NotFound
from kartoteka.http import Call, Reply, endpoint
from kartoteka.wiring import app


@endpoint
def api(call: Call) -> Reply:
    """Answer one request."""
    match (call.method, call.path):
        case ("GET" | "HEAD", ("health",)):
            return health(call, app())
        case ("GET" | "HEAD", ("d", token)):
            return paper_page(call, app(), token)
    raise NotFound(f"there is nothing at {call.method} /api/{'/'.join(call.path)}")
