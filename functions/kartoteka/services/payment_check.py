"""A payment of which only the provider's own answer counts is asked for, until it is known."""

from collections.abc import Sequence
from typing import Protocol

from kartoteka.domain.change import Actor, ActorKind
from kartoteka.domain.errors import ConfigError, NotFound, Rejected
from kartoteka.domain.ids import derived
from kartoteka.domain.office import Account
from kartoteka.domain.payment import PaymentFact, PaymentTold, heard
from kartoteka.ports import QueuedTask
from kartoteka.services.office import Desk
from kartoteka.services.payment_settling import Settling
from kartoteka.services.unit import Unit, transact

QUEUE = "messages"
PATH = "/automation/task/payment"
_NOT_KNOWN = "payment_not_known"


class PaymentService(Protocol):
    """A provider that is asked about its payments."""

    def payment(self, account: Account, external: str, /) -> Sequence[PaymentTold]:
        """Return what is true of a payment now; nothing while it is on its way.

        Raises:
            NotFound: the provider knows no such payment.
            ConfigError: the account has no keys, or wrong ones.
            Transient: it does not answer; the queue repeats.
        """


def hand_over(desk: Desk, payment: str, asked: int) -> None:
    """Ask the queue to look a payment up; each asking is one task.

    Raises:
        Transient: the queue does not answer.
    """
    name = derived("paid", payment, str(asked))
    desk.tasks.enqueue(QueuedTask(QUEUE, name, PATH, {"payment": payment}))


def look_up(desk: Desk, service: PaymentService, payment: str) -> str:
    """Return the payment's state after its provider was asked.

    Raises:
        Transient: the provider does not answer.
    """
    doc = desk.store.get(PaymentFact.collection, payment)
    if doc is None:
        return "gone"
    fact = PaymentFact.model_validate(doc)
    told, why = _answer(desk, service, fact)

    def work(unit: Unit) -> str:
        now = unit.need(PaymentFact, payment)
        unit.subject = now.client_id or now.id
        after = Settling(unit, desk.settings()).settled(_with_answer(now, told, why))
        if after != now:
            unit.save(after.model_copy(update={"updated_at": unit.now}))
        return after.state

    actor = Actor(kind=ActorKind.CHANNEL, id=fact.channel)
    state = transact(desk.store, actor, f"payment:{payment}", desk.now(), work=work)
    desk.waker.after_commit()
    return state


def _answer(
    desk: Desk, service: PaymentService, fact: PaymentFact
) -> tuple[Sequence[PaymentTold], str]:
    """Return what the provider says, or why it says nothing."""
    try:
        account = desk.settings().account(fact.channel, fact.account)
        told = service.payment(account, fact.external)
    except ConfigError:
        return (), "payment_no_key"
    except (NotFound, Rejected):
        return (), _NOT_KNOWN
    return told, "" if told else "payment_pending"


def _with_answer(fact: PaymentFact, told: Sequence[PaymentTold], why: str) -> PaymentFact:
    open_still = fact.state == "unchecked" or fact.why == _NOT_KNOWN
    if why == _NOT_KNOWN and open_still:
        return fact.model_copy(update={"state": "dismissed", "why": why})
    if any(it.test for it in told):
        return fact.model_copy(update={"state": "dismissed", "why": "payment_test"})
    for it in told:
        fact = heard(fact, it)
    if not open_still:
        return fact
    return fact.model_copy(update={"why": why, "state": "unmatched" if told else "unchecked"})
