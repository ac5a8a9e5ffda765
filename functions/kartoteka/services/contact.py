"""What a call or a message does to an open lead: the ladder, the wait, the due time."""

from kartoteka.domain.ladder import Ladder, Move, Weight, counts, is_excused, weigh
from kartoteka.domain.model import Activity, CallFact, CallStatus, Client, Lead
from kartoteka.domain.next_step import client_acted, with_step
from kartoteka.domain.office import Settings
from kartoteka.domain.pipeline import Pipeline
from kartoteka.ports import Order, Query, Where
from kartoteka.services.unit import Unit

_LATELY = 20  # of a lead's activities, the newest


def ladder_of(settings: Settings, lead: Lead) -> Ladder:
    """Return the rules of the lead's pipeline."""
    return Ladder(settings.office.pipeline(lead.pipeline), settings.office.work)


def after_call(
    unit: Unit, settings: Settings, lead: Lead, activity: Activity, *, new: bool = False
) -> Lead:
    """Return the lead after a call; `new`: the call itself made the lead.

    A call that counts moves the lead and is the evidence of the act; each serves once.
    """
    call = activity.call
    if call is None:
        return lead
    weight = weigh(call)
    if activity.direction == "in" or call.answered_at is not None:
        lead = client_acted(lead, settings.office.work, unit.now)
    if activity.direction == "out" or weight is Weight.CONVERSATION:
        lead = touched(unit, lead)
    if not _serves(lead, activity, call, weight, new=new):
        return lead
    return _moved(unit, settings, lead, activity, weight=weight)


def after_message(
    unit: Unit, settings: Settings, lead: Lead, activity: Activity, *, client: Client
) -> Lead:
    """Return the lead after the client wrote: deferred ones wake, others are due now.

    A client without a telephone cannot be called: their answer to our letter is a conversation.
    So is any message where the pipeline's `message_opens_gate` is on.
    """
    if lead.wake_at is not None:
        return ladder_of(settings, lead).wake(lead, unit.now)
    answered = not client.phones and lead.wrote_at is not None
    opens = answered or settings.office.pipeline(lead.pipeline).message_opens_gate
    if opens and activity.id not in lead.used_calls:
        moved = _moved(unit, settings, lead, activity, weight=Weight.CONVERSATION)
        if moved is not lead:
            return moved
    hours = settings.office.work
    if lead.wait_until is not None:
        return client_acted(lead, hours, unit.now)
    if lead.next_action is None:
        return lead
    due = min(lead.next_action.due_at, hours.add_minutes(unit.now, 0))
    action = lead.next_action.model_copy(update={"due_at": due, "task_id": None})
    return with_step(lead, action).model_copy(update={"updated_at": unit.now})


def after_letter(
    unit: Unit, settings: Settings, lead: Lead, activity: Activity, *, client: Client
) -> Lead:
    """Return the lead after one of us wrote; to a client without a telephone it is an attempt."""
    written = touched(unit, lead).model_copy(update={"wrote_at": unit.now})
    if client.phones or activity.at <= lead.stage_entered_at:
        return written
    return _moved(unit, settings, written, activity, weight=Weight.ATTEMPT)


def with_dead_number(unit: Unit, pipeline: Pipeline, lead: Lead, wish: Move) -> Move:
    """Return the wish with the proof that there is no such number, if it wants one and has it.

    Without it a lead whose number is wrong could not leave its rung: no call ever reaches it.
    """
    here, there = pipeline.stage(lead.stage), pipeline.stage(wish.to)
    asked = unit.actor.is_person and here.gated and there.state == "lost"
    if not asked or is_excused(here, there, wish):
        return wish
    query = Query(
        Activity.collection, (Where("lead_id", "==", lead.id),), (Order("at", True),), _LATELY
    )
    for told in unit.search(Activity, query):
        call = told.call
        if call and call.status is CallStatus.NO_NUMBER and counts(lead, told.id, call):
            unit.evidence = told.id
            return wish.model_copy(update={"no_number": True})
    return wish


def touched(unit: Unit, lead: Lead) -> Lead:
    """Return the lead as one that a person has acted on."""
    return lead.model_copy(update={"touched_at": lead.touched_at or unit.now})


def _serves(lead: Lead, activity: Activity, call: CallFact, weight: Weight, *, new: bool) -> bool:
    return weight is Weight.CONVERSATION if new else counts(lead, activity.id, call)


def _moved(
    unit: Unit, settings: Settings, lead: Lead, activity: Activity, *, weight: Weight
) -> Lead:
    """Return the lead where the ladder takes it, the same lead when nothing follows."""
    moved = ladder_of(settings, lead).after_call(lead, weight, unit.now)
    if moved is lead:
        return lead
    unit.evidence = activity.id
    return moved.model_copy(update={"used_calls": (*lead.used_calls, activity.id)})
