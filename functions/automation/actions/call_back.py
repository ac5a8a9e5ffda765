"""Give somebody the task to call a client whose call was missed, or who asked to be called."""

from automation.rules import CallBack
from kartoteka.domain.change import Actor
from kartoteka.domain.deal import Deal
from kartoteka.domain.ids import ActivityId, StaffId, TaskId, derived
from kartoteka.domain.inbound import Inbound
from kartoteka.domain.instant import spell
from kartoteka.domain.model import Activity, Lead, Task
from kartoteka.i18n import text
from kartoteka.ports import Order, Query, Where
from kartoteka.services import tasks
from kartoteka.services.office import Desk


def call_back(desk: Desk, plan: CallBack, actor: Actor, cause: str) -> None:
    """Create the task once per missed call or wish, unless somebody has called since."""
    if _called_since(desk, plan):
        return
    owner = _owner(desk, plan)
    task = Task(
        id=call_back_id(plan.activity_id),
        what="callback",
        title=text(
            "task_callback_asked" if plan.asked else "task_callback",
            desk.settings().office.locale,
        ),
        client_id=plan.client_id,
        lead_id=plan.lead_id,
        deal_id=plan.deal_id,
        assignee_id=owner,
        phone=plan.phone or _number(desk, plan),
        due_at=plan.due_at,
        created_at=desk.now(),
    )
    tell = (
        (tasks.Told(owner, "notice_callback_asked" if plan.asked else "notice_callback"),)
        if owner
        else ()
    )
    tasks.create(desk, actor, task, cause=cause, tell=tell)


def call_back_id(activity_id: ActivityId) -> TaskId:
    """Return the id of the task that a missed call gives, the same however often it is told."""
    return TaskId(derived("tk", "callback", activity_id))


def _number(desk: Desk, plan: CallBack) -> str:
    """Return the number that the visitor left: it stands in the event."""
    doc = desk.store.get(Activity.collection, plan.activity_id)
    name = Activity.model_validate(doc).inbound_id if doc else None
    event = desk.store.get(Inbound.collection, name) if name else None
    return next(iter(Inbound.model_validate(event).sender.phones), "") if event else ""


def _owner(desk: Desk, plan: CallBack) -> StaffId | None:
    if plan.deal_id:
        deal = desk.store.get(Deal.collection, plan.deal_id)
        return Deal.model_validate(deal).owner_id if deal else None
    lead = desk.store.get(Lead.collection, plan.lead_id) if plan.lead_id else None
    return Lead.model_validate(lead).owner_id if lead else None


def _called_since(desk: Desk, plan: CallBack) -> bool:
    """Return whether this call or a later one was answered: events arrive out of order."""
    found = desk.store.get(Activity.collection, plan.activity_id)
    if found is None:
        return True
    missed = Activity.model_validate(found)
    if missed.call is not None and missed.call.answered_at is not None:
        return True
    since = Where("at", ">", spell(missed.at))
    query = Query(
        "activities", (Where("client_id", "==", plan.client_id), since), (Order("at", True),), 20
    )
    later = (Activity.model_validate(found.doc) for found in desk.store.query(query))
    return any(item.call is not None and item.call.answered_at is not None for item in later)
