"""`GET /api/d/{signed}`: an offer or an invoice as its client reads and prints it; I6.

The address proves itself and ends after 90 days. The page runs nothing and loads nothing; what
people typed is escaped. A look of a program that only asks for the head is not noted.
"""

from collections.abc import Iterator

from markupsafe import Markup

from kartoteka.domain import amounts
from kartoteka.domain.errors import NotFound
from kartoteka.domain.model import Line
from kartoteka.http import Call, Reply, html_reply
from kartoteka.i18n import text
from kartoteka.services.paper_opening import Opened, look, note
from kartoteka.wiring import App

# Of a page for whoever has its address: nobody keeps it, frames it or finds it.
HEADERS = {
    "cache-control": "no-store",
    "content-security-policy": "default-src 'none'; style-src 'unsafe-inline'; base-uri 'none';"
    " form-action 'none'; frame-ancestors 'none'",
    "referrer-policy": "no-referrer",
    "x-content-type-options": "nosniff",
    "x-robots-tag": "noindex, nofollow",
}
_STYLE = Markup(
    "body{font:16px/1.45 system-ui,sans-serif;max-width:50em;margin:2em auto;padding:0 1em;"
    "color:#202124}h1{font-size:1.4em}table{border-collapse:collapse;width:100%;margin:1em 0}"
    "th,td{border:1px solid #bbb;padding:.4em .6em;text-align:left;vertical-align:top;"
    "overflow-wrap:anywhere}td.n,th.n{text-align:right;white-space:nowrap}"
    "tfoot td{font-weight:600}.said{white-space:pre-wrap;overflow-wrap:anywhere}"
    ".state{display:inline-block;padding:.2em .7em;border-radius:.4em;background:#eef1f6}"
    "@media print{body{margin:0;max-width:none}}"
)
_PAGE = Markup(
    '<!doctype html><html lang="{lang}"><head><meta charset="utf-8">'
    '<meta name="viewport" content="width=device-width,initial-scale=1">'
    "<title>{title}</title><style>{style}</style></head><body>{body}</body></html>"
)
_ROW = Markup(
    '<tr><td class="n">{place}</td><td>{name}</td><td class="n">{quantity}</td>'
    '<td class="n">{price}</td><td class="n">{discount}</td><td class="n">{total}</td></tr>'
)
_HEAD = (Markup('<th class="n">{0}</th>'), Markup("<th>{0}</th>"))  # of numbers, of words
_HUNDREDTHS = 100


def paper_page(call: Call, app: App, token: str) -> Reply:
    """Return the page, or a kind 404; the first look at a sent paper is noted.

    Raises:
        Transient: the store does not answer.
    """
    try:
        found = look(app.desk, token)
    except NotFound:
        return _missing(app.desk.settings().office.locale)
    if call.method == "GET":
        note(app.desk, found.paper)
    return drawn(found)


def drawn(found: Opened) -> Reply:
    """Return the page of a paper."""
    lang = found.office.locale
    title = text(f"paper_title_{found.paper.what}", lang, label=found.paper.label)
    body = Markup().join(_parts(found, title, lang))
    shown = _PAGE.format(lang=lang, title=title, style=_STYLE, body=body)
    headers = {**HEADERS, "content-language": lang}
    return html_reply(shown, headers=headers)


def money(minor: int, lang: str) -> str:
    """Return an amount as people of the language write it: `1 250,50`, `1,250.50`."""
    whole, _, part = amounts.spelled(minor).partition(".")
    comma, point = (",", ".") if lang == "en" else ("\u00a0", ",")
    return f"{int(whole):,}".replace(",", comma) + point + part


def _missing(lang: str) -> Reply:
    title = text("paper_missing", lang)
    body = Markup("<h1>{title}</h1><p>{words}</p>").format(
        title=title, words=text("paper_unknown", lang)
    )
    shown = _PAGE.format(lang=lang, title=title, style=_STYLE, body=body)
    return html_reply(shown, 404, HEADERS)


def _parts(found: Opened, title: str, lang: str) -> Iterator[Markup]:
    paper = found.paper
    yield Markup("<p>{0}</p><h1>{1}</h1>").format(found.office.name, title)
    state = text(f"paper_state_{found.state}", lang)
    yield Markup('<p><span class="state">{0}</span></p>').format(state)
    for code, value in _facts(found):
        if value:
            yield Markup("<p>{0}: {1}</p>").format(text(code, lang), value)
    yield _table(found, lang)
    if paper.text:
        yield Markup('<p class="said">{0}</p>').format(paper.text)


def _facts(found: Opened) -> Iterator[tuple[str, str]]:
    company = found.company
    yield "paper_made_on", found.made_on
    yield f"paper_due_{found.paper.what}", found.due_on
    yield "paper_payer", found.payer
    yield "paper_inn", " / ".join(filter(None, (company.inn, company.kpp))) if company else ""
    yield "paper_subject", found.paper.subject


def _table(found: Opened, lang: str) -> Markup:
    paper = found.paper
    head = Markup().join(
        _HEAD[name == "name"].format(text(f"paper_col_{name}", lang))
        for name in ("place", "name", "quantity", "price", "discount", "sum")
    )
    rows = Markup().join(_row(place, it, lang) for place, it in enumerate(paper.lines, 1))
    sums = [("paper_total", paper.total_minor)]
    if paper.paid_minor:
        left = max(0, paper.total_minor - paper.paid_minor)
        sums += [("paper_paid_sum", paper.paid_minor), ("paper_left", left)]
    foot = Markup().join(
        Markup('<tr><td colspan="5" class="n">{0}</td><td class="n">{1} {2}</td></tr>').format(
            text(code, lang), money(minor, lang), paper.currency
        )
        for code, minor in sums
    )
    return Markup(
        "<table><thead><tr>{0}</tr></thead><tbody>{1}</tbody><tfoot>{2}</tfoot></table>"
    ).format(head, rows, foot)


def _row(place: int, line: Line, lang: str) -> Markup:
    percent = f"{line.discount_bp / _HUNDREDTHS:g}\u00a0%" if line.discount_bp else ""
    return _ROW.format(
        place=place,
        name=line.name,
        quantity=amounts.spelled_milli(line.quantity_milli),
        price=money(line.price_minor, lang),
        discount=percent,
        total=money(line.total_minor, lang),
    )
