"""Record one inbound event and decide what follows from it, in one transaction; D4."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime, timedelta

from kartoteka.domain.change import Actor, ActorKind
from kartoteka.domain.ids import InboundId, derived
from kartoteka.domain.inbound import Inbound, Kind
from kartoteka.domain.instant import spell
from kartoteka.services.decide import Decision, Wish, decide
from kartoteka.services.office import Desk
from kartoteka.services.unit import Unit, transact

_SHOWN = ("channel", "what", "state", "why", "client_id", "lead_id")


@dataclass(frozen=True, slots=True)
class Stored:
    """What became of one event; `seen` means a repeat that changed nothing."""

    inbound_id: str
    seen: bool
    client_id: str | None = None
    lead_id: str | None = None


def record(desk: Desk, inbound: Inbound, *, owner_id: str | None = None) -> Stored:
    """Return what became of the event; a repeated delivery returns the first outcome.

    Args:
        desk: the ports and settings of the office.
        inbound: the event; its `id` is the same for a repeated delivery.
        owner_id: whom the form or account names for its new leads.

    Raises:
        Transient: the store does not answer; the provider repeats.
    """
    actor = Actor(kind=ActorKind.CHANNEL, id=inbound.channel)
    wish = Wish(desk.settings(), owner_id, _once(desk.turns.next), desk.now())

    def work(unit: Unit) -> Stored:
        return _work(unit, inbound, wish)

    stored = transact(desk.store, actor, f"inbound:{inbound.id}", wish.now, work=work)
    desk.waker.after_commit()
    return stored


def _work(unit: Unit, inbound: Inbound, wish: Wish) -> Stored:
    first = unit.find(Inbound, inbound.id)
    if first is not None:
        if _is_repeat(first, wish.now):
            return Stored(first.id, seen=True, client_id=first.client_id, lead_id=first.lead_id)
        unit.keep(first.model_copy(update={"last_at": wish.now}), shown=_SHOWN)
        inbound = inbound.model_copy(update={"id": _again(inbound, wish.now)})
    decision = _decided(unit, inbound, wish)
    kept = inbound.model_copy(
        update={
            "state": decision.state,
            "why": decision.why,
            "client_id": decision.client.id if decision.client else None,
            "lead_id": decision.lead.id if decision.lead else None,
        }
    )
    unit.keep(kept, shown=_SHOWN)
    unit.subject = kept.client_id or kept.id
    return Stored(kept.id, seen=False, client_id=kept.client_id, lead_id=kept.lead_id)


def _decided(unit: Unit, inbound: Inbound, wish: Wish) -> Decision:
    if inbound.what is Kind.UNKNOWN:
        return Decision("unknown", inbound.why or "not_understood")
    if inbound.what is Kind.SERVICE:
        return Decision("done", inbound.why)
    return decide(unit, inbound, wish)


def _is_repeat(first: Inbound, now: datetime) -> bool:
    latest = first.last_at or first.received_at
    return not first.window_s or now - latest <= timedelta(seconds=first.window_s)


def _again(inbound: Inbound, now: datetime) -> InboundId:
    return InboundId(derived("in", inbound.id, spell(now)))


def _once(draw: Callable[[], int]) -> Callable[[], int]:
    """Return a draw that gives the same turn however often the transaction runs again."""
    drawn: list[int] = []

    def turn() -> int:
        if not drawn:
            drawn.append(draw())
        return drawn[0]

    return turn
