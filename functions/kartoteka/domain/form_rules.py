"""What a form of the site has to be: questions that can be told apart, colours that can be read."""

import re
from collections.abc import Iterator
from urllib.parse import urlsplit

from kartoteka.domain.colour import bears_white
from kartoteka.domain.errors import Invalid
from kartoteka.domain.office import FORM_SLOTS, Form

_ID = re.compile(r"[a-z][a-z0-9_-]{0,59}")
_HOST = re.compile(r"(?=.{1,253}$)[a-z0-9-]{1,63}(?:\.[a-z0-9-]{1,63})+")
_OURS = "kt_"
_TAG = "utm_"
_LONGEST_NAME = 200


def check_form(form: Form) -> None:
    """Refuse a form that visitors could not use.

    Raises:
        Invalid: names the setting, and what to change in the code of its text.
    """
    for setting, code, what in _problems(form):
        raise Invalid(f"{setting}: {code} {what}", fields={setting: code}, code=code, what=what)


def check_target(target: str) -> None:
    """Refuse what a field of a site cannot be to us; any name that is not ours may be."""
    if target in FORM_SLOTS or target.startswith(_TAG):
        return
    if not target.strip() or len(target) > _LONGEST_NAME or target.lower().startswith(_OURS):
        listed = ", ".join(FORM_SLOTS)
        raise Invalid(
            f"{target!r} is no field; use one of {listed}, utm_… or a name of your own",
            fields={"to": "mapping_target"},
            code="mapping_target",
            what=target,
        )


def _problems(form: Form) -> Iterator[tuple[str, str, str]]:
    if not _ID.fullmatch(form.id):
        yield "form", "formset_id", form.id
    yield from _questions(form)
    if form.accent and not bears_white(form.accent):
        yield "accent", "formset_accent", form.accent
    for host in form.hosts:
        if not _HOST.fullmatch(host):
            yield "hosts", "formset_host", host
    if form.redirect and not _is_page(form.redirect):
        yield "redirect", "formset_redirect", form.redirect
    if (form.products or form.create_invoice) and form.creates != "deal":
        yield "creates", "formset_deal", form.creates


def _questions(form: Form) -> Iterator[tuple[str, str, str]]:
    seen: set[str] = set()
    for item in form.fields:
        if not _ID.fullmatch(item.id) or item.id.startswith(_OURS):
            yield "fields", "formset_id", item.id
        if item.id in seen:
            yield "fields", "formset_twice", item.id
        if (item.type == "select") != bool(item.options):
            yield "fields", "formset_options", item.id
        if item.options_en and len(item.options_en) != len(item.options):
            yield "fields", "formset_options_en", item.id
        seen.add(item.id)
    if not any(item.type in {"tel", "email"} for item in form.fields):
        yield "fields", "formset_contact", form.id


def _is_page(address: str) -> bool:
    try:
        parts = urlsplit(address)
    except ValueError:
        return False
    return parts.scheme == "https" and bool(parts.hostname) and not re.search(r"[\s;,'\"]", address)
