"""Payments that wait for a person: match, dismiss, open again, ask the provider once more."""

from collections.abc import Callable
from typing import TypeAlias

from pydantic import Field

from kartoteka.domain.access import Operation, can, check
from kartoteka.domain.change import Actor
from kartoteka.domain.deletion import LONGEST_REASON, checked_reason
from kartoteka.domain.errors import Invalid, NotAllowed
from kartoteka.domain.model import Value
from kartoteka.domain.office import Settings
from kartoteka.domain.payment import PaymentFact
from kartoteka.domain.payment_match import check_waits, exceeds
from kartoteka.i18n import text
from kartoteka.ports import Order, Query, Where
from kartoteka.services.commands import Command, Registry
from kartoteka.services.deal_commands import command
from kartoteka.services.deal_forms import OneDeal
from kartoteka.services.deal_naming import deal_named
from kartoteka.services.deal_records import act, held
from kartoteka.services.office import Desk
from kartoteka.services.payment_settling import Settling
from kartoteka.services.task_forms import Id
from kartoteka.services.unit import Unit

_Change: TypeAlias = Callable[[Unit, PaymentFact, Settings], PaymentFact]
_WAITING = ("unchecked", "unmatched")
_MOST_SHOWN = 500


class OnePayment(Value):
    """A payment."""

    payment: Id


class MatchPayment(OneDeal):
    """Say which deal a payment is for; a reason is needed when it is more than the deal owes."""

    payment: Id
    reason: str = Field(default="", max_length=LONGEST_REASON)


class DecidePayment(OnePayment):
    """Dismiss a payment, or open a decision again; say why."""

    reason: str = Field(max_length=LONGEST_REASON)


class ListPayments(Value):
    """Ask for the payments that wait."""


class WaitingPayments(Value):
    """Payments that wait, the oldest first, and in words what each waits for."""

    payments: tuple[PaymentFact, ...]
    why: dict[str, str]


def match(desk: Desk, actor: Actor, form: MatchPayment, *, cause: str) -> PaymentFact:
    """Return the payment, its money in the deal: named by id, order, or the client's contact.

    Raises:
        NotAllowed: who keeps no accounts matches no payments, or the deal is out of reach.
        Invalid: it is decided or not confirmed, the currency is another one, a reason lacks, or
            none or several deals are called so.
        Conflict: the deal was changed since the caller read it.
    """
    deal_id = deal_named(desk.store, form.deal, desk.settings().office.region)
    named = form.model_copy(update={"deal": deal_id})

    def change(unit: Unit, fact: PaymentFact, settings: Settings) -> PaymentFact:
        check_waits(fact)
        deal = held(unit, settings, named, Operation.READ)
        if fact.currency != deal.currency:
            raise Invalid(
                f"{fact.id} is in {fact.currency}, {deal.id} in {deal.currency}",
                fields={"deal": "payment_currency"},
                code="payment_currency",
            )
        if exceeds(fact, deal) and not form.reason.strip():
            raise Invalid("say why", fields={"reason": "required"}, code="payment_over_reason")
        return Settling(unit, settings).put(fact, deal)

    return _decided(desk, actor, form.payment, form.reason, change=change, cause=cause)


def dismiss(desk: Desk, actor: Actor, form: DecidePayment, *, cause: str) -> PaymentFact:
    """Return the payment as one that is for no deal.

    Raises:
        NotAllowed: who keeps no accounts dismisses no payments.
        Invalid: it is decided or not confirmed, or nobody said why.
    """
    reason = checked_reason(form.reason)

    def change(_unit: Unit, fact: PaymentFact, _settings: Settings) -> PaymentFact:
        check_waits(fact)
        return fact.model_copy(update={"state": "dismissed", "why": ""})

    return _decided(desk, actor, form.payment, reason, change=change, cause=cause)


def reopen(desk: Desk, actor: Actor, form: DecidePayment, *, cause: str) -> PaymentFact:
    """Return the payment as one that waits again; its money is taken off the deal.

    Raises:
        NotAllowed: who keeps no accounts decides on no payments.
        Invalid: it waits already, or nobody said why.
    """
    reason = checked_reason(form.reason)

    def change(unit: Unit, fact: PaymentFact, settings: Settings) -> PaymentFact:
        if fact.state not in {"matched", "dismissed"} or not fact.net_minor:
            raise Invalid(f"{fact.id} is {fact.state}", code="payment_not_decided")
        opened = Settling(unit, settings).off(fact)
        return opened.model_copy(update={"state": "unmatched", "why": "payment_reopened"})

    return _decided(desk, actor, form.payment, reason, change=change, cause=cause)


def ask_again(desk: Desk, actor: Actor, form: OnePayment, *, cause: str) -> PaymentFact:
    """Return the payment, about which its provider is being asked once more.

    Raises:
        NotAllowed: who keeps no accounts asks about no payments.
        Invalid: its provider signs what it tells, there is nothing to ask.
    """

    def change(_unit: Unit, fact: PaymentFact, _settings: Settings) -> PaymentFact:
        if not fact.asked:
            raise Invalid(f"{fact.channel} signs its news", code="payment_signed")
        return fact.model_copy(update={"asked": fact.asked + 1})

    return _decided(desk, actor, form.payment, "", change=change, cause=cause)


def waiting(desk: Desk, actor: Actor, _form: ListPayments, _cause: str) -> WaitingPayments:
    """Return the payments that wait for a person or a provider, as far as the actor may see."""
    within = desk.settings()
    found: list[PaymentFact] = []
    for state in _WAITING:
        where = (Where("state", "==", state),)
        query = Query(PaymentFact.collection, where, (Order("at"),), limit=_MOST_SHOWN)
        found += [PaymentFact.model_validate(hit.doc) for hit in desk.store.query(query)]
    mine = [fact for fact in found if can(actor, Operation.READ, fact, within=within)]
    locale = within.office.locale
    said = {fact.id: text(fact.why or "payment_asking", locale) for fact in mine}
    return WaitingPayments(payments=tuple(sorted(mine, key=lambda it: it.at)), why=said)


def _decided(
    desk: Desk, actor: Actor, payment: str, reason: str, *, change: _Change, cause: str
) -> PaymentFact:
    """Return the payment as `change` makes it, after the check of who may."""
    settings = desk.settings()
    if not can(actor, Operation.CHANGE, PaymentFact, field="state", within=settings):
        raise NotAllowed(f"{actor.id} keeps no accounts", code="payment_keepers")

    def work(unit: Unit) -> PaymentFact:
        fact = unit.need(PaymentFact, payment)
        check(actor, Operation.CHANGE, fact, field="state", within=settings, now=unit.now)
        after = change(unit, fact, settings)
        unit.reason = reason.strip()
        unit.subject = after.client_id or fact.client_id or fact.id
        stamp = {"decided_by": actor.id, "updated_at": unit.now}
        return unit.save(after.model_copy(update=stamp))

    return act(desk, actor, cause, work)


PAYMENT_COMMANDS: Registry = {
    "payment.check": command("ask the provider about a payment again", OnePayment, ask_again),
    "payment.dismiss": command("say that a payment is for no deal", DecidePayment, dismiss),
    "payment.list": Command("show the payments that wait", ListPayments, waiting),
    "payment.match": command("say which deal a payment is for", MatchPayment, match),
    "payment.reopen": command("take back what was decided on a payment", DecidePayment, reopen),
}
