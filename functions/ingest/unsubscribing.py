"""The page at which a reader of a letter to many says that they want no more; RFC 8058.

Scanners of links open every address, so a look changes nothing: only a post unsubscribes, the one
of our button or the one that a mail program sends by itself.
"""

from markupsafe import Markup

from kartoteka.domain.errors import NotFound
from kartoteka.http import Call, Reply, html_reply, language
from kartoteka.i18n import text
from kartoteka.services.unsubscribing import reader_of, unsubscribe
from kartoteka.wiring import App

_PAGE = Markup(
    '<!doctype html><html lang="{lang}"><meta charset="utf-8">'
    '<meta name="viewport" content="width=device-width"><meta name="robots" content="noindex">'
    "<title>{title}</title><style>body{{font:18px/1.5 system-ui;margin:15vh auto;"
    "max-width:26em;padding:0 1em}}button{{font:inherit;padding:.5em 1.2em}}</style>"
    "<h1>{title}</h1><p>{words}</p>{form}</html>"
)
_FORM = Markup('<form method="post"><button>{button}</button></form>')
_HEADERS = {
    "cache-control": "no-store",
    "content-security-policy": "default-src 'none'; style-src 'unsafe-inline'; form-action 'self'",
    "referrer-policy": "no-referrer",
    "x-content-type-options": "nosniff",
    "x-frame-options": "DENY",
}


def serve(call: Call, app: App, token: str, rest: tuple[str, ...] = ()) -> Reply:
    """Return the page with the button, or what was done.

    Raises:
        Transient: the store does not answer.
    """
    try:
        office = reader_of(app.desk, "/".join((token, *rest)))
        if call.method in {"GET", "HEAD"}:
            return _page(call, office, "unsubscribe_ask", asks=True)
        if call.method != "POST":
            return Reply(405, headers={"allow": "GET, HEAD, POST"})
        unsubscribe(app.desk, token)
        return _page(call, office, "unsubscribe_done")
    except NotFound:
        return _page(call, "", "unsubscribe_unknown", status=404)


def _page(call: Call, office: str, code: str, *, asks: bool = False, status: int = 200) -> Reply:
    lang = language(call, "ru")
    button = _FORM.format(button=text("unsubscribe_button", lang)) if asks else Markup()
    shown = _PAGE.format(
        lang=lang,
        title=text("unsubscribe_title", lang),
        words=text(code, lang, office=office),
        form=button,
    )
    return html_reply(shown, status, _HEADERS)
