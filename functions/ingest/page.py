"""The form as people see it: a page of ours that needs no script, and a script for other pages.

The pages are filled by `Markup.format`: a template engine would compile them at every cold start.
"""

import base64
import json
import secrets
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from functools import cache
from importlib.resources import files
from urllib.parse import urlencode

from markupsafe import Markup

from ingest.form_names import CONSENT, HONEYPOT, PAGE_MARK, SHOWN_AT
from ingest.page_fields import AUTOFILL, Entry, label, pieces
from kartoteka.domain.ids import unguessable
from kartoteka.http import Call
from kartoteka.i18n import LOCALES, catalogue
from kartoteka.services.public_form import PublicForm, Question

_PASSED_ON = 40  # parameters of the page's address that a post carries on
_TEXTS = "form_"
_NOT_HIDDEN = {HONEYPOT, CONSENT}


@dataclass(frozen=True)
class Shown:
    """A page and the headers that protect it."""

    html: str
    headers: Mapping[str, str]


def form(form: PublicForm, office: str, lang: str, *, entry: Entry) -> Shown:
    """Return the page with the form; everything typed is in it as text."""
    texts = _texts(form, lang)
    other = "ru" if lang == "en" else "en"
    parts = {
        "switch": _switch(other, entry.hidden),
        "trap_name": HONEYPOT,
        "consent_name": CONSENT,
        **pieces(form, lang, entry, optional=texts["optional"]),
    }
    return _shown("form.html", office, lang, texts | parts)


def thanks(form: PublicForm, office: str, lang: str) -> Shown:
    """Return the page that says that the request arrived."""
    return _shown("thanks.html", office, lang, _texts(form, lang))


def hidden(call: Call, now: datetime) -> dict[str, str]:
    """Return the hidden inputs of a fresh page: where the visitor came from, when it was shown."""
    return _tags(dict(call.query[:_PASSED_ON])) | {
        "page": f"{call.base_url}/ingest/{'/'.join(call.path)}",
        "referrer": call.header("referer"),
        "submission_id": unguessable("fs"),
        PAGE_MARK: "hosted",
        SHOWN_AT: f"{now.timestamp():.0f}",
    }


def _tags(named: Mapping[str, str]) -> dict[str, str]:
    """Return the marks of advertisements among the names."""
    return {
        name: value
        for name, value in named.items()
        if name.startswith("utm_") or name.endswith("clid")
    }


def _switch(other: str, hidden_inputs: Mapping[str, str]) -> Markup:
    """Return the link to the page in the other language, marks of advertisements kept."""
    address = "?" + urlencode({**_tags(hidden_inputs), "lang": other})
    return _markup(f"to_{other}.html").format(address=address)


def is_hidden(form: PublicForm, name: str) -> bool:
    """Return whether a posted field was a hidden input of our page."""
    return name not in {item.id for item in form.fields} and name not in _NOT_HIDDEN


def script(form: PublicForm) -> str:
    """Return the script that puts the form into any page, in the page's language."""
    config = {
        "form": form.id,
        "fields": [_described(item) for item in form.fields],
        "texts": {lang: _texts(form, lang) for lang in LOCALES},
        "names": {"honeypot": HONEYPOT, "consent": CONSENT, "page": PAGE_MARK, "shown": SHOWN_AT},
    }
    packed = json.dumps(config, ensure_ascii=True, separators=(",", ":")).replace("<", "\\u003c")
    return _file("embed.js").replace("/* config */ {}", packed)


def _described(item: Question) -> dict[str, object]:
    labels = {lang: label(item, lang) for lang in LOCALES}
    auto = AUTOFILL.get(item.id, "off")
    return {
        "id": item.id,
        "type": item.type,
        "required": item.required,
        "label": labels,
        "auto": auto,
    }


def _texts(form: PublicForm, lang: str) -> dict[str, str]:
    named = {code: text for code, text in catalogue(lang).items() if code.startswith(_TEXTS)}
    title = form.title_en if lang == "en" and form.title_en else form.title
    consent = form.consent_en if lang == "en" and form.consent_en else form.consent
    return {code.removeprefix(_TEXTS): text for code, text in named.items()} | {
        "title": title,
        "consent_text": consent,
    }


def _shown(template: str, office: str, lang: str, parts: Mapping[str, str]) -> Shown:
    nonce = base64.b64encode(secrets.token_bytes(16)).decode()
    around = {"office": office, "lang": lang, "nonce": nonce, "style": _markup("form.css")}
    html = _markup(template).format(**parts, **around)
    policy = (
        f"default-src 'none'; style-src 'nonce-{nonce}'; form-action 'self'; base-uri 'none';"
        " frame-ancestors *"
    )
    headers = {
        "content-security-policy": policy,
        "cache-control": "no-store",
        "referrer-policy": "strict-origin-when-cross-origin",
        "x-content-type-options": "nosniff",
        "content-language": lang,
        "vary": "accept-language",
    }
    return Shown(html, headers)


@cache
def _file(name: str) -> str:
    return files("ingest").joinpath("templates", name).read_text("utf-8")


@cache
def _markup(name: str) -> Markup:
    return Markup(_file(name))  # noqa: S704 - a file of ours, nothing typed by anybody
