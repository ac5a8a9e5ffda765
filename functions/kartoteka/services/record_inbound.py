"""Record one inbound event and decide what follows from it, in one transaction; D4."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime, timedelta
from functools import cache

from kartoteka.domain.change import Actor, ActorKind
from kartoteka.domain.errors import Conflict
from kartoteka.domain.ids import InboundId, derived
from kartoteka.domain.inbound import Inbound, Kind, RawPart
from kartoteka.domain.instant import spell
from kartoteka.domain.routing import Hands
from kartoteka.ports import Store
from kartoteka.services.decide import Decision, Wish, decide
from kartoteka.services.decide_calls import decide_piece
from kartoteka.services.office import Desk
from kartoteka.services.unit import Unit, transact

_SHOWN = ("channel", "what", "state", "why", "client_id", "lead_id")
_RAW_PART = 60_000  # characters; at four bytes each a quarter of what a record holds
_ATTEMPTS = 3


@dataclass(frozen=True, slots=True)
class Stored:
    """What became of one event; `seen` means a repeat that changed nothing.

    `waits`: decided just now, and a person has to look at it.
    """

    inbound_id: str
    seen: bool
    client_id: str | None = None
    lead_id: str | None = None
    waits: bool = False


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
    people = hands(desk)

    def work(unit: Unit) -> Stored:
        return take(unit, inbound, people, owner_id)

    cause = f"inbound:{inbound.id}"
    stored = _settled(lambda: transact(desk.store, actor, cause, people.now, work=work))
    desk.waker.after_commit()
    return stored


def raw_body(store: Store, inbound: Inbound) -> str:
    """Return the whole body of an event as received, also when it takes several records."""
    ids = [_part_id(inbound.id, number) for number in range(1, inbound.raw_parts + 1)]
    parts = store.get_many(RawPart.collection, ids)
    return inbound.raw + "".join(str(parts[part_id]["text"]) for part_id in ids)


def _settled(act: Callable[[], Stored]) -> Stored:
    """Return the outcome; a record that somebody made meanwhile is met on the next attempt."""
    for _ in range(_ATTEMPTS - 1):
        try:
            return act()
        except Conflict:
            continue
    return act()


def take(unit: Unit, inbound: Inbound, people: Hands, owner_id: str | None) -> Stored:
    """Return what became of the event inside the caller's unit; `owner_id` as in `record`."""
    wish = Wish(people, owner_id)
    first = unit.find(Inbound, inbound.id)
    if first is not None:
        if _is_repeat(first, wish.now):
            return Stored(first.id, seen=True, client_id=first.client_id, lead_id=first.lead_id)
        unit.keep(first.model_copy(update={"last_at": wish.now}), shown=_SHOWN)
        inbound = inbound.model_copy(update={"id": _again(inbound, wish.now)})
    return settle(unit, inbound, _decided(unit, inbound, wish))


def retake(unit: Unit, inbound: Inbound, people: Hands, owner_id: str | None) -> Stored:
    """Return what became of an event that waited for a person, decided anew under its id."""
    return settle(unit, inbound, _decided(unit, inbound, Wish(people, owner_id)))


def settle(unit: Unit, inbound: Inbound, decision: Decision) -> Stored:
    """Return what became of an event, as it was decided."""
    kept = inbound.model_copy(
        update={
            "state": decision.state,
            "why": decision.why,
            "client_id": decision.client.id if decision.client else None,
            "lead_id": decision.lead.id if decision.lead else None,
        }
    )
    unit.keep(_with_long_body(unit, kept), shown=_SHOWN)
    unit.subject = kept.client_id or kept.id
    waits = kept.state == "unknown"
    return Stored(kept.id, False, kept.client_id, kept.lead_id, waits)


def _with_long_body(unit: Unit, inbound: Inbound) -> Inbound:
    raw = inbound.raw
    if len(raw) <= _RAW_PART:
        return inbound
    rest = [raw[at : at + _RAW_PART] for at in range(_RAW_PART, len(raw), _RAW_PART)]
    for number, text in enumerate(rest, 1):
        unit.keep(RawPart(id=_part_id(inbound.id, number), text=text))
    return inbound.model_copy(update={"raw": raw[:_RAW_PART], "raw_parts": len(rest)})


def _part_id(inbound_id: str, number: int) -> str:
    return f"{inbound_id}.{number}"


def _decided(unit: Unit, inbound: Inbound, wish: Wish) -> Decision:
    if inbound.state == "ignored":
        return Decision("ignored", inbound.why)
    if inbound.what is Kind.UNKNOWN:
        return Decision("unknown", inbound.why or "not_understood")
    if inbound.what is Kind.SERVICE:
        return Decision("done", inbound.why)
    if inbound.call is not None and inbound.call.piece:
        return decide_piece(unit, inbound, inbound.call, wish)
    return _decide_said(unit, inbound, wish)


def _decide_said(unit: Unit, inbound: Inbound, wish: Wish) -> Decision:
    """Return what an event became; the rules of messages and letters come with the first one."""
    if inbound.message is not None:
        from kartoteka.services.chat_intake import decide_message

        return decide_message(unit, inbound, inbound.message, wish)
    if inbound.order is not None:
        from kartoteka.services.order_intake import decide_order

        return decide_order(unit, inbound, inbound.order, wish)
    if inbound.payment is not None:
        from kartoteka.services.payment_intake import decide_payment

        return decide_payment(unit, inbound, inbound.payment, wish)
    if inbound.mail is not None:
        from kartoteka.services.mail_intake import decide_mail

        return decide_mail(unit, inbound, inbound.mail, wish)
    return decide(unit, inbound, wish)


def _is_repeat(first: Inbound, now: datetime) -> bool:
    latest = first.last_at or first.received_at
    return not first.window_s or now - latest <= timedelta(seconds=first.window_s)


def _again(inbound: Inbound, now: datetime) -> InboundId:
    return InboundId(derived("in", inbound.id, spell(now)))


def hands(desk: Desk) -> Hands:
    """Return the people at this moment; however often the transaction runs, turns come once."""
    settings, now = desk.settings(), desk.now()

    def full() -> frozenset[str]:
        return desk.loads.full(desk.store, settings)

    return Hands(settings, now, turn=cache(desk.turns.next), full=full)
