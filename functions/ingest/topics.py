"""The address of a topic of Amazon SNS: its signature, its question, then its letters."""

from ingest import provider
from ingest.channels import CHANNELS, ses
from ingest.stored_letters import with_text
from kartoteka.http import Call, Reply, json_reply
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
    account = app.desk.settings().account("ses", token)
    if call.method == "POST" and account.secrets:
        told = ses.envelope(call)
        ses.check_topic(told, account.secrets)
        app.topics.check(told)
        if told.get("Type") == _CONFIRMATION:
            app.topics.confirm(told)
            return json_reply({"ok": True, "confirmed": True})
        if told.get("Type") == _FAREWELL:
            return json_reply({"ok": True})
        call = with_text(call, app, account)
    return provider.serve(call, app.desk, CHANNELS["ses"], token, rest=rest)
