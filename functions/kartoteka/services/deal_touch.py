"""What a contact means for the client's open deals; found without a query."""

from kartoteka.domain import next_step
from kartoteka.domain.deal import Deal
from kartoteka.domain.deal_flow import called, touched
from kartoteka.domain.guards import is_open
from kartoteka.domain.ladder import Weight, weigh
from kartoteka.domain.model import Activity, Client, NextAction
from kartoteka.domain.office import Settings
from kartoteka.services.deal_rules import rules_of
from kartoteka.services.unit import Unit

_MOST = 10  # deals of one client that a contact reaches; the newest ones


def open_deals(unit: Unit, client: Client) -> list[Deal]:
    """Return the client's open deals, the newest first, at most ten."""
    wanted = client.open_deal_ids[:_MOST]
    if not wanted:
        return []
    found = unit.find_many(Deal, wanted)
    return [found[name] for name in wanted if name in found and is_open(found[name])]


def selling(deals: list[Deal], settings: Settings) -> Deal | None:
    """Return the newest deal that a new request of the client belongs to.

    A process, such as a claim for a debt, takes no requests: they become leads.
    """
    return next((deal for deal in deals if deal.pipeline in settings.office.sales), None)


def touch(unit: Unit, settings: Settings, deals: list[Deal], activity: Activity) -> None:
    """Save what the contact changes in each deal: touch, proof of a call, due time, waking."""
    for deal in deals:
        after = _after(unit, settings, deal, activity)
        if after is not deal:
            unit.save(after)


def _after(unit: Unit, settings: Settings, deal: Deal, activity: Activity) -> Deal:
    call = activity.call
    if call is None:
        known = touched(deal, activity.at)
        return _heard(unit, settings, known) if activity.direction == "in" else known
    if weigh(call) is not Weight.NOTHING:
        deal = called(deal, activity.id, call.started_at)
    if call.answered_at is None:
        return deal
    deal = touched(deal, activity.at)
    if weigh(call) is Weight.CONVERSATION and activity.direction == "in":
        return _heard(unit, settings, deal)
    return next_step.client_acted(deal, settings.office.work, unit.now)


def _heard(unit: Unit, settings: Settings, deal: Deal) -> Deal:
    """Return the deal after the client came by: asleep it wakes, else somebody acts at once."""
    flow = rules_of(settings, deal)
    if deal.wake_at is not None:
        return flow.restore(deal, unit.actor, unit.now)
    deal = next_step.client_acted(deal, flow.hours, unit.now)
    if deal.next_action is None:
        return deal
    due = min(deal.next_action.due_at, flow.hours.add_minutes(unit.now, 0))
    if due == deal.next_action.due_at:
        return deal
    action = NextAction(what=deal.next_action.what, due_at=due, task_id=deal.next_action.task_id)
    return next_step.with_step(deal, action)
