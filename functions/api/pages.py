"""Which page stands at an address that proves itself: a paper, an approval, files."""

from kartoteka.domain.errors import NotFound
from kartoteka.http import Call, Reply
from kartoteka.wiring import App


def serve(call: Call, app: App) -> Reply:
    """Return the page; only its own module is loaded."""
    match (call.method, call.path):
        case ("GET" | "HEAD" | "POST", ("a", token)):
            from api.approval_page import approval_page

            return approval_page(call, app, token)
        case ("GET" | "HEAD", ("d", token)):
            from api.paper_page import paper_page

            return paper_page(call, app, token)
        case ("GET", ("d", token, "pay")):
            from api.paying import pay

            return pay(call, app, token)
        case ("GET" | "HEAD", ("f", token, *name)) if len(name) <= 1:
            from api.files_page import files_page

            return files_page(call, app, token, *name)
    raise NotFound(f"there is nothing at {call.method} /api/{'/'.join(call.path)}")
