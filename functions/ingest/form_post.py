"""What a visitor sent: taken in, or refused with what to correct."""

from dataclasses import dataclass
from typing import TYPE_CHECKING

from ingest import captcha, form_guard, page
from ingest.channel import Context
from ingest.channels import form as channel
from ingest.form_body import read_form
from ingest.intake import Address, take
from ingest.page_fields import Entry, label
from ingest.visitor import ANY_SITE
from kartoteka.domain.errors import (
    Invalid,
    KartotekaError,
    Malformed,
    NotAllowed,
    Rejected,
    TooLarge,
    TooMany,
    Transient,
)
from kartoteka.domain.office import Form
from kartoteka.http import Call, Reply, html_reply, json_reply, language
from kartoteka.i18n import text
from kartoteka.services.public_form import PublicForm, shown
from kartoteka.services.record_inbound import Stored
from kartoteka.wiring import App

if TYPE_CHECKING:
    from kartoteka.services.form_billing import Billed


@dataclass(frozen=True)
class Visit:
    """One post to one form, in the visitor's language."""

    call: Call
    app: App
    form: Form
    office: str
    lang: str

    @property
    def public(self) -> PublicForm:
        """Return the form as its page shows it."""
        return shown(self.form.model_dump(mode="json"))


def take_in(call: Call, app: App, form_id: str) -> Reply:
    """Return the answer to a post.

    Args:
        call: the visitor's.
        app: the ports.
        form_id: of the form.

    Raises:
        NotFound: there is no such form.
        Transient: the store does not answer; a browser is told on the page.
    """
    visit = _visit(call, app, form_id)
    try:
        form_guard.check(call, app, visit.form)
        stored = _taken(visit, app.desk.settings().office.region)
        billed = _billed(visit, stored[0])
    except (Invalid, NotAllowed, TooLarge, TooMany) as exc:
        return _refused(visit, exc)
    except Transient as exc:
        if not channel.wants_page(call):
            raise
        return _refused(visit, exc)
    return _answered(visit, stored, billed)


def turn_away(call: Call, app: App, form_id: str) -> Reply:
    """Return the refusal of a post that is over the limit: what was typed was not read.

    Raises:
        NotFound: there is no such form.
    """
    error = TooLarge("the post is over the limit of a form", code="too_large")
    return _refused(_visit(call, app, form_id), error)


def _visit(call: Call, app: App, form_id: str) -> Visit:
    settings = app.desk.settings()
    form = settings.form(form_id)
    return Visit(call, app, form, settings.office.name, language(call, settings.office.locale))


def _taken(visit: Visit, region: str) -> list[Stored]:
    desk, form = visit.app.desk, visit.form
    context = Context(account=form.id, source=form.source, region=region, now=desk.now(), form=form)
    return take(desk, channel, visit.call, Address(context, (), form.owner_id))


def _billed(visit: Visit, stored: Stored) -> "Billed | None":
    if visit.form.creates != "deal":
        return None
    from ingest.form_deal import make_deal

    return make_deal(visit.app.desk, visit.form, stored)


def _answered(visit: Visit, stored: list[Stored], billed: "Billed | None") -> Reply:
    """Return the usual answer, or the way to the page that the office chose.

    A browser with an invoice to pay stays with us, where the thanks lead to it.
    """
    usual, target = channel.answer(visit.call, stored), visit.form.redirect
    if channel.wants_page(visit.call):
        place = usual.headers["location"]
        if billed is not None:
            target = f"{place}&paper={billed.address.rpartition('/')[2]}"
        return Reply(303, headers={**usual.headers, "location": target or place})
    more: dict[str, object] = {"redirect": target} if target else {}
    if billed is not None:
        more["invoice"] = {"number": billed.label, "url": billed.address}
    if not more:
        return usual
    told = json_reply({"ok": True, "id": stored[0].inbound_id, **more})
    return Reply(told.status, told.body, usual.headers, told.facts)


def _refused(visit: Visit, error: Rejected | Transient) -> Reply:
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
        own = visit.public.texts.get(visit.lang, {}).get("failed", "")
        usual = text("form_failed", visit.lang)
        return own or usual if isinstance(error, Transient) else text(error.code, visit.lang)
    labels = {item.id: label(item, visit.lang) for item in visit.public.fields}
    told = [labels.get(name) or text(f"form_field_{name}", visit.lang) for name in names]
    return text("form_check", visit.lang, fields=", ".join(told))


def _again(visit: Visit, problems: dict[str, str], message: str) -> page.Shown:
    try:
        body = read_form(visit.call)
        typed, had_files = dict(body.pairs), bool(body.files)
    except (Malformed, TooLarge):
        typed, had_files = {}, True
    form = visit.public
    hidden = {name: value for name, value in typed.items() if page.is_hidden(form, name)}
    if form.takes_files and had_files:
        message = f"{message} {text('form_files_again', visit.lang)}"
    entry = Entry(
        typed=typed,
        hidden=hidden,
        problems=problems,
        message=message,
        captcha=captcha.of_form(form, visit.app.settings),
    )
    return page.form(form, visit.office, visit.lang, entry=entry)
