"""The tab of exchanges with shops and 1C: what came, what became of it, what failed; A11."""

from collections.abc import Iterator
from zoneinfo import ZoneInfo

from kartoteka.domain.access import Operation, can
from kartoteka.domain.exchange import Exchange
from kartoteka.i18n import channel
from kartoteka.ports import CellValue, Order, Query, Store
from sync.columns import Frame, Kind, Setting
from sync.settings_book.asking import Page, shown

_SHOWN = 200  # the newest


def _exchanges(frame: Frame, store: Store) -> Iterator[Setting]:
    if not can(frame.reader, Operation.READ, Exchange, within=frame.settings):
        return
    newest = (Order("at", descending=True),)
    for hit in store.query(Query(Exchange.collection, order=newest, limit=_SHOWN)):
        yield _row(Exchange.model_validate(hit.doc), frame)


def _row(exchange: Exchange, frame: Frame) -> Setting:
    titles = {account.id: account.title for account in frame.settings.accounts}
    zone = ZoneInfo(frame.settings.office.work.zone)
    took = (exchange.done_at - exchange.at).total_seconds() if exchange.done_at else None
    cells: dict[str, CellValue] = {
        "at": f"{exchange.at.astimezone(zone):%d.%m.%Y %H:%M}",
        "place": titles.get(exchange.account) or channel(exchange.channel, frame.locale),
        "what": frame.say(f"exchange_{exchange.what}"),
        "file": exchange.file,
        "state": frame.say(f"exchange_is_{exchange.state}"),
        "received": exchange.received,
        "created": exchange.created,
        "updated": exchange.updated,
        "unchanged": exchange.unchanged,
        "errors": exchange.errors,
        "took": "" if took is None else round(took),
        "why": "; ".join(_faults(exchange, frame)),
    }
    return Setting(exchange.id, (exchange.id,), cells, exchange.done_at or exchange.at)


def _faults(exchange: Exchange, frame: Frame) -> Iterator[str]:
    """Yield in words why an exchange failed, and which of its records did."""
    if exchange.why:
        yield _said(exchange.why, frame) or exchange.why
    for fault in exchange.faults:
        yield _fault(fault, frame)


def _fault(fault: str, frame: Frame) -> str:
    """Return which record failed and why: `<what>: <code>`, or with its place behind the code."""
    what, _, code = fault.rpartition(": ")
    holder, _, before = what.rpartition(": ")
    placed = _said(before, frame, code) if "_" in before else ""
    found = placed or _said(code, frame) or code
    who = holder if placed else what
    return f"{who}: {found}" if who else found


def _said(code: str, frame: Frame, place: str = "") -> str:
    """Return what a code means; empty when it is none, or its words need facts nobody kept."""
    try:
        return frame.say(code, field=place)
    except KeyError:
        return ""


EXCHANGES = Page(
    code="exchanges",
    columns=(
        shown("at", 125, header="time"),
        shown("place", 180, header="provider"),
        shown("what", 130),
        shown("file", 150),
        shown("state", 110),
        shown("received", 90, kind=Kind.NUMBER),
        shown("created", 90, header="made", kind=Kind.NUMBER),
        shown("updated", 90, kind=Kind.NUMBER),
        shown("unchanged", 110, kind=Kind.NUMBER),
        shown("errors", 90, kind=Kind.NUMBER),
        shown("took", 80, kind=Kind.NUMBER),
        shown("why", 360),
    ),
    rows=_exchanges,
)
