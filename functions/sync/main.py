"""Called by the queue (drains), the scheduler (reconcile) and the add-on (edits); answers JSON."""

from dataclasses import asdict

from kartoteka.domain.errors import NotFound
from kartoteka.http import Call, Reply, endpoint, json_reply
from kartoteka.services import statistics
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
            return asdict(sheets_mirror.answer(app, call.json() if call.body else {}))
        case ("drain", "contacts"):
            return asdict(contacts_mirror.drain(app))
        case ("drain", "stats"):
            return asdict(statistics.drain(app.desk))
        case ("look", "contacts"):
            return contacts_mirror.look(app)
        case ("reconcile",):
            contacts_mirror.look_later(app)
            return reconcile.reconcile(app)
    raise NotFound(f"there is nothing to sync at {'/'.join(call.path)}")
