"""Called by the queue (drains), the scheduler (reconcile) and the add-on (edits); answers JSON."""

from kartoteka.http import Call, Reply, endpoint, json_reply
from kartoteka.wiring import app
from sync import calls, edits


@endpoint
def sync(call: Call) -> Reply:
    """Mirror one way or the other and say what was done."""
    if call.path == ("edits",):
        return json_reply(edits.receive(call, app()), 202)
    app().check_internal(call.bearer())
    return json_reply(calls.do(call, app()))
