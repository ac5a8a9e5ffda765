"""What an event of a payment service means: one record per payment, and its deal."""

from kartoteka.domain import identity
from kartoteka.domain.ids import ClientId
from kartoteka.domain.inbound import Inbound
from kartoteka.domain.model import Client
from kartoteka.domain.payment import PaymentFact, PaymentTold, heard, payment_id
from kartoteka.services.decide import Decision, Wish
from kartoteka.services.payment_settling import Settling
from kartoteka.services.unit import Unit


def decide_payment(unit: Unit, inbound: Inbound, told: PaymentTold, wish: Wish) -> Decision:
    """Return what the event became; the payment and its deal are saved in the unit."""
    if told.test:
        return Decision("done", "payment_test")
    name = payment_id(inbound.channel, inbound.account, told.id)
    known = unit.find(PaymentFact, name)
    fact = heard(known or _begun(name, inbound, told), told)
    fact = _with_payer(unit, fact, inbound)
    if told.what == "asked":
        fact = fact.model_copy(update={"asked": fact.asked + 1})
    else:
        fact = Settling(unit, wish.settings).settled(_confirmed(known, fact, inbound))
    kept = fact.model_copy(update={"updated_at": unit.now})
    (unit.save if known else unit.add)(kept)
    return Decision("done", client=unit.find(Client, kept.client_id))


def _begun(name: str, inbound: Inbound, told: PaymentTold) -> PaymentFact:
    return PaymentFact(
        id=name,
        channel=inbound.channel,
        account=inbound.account,
        external=told.id,
        inbound_id=inbound.id,
        at=inbound.at,
        created_at=inbound.received_at,
        updated_at=inbound.received_at,
    )


def _confirmed(known: PaymentFact | None, fact: PaymentFact, inbound: Inbound) -> PaymentFact:
    """Return the payment as its provider vouches for it; it is of the moment the money came."""
    first_money = fact.amount_minor and not (known and known.amount_minor)
    update: dict[str, object] = {"at": inbound.at} if first_money else {}
    if fact.state == "unchecked":
        update["state"] = "unmatched"
    return fact.model_copy(update=update)


def _with_payer(unit: Unit, fact: PaymentFact, inbound: Inbound) -> PaymentFact:
    """Return the payment with what is known of who paid; nobody becomes a client by paying."""
    sender = inbound.sender
    phones = fact.payer_phones or sender.phones
    emails = fact.payer_emails or sender.emails
    names = identity.keys(phones, emails, ())
    update: dict[str, object] = {
        "payer_name": fact.payer_name or sender.name,
        "payer_phones": phones,
        "payer_emails": emails,
    }
    if fact.client_id is None and names:
        holders = unit.keys(names)
        found = next((holders[it] for it in names if it in holders), None)
        update["client_id"] = ClientId(found) if found else None
    return fact.model_copy(update=update)
