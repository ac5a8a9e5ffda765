"""Goods on a lead: what the client asks about; a deal takes them over (C9)."""

from pydantic import AwareDatetime, Field

from kartoteka.domain.access import Operation, check
from kartoteka.domain.change import Actor
from kartoteka.domain.errors import NotAllowed
from kartoteka.domain.model import Lead, Value
from kartoteka.services import deal_lines
from kartoteka.services.deal_forms import MOST_LINES, NewLine
from kartoteka.services.deal_records import act
from kartoteka.services.fresh import check_fresh
from kartoteka.services.office import Desk
from kartoteka.services.unit import Unit


class LeadLines(Value):
    """Say anew what the client asks about; an empty list removes everything."""

    lead: str
    expected: AwareDatetime | None = None
    lines: tuple[NewLine, ...] = Field(max_length=MOST_LINES)


def set_lines(desk: Desk, actor: Actor, form: LeadLines, *, cause: str) -> Lead:
    """Return the lead with these lines instead of its former ones.

    Raises:
        NotAllowed: the lead is somebody else's, or became a deal.
        Invalid: a product is unknown, or a line says neither product nor name and price.
    """
    names = deal_lines.named(form.lines)

    def work(unit: Unit) -> Lead:
        lead = unit.need(Lead, form.lead)
        check(actor, Operation.CHANGE, lead, within=desk.settings(), now=unit.now)
        check_fresh(lead, lead.updated_at, form.expected)
        if lead.deal_id is not None:
            raise NotAllowed(f"lead {lead.id} became {lead.deal_id}", code="lead_converted")
        unit.subject = lead.client_id
        lines = deal_lines.filled(unit, form.lines, names, within=desk.settings())
        return unit.save(lead.model_copy(update={"lines": lines, "updated_at": unit.now}))

    return act(desk, actor, cause, work)
