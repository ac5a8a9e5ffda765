"""The addresses that the scripts of a site call: its chat and its beacon."""

from kartoteka.http import Call, Reply
from kartoteka.wiring import App

_SAY = "say"


def takes(call: Call) -> bool:
    """Return whether the call is for chat or beacon; a look at a site's account is not."""
    part, _, *rest = call.path
    return part != "site" or (call.method == "POST" and not rest)


def serve(call: Call, app: App) -> Reply:
    """Return the answer of an address of the chat or the beacon.

    Raises:
        ConfigError: the office was never set up.
    """
    part, site_id, *rest = call.path
    if part == "beacon":
        from ingest.beacon import door as beacon

        return beacon.serve(call, app, site_id, tuple(rest))
    from ingest.chat import door

    return door.serve(call, app, site_id, tuple(rest) if part == "chat" else (_SAY,))
