"""`GET /api/f/{signed}`: the files of a client, for whom the address was made.

The address proves itself, the policy is asked at each opening. A file goes out as a download and
never as a page: of what strangers sent, nothing runs at our address.
"""

import re
from collections.abc import Iterator, Mapping
from datetime import timedelta
from urllib.parse import quote
from zoneinfo import ZoneInfo

from markupsafe import Markup

from api.paper_page import HEADERS, drawn
from kartoteka.domain.errors import ConfigError, KartotekaError, NotFound, TooLarge, Transient
from kartoteka.domain.file_names import disposition, safe_name, safe_type
from kartoteka.domain.instant import read
from kartoteka.http import Call, Reply, html_reply
from kartoteka.i18n import text
from kartoteka.log import log
from kartoteka.services import client_files, file_links
from kartoteka.services.client_files import Item, Listed, Paper
from kartoteka.services.file_links import Asked
from kartoteka.services.office import read_office, read_settings
from kartoteka.services.paper_opening import shown
from kartoteka.services.read import Look
from kartoteka.wiring import App

_OF_FILE = {
    **HEADERS,
    "content-security-policy": "sandbox; default-src 'none'; frame-ancestors 'none'",
    "cross-origin-resource-policy": "same-origin",
}
_STYLE = Markup(
    "body{font:16px/1.45 system-ui,sans-serif;max-width:44em;margin:1.5em auto;padding:0 1em;"
    "color:#202124}h1{font-size:1.3em;overflow-wrap:anywhere}h2{font-size:1.05em;margin-top:1.6em}"
    "ul{list-style:none;margin:0;padding:0}li{border-top:1px solid #dadce0;padding:.65em 0}"
    "li a{display:block;color:#1a56b0;overflow-wrap:anywhere;padding:.15em 0}"
    "small{color:#5f6b7a}.more{display:block;margin:1.2em 0}"
)
_PAGE = Markup(
    '<!doctype html><html lang="{lang}"><head><meta charset="utf-8">'
    '<meta name="viewport" content="width=device-width,initial-scale=1">'
    "<title>{title}</title><style>{style}</style></head><body>{body}</body></html>"
)
_LINE = Markup(
    '<li><a href="{href}" rel="noopener noreferrer">{name}</a><small>{told}</small></li>'
)
_AGAIN = timedelta(seconds=30)
_KILO = 1_000
_FILE = re.compile(r"([^./]{1,80})\.([0-9]{1,4})")  # its event, its place there
_GONE = frozenset({"files_gone", "paper_unknown"})
_WHAT = frozenset({"call", "form", "mail", "message", "note"})


def files_page(call: Call, app: App, token: str, name: str = "") -> Reply:
    """Return the list, one file or one paper, or a page that says why not.

    Args:
        call: the request.
        app: of the office.
        token: the signed part of the address.
        name: of a file or a paper; empty for the list.
    """
    try:
        settings = read_settings(app.store)
        asked = file_links.asked(app.store, token, settings)
        look = Look(app.store, settings, asked.reader, app.clock.now())
        if not name:
            return _list(call, look, asked, token)
        if "." not in name:
            return _paper(app, look, asked, name)
        return _file(call, app, look, asked)
    except KartotekaError as refused:
        return _refused(app, refused)


def _list(call: Call, look: Look, asked: Asked, token: str) -> Reply:
    found = client_files.listed(look, asked.kind, asked.record, after=call.param("after") or None)
    lang = look.settings.office.locale
    body = Markup().join(_parts(found, look, token))
    return _page(body, text("files_title", lang), lang)


def _parts(found: Listed, look: Look, token: str) -> Iterator[Markup]:
    lang, zone = look.settings.office.locale, ZoneInfo(look.settings.office.work.zone)
    yield Markup("<h1>{0}</h1>").format(text("files_of", lang, name=found.name))
    if found.files:
        lines = (_line(item, token, lang, zone) for item in found.files)
        yield Markup("<ul>{0}</ul>").format(Markup().join(lines))
    else:
        yield Markup("<p>{0}</p>").format(text("files_none", lang))
    if found.after:
        more = Markup('<a class="more" href="?after={0}">{1}</a>')
        yield more.format(quote(found.after, safe=""), text("files_older", lang))
    if found.papers:
        papers = Markup().join(_paper_line(it, token, lang, zone) for it in found.papers)
        yield Markup("<h2>{0}</h2><ul>{1}</ul>").format(text("files_papers", lang), papers)


def _line(item: Item, token: str, lang: str, zone: ZoneInfo) -> Markup:
    told = [_source(item, lang), _when(item.at, zone), _size(item.file.size, lang)]
    name = safe_name(item.file.name, text("files_nameless", lang))
    href = item.link or f"{token}/{item.event}.{item.place}"
    return _LINE.format(href=href, name=name, told=" · ".join(filter(None, told)))


def _paper_line(paper: Paper, token: str, lang: str, zone: ZoneInfo) -> Markup:
    name = text(f"paper_title_{paper.what}", lang, label=paper.label)
    return _LINE.format(href=f"{token}/{paper.id}", name=name, told=_when(paper.at, zone))


def _source(item: Item, lang: str) -> str:
    what = item.what if item.what in _WHAT else "other"
    if what in {"mail", "message"}:
        what += "_out" if item.direction == "out" else "_in"
    return text(f"files_{what}", lang)


def _when(moment: str, zone: ZoneInfo) -> str:
    return f"{read(moment).astimezone(zone):%d.%m.%Y %H:%M}"


def _size(size: int, lang: str) -> str:
    """Return the size as people say it, nothing when it is not known."""
    if not size:
        return ""
    if size < _KILO * _KILO:
        return text("files_kilobytes", lang, count=max(1, round(size / _KILO)))
    return text("files_megabytes", lang, count=round(size / _KILO / _KILO))


def _file(call: Call, app: App, look: Look, asked: Asked) -> Reply:
    named = _FILE.fullmatch(call.path[-1])
    if named is None:
        raise NotFound("no file is called so", code="files_gone")
    event, place = named.groups()
    item = client_files.one(look, asked.kind, asked.record, event=event, place=int(place))
    facts = {"reader": asked.reader.id, "record": asked.record, "file": event}
    name = safe_name(item.file.name, text("files_nameless", look.settings.office.locale))
    headers = {**_OF_FILE, "content-disposition": disposition(name)}
    if call.method == "HEAD":
        return Reply(200, b"", headers | {"content-type": safe_type(item.file.media_type)}, facts)
    found = client_files.content(app.desk, app.messengers, item)
    kind = {"content-type": safe_type(found.media_type)}
    return Reply(200, found.content, headers | kind, facts)


def _paper(app: App, look: Look, asked: Asked, name: str) -> Reply:
    return drawn(shown(app.desk, client_files.paper(look, asked.kind, asked.record, name)))


def _refused(app: App, refused: KartotekaError) -> Reply:
    """Return a page that says what to do; what an operator must repair is logged."""
    headers: Mapping[str, str] = {}
    code, status = "files_refused", refused.status
    if isinstance(refused, Transient):
        code = "files_later"
        headers = {"retry-after": str(round((refused.retry_after or _AGAIN).total_seconds()) or 1)}
    elif isinstance(refused, ConfigError):
        log("error", event="config", detail=str(refused))
        code, status = "files_unconnected", 503
    elif isinstance(refused, TooLarge):
        code = "files_too_large"
    elif isinstance(refused, NotFound):
        code = "files_gone" if refused.code in _GONE else "files_unknown"
    lang = read_office(app.store).locale
    body = Markup("<h1>{0}</h1><p>{1}</p>").format(text("files_title", lang), text(code, lang))
    return _page(body, text("files_title", lang), lang, status=status, more=headers)


def _page(
    body: Markup, title: str, lang: str, *, status: int = 200, more: Mapping[str, str] | None = None
) -> Reply:
    drawn_page = _PAGE.format(lang=lang, title=title, style=_STYLE, body=body)
    around = {**HEADERS, "content-language": lang, **(more or {})}
    return html_reply(drawn_page, status, around)
