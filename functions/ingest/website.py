"""The public half of a form: its page, its script for other sites, and the way to its posts."""

import re

from ingest import captcha, page
from ingest.page_fields import Entry
from ingest.visitor import ANY_SITE
from kartoteka.domain.errors import NotFound
from kartoteka.http import Call, Reply, html_reply, language
from kartoteka.i18n import LOCALES
from kartoteka.services.public_form import OfficeForm, office_form
from kartoteka.wiring import App

_PREFLIGHT = {
    **ANY_SITE,
    "access-control-allow-methods": "POST, OPTIONS",
    "access-control-allow-headers": "content-type",
    "access-control-max-age": "86400",
}
_PAPER = re.compile(r"pp_[0-9a-z]{16,32}-[0-9a-f]{40}")
_ALLOW = "GET, HEAD, POST, OPTIONS"


def serve(call: Call, app: App, form_id: str, rest: tuple[str, ...] = ()) -> Reply:
    """Return the page, the script, or the answer to a post; a browser is told of a closed form.

    Args:
        call: the visitor's.
        app: the ports; pages take the store and the clock, posts the services too.
        form_id: of the form.
        rest: the path behind the form's id.

    Raises:
        NotFound: there is no such form, and no person waits for a page.
        Transient: the store does not answer.
    """
    try:
        return _served(call, app, form_id, rest)
    except NotFound:
        if rest or "text/html" not in call.header("accept").lower():
            raise
    shown = page.closed(language(call, LOCALES[0]))
    return html_reply(shown.html, status=404, headers=shown.headers)


def _served(call: Call, app: App, form_id: str, rest: tuple[str, ...]) -> Reply:
    if (call.method, rest) == ("POST", ()):
        # The intake brings all the services along; who only opens the page does not wait for it.
        from ingest import form_post

        return form_post.take_in(call, app, form_id)
    found = office_form(app.store, form_id)
    match (call.method, rest):
        case ("GET" | "HEAD", ()):
            return _page(call, app, found)
        case ("GET" | "HEAD", ("embed.js",)):
            return _script(found, app)
        case ("OPTIONS", ()):
            return Reply(204, headers=_PREFLIGHT)
        case (_, () | ("embed.js",)):
            return Reply(405, headers={"allow": _ALLOW})
    raise NotFound("there is no such address", code="address_unknown")


def _page(call: Call, app: App, found: OfficeForm) -> Reply:
    lang = language(call, found.locale)
    if call.param("sent"):
        shown = page.thanks(found.form, found.office, lang, _invoice(call, app))
    else:
        entry = Entry(
            hidden=page.hidden(call, app.clock.now()),
            captcha=captcha.of_form(found.form, app.settings),
        )
        shown = page.form(found.form, found.office, lang, entry=entry)
    return html_reply(shown.html, headers=shown.headers)


def _invoice(call: Call, app: App) -> str:
    """Return the address of the invoice that the form made, empty when it made none."""
    token = call.param("paper")
    if not _PAPER.fullmatch(token):
        return ""
    home = app.settings.urls.get("api", app.settings.base_url)
    return f"{home.rstrip('/')}/api/d/{token}"


def _script(found: OfficeForm, app: App) -> Reply:
    headers = {
        "content-type": "text/javascript; charset=utf-8",
        "cache-control": "public, max-age=300",
        "x-content-type-options": "nosniff",
        **ANY_SITE,
    }
    text = page.script(found.form, app.settings.captcha, app.settings.captcha_key)
    return Reply(200, text.encode(), headers)
