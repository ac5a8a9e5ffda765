"""Which address leads where."""

from ingest import sites, website
from ingest.channels import CHANNELS
from kartoteka.domain.errors import NotAuthentic, NotFound, TooLarge
from kartoteka.http import Call, Reply
from kartoteka.log import log, nickname
from kartoteka.wiring import App

_NEWS_S = 2.0  # a stranger's calls make us read the settings no oftener
_UNPROVEN = 401
_UNKNOWN = {_UNPROVEN, 404}


def receive(call: Call, app: App) -> Reply:
    """Return the answer of the form or channel behind the address.

    An address, a form or a secret that somebody made a moment ago is not in the settings that this
    process keeps. So whoever would be turned away is judged once more, by the store.

    Raises:
        NotFound: there is no such form, channel or account.
        NotAuthentic: the provider did not send it; the log has whose address it was.
        Transient: the store does not answer, so nobody knows whether the address is new.
    """
    try:
        reply = _judged(call, app)
    except NotAuthentic:
        _note(call, app)
        raise
    if reply.status == _UNPROVEN:
        _note(call, app)
    return reply


def _note(call: Call, app: App) -> None:
    """Log the account that a call did not prove: a wrong secret is silence to everybody else."""
    for one in app.desk.settings().accounts:
        if call.path[:2] == (one.channel, one.id):
            at = app.desk.now().isoformat()
            log("info", event="unproven", channel=one.channel, account=nickname(one.id), at=at)


def _judged(call: Call, app: App) -> Reply:
    """Return the answer; whoever is turned away by settings of a moment ago is asked again."""
    try:
        reply = _led(call, app)
    except (NotAuthentic, NotFound):
        if not _is_news(app):
            raise
        return _led(call, app)
    return _led(call, app) if reply.status in _UNKNOWN and _is_news(app) else reply


def _is_news(app: App) -> bool:
    """Return whether the settings are other ones than this process knew."""
    from kartoteka.services.office import SettingsCache

    kept = app.desk.settings
    return isinstance(kept, SettingsCache) and kept.renewed(_NEWS_S)


def _led(call: Call, app: App) -> Reply:
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
