"""Which address leads where."""

from ingest import sites, website
from ingest.channels import CHANNELS
from kartoteka.domain.errors import NotFound, TooLarge
from kartoteka.http import Call, Reply
from kartoteka.wiring import App


def receive(call: Call, app: App) -> Reply:
    """Return the answer of the form or channel behind the address.

    Raises:
        NotFound: there is no such form, channel or account.
    """
    match call.path:
        case ("form", form_id, *rest):
            return website.serve(call, app, form_id, tuple(rest))
        case ("beacon" | "chat" | "site", _, *_) if sites.takes(call):
            return sites.serve(call, app)
        case ("mailboxes",) | ("gmail", _, "push"):
            from ingest import mailboxes

            return mailboxes.route(call, app)
        case ("google_chat" | "ses" | "u" as name, token, *rest):
            from ingest import chat_app, topics, unsubscribing

            doors = {"google_chat": chat_app.serve, "ses": topics.serve, "u": unsubscribing.serve}
            return doors[name](call, app, token, tuple(rest))
        case ("commerceml", token):
            from ingest.commerceml import exchange

            return exchange.serve(call, app.desk, token)
        case (name, token, *rest) if name in CHANNELS:
            # The intake brings all the services along; the page of a form starts without it.
            from ingest import provider

            return provider.serve(call, app.desk, CHANNELS[name], token, rest=tuple(rest))
    raise NotFound("there is no such address", code="address_unknown")


def turn_away(call: Call, app: App) -> Reply:
    """Return the answer to a body over the limit of its address, which nobody has read.

    Raises:
        TooLarge: it was no form; its sender is a program.
    """
    match (call.method, call.path):
        case ("POST", ("form", form_id)):
            from ingest import form_post

            return form_post.turn_away(call, app, form_id)
    raise TooLarge("the body is over the limit of this address", code="too_large")
