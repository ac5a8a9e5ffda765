"""What a visitor sent: taken in, or refused with what to correct."""

from dataclasses import dataclass
from functools import cache

from ingest import page
from ingest.channel import Context
from ingest.channels import form as channel
from ingest.form_body import read_form
from ingest.intake import Address, take
from ingest.page_fields import Entry, label
from ingest.visitor import ANY_SITE, VisitLimit, language
from kartoteka.domain.errors import Invalid, KartotekaError, Malformed, Rejected, TooLarge, TooMany
from kartoteka.domain.office import Form
from kartoteka.http import Call, Reply, html_reply, json_reply
from kartoteka.i18n import text
from kartoteka.services.office import Desk
from kartoteka.services.public_form import PublicForm, shown


@dataclass(frozen=True)
class Visit:
    """One post to one form, in the visitor's language."""

    call: Call
    form: Form
    office: str
    lang: str

    @property
    def public(self) -> PublicForm:
        """Return the form as its page shows it."""
        return shown(self.form.model_dump(mode="json"))


def take_in(call: Call, desk: Desk, form_id: str, limit: int = 0) -> Reply:
    """Return the answer to a post.

    Args:
        call: the visitor's.
        desk: the office's.
        form_id: of the form.
        limit: posts a minute from one address; 0: any number.

    Raises:
        NotFound: there is no such form.
        Transient: the store does not answer.
    """
    settings = desk.settings()
    form = settings.form(form_id)
    visit = Visit(call, form, settings.office.name, language(call, settings.office.locale))
    return _post(visit, desk, limit)


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
        again = _again(visit, problems, message)
        return html_reply(again.html, error.status, again.headers)
    body = {"error": {"code": error.code, "message": message, "fields": problems}}
    reply = json_reply(body, error.status, outcome="refused")
    return Reply(reply.status, reply.body, {**reply.headers, **ANY_SITE}, reply.facts)


def _message(visit: Visit, error: KartotekaError, names: list[str]) -> str:
    if not names:
        return text(error.code, visit.lang)
    labels = {item.id: label(item, visit.lang) for item in visit.public.fields}
    told = [labels.get(name) or text(f"form_field_{name}", visit.lang) for name in names]
    return text("form_check", visit.lang, fields=", ".join(told))


def _again(visit: Visit, problems: dict[str, str], message: str) -> page.Shown:
    try:
        typed = dict(read_form(visit.call).pairs)
    except (Malformed, TooLarge):
        typed = {}
    form = visit.public
    hidden = {name: value for name, value in typed.items() if page.is_hidden(form, name)}
    entry = Entry(typed=typed, hidden=hidden, problems=problems, message=message)
    return page.form(form, visit.office, visit.lang, entry=entry)
