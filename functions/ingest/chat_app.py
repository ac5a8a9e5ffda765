"""The address of a Google Chat app: Google's token first, then what the team said."""

from ingest import provider
from ingest.channels import CHANNELS, google_chat
from ingest.intake import check_size
from kartoteka.domain.errors import NotAuthentic
from kartoteka.http import Call, Reply
from kartoteka.wiring import App

_CHAT = "chat@system.gserviceaccount.com"
_ADDON = "@gcp-sa-gsuiteaddons.iam.gserviceaccount.com"  # newer apps: an account per project


def serve(call: Call, app: App, token: str, rest: tuple[str, ...]) -> Reply:
    """Return the answer to an event of the app.

    Raises:
        NotFound: there is no such account. TooLarge: the body is over the limit.
        NotAuthentic: the address lacks the secret, or Google Chat did not sign the call.
        Transient: Google's certificates cannot be had.
    """
    check_size(call)
    if call.method == "POST":
        google_chat.verify(call, app.desk.settings().account(google_chat.name, token).secrets)
        ingest = app.settings.urls.get("ingest", app.settings.base_url).rstrip("/")
        address = f"{ingest}/ingest/" + "/".join(call.path)
        signer = app.callers_of(address).email(call.bearer())
        if signer != _CHAT and not signer.endswith(_ADDON):
            raise NotAuthentic("the token is not Google Chat's", code="bad_signature")
    return provider.serve(call, app.desk, CHANNELS[google_chat.name], token, rest=rest)
