"""The public half of a form: its page, its script for other sites, its posts and their refusal."""

from dataclasses import dataclass
from functools import cache

from ingest import page
from ingest.channel import Context
from ingest.channels import form as channel
from ingest.form_body import read_form
from ingest.intake import Address, take
from ingest.visitor import VisitLimit, language
from kartoteka.domain.errors import (
    Invalid,
    KartotekaError,
    Malformed,
    NotFound,
    Rejected,
    TooLarge,
    TooMany,
)
from kartoteka.domain.office import Form
from kartoteka.http import Call, Reply, html_reply, json_reply
from kartoteka.i18n import text
from kartoteka.services.office import Desk

_PREFLIGHT = {
    **channel.CORS,
    "access-control-allow-methods": "POST, OPTIONS",
    "access-control-allow-headers": "content-type",
    "access-control-max-age": "86400",
}
_ALLOW = "GET, HEAD, POST, OPTIONS"


@dataclass(frozen=True)
class Visit:
    """One call to one form, in the visitor's language."""

    call: Call
    form: Form
    office: str
    lang: str


def serve(
    call: Call, desk: Desk, form_id: str, *, rest: tuple[str, ...] = (), limit: int = 0
) -> Reply:
    """Return the page, the script, or the answer to a post.

    Args:
        call: the visitor's.
        desk: the office's.
        form_id: of the form.
        rest: the path behind the form's id.
        limit: posts a minute from one address; 0: any number.

    Raises:
        NotFound: there is no such form.
        Transient: the store does not answer.
    """
    settings = desk.settings()
    form = settings.form(form_id)
    visit = Visit(call, form, settings.office.name, language(call, settings.office.locale))
    match (call.method, rest):
        case ("GET" | "HEAD", ()):
            return _page(visit, desk)
        case ("GET" | "HEAD", ("embed.js",)):
            return _script(visit)
        case ("POST", ()):
            return _post(visit, desk, limit)
        case ("OPTIONS", ()):
            return Reply(204, headers=_PREFLIGHT)
        case (_, () | ("embed.js",)):
            return Reply(405, headers={"allow": _ALLOW})
    raise NotFound("there is no such address", code="address_unknown")


def _page(visit: Visit, desk: Desk) -> Reply:
    if visit.call.param("sent"):
        shown = page.thanks(visit.form, visit.office, visit.lang)
    else:
        hidden = page.hidden(visit.call, desk.now())
        shown = page.form(visit.form, visit.office, visit.lang, entry=page.Entry(hidden=hidden))
    return html_reply(shown.html, headers=shown.headers)


def _script(visit: Visit) -> Reply:
    headers = {
        "content-type": "text/javascript; charset=utf-8",
        "cache-control": "public, max-age=300",
        "x-content-type-options": "nosniff",
        **channel.CORS,
    }
    return Reply(200, page.script(visit.form).encode(), headers)


def _post(visit: Visit, desk: Desk, limit: int) -> Reply:
    settings = desk.settings()
    context = Context(
        account=visit.form.id,
        source=visit.form.source,
        region=settings.office.region,
        now=desk.now(),
        form=visit.form,
    )
    try:
        if limit:
            _limiter(limit).check(visit.call.remote, context.now.timestamp())
        stored = take(desk, channel, visit.call, Address(context, (), visit.form.owner_id))
    except (Invalid, TooLarge, TooMany) as exc:
        return _refused(visit, exc)
    return channel.answer(visit.call, stored)


@cache
def _limiter(per_minute: int) -> VisitLimit:
    return VisitLimit(per_minute)


def _refused(visit: Visit, error: Rejected) -> Reply:
    """Return what to correct: beside the fields of the page with all that was typed, or as JSON."""
    codes = error.fields if isinstance(error, Invalid) else {}
    places = [*(item.id for item in visit.form.fields), "consent"]
    names = [name for name in places if name in codes] + [n for n in codes if n not in places]
    problems = {name: text(codes[name], visit.lang) for name in names}
    message = _message(visit, error, list(problems))
    if channel.wants_page(visit.call):
        shown = _again(visit, problems, message)
        return html_reply(shown.html, error.status, shown.headers)
    body = {"error": {"code": error.code, "message": message, "fields": problems}}
    reply = json_reply(body, error.status, outcome="refused")
    return Reply(reply.status, reply.body, {**reply.headers, **channel.CORS}, reply.facts)


def _message(visit: Visit, error: KartotekaError, names: list[str]) -> str:
    if not names:
        return text(error.code, visit.lang)
    labels = {item.id: page.label(item, visit.lang) for item in visit.form.fields}
    told = [labels.get(name) or text(f"form_field_{name}", visit.lang) for name in names]
    return text("form_check", visit.lang, fields=", ".join(told))


def _again(visit: Visit, problems: dict[str, str], message: str) -> page.Shown:
    try:
        typed = dict(read_form(visit.call).pairs)
    except (Malformed, TooLarge):
        typed = {}
    hidden = {name: value for name, value in typed.items() if page.is_hidden(visit.form, name)}
    entry = page.Entry(typed=typed, hidden=hidden, problems=problems, message=message)
    return page.form(visit.form, visit.office, visit.lang, entry=entry)
