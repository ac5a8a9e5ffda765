"""Tabs of how requests come in: sources, forms of the site, channels."""

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import replace

from kartoteka.domain.catalogue import Product
from kartoteka.domain.errors import Invalid
from kartoteka.domain.ids import derived
from kartoteka.domain.office import Account, Form
from kartoteka.i18n import channel
from kartoteka.ports import CellValue, Store
from sync.actions.offering import Asked, Command
from sync.columns import Column, Frame, Kind, Setting, View
from sync.settings_book import naming
from sync.settings_book.asking import (
    Edited,
    Given,
    New,
    Page,
    asked_for,
    expected,
    named_id,
    setting,
    shown,
    typed,
    yes_no,
)
from sync.settings_book.people import people_choices
from sync.settings_book.readers import (
    Readers,
    filled,
    number,
    one,
    plain,
    said,
    several,
    switch,
    unless_blank,
)
from sync.settings_book.typed import Names, flag, is_flag, joined


def _sources(frame: Frame, _store: Store) -> Iterator[Setting]:
    office = frame.settings.office
    for name in dict.fromkeys(office.sources):
        yield setting(named_id("source", name), (name,), {"name": name}, office)


def _add_source(cells: Mapping[str, str], _frame: Frame) -> New:
    return New(("source.add", {"name": cells["name"]}), named_id("source", cells["name"]))


def _drop_source(asked: Asked) -> Command:
    row = asked_for(asked)
    return "source.remove", {"name": row.key[0], **expected(row)}


SOURCES = Page(
    code="sources",
    columns=(shown("name", 240, header="source"),),
    rows=_sources,
    add=_add_source,
    drop=_drop_source,
)


def _forms(frame: Frame, store: Store) -> Iterator[Setting]:
    goods = _goods(frame, store)
    for form in frame.settings.forms:
        page = f"{frame.intake_url.rstrip('/')}/ingest/form/{form.id}"
        cells = _of_form(form, frame) | {
            "products": joined(_named(form.products, goods)),
            "page": page,
            "embed": f'<script src="{page}/embed.js"></script>',
        }
        row = setting(f"form:{form.id}", (form.id,), cells, form)
        yield replace(row, link=page) if frame.intake_url else row


def _goods(frame: Frame, store: Store) -> dict[str, Product]:
    """Return the goods of all forms by id."""
    wanted = sorted({name for form in frame.settings.forms for name in form.products})
    docs = store.get_many(Product.collection, wanted) if wanted else {}
    return {name: Product.model_validate(doc) for name, doc in docs.items()}


def _named(ids: Iterable[str], goods: Mapping[str, Product]) -> Iterator[str]:
    """Return what goods are called, two of one name by their SKU, so that each reads back."""
    known = [goods[name] for name in ids if name in goods]
    names = [it.name_key for it in known]
    for it in known:
        yield it.name if names.count(it.name_key) == 1 else it.sku


def _of_form(form: Form, frame: Frame) -> dict[str, CellValue]:
    return {
        "name": form.title,
        "name_en": form.title_en,
        "source": form.source,
        "person": naming.people(frame).shown(form.owner_id),
        "lead": form.lead,
        "lead_en": form.lead_en,
        "send": form.send,
        "send_en": form.send_en,
        "thanks": form.thanks,
        "thanks_en": form.thanks_en,
        "redirect": form.redirect,
        "failure": form.failure,
        "failure_en": form.failure_en,
        "consent": form.consent,
        "consent_en": form.consent_en,
        "consent_version": form.consent_version,
        "creates": _made(frame).shown(form.creates),
        "invoice": flag(form.create_invoice, frame),
        "accent": form.accent,
        "radius": form.radius,
        "least_s": form.least_s,
        "hosts": joined(form.hosts),
        "captcha": flag(form.captcha, frame),
        "active": flag(form.active, frame),
    }


def _made(frame: Frame) -> Names[str]:
    """Return the words for what a sent form makes."""
    return naming.words("creates", ("lead", "deal"), frame)


def _made_choices(frame: Frame) -> list[str]:
    return list(_made(frame).by_id.values())


_ENGLISH = ("lead_en", "send_en", "thanks_en", "failure_en", "consent_en")
_USUAL_RADIUS = 16  # pixels
_FORM: Readers = {
    "name": ("title", plain),
    "name_en": ("title_en", plain),
    "source": ("source", plain),
    "person": ("owner_id", unless_blank(one(naming.people))),
    "lead": ("lead", plain),
    "send": ("send", plain),
    "thanks": ("thanks", plain),
    "redirect": ("redirect", plain),
    "failure": ("failure", plain),
    "consent": ("consent", plain),
    "consent_version": ("consent_version", plain),
    "creates": ("creates", one(_made)),
    "invoice": ("create_invoice", switch),
    "products": ("products", several),
    "accent": ("accent", plain),
    "radius": ("radius", unless_blank(number, _USUAL_RADIUS)),
    "least_s": ("least_s", number),
    "hosts": ("hosts", several),
    "captcha": ("captcha", switch),
    "active": ("active", switch),
    **{name: (name, plain) for name in _ENGLISH},
}


def _change_form(edit: Edited) -> Command:
    wish = said(_FORM, edit.column, edit.typed, edit.frame)
    return "form.edit", {"form": edit.setting.key[0], **wish, **edit.expected}


def _add_form(cells: Mapping[str, str], frame: Frame) -> New:
    """Return a new form; its questions and consent are those of the office's first one.

    Raises:
        Invalid: the office has no form to take them from.
    """
    first = next(iter(frame.settings.forms), None)
    if first is None:
        raise Invalid("there is no form to copy", code="setting_no_form")
    kept = first.model_dump(mode="json", include=set(_COPIED))
    name = named_id("form", cells["name"])
    given: Given = {"form": name, "title": "", **kept, **filled(_FORM, cells, frame)}
    return New(("form.add", given), f"form:{name}")


_COPIED = ("fields", "consent", "consent_en", "consent_version")


def _close_form(asked: Asked) -> Command:
    row = asked_for(asked)
    return "form.edit", {"form": row.key[0], "active": False, **expected(row)}


def _page(view: View, _frame: Frame) -> CellValue:
    return view.setting.cells["page"] if view.setting is not None else ""


def _link(view: View, _frame: Frame) -> str:
    return view.setting.link if view.setting is not None else ""


FORMS = Page(
    code="forms",
    columns=(
        typed("name", 220, header="title"),
        typed("active", 90, choices=yes_no),
        typed("person", 160, header="owner", choices=people_choices),
        typed("source", 140),
        typed("creates", 120, header="form_creates", choices=_made_choices),
        typed("products", 200, header="form_products"),
        typed("invoice", 100, header="form_invoice", choices=yes_no),
        typed("lead", 220, header="form_lead"),
        typed("send", 130, header="form_send"),
        typed("thanks", 220, header="form_thanks"),
        typed("redirect", 180, header="form_redirect"),
        typed("failure", 200, header="form_failure"),
        typed("consent", 240, header="form_consent"),
        typed("consent_version", 110, header="form_consent_version"),
        typed("accent", 100, header="form_accent"),
        typed("radius", 90, header="form_radius", kind=Kind.NUMBER),
        typed("hosts", 180, header="form_hosts"),
        typed("least_s", 90, header="form_least", kind=Kind.NUMBER),
        typed("captcha", 100, header="form_captcha", choices=yes_no),
        Column("page", "form_page", 260, _page, link=_link),
        shown("embed", 260, header="form_embed"),
        typed("name_en", 180),
        *(typed(name, 200, header=f"form_{name}") for name in _ENGLISH),
    ),
    rows=_forms,
    change=_change_form,
    add=_add_form,
    drop=_close_form,
)


def _accounts(frame: Frame, _store: Store) -> Iterator[Setting]:
    for account in frame.settings.accounts:
        row = derived("account", account.id)  # the id itself is a secret address
        yield setting(row, (account.id,), _of_account(account, frame), account)


def _of_account(account: Account, frame: Frame) -> dict[str, CellValue]:
    return {
        "channel": channel(account.channel, frame.locale),
        "name": account.title,
        "source": account.source,
        "person": naming.people(frame).shown(account.owner_id),
        "active": flag(account.active, frame),
    }


def _switch(edit: Edited) -> Command:
    active = is_flag(edit.typed, edit.frame)
    return "account.switch", {"account": edit.setting.key[0], "active": active, **edit.expected}


ACCOUNTS = Page(
    code="accounts",
    columns=(
        shown("channel", 130, header="provider"),
        shown("name", 220, header="title"),
        shown("source", 160),
        shown("person", 160, header="owner"),
        typed("active", 90, choices=yes_no),
    ),
    rows=_accounts,
    change=_switch,
)
