"""Forms of the office's site, and what fields of other sites' forms mean to us; A3, A5."""

from typing import Any, Literal

from pydantic import Field

from kartoteka.domain.catalogue import Product, name_key
from kartoteka.domain.change import Actor
from kartoteka.domain.errors import Invalid
from kartoteka.domain.form_rules import check_form, check_target
from kartoteka.domain.office import Account, Form, FormField, Settings
from kartoteka.services.commands import Command, Registry
from kartoteka.services.office import Desk
from kartoteka.services.products import called
from kartoteka.services.settings_edit import (
    Saved,
    Versioned,
    edit_part,
    one_of,
    stamped,
    stored_part,
)
from kartoteka.services.unit import Unit

_LONGEST = 2_000
_MOST = 60
_ACCENT = "#rrggbb of the button; white must be readable on it"
_GOODS = "lines of the deal: product ids, SKUs or names"
_HOSTS = "sites that may show the form, such as www.example.ru; none: any"


class EditForm(Versioned):
    """Change a form of the site; what is not given stays, an empty text is the usual one."""

    form: str
    title: str | None = Field(default=None, min_length=1, max_length=500)
    title_en: str | None = Field(default=None, max_length=500)
    fields: tuple[FormField, ...] | None = Field(default=None, min_length=1, max_length=_MOST)
    consent: str | None = Field(default=None, min_length=1, max_length=_LONGEST)
    consent_en: str | None = Field(default=None, max_length=_LONGEST)
    consent_version: str | None = Field(default=None, min_length=1, max_length=100)
    source: str | None = Field(default=None, min_length=1, max_length=200)
    owner_id: str | None = Field(default=None, description="staff id; empty: by the queue")
    lead: str | None = Field(default=None, max_length=_LONGEST, description="under the title")
    lead_en: str | None = Field(default=None, max_length=_LONGEST)
    send: str | None = Field(default=None, max_length=60, description="on the button")
    send_en: str | None = Field(default=None, max_length=60)
    thanks: str | None = Field(default=None, max_length=_LONGEST)
    thanks_en: str | None = Field(default=None, max_length=_LONGEST)
    failure: str | None = Field(default=None, max_length=_LONGEST)
    failure_en: str | None = Field(default=None, max_length=_LONGEST)
    redirect: str | None = Field(default=None, max_length=1_000, description="https://…")
    accent: str | None = Field(default=None, max_length=7, description=_ACCENT)
    radius: int | None = Field(default=None, ge=0, le=40, description="corners, pixels")
    hosts: tuple[str, ...] | None = Field(default=None, max_length=_MOST, description=_HOSTS)
    least_s: int | None = Field(
        default=None, ge=0, le=60, description="filled in faster it is sent back"
    )
    captcha: bool | None = None
    creates: Literal["lead", "deal"] | None = None
    products: tuple[str, ...] | None = Field(default=None, max_length=_MOST, description=_GOODS)
    create_invoice: bool | None = None
    active: bool | None = None


class AddForm(EditForm):
    """Make a form of the site; its id is a part of its address."""

    title: str = Field(min_length=1, max_length=500)
    fields: tuple[FormField, ...] = Field(min_length=1, max_length=_MOST)
    consent: str = Field(min_length=1, max_length=_LONGEST)
    consent_version: str = Field(min_length=1, max_length=100)


class SetMapping(Versioned):
    """Say what a field of a site's form is to us: «Поле сайта → поле»."""

    of: str = Field(description="form id, or the token of a channel account")
    field: str = Field(min_length=1, max_length=200, description="name or label on the site")
    to: str = Field(description="name, phone, email, text and so on, utm_…, or a name of your own")


class RemoveMapping(Versioned):
    """Let a field of a site's form be what its own name says."""

    of: str
    field: str


def add_form(desk: Desk, actor: Actor, form: AddForm, cause: str) -> Form:
    """Return the new form, served at `/ingest/form/<id>` at once.

    Raises:
        Invalid: the id is taken, or visitors could not use it; says what to change.
        NotAllowed: the actor does not set the office up.
    """
    blank = {"id": form.form, "title_en": "", "consent_en": ""}
    given = _given(form) | _goods(desk, form)

    def change(unit: Unit, around: Settings) -> Form:
        if unit.find(Form, form.form) is not None:
            raise _taken(form.form)
        made = Form.model_validate(blank | given)
        _check(around, made)
        return unit.add(stamped(unit, made, None))

    return edit_part(desk, actor, change, kind=Form, cause=cause)


def edit_form(desk: Desk, actor: Actor, form: EditForm, cause: str) -> Form:
    """Return the form with what was given.

    Raises:
        Invalid: visitors could not use it; says what to change.
        NotAllowed: the actor does not set the office up.
    """
    update = _given(form) | _goods(desk, form)

    def change(unit: Unit, around: Settings) -> Form:
        stored = stored_part(unit, around.forms, form.form, (around, form.expected))
        edited = Form.model_validate(stored.model_dump() | update)
        _check(around, edited)
        return unit.save(stamped(unit, edited, stored))

    return edit_part(desk, actor, change, kind=Form, cause=cause)


def set_mapping(desk: Desk, actor: Actor, form: SetMapping, cause: str) -> Saved:
    """Return what was saved; what waits because of it is read again by `kartoteka replay`.

    Raises:
        Invalid: there is no such form or account, or no field can be that.
        NotAllowed: the actor does not set the office up.
    """
    target = form.to.strip()
    check_target(target)
    return _mapped(desk, actor, form, cause=cause, target=target)


def remove_mapping(desk: Desk, actor: Actor, form: RemoveMapping, cause: str) -> Saved:
    """Return what was saved; removing twice is harmless."""
    return _mapped(desk, actor, form, cause=cause, target=None)


def _given(form: EditForm) -> dict[str, Any]:
    given = form.model_dump(exclude={"form", "expected"})
    found = {name: value for name, value in given.items() if value is not None}
    if "hosts" in found:
        found["hosts"] = tuple(_host(site) for site in found["hosts"])
    if "owner_id" in found:
        found["owner_id"] = found["owner_id"] or None
    return found


def _host(site: str) -> str:
    """Return the name of a site, also of one that was pasted as an address."""
    return site.strip().lower().removeprefix("https://").removeprefix("http://").partition("/")[0]


def _goods(desk: Desk, form: EditForm) -> dict[str, tuple[str, ...]]:
    """Return the goods of the form by id, where it says any.

    Those that the form has already keep their names, also when they are sold no more.
    """
    if form.products is None:
        return {}
    stored = next((it for it in desk.settings().forms if it.id == form.form), None)
    kept = desk.store.get_many(Product.collection, stored.products) if stored else {}
    there = {name_key(str(doc["name"])): name for name, doc in kept.items()}
    names = (there.get(name_key(said)) or _product(desk, said) for said in form.products)
    return {"products": tuple(dict.fromkeys(names))}


def _product(desk: Desk, said: str) -> str:
    found = called(desk, said)
    if len(found) == 1:
        return found[0].id
    code = "formset_products" if found else "formset_product"
    told = f"{len(found)} products are called {said!r}"
    raise Invalid(told, fields={"products": code}, code=code, what=said)


def _check(around: Settings, form: Form) -> None:
    check_form(form)
    if form.owner_id is not None:
        one_of({person.id: person for person in around.staff if person.active}, form.owner_id)


def _mapped(
    desk: Desk,
    actor: Actor,
    form: SetMapping | RemoveMapping,
    *,
    cause: str,
    target: str | None,
) -> Saved:
    def mapping(known: Form | Account) -> dict[str, dict[str, str]]:
        left = {name: to for name, to in known.mapping.items() if name != form.field}
        return {"mapping": left if target is None else left | {form.field: target}}

    def of_form(unit: Unit, around: Settings) -> Form:
        stored = stored_part(unit, around.forms, form.of, (around, form.expected))
        return unit.save(stamped(unit, stored.model_copy(update=mapping(stored)), stored))

    def of_account(unit: Unit, around: Settings) -> Account:
        stored = stored_part(unit, around.accounts, form.of, (around, form.expected))
        changed = stamped(unit, stored.model_copy(update=mapping(stored)), stored)
        unit.subject = changed.channel
        unit.keep(changed, shown=("channel", "title", "mapping"))
        return changed

    if any(known.id == form.of for known in desk.settings().forms):
        kept = edit_part(desk, actor, of_form, kind=Form, cause=cause)
        return Saved(id=kept.id, version=kept.updated_at)
    account = edit_part(desk, actor, of_account, kind=Account, cause=cause)
    return Saved(id=account.id, version=account.updated_at)


def _taken(name: str) -> Invalid:
    return Invalid(
        f"there is {name!r} already", fields={"form": "taken"}, code="settings_taken", what=name
    )


FORM_SETTINGS: Registry = {
    "form.add": Command("make a form of the site", AddForm, add_form),
    "form.edit": Command("change a form of the site", EditForm, edit_form),
    "mapping.remove": Command(
        "let a field of a site be what its name says", RemoveMapping, remove_mapping
    ),
    "mapping.set": Command("say what a field of a site's form is", SetMapping, set_mapping),
}
