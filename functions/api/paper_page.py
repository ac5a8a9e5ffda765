"""`GET /api/d/{signed}`: an offer or an invoice as its client reads and prints it; I6.

The address proves itself and ends after 90 days. The page runs nothing and loads nothing; what
people typed is escaped. An unpaid invoice says how it is paid: the office's requisites, and a link
to the payment service where an account takes money. A look of a program that only asks for the
head is not noted.
"""

from collections.abc import Iterator

from markupsafe import Markup

from kartoteka.domain.amount_words import discount, money, quantity, sign
from kartoteka.domain.errors import NotFound
from kartoteka.domain.model import Line
from kartoteka.domain.sales_paper import INVOICE, OFFER, is_payable
from kartoteka.http import Call, Reply, html_reply
from kartoteka.i18n import text
from kartoteka.services.invoice_paying import taker
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
    "body{font:16px/1.5 system-ui,sans-serif;max-width:50em;margin:2em auto;padding:0 1em;"
    "color:#202124}h1{font-size:1.4em;line-height:1.25;overflow-wrap:anywhere}"
    "p{overflow-wrap:anywhere}table{border-collapse:collapse;width:100%;margin:1.5em 0}"
    "th,td{border-bottom:1px solid #d5dae1;padding:.55em .6em;text-align:left;vertical-align:top;"
    "overflow-wrap:anywhere}th{font-weight:600;font-size:.9em;color:#51606f}"
    "td.n,th.n{text-align:right;white-space:nowrap;font-variant-numeric:tabular-nums}"
    "tfoot td{font-weight:600}.said{white-space:pre-wrap}"
    ".pay a{display:inline-block;padding:.7em 1.2em;border-radius:.6em;background:#1f5f5b;"
    "color:#fff;font-weight:600;text-decoration:none}h2{font-size:1.1em;margin:1.5em 0 .4em}"
    ".state{display:inline-block;padding:.2em .7em;border-radius:.4em;background:#eef1f6}"
    # A telephone is too narrow for six columns: each position becomes a list with names.
    "@media(max-width:36em){thead{display:none}tr,tbody td{display:block}"
    "tbody tr{border-bottom:1px solid #d5dae1;padding:.6em 0}td{border:0;padding:.15em 0}"
    "tbody td.n{display:flex;justify-content:space-between;gap:1em}"
    "tbody td.n::before{content:attr(data-name);color:#51606f}"
    "tbody td.n:empty,tbody td.place{display:none}tbody td.name{font-weight:600}"
    "tfoot tr{display:flex;justify-content:space-between;gap:1em}}"
    "@media print{body{margin:0;max-width:none}.pay{display:none}.state{border:1px solid #888}}"
)
_PAGE = Markup(
    '<!doctype html><html lang="{lang}"><head><meta charset="utf-8">'
    '<meta name="viewport" content="width=device-width,initial-scale=1">'
    "<title>{title}</title><style>{style}</style></head><body>{body}</body></html>"
)
_CELL = Markup('<td class="{kind}" data-name="{named}">{shown}</td>')
_HEAD = (Markup('<th class="n">{0}</th>'), Markup("<th>{0}</th>"))  # of numbers, of words
_KINDS = {"place": "n place", "name": "name"}  # any other column is of numbers
_COLUMNS = ("place", "name", "quantity", "price", "discount", "sum")


def paper_page(call: Call, app: App, token: str) -> Reply:
    """Return the page, or a kind 404; the first look at a sent paper is noted.

    Raises:
        Transient: the store does not answer.
    """
    try:
        found = look(app.desk, token)
    except NotFound:
        return missing(app.desk.settings().office.locale)
    if call.method == "GET":
        note(app.desk, found.paper)
    online = is_payable(found.paper) and taker(app.desk.settings()) is not None
    return drawn(found, pay=f"{token}/pay" if online else "")


def drawn(found: Opened, *, pay: str = "") -> Reply:
    """Return the page of a paper; `pay` is where it is paid online."""
    lang = found.office.locale
    title = text(f"paper_title_{found.paper.what}", lang, label=found.paper.label)
    body = Markup().join((*_parts(found, title, lang), *_ways(found, pay, lang)))
    shown = _PAGE.format(lang=lang, title=title, style=_STYLE, body=body)
    headers = {**HEADERS, "content-language": lang}
    return html_reply(shown, headers=headers)


def missing(lang: str) -> Reply:
    """Return the page that says that no paper is here, or none any more."""
    return said(404, text("paper_missing", lang), text("paper_unknown", lang), lang)


def said(status: int, title: str, words: str, lang: str, *, back: str = "") -> Reply:
    """Return a page of a few words; `back` leads to the paper they are about."""
    body = Markup("<h1>{0}</h1><p>{1}</p>").format(title, words)
    if back:
        body += Markup('<p><a href="{0}">{1}</a></p>').format(back, text("paper_back", lang))
    shown = _PAGE.format(lang=lang, title=title, style=_STYLE, body=body)
    return html_reply(shown, status, HEADERS)


def _parts(found: Opened, title: str, lang: str) -> Iterator[Markup]:
    paper = found.paper
    yield Markup("<p>{0}</p><h1>{1}</h1>").format(found.office.name, title)
    state = text(_state(found), lang)
    yield Markup('<p><span class="state">{0}</span></p>').format(state)
    for code, value in _facts(found):
        if value:
            yield Markup("<p>{0}: {1}</p>").format(text(code, lang), value)
    yield _table(found, lang)
    if paper.text:
        yield Markup('<p class="said">{0}</p>').format(paper.text)


def _ways(found: Opened, pay: str, lang: str) -> Iterator[Markup]:
    """Return how an invoice that is not paid yet is paid."""
    if not is_payable(found.paper):
        return
    requisites = found.office.selling.requisites.strip()
    if pay:
        link = Markup('<p class="pay"><a href="{0}" rel="nofollow">{1}</a></p>')
        yield link.format(pay, text("paper_pay", lang))
    if requisites:
        yield Markup("<h2>{0}</h2>").format(text("paper_how", lang))
        yield Markup('<p class="said">{0}</p>').format(requisites)
        yield Markup("<p>{0}</p>").format(text("paper_purpose", lang, label=found.paper.label))


def _state(found: Opened) -> str:
    """Return the text that tells the client the state; an offer is neuter in Russian."""
    own = {OFFER: {"sent", "void"}, INVOICE: {"sent"}}[found.paper.what]
    return f"paper_{found.paper.what if found.state in own else 'state'}_{found.state}"


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
        _HEAD[name == "name"].format(text(f"paper_col_{name}", lang)) for name in _COLUMNS
    )
    rows = Markup().join(_row(place, it, lang) for place, it in enumerate(paper.lines, 1))
    sums = [("paper_total", paper.total_minor)]
    if paper.paid_minor:
        left = max(0, paper.total_minor - paper.paid_minor)
        sums += [("paper_paid_sum", paper.paid_minor), ("paper_left", left)]
    foot = Markup().join(
        Markup('<tr><td colspan="5" class="n">{0}</td><td class="n">{1}\u00a0{2}</td></tr>').format(
            text(code, lang), money(minor, lang), sign(paper.currency)
        )
        for code, minor in sums
    )
    return Markup(
        "<table><thead><tr>{0}</tr></thead><tbody>{1}</tbody><tfoot>{2}</tfoot></table>"
    ).format(head, rows, foot)


def _row(place: int, line: Line, lang: str) -> Markup:
    shown = (
        str(place),
        line.name,
        quantity(line.quantity_milli, lang),
        money(line.price_minor, lang),
        discount(line.discount_bp, lang),
        money(line.total_minor, lang),
    )
    cells = (
        _CELL.format(kind=_KINDS.get(name, "n"), named=text(f"paper_col_{name}", lang), shown=cell)
        for name, cell in zip(_COLUMNS, shown, strict=True)
    )
    return Markup("<tr>{0}</tr>").format(Markup().join(cells))
