"""The address of a topic of Amazon SNS: its signature, its question, then its letters."""

from collections.abc import Mapping

from ingest import provider
from ingest.channels import CHANNELS, ses
from ingest.plain_text import read_object
from ingest.stored_letters import with_text
from kartoteka.domain.errors import Malformed, NotAuthentic
from kartoteka.http import Call, Reply, json_reply
from kartoteka.services.office import Desk
from kartoteka.wiring import App

_CONFIRMATION = "SubscriptionConfirmation"
_FAREWELL = "UnsubscribeConfirmation"


def serve(call: Call, app: App, token: str, rest: tuple[str, ...] = ()) -> Reply:
    """Return the answer to a message of the topic; a subscription that we asked for is confirmed.

    Raises:
        NotFound: there is no such account.
        NotAuthentic: Amazon did not sign the message, or the topic is not ours.
        Transient: Amazon's certificate cannot be had; SNS repeats.
    """
    if call.method == "POST" and _secrets(app.desk, token):
        envelope = _envelope(call)
        ses.verify(call, _secrets(app.desk, token))
        app.topics.check(envelope)
        if envelope.get("Type") == _CONFIRMATION:
            app.topics.confirm(envelope)
            return json_reply({"ok": True, "confirmed": True})
        if envelope.get("Type") == _FAREWELL:
            return json_reply({"ok": True})
        call = with_text(call, app, app.desk.settings().account("ses", token))
    return provider.serve(call, app.desk, CHANNELS["ses"], token, rest=rest)


def _secrets(desk: Desk, token: str) -> tuple[str, ...]:
    return desk.settings().account("ses", token).secrets


def _envelope(call: Call) -> Mapping[str, object]:
    try:
        return read_object(call.body)
    except Malformed as exc:
        raise NotAuthentic("this is no message of a topic", code="bad_signature") from exc
