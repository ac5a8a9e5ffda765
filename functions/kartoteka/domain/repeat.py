"""Selling again to somebody who bought: how it is flagged, when, and what the new deal begins as.

Pure.
"""

from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime, timedelta

from kartoteka.domain import recurrence
from kartoteka.domain.catalogue import Product
from kartoteka.domain.deal import Deal
from kartoteka.domain.ids import DealId, StaffId
from kartoteka.domain.model import Line
from kartoteka.domain.office import Office

FIRST, REPEAT, INQUIRY = "first", "repeat", "repeat_inquiry"
CHOICES = (30, 90, 180, 365)  # days that a person is offered


def sign_of(*, bought: bool, known: bool) -> str:
    """Return what a new deal is: of a stranger, of a buyer, or of somebody who only asked.

    A request needs no third word: one of a known client is always a repeat.
    """
    if bought:
        return REPEAT
    return INQUIRY if known else FIRST


def usual_days(lines: Iterable[Line], products: Mapping[str, Product], office: Office) -> int:
    """Return after how many days a buyer usually comes back: what a product says, else the office.

    Of several products the soonest decides.
    """
    sold = (products.get(line.product_id or "") for line in lines)
    days = [it.repeat_days for it in sold if it is not None and it.repeat_days is not None]
    return min(days, default=office.selling.repeat_days)


def moment_after(days: int, office: Office, now: datetime) -> datetime:
    """Return the first working moment at least so many days from now."""
    return office.work.add_minutes(now + timedelta(days=days), 0)


def first_of(rule: str, office: Office, now: datetime) -> datetime | None:
    """Return when a rule (RRULE) that is counted from now repeats first; None: never.

    Raises:
        Invalid: it is no rule that the office understands.
    """
    return recurrence.following(rule, now, now, office.work.zone)


def next_of(deal: Deal, office: Office, now: datetime) -> datetime | None:
    """Return when a deal that was just repeated does so again; what was missed is not caught up."""
    if not deal.repeats or deal.repeat_since is None or deal.repeat_at is None:
        return None
    after = max(deal.repeat_at, now)
    return recurrence.following(deal.repeats, deal.repeat_since, after, office.work.zone)


def again(
    deal: Deal, deal_id: DealId, *, lines: Sequence[str], owner_id: StaffId | None, now: datetime
) -> Deal:
    """Return the beginning of the same deal again: who, what and for how much, nothing of its way.

    `lines` are the ids of its positions. The amount is as it was.
    """
    same = zip(deal.lines, lines, strict=True)
    return Deal(
        id=deal_id,
        client_id=deal.client_id,
        company_id=deal.company_id,
        name=deal.name,
        pipeline=deal.pipeline,
        stage="",
        stage_entered_at=now,
        stage_version=0,
        owner_id=owner_id,
        visibility=deal.visibility,
        deal_type=deal.deal_type,
        lines=tuple(line.model_copy(update={"id": name}) for line, name in same),
        amount_minor=deal.amount_minor,
        amount_by_hand=deal.amount_by_hand,
        currency=deal.currency,
        cost_minor=deal.cost_minor,
        fields=deal.fields,
        tags=deal.tags,
        repeat_of=deal.id,
        created_at=now,
        updated_at=now,
    )
