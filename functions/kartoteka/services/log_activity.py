"""Past calls, meetings, letters and visits written down by hand; E14, §4.3.

A call by hand counts on the ladder like any other, therefore it is refused wherever a telephone
exchange reports calls by itself, needs words, and comes at most once in ten minutes a lead.
"""

from datetime import datetime, timedelta
from typing import Literal

from pydantic import AwareDatetime, Field

from kartoteka.domain.access import Operation, check
from kartoteka.domain.change import Actor
from kartoteka.domain.deal import Deal
from kartoteka.domain.errors import Invalid, NotAllowed
from kartoteka.domain.ids import ActivityId, StaffId, fresh
from kartoteka.domain.instant import spell
from kartoteka.domain.model import Activity, CallFact, CallStatus, Client, Lead, Touch, Value
from kartoteka.domain.next_step import is_open
from kartoteka.domain.office import Settings
from kartoteka.ports import Order, Query, Where
from kartoteka.services import contact, deal_touch
from kartoteka.services.commands import Command, Registry
from kartoteka.services.next_step import ensure_next
from kartoteka.services.office import Desk
from kartoteka.services.task_forms import Id
from kartoteka.services.unit import Unit, transact

SHORTEST_TEXT = 10
PAUSE = timedelta(minutes=10)
OLDEST = timedelta(days=30)
_TICK = timedelta(microseconds=1)
_LONGEST_TEXT = 20_000
_MOST_SECONDS = 6 * 60 * 60
_LOOK_BACK = 50


class LogActivity(Value):
    """Write down what happened with a lead, a deal or a client; an instant in the past."""

    what: Literal["call", "meeting", "letter", "visit"]
    text: str = Field(max_length=_LONGEST_TEXT, description="what came of it")
    at: AwareDatetime | None = Field(default=None, description="when it began; now if not given")
    lead: Id = ""
    deal: Id = ""
    client: Id = ""
    direction: Literal["in", "out"] = "out"
    talk_s: int = Field(
        default=0, ge=0, le=_MOST_SECONDS, description="seconds of talk, 0: not reached"
    )


def log_activity(desk: Desk, actor: Actor, form: LogActivity, cause: str) -> Activity:
    """Return the activity as it stands in the timeline, marked as written by hand.

    Raises:
        Invalid: a call without ten characters of text, no record or several, an impossible time.
        NotAllowed: a telephone exchange is connected, a call was written down within ten
            minutes, or the record is somebody else's.
    """
    name = ActivityId(fresh("ac"))

    def work(unit: Unit) -> Activity:
        return _logged(unit, desk.settings(), form, name)

    activity = transact(desk.store, actor, cause, desk.now(), work=work)
    desk.waker.after_commit()
    return activity


def _logged(unit: Unit, settings: Settings, form: LogActivity, name: ActivityId) -> Activity:
    at = _checked(form, unit.now)
    lead, deal, client = _records(unit, settings, form)
    if form.at is None and lead is not None:
        at = max(at, lead.stage_entered_at + _TICK)  # nobody timed it: it came after the request
    unit.subject = client.id if client else (deal.id if deal else name)
    activity = Activity(
        id=name,
        what=form.what,
        direction=form.direction,
        client_id=client.id if client else None,
        lead_id=lead.id if lead else None,
        deal_id=deal.id if deal else None,
        staff_id=StaffId(unit.actor.id) if unit.actor.is_person else None,
        at=at,
        text=form.text,
        call=_fact(form, client, at) if form.what == "call" else None,
        manual=True,
    )
    if form.what == "call":
        _check_call(unit, settings, form, activity)
    if deal is not None:
        deal_touch.touch(unit, settings, [deal], activity)
    if client is not None:
        _touch_client(unit, client, activity)
    if lead is not None and client is not None and is_open(lead):
        after = _after(unit, settings, lead, activity, client=client)
        unit.save(ensure_next(unit, settings, after))
    return unit.add(activity)


def _after(
    unit: Unit, settings: Settings, lead: Lead, activity: Activity, *, client: Client
) -> Lead:
    if activity.call is not None:
        return contact.after_call(unit, settings, lead, activity)
    if activity.what == "letter" and activity.direction == "in":
        return contact.after_message(unit, settings, lead, activity, client=client)
    if activity.what == "letter":
        return contact.after_letter(unit, settings, lead, activity, client=client)
    return contact.touched(unit, lead)


def _records(
    unit: Unit, settings: Settings, form: LogActivity
) -> tuple[Lead | None, Deal | None, Client | None]:
    if sum(map(bool, (form.lead, form.deal, form.client))) != 1:
        raise Invalid("name one record", fields={"lead": "link"}, code="activity_link")
    lead = unit.need(Lead, form.lead) if form.lead else None
    deal = unit.need(Deal, form.deal) if form.deal else None
    of_record = lead.client_id if lead else (deal.client_id if deal else None)
    client = unit.find(Client, of_record) if of_record else None
    if form.client:
        client = unit.need(Client, form.client)
    for record in (lead, deal, client if form.client else None):
        if record is not None:
            check(unit.actor, Operation.CHANGE, record, within=settings)
    return lead, deal, client


def _checked(form: LogActivity, now: datetime) -> datetime:
    talk = timedelta(seconds=form.talk_s)
    at = form.at or now - talk
    if not now - OLDEST <= at <= now - talk:
        raise Invalid(
            "the time must be within the last 30 days", fields={"at": "past"}, code="activity_at"
        )
    if form.what == "call" and len(form.text.strip()) < SHORTEST_TEXT:
        raise Invalid(
            f"say in {SHORTEST_TEXT} characters what came of the call",
            fields={"text": "length"},
            code="activity_text",
            count=SHORTEST_TEXT,
        )
    return at


def _check_call(unit: Unit, settings: Settings, form: LogActivity, activity: Activity) -> None:
    if settings.hears_calls:
        raise NotAllowed("the telephone exchange reports calls by itself", code="calls_by_exchange")
    if not form.lead:
        return
    since = Where("at", ">", spell(activity.at - PAUSE))
    where = (Where("lead_id", "==", form.lead), since)
    query = Query("activities", where, (Order("at", descending=True),), _LOOK_BACK)
    found = unit.search(Activity, query)
    if any(other.manual and other.call and other.at < activity.at + PAUSE for other in found):
        raise NotAllowed("one call by hand in ten minutes", code="calls_often", count=10)


def _fact(form: LogActivity, client: Client | None, at: datetime) -> CallFact:
    missed = CallStatus.MISSED if form.direction == "in" else CallStatus.NO_ANSWER
    return CallFact(
        status=CallStatus.ANSWERED if form.talk_s else missed,
        client_number=next(iter(client.phones), "") if client else "",
        started_at=at,
        answered_at=at if form.talk_s else None,
        ended_at=at + timedelta(seconds=form.talk_s),
    )


def _touch_client(unit: Unit, client: Client, activity: Activity) -> None:
    if client.last_touch is not None and client.last_touch.at > activity.at:
        return
    touch = Touch(
        at=activity.at,
        kind=activity.what,
        direction=activity.direction,
        staff_id=activity.staff_id,
    )
    unit.save(client.model_copy(update={"last_touch": touch, "updated_at": unit.now}))


ACTIVITY_COMMANDS: Registry = {
    "activity.log": Command("write down a past call, meeting, letter", LogActivity, log_activity),
}
