"""What segments ask of a client: the card, and what its requests and deals add up to.

Everything is taken from records as they are stored, so the same records give the same portrait.
Money is in minor units of the office's currency; a sale in another one counts, its sum does not.
"""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from decimal import Decimal
from functools import cached_property
from typing import TypeAlias
from zoneinfo import ZoneInfo

from kartoteka.domain.ids import derived
from kartoteka.domain.instant import read
from kartoteka.domain.next_step import OPEN
from kartoteka.domain.office import Office
from kartoteka.domain.rules.evaluate import Facts, FactValue

_Doc: TypeAlias = Mapping[str, object]

_CARD = ("name", "company", "owner_id", "company_id")
_LISTS = ("phones", "emails", "messengers", "tags")
_LOWEST, _HIGHEST = 1, 5


@dataclass(frozen=True)
class Measures:
    """What of the office decides how a client is seen; when it changes all is counted anew."""

    office: Office

    @cached_property
    def zone(self) -> ZoneInfo:
        """Return the office's zone."""
        return ZoneInfo(self.office.work.zone)

    @cached_property
    def sales(self) -> frozenset[str]:
        """Return the pipelines whose deals are sales."""
        return self.office.sales

    @cached_property
    def print(self) -> str:
        """Return what differs when clients are seen in another way."""
        rfm = self.office.rfm.model_dump_json()
        own = (f"{it.id}:{it.type}" for it in self.office.fields if it.entity == "client")
        parts = (
            self.office.work.zone,
            self.office.currency,
            rfm,
            *sorted(self.sales),
            *sorted(own),
        )
        return derived("ms", *parts)


@dataclass(frozen=True, slots=True)
class Portrait:
    """One client at one moment.

    Attributes:
        facts: what is known, by its full name.
        wins: when each sale was won.
        turns: when time alone changes a fact next, by the same names.
        now: the moment.
        zone: the office's.
    """

    facts: Facts
    wins: tuple[datetime, ...]
    turns: Mapping[str, datetime]
    now: datetime
    zone: ZoneInfo


def is_counted(client: _Doc | None) -> bool:
    """Return whether the client may be in segments: there, not merged away, not forgotten."""
    return client is not None and not client.get("merged_into") and not client.get("forgotten")


@dataclass(frozen=True, slots=True)
class Stored:
    """A client with its requests and deals, as stored; `agreed`: to letters or messages to many."""

    client: _Doc
    leads: Sequence[_Doc] = ()
    deals: Sequence[_Doc] = ()
    agreed: bool = False


def portrait(stored: Stored, measures: Measures, now: datetime) -> Portrait:
    """Return the client with what its requests and deals add up to."""
    client, leads, deals = stored.client, stored.leads, stored.deals
    sold = [deal for deal in deals if _is_sale(deal, measures)]
    facts = {
        **_card(client),
        **_own(client, measures),
        **_of_leads(leads),
        **_of_deals(deals, sold, measures),
    }
    wins = tuple(sorted(filter(None, (_moment(deal.get("won_at")) for deal in sold))))
    facts |= {"client.first_won_at": wins[0], "client.last_won_at": wins[-1]} if wins else {}
    facts["client.consent"] = stored.agreed
    recency, turn = _recency(wins, measures, now)
    facts["client.recency"] = recency
    turns = {} if turn is None else {"client.recency": turn}
    return Portrait(facts, wins, turns, now, measures.zone)


def _card(client: _Doc) -> dict[str, FactValue]:
    facts: dict[str, FactValue] = {f"client.{name}": _text(client.get(name)) for name in _CARD}
    facts |= {f"client.{name}": _texts(client.get(name)) for name in _LISTS}
    touch = client.get("last_touch")
    touched = touch if isinstance(touch, Mapping) else {}
    created = _moment(client.get("created_at"))
    facts["client.segment"] = _text(client.get("segment"))
    facts["client.created_at"] = created
    facts["client.last_touch.at"] = _moment(touched.get("at"))
    facts["client.last_touch.kind"] = _text(touched.get("kind"))
    facts["client.last_touch.direction"] = _text(touched.get("direction"))
    facts["client.quiet_since"] = facts["client.last_touch.at"] or created
    return facts


def _own(client: _Doc, measures: Measures) -> dict[str, FactValue]:
    """Return the fields of the office's own, each of the type it has."""
    held = client.get("fields")
    values = held if isinstance(held, Mapping) else {}
    kinds = {spec.id: spec.type for spec in measures.office.fields if spec.entity == "client"}
    return {f"client.fields.{name}": _typed(values.get(name), it) for name, it in kinds.items()}


def _of_leads(leads: Sequence[_Doc]) -> dict[str, FactValue]:
    newest = sorted(leads, key=lambda lead: str(lead.get("created_at")))
    touches = [lead.get("first_touch") for lead in newest]
    named = [str(it.get("name", "")) for it in touches if isinstance(it, Mapping)]
    regions = [str(lead.get("region") or "") for lead in newest]
    told = [region for region in regions if region not in {"", "unknown"}]
    return {
        "client.leads": len(leads),
        "client.open_leads": _open(leads),
        "client.source": named[0] if named else None,
        "client.sources": _once(named),
        "client.region": told[-1] if told else None,
        "client.asked_categories": _once(_lines(leads, "category")),
        "client.last_lead_at": _last(leads, "created_at"),
    }


def _of_deals(
    deals: Sequence[_Doc], sold: Sequence[_Doc], measures: Measures
) -> dict[str, FactValue]:
    paid = [deal for deal in sold if deal.get("currency") == measures.office.currency]
    total = sum(_number(deal.get("amount_minor")) for deal in paid)
    rfm = measures.office.rfm
    return {
        "client.deals": len(deals),
        "client.open_deals": _open(deals),
        "client.lost_deals": sum(deal.get("state") == "lost" for deal in deals),
        "client.won_count": len(sold),
        "client.won_minor": total,
        "client.products": _once(_lines(sold, "name")),
        "client.categories": _once(_lines(sold, "category")),
        "client.frequency": _score(len(sold), rfm.wins) if sold else 0,
        "client.money": _score(total, rfm.money_minor) if sold else 0,
    }


def _is_sale(deal: _Doc, measures: Measures) -> bool:
    return deal.get("state") == "won" and deal.get("pipeline") in measures.sales


def _recency(
    wins: Sequence[datetime], measures: Measures, now: datetime
) -> tuple[int, datetime | None]:
    """Return how lately the client bought, 5 to 1, and when that gets less; 0: never."""
    if not wins:
        return 0, None
    limits = [wins[-1] + timedelta(days=days) for days in measures.office.rfm.days]
    passed = sum(limit <= now for limit in limits)
    return _HIGHEST - passed, next((limit for limit in limits if limit > now), None)


def _score(value: int, limits: Iterable[int]) -> int:
    return _LOWEST + sum(value >= limit for limit in limits)


def _open(records: Sequence[_Doc]) -> int:
    return sum(record.get("state") in OPEN for record in records)


def _lines(records: Sequence[_Doc], field: str) -> Iterator[str]:
    for record in records:
        lines = record.get("lines")
        for line in lines if isinstance(lines, Sequence) else ():
            yield str(line.get(field) or "")


def _last(records: Sequence[_Doc], field: str) -> datetime | None:
    return max(filter(None, (_moment(record.get(field)) for record in records)), default=None)


def _once(found: Iterable[str]) -> tuple[str, ...]:
    return tuple(dict.fromkeys(filter(None, found)))


def _typed(value: object, kind: str) -> FactValue:
    if value is None or value == "":
        return None
    if kind == "date":
        return date.fromisoformat(str(value)[:10])
    if kind in {"number", "money"} and isinstance(value, int | float):
        return value if isinstance(value, int) else Decimal(str(value))
    return str(value)


def _text(value: object) -> str | None:
    return value if isinstance(value, str) and value else None


def _texts(value: object) -> tuple[str, ...]:
    return tuple(map(str, value)) if isinstance(value, list | tuple) else ()


def _moment(value: object) -> datetime | None:
    return read(value) if isinstance(value, str) else None


def _number(value: object) -> int:
    return value if isinstance(value, int) else 0
