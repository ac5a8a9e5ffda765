"""The scripts that a site puts on its pages: the chat, and the beacon."""

import json
from collections.abc import Mapping
from functools import cache
from importlib.resources import files

from ingest.visitor import ANY_SITE
from kartoteka.domain.errors import NotFound
from kartoteka.http import Reply
from kartoteka.i18n import LOCALES, text
from kartoteka.services.public_site import PublicSite

ACCENT = "#1f5f5b"
_SHOWN = (
    *("open", "title", "close", "hello", "log", "text", "write", "send", "sending", "you"),
    *("office", "again", "call", "back", "call_title", "call_text", "away_title", "away_text"),
    *("name", "phone", "question", "consent", "thanks_title", "thanks_text", "agree", "failed"),
    *("no_files", "long", "new"),
)
_HEADERS = {
    "content-type": "text/javascript; charset=utf-8",
    "cache-control": "public, max-age=300",
    "x-content-type-options": "nosniff",
    **ANY_SITE,
}


def chat(site: PublicSite) -> Reply:
    """Return the script of the chat, in both languages."""
    config = {
        "site": site.id,
        "accent": site.accent or ACCENT,
        "consent": site.consent_version,
        "css": _file("chat.css").replace("\n", ""),
        "texts": {lang: _texts(site, lang) for lang in LOCALES},
    }
    return _filled("chat.js", config)


def beacon(site: PublicSite) -> Reply:
    """Return the script of the beacon.

    Raises:
        NotFound: the office did not switch it on.
    """
    if not site.beacon:
        raise NotFound("the beacon of this site is off", code="address_unknown")
    return _filled("beacon.js", {"site": site.id})


def _texts(site: PublicSite, lang: str) -> dict[str, str]:
    found = {name: text(f"widget_{name}", lang) for name in _SHOWN}
    own = {"title": site.titles[lang] or site.office, "consent": site.consents[lang]}
    return found | {name: words for name, words in own.items() if words}


def _filled(name: str, config: Mapping[str, object]) -> Reply:
    packed = json.dumps(config, ensure_ascii=False, separators=(",", ":")).replace("<", "\\u003c")
    return Reply(200, _file(name).replace("/* config */ {}", packed).encode(), _HEADERS)


@cache
def _file(name: str) -> str:
    return files("ingest").joinpath("templates", name).read_text("utf-8")
