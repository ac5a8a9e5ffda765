"""A form that makes a deal: its request becomes one at once, with the form's goods; A3, A4."""

from ingest.channels import form as channel
from kartoteka.domain.change import Actor, ActorKind
from kartoteka.domain.deal import Deal
from kartoteka.domain.errors import Conflict, Rejected
from kartoteka.domain.ids import ClientId
from kartoteka.domain.office import Form
from kartoteka.log import log
from kartoteka.services.convert import ConvertLead, convert_lead
from kartoteka.services.deal_forms import LONGEST_NAME, NewLine
from kartoteka.services.form_billing import Billed, bill
from kartoteka.services.form_orders import deal_of
from kartoteka.services.office import Desk
from kartoteka.services.record_inbound import Stored


def make_deal(desk: Desk, form: Form, stored: Stored) -> Billed | None:
    """Return the invoice of the recorded form's deal, if it makes one that the visitor may pay.

    Doing it again makes no second deal and no second invoice; of a client with an open deal other
    goods are a deal of their own. What the deal's first stage refuses
    stays a request, and a person goes on.

    Raises:
        Transient: the store does not answer; the visitor repeats.
    """
    actor = Actor(kind=ActorKind.CHANNEL, id=channel.name)
    cause = f"inbound:{stored.inbound_id}"
    try:
        deal = _deal(desk, actor, form, stored, cause=cause)
        if deal is not None and form.create_invoice:
            return bill(desk, actor, deal.id, form.products, cause=cause)
    except (Conflict, Rejected) as exc:
        log("warning", event="form_deal_refused", form=form.id, lead=stored.lead_id, code=exc.code)
    return None


def _deal(desk: Desk, actor: Actor, form: Form, stored: Stored, *, cause: str) -> Deal | None:
    if stored.lead_id is None:
        if stored.client_id is None:
            return None
        return deal_of(desk, actor, form, ClientId(stored.client_id), cause=cause)
    wish = ConvertLead(
        lead=stored.lead_id,
        deal_type=form.title[:LONGEST_NAME],
        lines=tuple(NewLine(product=name) for name in form.products),
        invoice=form.create_invoice,
    )
    return convert_lead(desk, actor, wish, cause=cause)
