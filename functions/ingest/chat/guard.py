"""Who may talk to the chat of a site, how often, and what it hears when it may not."""

from collections.abc import Callable
from urllib.parse import urlsplit

from ingest.visitor import ANY_SITE, caller
from kartoteka.domain.errors import Invalid, NotAllowed, NotAuthentic, Rejected, TooLarge, Transient
from kartoteka.domain.visitor import visitor_of
from kartoteka.http import Call, Reply, json_reply, language
from kartoteka.i18n import text
from kartoteka.services.public_site import PublicSite, public_site
from kartoteka.wiring import App

TOO_MANY = "site_too_many"
_SCHEME = "Bearer "
_PREFLIGHT = {
    **ANY_SITE,
    "access-control-allow-methods": "GET, POST, OPTIONS",
    "access-control-allow-headers": "authorization, content-type, if-none-match",
    "access-control-max-age": "7200",
}
_READABLE = {**ANY_SITE, "access-control-expose-headers": "etag, retry-after"}


def at_site(call: Call, app: App, site_id: str, act: Callable[[PublicSite], Reply]) -> Reply:
    """Return what `act` answers for the site, as any page may read it, or why not, in words.

    Args:
        call: a page's; one that only asks what it may do hears that.
        app: the ports.
        site_id: the account of the site.
        act: what is asked of the site; its refusals are said in the visitor's language.

    Raises:
        ConfigError: the office was never set up.
    """
    if call.method == "OPTIONS":
        return preflight()
    locale = "ru"
    try:
        site = public_site(app.store, site_id)
        locale = site.locale
        return opened(act(site))
    except (Rejected, Transient) as exc:
        return refusal(call, exc, locale)


def preflight() -> Reply:
    """Return that any page may ask; which sites may write is looked at with the call itself."""
    return Reply(204, headers=_PREFLIGHT)


def opened(reply: Reply) -> Reply:
    """Return the answer as scripts of any site may read it."""
    return Reply(reply.status, reply.body, {**reply.headers, **_READABLE}, reply.facts)


def check_origin(call: Call, site: PublicSite) -> None:
    """Refuse a page of a site that is not named; programs name no site.

    Raises:
        NotAllowed: the chat is not for this page.
    """
    origin = call.header("origin")
    if not site.hosts or not origin:
        return
    host = _host(origin)
    allowed = (_host(call.base_url), *site.hosts)
    if not any(host == one or host.endswith("." + one) for one in allowed if one):
        raise NotAllowed("the chat is not for this site", code="site_host")


def visitor(call: Call, site: PublicSite) -> str:
    """Return who calls.

    Raises:
        NotAuthentic: without a token of this site.
    """
    given = call.header("authorization")
    if not given.startswith(_SCHEME):
        raise NotAuthentic("a visitor's token is needed", code="bad_signature")
    return visitor_of(given.removeprefix(_SCHEME), site.secrets)


def count(call: Call, app: App, what: str, most: tuple[int, int], *, who: str = "") -> None:
    """Count a call, as far as this process sees.

    Args:
        call: the visitor's.
        app: gives the time.
        what: kind of call, counted apart.
        most: a minute, of one address and of one visitor; behind an address there may be many.
        who: the visitor, when there is one.

    Raises:
        TooMany: it is over one of the limits.
    """
    seconds, address = app.clock.now().timestamp(), caller(call)
    if address:
        app.visits.count(f"{TOO_MANY}:{what}", address, most[0], seconds)
    if who:
        app.visits.count(f"{TOO_MANY}:{what}:one", who, most[1], seconds)


def check_files(call: Call, limit: int) -> None:
    """Refuse files with words, and a body over the limit.

    Raises:
        Invalid: the page sent files. TooLarge: the body is over the limit.
    """
    if call.header("content-type").lower().startswith("multipart/"):
        raise Invalid(
            "the chat takes no files", fields={"files": "site_no_files"}, code="site_no_files"
        )
    if len(call.body) > limit:
        raise TooLarge(f"the body is over {limit} bytes", code="too_large")


def refusal(call: Call, error: Rejected | Transient, locale: str) -> Reply:
    """Return what is wrong, in the visitor's language."""
    lang = language(call, locale)
    code = error.code or "form_failed"
    told = text(code, lang, **error.facts)
    fields = error.fields if isinstance(error, Invalid) else {}
    problems = {name: text(one, lang) for name, one in fields.items()}
    if problems and code == "invalid":
        told = " ".join(problems.values())
    body = {"error": {"code": code, "message": told, "fields": problems}}
    return opened(json_reply(body, error.status, outcome=code))


def _host(address: str) -> str:
    try:
        return urlsplit(address).hostname or ""
    except ValueError:
        return ""
