"""What a piece of a call means, when the exchange tells a call leg by leg or its recording later.

A leg that nobody answered is a missed call only while no other leg was answered, before or after;
a later answer corrects it. Nothing here waits for an event that may never come.
"""

from kartoteka.domain.call_state import LEG, RECORDING, CallState
from kartoteka.domain.ids import derived
from kartoteka.domain.inbound import Call, Inbound
from kartoteka.domain.model import Activity, CallFact, CallStatus, Client
from kartoteka.services.decide import Decision, Wish, activity_id, decide, is_own
from kartoteka.services.unit import Unit


def decide_piece(unit: Unit, inbound: Inbound, call: Call, wish: Wish) -> Decision:
    """Return what the piece became, with what was told of the call before."""
    if is_own(inbound, wish):
        return Decision("ignored", "own_number")
    call = _without_line(call, wish)
    known = unit.find(CallState, _state_id(inbound))
    before = known or CallState(id=_state_id(inbound), started_at=call.fact.started_at)
    state = before.with_piece(call, inbound.id)
    if state != known:
        unit.keep(state)
    if call.piece == RECORDING:
        return _recorded(unit, inbound, state)
    if call.fact.ended_at is None:
        return _going_on(unit, inbound, call)
    if call.piece == LEG and call.fact.answered_at is None and state.talks:
        return Decision("done", "leg_ended")
    return decide(unit, _whole(unit, inbound, state.told(call), state), wish)


def _without_line(call: Call, wish: Wish) -> Call:
    """Return the piece without a number that is a line of ours: another may name the client."""
    if call.fact.client_number not in wish.settings.office.lines:
        return call
    return call.model_copy(update={"fact": call.fact.model_copy(update={"client_number": ""})})


def _state_id(inbound: Inbound) -> str:
    call_id = inbound.call.call_id if inbound.call else ""
    return derived("cs", inbound.channel, inbound.account, call_id)


def _recorded(unit: Unit, inbound: Inbound, state: CallState) -> Decision:
    """Keep the recording with the call; of a call that has not ended, until it has."""
    activity = unit.find(Activity, activity_id(inbound))
    if activity is None or activity.call is None:
        return Decision("done", "recording_waits")
    return _kept(unit, activity, activity.call, recording_url=state.recording_url)


def _going_on(unit: Unit, inbound: Inbound, call: Call) -> Decision:
    """Return that the call goes on; who answers a call told as missed ends the call-back."""
    if call.fact.answered_at is None:
        return Decision("done", "call_in_progress")
    activity = unit.find(Activity, activity_id(inbound))
    if activity is None or activity.call is None or activity.call.answered_at is not None:
        return Decision("done", "call_in_progress")
    talking = {"status": CallStatus.TALKING, "answered_at": call.fact.answered_at}
    return _kept(unit, activity, activity.call, **talking, ended_at=None)


def _kept(unit: Unit, activity: Activity, call: CallFact, **news: object) -> Decision:
    unit.save(activity.model_copy(update={"call": call.model_copy(update=news)}))
    return Decision("done", client=unit.find(Client, activity.client_id))


def _whole(unit: Unit, inbound: Inbound, call: Call, state: CallState) -> Inbound:
    """Return the event with the whole call, and the number that an earlier piece may have named."""
    update: dict[str, object] = {"call": call, "at": call.fact.ended_at}
    if not call.fact.client_number and state.number_in not in {"", inbound.id}:
        named = unit.find(Inbound, state.number_in)
        if named is not None and named.call is not None:
            number = named.call.fact.client_number
            fact = call.fact.model_copy(update={"client_number": number})
            update |= {"call": call.model_copy(update={"fact": fact}), "sender": named.sender}
    return inbound.model_copy(update=update)
