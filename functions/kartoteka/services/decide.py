"""What one inbound event means for clients and leads."""

from dataclasses import dataclass
from datetime import datetime

from kartoteka.domain import identity, routing
from kartoteka.domain.chat import chat_id
from kartoteka.domain.deal import Deal
from kartoteka.domain.ids import ActivityId, ClientId, StaffId, derived, fresh
from kartoteka.domain.inbound import BY_HAND, Inbound, Kind
from kartoteka.domain.ladder import Weight, weigh
from kartoteka.domain.model import (
    Activity,
    CallFact,
    CallStatus,
    ChatMessage,
    Client,
    Lead,
    Touch,
)
from kartoteka.domain.office import Settings
from kartoteka.domain.routing import Hands
from kartoteka.services import contact, deal_touch, duplicates, new_lead
from kartoteka.services.call_people import (
    is_colleagues,
    is_stray,
    passed_to,
    program_of,
    taken_by,
    told_again,
)
from kartoteka.services.form_words import with_answers
from kartoteka.services.guests import guests
from kartoteka.services.new_lead import Request
from kartoteka.services.next_step import ensure_next
from kartoteka.services.unit import Unit

_LONGEST_EXTRA = 60_000  # characters of all fields of a lead together
_SAID_BY_EXCHANGE = {
    CallStatus.BUSY,
    CallStatus.REJECTED,
    CallStatus.CANCELLED,
    CallStatus.NO_NUMBER,
}


@dataclass(frozen=True, slots=True)
class Wish:
    """What the office wants of every event: its people, and the owner that the key names."""

    hands: Hands
    owner_id: str | None

    @property
    def settings(self) -> Settings:
        """Return the office's settings."""
        return self.hands.settings

    @property
    def now(self) -> datetime:
        """Return the moment of the decision."""
        return self.hands.now


@dataclass(frozen=True, slots=True)
class Decision:
    """What became of an event; a state other than `done` carries the reason."""

    state: str
    why: str = ""
    client: Client | None = None
    lead: Lead | None = None


def decide(unit: Unit, inbound: Inbound, wish: Wish, *, known: Client | None = None) -> Decision:
    """Return what the event became; clients, leads and activities are saved in the unit.

    `known` is whose it is when no identity key says so.
    """
    sender = inbound.sender
    if is_own(inbound, wish):
        return Decision("ignored", "own_number")
    if inbound.call is not None and inbound.call.fact.ended_at is None:
        return Decision("done", "call_in_progress")
    names = identity.keys(sender.phones, sender.emails, sender.messengers)
    if nobody := _nobody(inbound, names, wish.settings):
        return Decision("unknown", nobody)
    holders = duplicates.holders(unit, names, sender.name or _nameless(inbound, wish))
    client = matched(unit, names, holders) or known
    if client is None and _too_slight(inbound):
        return Decision("ignored", "short_call")
    one = met(unit, client, inbound, wish)
    duplicates.take(unit, names, one.id)
    return _with_lead(unit, one, inbound, wish, known=client is not None)


def _nobody(inbound: Inbound, names: list[str], settings: Settings) -> str:
    """Return why it cannot be told who this is; empty: it can."""
    if program_of(inbound) or is_stray(inbound, settings):
        return "by_program"
    if not names:
        return "no_identity"
    return "own_line" if is_line(inbound, settings) else ""


def attach(unit: Unit, inbound: Inbound, client: Client, wish: Wish) -> Decision:
    """Return the event as a part of this client's history; it makes no request of its own.

    Free identity keys become the client's. A key in other hands asks whether the two are one.
    """
    sender = inbound.sender
    names = identity.keys(sender.phones, sender.emails, sender.messengers)
    for other in duplicates.holders(unit, names, sender.name).values():
        if other != client.id:
            duplicates.ask(unit, client.id, other, why="key")
    one = met(unit, client, inbound, wish)
    duplicates.take(unit, names, one.id)
    lead = unit.find(Lead, one.open_lead_id)
    open_deals = deal_touch.open_deals(unit, one)
    deal = deal_touch.selling(open_deals, wish.settings) if lead is None else None
    activity = unit.save(_activity(one, lead, inbound, wish, deal=deal))
    deal_touch.touch(unit, wish.settings, open_deals, activity)
    if lead is not None:
        lead = unit.save(_after(unit, lead, activity, wish, new=False))
    return Decision("done", client=one, lead=lead)


def is_own(inbound: Inbound, wish: Wish) -> bool:
    """Return whether one of us is the sender: a staff number, an internal extension included.

    A line of the office is nobody's: who is behind it may be told by another event.
    """
    if program := program_of(inbound):
        return is_colleagues(program, wish.settings)
    dialled = {inbound.call.fact.client_number} if inbound.call else set()
    own = dialled.union(inbound.sender.phones) & wish.settings.own_numbers()
    return bool(own.difference(wish.settings.office.lines))


def is_line(inbound: Inbound, settings: Settings) -> bool:
    """Return whether the sender's number is one that people dial to reach the office."""
    return any(number in settings.office.lines for number in inbound.sender.phones)


def matched(unit: Unit, names: list[str], holders: dict[str, str]) -> Client | None:
    """Return whom the keys mean; keys of two clients ask people whether the two are one."""
    found = list(dict.fromkeys(holders[name] for name in names if name in holders))
    if not found:
        return None
    for other in found[1:]:
        duplicates.ask(unit, found[0], other, why="key")
    return unit.need(Client, found[0])


def _too_slight(inbound: Inbound) -> bool:
    """Return whether a call from a stranger is too little to make a lead of."""
    if inbound.call is None:
        return False
    weight = weigh(inbound.call.fact)
    missed = inbound.call.direction == "in" and inbound.call.fact.answered_at is None
    return weight is not Weight.CONVERSATION and not missed


def met(unit: Unit, client: Client | None, inbound: Inbound, wish: Wish) -> Client:
    """Return the client of an event as the event leaves them, made when there was none."""
    sender = inbound.sender
    direction = inbound.call.direction if inbound.call else "in"
    staff = taken_by(inbound, wish.settings)
    touch = Touch(
        at=inbound.at,
        kind=inbound.what.value,
        direction=direction,
        staff_id=staff.id if staff else None,
        passed_to=passed_to(inbound, wish.settings),
    )
    if client is None:
        return unit.add(
            Client(
                id=ClientId(fresh("cl")),
                name=sender.name or _nameless(inbound, wish),
                phones=sender.phones,
                emails=sender.emails,
                messengers=sender.messengers,
                last_touch=touch,
                created_at=wish.now,
                updated_at=wish.now,
            )
        )
    return unit.save(
        client.model_copy(
            update={
                "name": _better_name(client.name, client, inbound),
                "phones": _union(client.phones, sender.phones),
                "emails": _union(client.emails, sender.emails),
                "messengers": _union(client.messengers, sender.messengers),
                "last_touch": _latest(client.last_touch, touch),
                "updated_at": wish.now,
            }
        )
    )


def _latest(old: Touch | None, new: Touch) -> Touch:
    return old if old is not None and old.at > new.at else new


def _nameless(inbound: Inbound, wish: Wish) -> str:
    sender = inbound.sender
    called = guests(sender.messengers, (wish.settings.office.locale,))
    return next(iter((*sender.phones, *sender.emails, *called, *sender.messengers)), "")


def _better_name(name: str, client: Client, inbound: Inbound) -> str:
    """Return the name a nameless client gives now; a name once known is never replaced."""
    known = {*client.phones, *client.emails, *client.messengers}
    stand_ins = {"", *known, *guests(client.messengers)}
    return inbound.sender.name if name in stand_ins and inbound.sender.name else name


def _union(old: tuple[str, ...], new: tuple[str, ...]) -> tuple[str, ...]:
    return tuple(dict.fromkeys((*old, *new)))


def _with_lead(
    unit: Unit, client: Client, inbound: Inbound, wish: Wish, *, known: bool
) -> Decision:
    open_lead = unit.find(Lead, client.open_lead_id)
    earlier = unit.find(Activity, activity_id(inbound)) if inbound.call else None
    if earlier is not None and not _corrects(inbound, earlier):
        more = told_again(earlier, inbound, wish.settings)
        if more != earlier:
            unit.save(more)
        return Decision("done", client=client, lead=open_lead)
    open_deals = deal_touch.open_deals(unit, client)
    deal = deal_touch.selling(open_deals, wish.settings)
    if open_lead is None and (deal is not None or _is_robots(inbound)):
        activity = unit.save(_activity(client, None, inbound, wish, deal=deal))
        deal_touch.touch(unit, wish.settings, open_deals, activity)
        return Decision("done", client=client)
    lead = _told_more(open_lead, client, inbound) if open_lead else None
    if lead is None:
        claims = _claims(client if known else None, open_deals, inbound, wish)
        lead = new_lead.make(Request(client, inbound, claims, known), wish.hands)
    activity = unit.save(_activity(client, lead, inbound, wish))
    deal_touch.touch(unit, wish.settings, open_deals, activity)
    corrected = earlier is not None and _stands_still(lead, activity)
    lead = _after(unit, lead, activity, wish, new=open_lead is None or corrected)
    lead = ensure_next(unit, wish.settings, lead)
    lead = unit.save(lead) if open_lead else unit.add(lead)
    client = unit.save(_belongs(client, lead))
    return Decision("done", client=client, lead=lead)


def _is_robots(inbound: Inbound) -> bool:
    """Return whether a machine called: whom it calls has asked for nothing."""
    return inbound.call is not None and inbound.call.fact.robot


def _corrects(inbound: Inbound, earlier: Activity) -> bool:
    """Return whether a call first told as missed, or as going on, is now told as answered."""
    fact = earlier.call
    undone = fact is not None and (fact.answered_at is None or fact.ended_at is None)
    return undone and inbound.call is not None and inbound.call.fact.answered_at is not None


def _stands_still(lead: Lead, call: Activity) -> bool:
    """Return whether nothing has moved the lead yet, this call neither."""
    return lead.stage_version == 1 and call.id not in lead.used_calls


def _told_more(lead: Lead, client: Client, inbound: Inbound) -> Lead:
    """Return the open lead with what this event adds: the name, the newest source, new fields."""
    extra = inbound.fields | lead.extra
    fits = sum(len(name) + len(value) for name, value in extra.items()) <= _LONGEST_EXTRA
    update = {
        "name": _better_name(lead.name, client, inbound),
        "last_touch": inbound.source or lead.last_touch,
        "extra": extra if fits else lead.extra,
    }
    return lead.model_copy(update=update)


def _belongs(client: Client, lead: Lead) -> Client:
    is_open = lead.state in {"open", "ongoing"}
    segment = "in_work" if client.segment == "new" and lead.touched_at else client.segment
    return client.model_copy(
        update={
            "open_lead_id": lead.id if is_open else None,
            "owner_id": client.owner_id or lead.owner_id,
            "segment": segment,
        }
    )


def _claims(
    client: Client | None, open_deals: list[Deal], inbound: Inbound, wish: Wish
) -> routing.Claims:
    """Return whose the request already is: the newest open deal comes before the client's card."""
    answered = inbound.call is not None and inbound.call.fact.answered_at is not None
    staff = taken_by(inbound, wish.settings) if answered else None
    by_hand = wish.owner_id if inbound.channel == BY_HAND else None  # who wrote it down has it
    dealers = [deal.owner_id for deal in open_deals if deal.owner_id is not None]
    own = next(iter(dealers), client.owner_id if client else None)
    return routing.Claims(own=own, answered=staff.id if staff else by_hand, key=wish.owner_id)


def _activity(
    client: Client, lead: Lead | None, inbound: Inbound, wish: Wish, *, deal: Deal | None = None
) -> Activity:
    staff = taken_by(inbound, wish.settings)
    call = inbound.call
    return Activity(
        id=activity_id(inbound),
        what=inbound.what.value,
        direction=call.direction if call else "in",
        client_id=client.id,
        lead_id=lead.id if lead else None,
        deal_id=deal.id if deal else None,
        staff_id=staff.id if staff else None,
        at=inbound.at,
        text=_said(inbound, wish),
        call=_ended(call.fact, call.direction, passed_to(inbound, wish.settings)) if call else None,
        inbound_id=inbound.id,
        files=inbound.attachments,
        message=_in_chat(inbound),
    )


def _said(inbound: Inbound, wish: Wish) -> str:
    return with_answers(inbound, wish.settings) if inbound.what is Kind.FORM else inbound.text


def _in_chat(inbound: Inbound) -> ChatMessage | None:
    message = inbound.message
    if message is None:
        return None
    name = chat_id(inbound.channel, inbound.account, message.peer)
    return ChatMessage(chat_id=name, external_id=message.id, quoted=message.quoted)


def activity_id(inbound: Inbound) -> ActivityId:
    """Return the id that every event about the same call or message leads to."""
    key: str = inbound.call.call_id if inbound.call else inbound.id
    if inbound.message is not None:
        key = f"message:{inbound.message.peer}:{inbound.message.id}"
    return ActivityId(derived("ac", inbound.channel, inbound.account, key))


def _ended(fact: CallFact, direction: str, passed_to: StaffId | None) -> CallFact:
    """Return the call with the status that its times prove, whatever the exchange called it."""
    if fact.answered_at is not None:
        told = {"status": CallStatus.ANSWERED, "passed_to": passed_to}
        return fact.model_copy(update=told)
    if fact.status in _SAID_BY_EXCHANGE:
        return fact
    status = CallStatus.MISSED if direction == "in" else CallStatus.NO_ANSWER
    return fact.model_copy(update={"status": status})


def _after(unit: Unit, lead: Lead, activity: Activity, wish: Wish, *, new: bool) -> Lead:
    if activity.call is not None:
        return contact.after_call(unit, wish.settings, lead, activity, new=new)
    if new:
        return lead
    client = unit.need(Client, lead.client_id)
    return contact.after_message(unit, wish.settings, lead, activity, client=client)
