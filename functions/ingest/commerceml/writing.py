"""Orders of the office as 1C reads them: one document each, in windows-1251.

Source: CommerceML 2.05, the document of an order. What the encoding lacks is spelled as a number.
"""

import json
import re
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime
from functools import cache
from importlib.resources import files
from xml.sax.saxutils import escape, quoteattr
from zoneinfo import ZoneInfo

from kartoteka.domain.amounts import spelled as spelled_amount
from kartoteka.domain.amounts import spelled_milli
from kartoteka.domain.catalogue import Company
from kartoteka.domain.deal import Deal
from kartoteka.domain.model import Client, Line

SCHEMA = "2.05"
_PIECE = "796"  # of the classifier of units
_UNSPEAKABLE = re.compile("[^\t\n\r\u0020-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]")


@dataclass(frozen=True, slots=True)
class OutOrder:
    """An order as it is told: `id` is what 1C knows it by, `goods` gives 1C's ids of products."""

    id: str
    number: str
    deal: Deal
    stage: str
    client: Client | None
    company: Company | None
    goods: Mapping[str, tuple[str, str]]  # our product: its id in 1C, its article


@cache
def words() -> Mapping[str, str]:
    """Return the words of the format by our names."""
    told = files("ingest.commerceml").joinpath("words.json").read_text("utf-8")
    found: dict[str, str] = json.loads(told)
    return found


def document(parts: Iterable[str], now: datetime, zone: str) -> bytes:
    """Return a whole file around these parts."""
    made = now.astimezone(ZoneInfo(zone)).strftime("%Y-%m-%dT%H:%M:%S")
    root = words()["root"]
    head = f"{words()['schema']}={quoteattr(SCHEMA)} {words()['made']}={quoteattr(made)}"
    text = f'<?xml version="1.0" encoding="windows-1251"?>\n<{root} {head}>'
    return f"{text}{''.join(parts)}</{root}>\n".encode("cp1251", "xmlcharrefreplace")


def tag(name: str, *inside: str) -> str:
    """Return an element around what is XML already."""
    return f"<{words()[name]}>{''.join(inside)}</{words()[name]}>"


def said(name: str, value: str) -> str:
    """Return an element with a text; nothing when the text is empty."""
    return tag(name, escape(_UNSPEAKABLE.sub("", value))) if value else ""


def spelled(order: OutOrder, zone: str) -> str:
    """Return one order as a document."""
    deal, told = order.deal, words()
    at = deal.created_at.astimezone(ZoneInfo(zone))
    return tag(
        "document",
        said("id", order.id),
        said("number", order.number),
        said("date", f"{at:%Y-%m-%d}"),
        said("act", told["act_order"]),
        said("role", told["seller"]),
        said("currency", deal.currency),
        said("rate", "1"),
        said("sum", spelled_amount(deal.amount_minor)),
        tag("parties", _party(order)),
        said("time", f"{at:%H:%M:%S}"),
        said("comment", deal.note),
        tag("goods", *(_line(line, order) for line in deal.lines)),
        tag("requisites", *_requisites(order, zone)),
    )


def requisite(name: str, value: str) -> str:
    """Return one more thing that is said of a document."""
    return tag("requisite", said("name", words()[name]), said("value", value)) if value else ""


def _requisites(order: OutOrder, zone: str) -> Iterator[str]:
    deal = order.deal
    paid = 0 < deal.amount_minor <= deal.paid_minor
    yield requisite("paid", str(paid).lower())
    yield requisite("cancelled", str(deal.state == "lost").lower())
    yield requisite("status", order.stage)
    entered = deal.stage_entered_at.astimezone(ZoneInfo(zone))
    yield requisite("status_at", f"{entered:%Y-%m-%d %H:%M:%S}")
    yield requisite("site", "Kartoteka")


def _party(order: OutOrder) -> str:
    """Return who buys; the id is ours and never changes, or 1C would make a new one each time."""
    client, company = order.client, order.company
    holder = company or client
    name = holder.name if holder is not None else "-"
    phones = client.phones if client else (company.phones if company else ())
    mails = client.emails if client else (company.emails if company else ())
    contacts = [*(_contact("phone", it) for it in phones), *(_contact("mail", it) for it in mails)]
    return tag(
        "party",
        said("id", f"crm#{holder.id}" if holder is not None else "crm#"),
        said("name", name),
        said("full_name", name),
        said("official_name", company.name if company else ""),
        said("inn", company.inn if company else ""),
        said("kpp", company.kpp if company else ""),
        said("role", words()["buyer"]),
        tag("contacts", *contacts) if contacts else "",
    )


def _contact(kind: str, value: str) -> str:
    return tag("contact", said("type", words()[kind]), said("value", value))


def _line(line: Line, order: OutOrder) -> str:
    told = words()
    external, sku = order.goods.get(line.product_id or "", ("", ""))
    unit = (
        f"<{told['unit']} {told['unit_code']}={quoteattr(_PIECE)}"
        f" {told['unit_full']}={quoteattr(told['piece_full'])}>{told['piece']}</{told['unit']}>"
    )
    return tag(
        "item",
        said("id", external or line.id),
        said("sku", sku),
        said("name", line.name),
        unit,
        said("price", spelled_amount(line.price_minor)),
        said("quantity", spelled_milli(line.quantity_milli)),
        said("sum", spelled_amount(line.total_minor)),
        _discount(line),
        tag("requisites", requisite("kind_type", told["kind_item"])),
    )


def _discount(line: Line) -> str:
    full = line.model_copy(update={"discount_bp": 0}).total_minor
    if full == line.total_minor:
        return ""
    told = (
        said("name", words()["discount_name"]),
        said("sum", spelled_amount(full - line.total_minor)),
    )
    return tag("discounts", tag("discount", *told, said("in_sum", "true")))
