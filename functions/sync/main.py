"""Called by the queue (drains), the scheduler (reconcile) and the add-on (edits); answers JSON."""

from kartoteka.domain.errors import NotFound
from kartoteka.http import Call, Reply, endpoint, json_reply
from kartoteka.services.consume import Drained
from kartoteka.wiring import App, app
from sync import contacts_mirror, edits, reconcile, sheets_mirror


@endpoint
def sync(call: Call) -> Reply:
    """Mirror one way or the other and say what was done."""
    if call.path == ("edits",):
        return json_reply(edits.receive(call, app()), 202)
    app().check_internal(call.bearer())
    return json_reply(_do(call, app()))


def _do(call: Call, app: App) -> dict[str, object]:
    match call.path:
        case ("drain", "sheets"):
            return _told(_drain_sheets(call, app))
        case ("drain", "contacts"):
            return _told(contacts_mirror.drain(app))
        case ("reconcile",):
            return reconcile.reconcile(app)
    raise NotFound(f"there is nothing to sync at {'/'.join(call.path)}")


def _drain_sheets(call: Call, app: App) -> Drained:
    wish = call.json() if call.body else {}
    return sheets_mirror.drain(
        app, look=bool(wish.get("look")), version=str(wish.get("version") or "")
    )


def _told(done: Drained) -> dict[str, object]:
    return {"handled": done.handled, "more": done.more}
