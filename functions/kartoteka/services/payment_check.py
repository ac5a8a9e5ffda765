"""A payment of which only the provider's own answer counts is asked for, until it is known.

An answer without news contradicts the notification that led to it: the provider may be behind
itself, or the payment on its way. So it is asked again, each time after twice as long.
"""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import timedelta
from typing import Protocol

from kartoteka.domain.change import Actor, ActorKind
from kartoteka.domain.errors import ConfigError, NotFound, Rejected
from kartoteka.domain.ids import derived
from kartoteka.domain.office import Account
from kartoteka.domain.payment import PaymentFact, PaymentTold, heard
from kartoteka.ports import Doc, QueuedTask
from kartoteka.services.office import Desk
from kartoteka.services.payment_settling import Settling
from kartoteka.services.unit import Unit, transact

QUEUE = "messages"
PATH = "/automation/task/payment"
_NOT_KNOWN, _PENDING = "payment_not_known", "payment_pending"
_FIRST_PAUSE = timedelta(minutes=10)
_MOST_LOOKS = 10  # a week: as long as the provider keeps money on hold
_LOOKS_AT_KNOWN = 3  # at a payment whose money is known: what lacks is a refund


class PaymentService(Protocol):
    """A provider that is asked about its payments."""

    def payment(self, account: Account, external: str, /) -> Sequence[PaymentTold]:
        """Return what is true of a payment now; nothing while it is on its way.

        Raises:
            NotFound: the provider knows no such payment.
            ConfigError: the account has no keys, or wrong ones.
            Transient: it does not answer; the queue repeats.
        """


@dataclass(frozen=True, slots=True)
class Asking:
    """One question about a payment: after which of its notifications, for which time."""

    payment: str
    asked: int
    look: int = 0  # of the same notification

    @property
    def task(self) -> QueuedTask:
        """Return the call that puts the question."""
        parts = (self.payment, str(self.asked), *([str(self.look)] if self.look else []))
        payload: Doc = {"payment": self.payment, "asked": self.asked, "look": self.look}
        return QueuedTask(QUEUE, derived("paid", *parts), PATH, payload)


def hand_over(desk: Desk, payment: str, asked: int) -> None:
    """Ask the queue to look a payment up; each asking is one task.

    Raises:
        Transient: the queue does not answer.
    """
    desk.tasks.enqueue(Asking(payment, asked).task)


def look_up(desk: Desk, service: PaymentService, asking: Asking) -> str:
    """Return the payment's state after its provider was asked.

    Raises:
        Transient: the provider does not answer.
    """
    doc = desk.store.get(PaymentFact.collection, asking.payment)
    if doc is None:
        return "gone"
    fact = PaymentFact.model_validate(doc)
    if asking.look and fact.asked > asking.asked:
        return "asked_since"
    told, why = _answer(desk, service, fact)

    def work(unit: Unit) -> tuple[str, bool]:
        now = unit.need(PaymentFact, asking.payment)
        unit.subject = now.client_id or now.id
        after = Settling(unit, desk.settings()).settled(_with_answer(now, told, why))
        if after != now:
            unit.save(after.model_copy(update={"updated_at": unit.now}))
        return after.state, after != now

    actor = Actor(kind=ActorKind.CHANNEL, id=fact.channel)
    cause = f"payment:{asking.payment}"
    state, is_news = transact(desk.store, actor, cause, desk.now(), work=work)
    desk.waker.after_commit()
    if why in {_NOT_KNOWN, _PENDING}:
        _look_again(desk, asking, _MOST_LOOKS)
    elif told and not is_news:
        _look_again(desk, asking, _LOOKS_AT_KNOWN)
    return state


def _look_again(desk: Desk, asking: Asking, most: int) -> None:
    if asking.look < most:
        at = desk.now() + _FIRST_PAUSE * 2**asking.look
        desk.tasks.enqueue(replace(replace(asking, look=asking.look + 1).task, at=at))


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
    return told, "" if told else _PENDING


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
