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
from urllib.parse import urlencode, urlsplit

from markupsafe import Markup

from ingest import captcha
from ingest.form_names import CONSENT, HONEYPOT, PAGE_MARK, SHOWN_AT
from ingest.page_fields import AUTOFILL, Entry, label, pieces
from kartoteka.domain.ids import unguessable
from kartoteka.http import Call
from kartoteka.i18n import LOCALES, catalogue
from kartoteka.services.public_form import PublicForm, Question

_PASSED_ON = 40  # parameters of the page's address that a post carries on
_TEXTS = "form_"
ACCENT = "#1f5f5b"
_LOOK = Markup(":root{{--accent:{accent};--corner:{radius}px;--wait:{wait}s}}")
_PAY = Markup('\n<p><a class="button" href="{address}">{text}</a></p>')
_IN_SCRIPT = (
    *("title", "lead", "optional", "consent_text", "trap", "send", "sending", "choose"),
    *("sent_title", "sent_text", "failed", "pay"),
)
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
        **pieces(form, lang, entry, texts),
    }
    wait = 0 if entry.message else form.least_s  # who is sent back has waited
    return _shown("form.html", office, form, (lang, texts | parts), wait=wait)


def thanks(form: PublicForm, office: str, lang: str, invoice: str = "") -> Shown:
    """Return the page that says that the request arrived; `invoice` is where it can be paid."""
    texts = _texts(form, lang)
    link = _PAY.format(address=invoice, text=texts["pay"]) if invoice else Markup()
    return _shown("thanks.html", office, form, (lang, texts | {"invoice": link}))


def closed(lang: str) -> Shown:
    """Return the page that says that no form is here, or none any more."""
    nobodys = PublicForm("", "", "", (), "", "", {})
    return _shown("closed.html", "", nobodys, (lang, _texts(nobodys, lang)))


def hidden(call: Call, now: datetime) -> dict[str, str]:
    """Return the hidden inputs of a fresh page: where the visitor came from, when it was shown."""
    return _tags(dict(call.query[:_PASSED_ON])) | {
        "page": f"{call.base_url}/ingest/{'/'.join(call.path)}",
        "referrer": call.header("referer"),
        "submission_id": unguessable("fs"),
        PAGE_MARK: "hosted",
        SHOWN_AT: str(int(now.timestamp())),
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


def script(form: PublicForm, kind: str = "", key: str = "") -> str:
    """Return the script that puts the form into any page, in the page's language.

    Args:
        form: what it shows.
        kind: the captcha of this installation, empty for none.
        key: the public key of that captcha.
    """
    config = {
        "form": form.id,
        "fields": [_described(item) for item in form.fields],
        "texts": {lang: _needed(_texts(form, lang)) for lang in LOCALES},
        "look": {"accent": form.accent or ACCENT, "radius": form.radius},
        "redirect": form.redirect,
        "least": form.least_s,
        "captcha": captcha.described(kind, key) if form.captcha and kind else None,
        "names": {"honeypot": HONEYPOT, "consent": CONSENT, "page": PAGE_MARK, "shown": SHOWN_AT},
    }
    packed = json.dumps(config, ensure_ascii=False, separators=(",", ":")).replace("<", "\\u003c")
    return _file("embed.js").replace("/* config */ {}", packed)


def _described(item: Question) -> dict[str, object]:
    labels = {lang: label(item, lang) for lang in LOCALES}
    auto = AUTOFILL.get(item.id, "off")
    shown = {"options_en": item.options_en} if item.options_en else {}
    return {
        "id": item.id,
        "type": item.type,
        "required": item.required,
        "label": labels,
        "auto": auto,
        "options": item.options,
        **shown,
    }


def _needed(texts: Mapping[str, str]) -> dict[str, str]:
    """Return the texts that the script shows by itself."""
    return {name: texts[name] for name in _IN_SCRIPT}


def _texts(form: PublicForm, lang: str) -> dict[str, str]:
    named = {code: text for code, text in catalogue(lang).items() if code.startswith(_TEXTS)}
    title = form.title_en if lang == "en" and form.title_en else form.title
    consent = form.consent_en if lang == "en" and form.consent_en else form.consent
    usual = {code.removeprefix(_TEXTS): text for code, text in named.items()}
    return usual | {"title": title, "consent_text": consent} | dict(form.texts.get(lang, {}))


def _shown(
    template: str,
    office: str,
    form: PublicForm,
    filled: tuple[str, Mapping[str, str]],
    *,
    wait: int = 0,
) -> Shown:
    lang, parts = filled
    nonce = base64.b64encode(secrets.token_bytes(16)).decode()
    style = _markup("form.css") + _look(form, wait)
    around = {"office": office, "lang": lang, "nonce": nonce, "style": style}
    html = _markup(template).format(**parts, **around)
    headers = {
        "content-security-policy": _policy(form, nonce, parts.get("captcha", "")),
        "cache-control": "no-store",
        "referrer-policy": "strict-origin-when-cross-origin",
        "x-content-type-options": "nosniff",
        "content-language": lang,
        "vary": "accept-language",
    }
    return Shown(html, headers)


def _look(form: PublicForm, wait: int) -> Markup:
    return _LOOK.format(accent=form.accent or ACCENT, radius=form.radius, wait=wait)


def _policy(form: PublicForm, nonce: str, widget: str) -> str:
    """Return what the page may load and who may show it; a captcha is the only stranger."""
    around = [f"https://{host} https://*.{host}" for host in form.hosts]
    after = urlsplit(form.redirect)
    target = f" {after.scheme}://{after.netloc}" if after.netloc else ""
    rules = [
        "default-src 'none'",
        f"style-src 'nonce-{nonce}'",
        f"form-action 'self'{target}",
        "base-uri 'none'",
        "frame-ancestors " + (" ".join(["'self'", *around]) if around else "*"),
        *(captcha.policy(widget) if widget else ()),
    ]
    return "; ".join(rules)


@cache
def _file(name: str) -> str:
    return files("ingest").joinpath("templates", name).read_text("utf-8")


@cache
def _markup(name: str) -> Markup:
    return Markup(_file(name))  # noqa: S704 - a file of ours, nothing typed by anybody
