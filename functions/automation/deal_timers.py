"""What a timer does to a deal: remind, wake, move a cold one, tell its owner and then the heads."""

from collections.abc import Callable

from automation.rules import (
    COLD,
    COLD_TWICE,
    COME_BACK,
    CROSS_SELL,
    ESCALATE,
    ESCALATE_AFTER,
    NEXT_ACTION,
    TOO_LATE,
    deal_timer,
)
from kartoteka.domain.deal import Deal
from kartoteka.domain.errors import Invalid, NotAllowed
from kartoteka.domain.guards import DealMove, is_open
from kartoteka.domain.ids import DealId, TaskId, derived
from kartoteka.domain.model import Task, Timer
from kartoteka.domain.next_step import of_task, with_step
from kartoteka.domain.signals import limits
from kartoteka.i18n import text
from kartoteka.services import cross_sell
from kartoteka.services.deal_records import keep
from kartoteka.services.deal_rules import rules_of
from kartoteka.services.notices import tell
from kartoteka.services.office import Desk
from kartoteka.services.repeats import come_back
from kartoteka.services.unit import Unit


def limits_of(desk: Desk, deal_id: DealId) -> list[Timer]:
    """Return the timers at which the deal, as it is now, goes cold and cold twice over."""
    doc = desk.store.get(Deal.collection, deal_id)
    if doc is None:
        return []
    deal = Deal.model_validate(doc)
    flow = rules_of(desk.settings(), deal)
    found = limits(deal, flow.stage(deal), flow.hours)
    if found is None:
        return []
    moments = ((COLD, found.cold_at), (COLD_TWICE, found.twice_at))
    return [deal_timer(rule, deal.id, due, deal.stage_version) for rule, due in moments]


def fire(unit: Unit, desk: Desk, item: Timer) -> tuple[str, list[Timer]]:
    """Return what the timer did, and the timers that follow; a deal that moved on drops it."""
    current = unit.need(Timer, item.id)
    if current.state != "pending":
        return "done", []
    deal = unit.find(Deal, item.deal_id)
    if deal is None or not _still_wanted(desk, deal, item):
        unit.keep(current.model_copy(update={"state": "dropped"}))
        return "dropped", []
    unit.subject = deal.client_id or deal.id
    unit.keep(current.model_copy(update={"state": "fired"}))
    return "fired", _ACTS[item.rule.partition(":")[0]](unit, desk, deal, item)


def _still_wanted(desk: Desk, deal: Deal, item: Timer) -> bool:
    """Return whether the deal still waits for what the timer was planned for."""
    if item.rule.partition(":")[0] in {COME_BACK, CROSS_SELL}:
        return deal.repeat_at == item.due_at if item.rule == COME_BACK else deal.state == "won"
    if not is_open(deal) or (item.version and deal.stage_version != item.version):
        return False
    if item.rule == NEXT_ACTION:
        return deal.next_at == item.due_at
    if item.rule == ESCALATE:
        return deal.next_at is not None and deal.next_at <= item.due_at
    flow = rules_of(desk.settings(), deal)
    found = limits(deal, flow.stage(deal), flow.hours)
    if found is None:
        return False
    return item.due_at == (found.cold_at if item.rule == COLD else found.twice_at)


def _next_action(unit: Unit, desk: Desk, deal: Deal, item: Timer) -> list[Timer]:
    """Wake a sleeping deal, else give its owner the task; the head hears an hour later."""
    if deal.wake_at is not None:
        keep(unit, deal, rules_of(desk.settings(), deal).restore(deal, unit.actor, unit.now))
        return []
    task = _task(unit, desk, deal, item)
    if unit.find(Task, task.id) is None:
        unit.add(task)
        unit.save(with_step(deal, of_task(task)))
    told = _tell_owner(unit, desk, deal, f"notice_{task.what}")
    if not told or unit.now - item.due_at > TOO_LATE:
        _tell_heads(unit, desk, deal, "notice_deal_overdue")
    due = desk.settings().office.work.add(unit.now, ESCALATE_AFTER)
    return [deal_timer(ESCALATE, deal.id, due, deal.stage_version)]


def _task(unit: Unit, desk: Desk, deal: Deal, item: Timer) -> Task:
    action = deal.next_action
    if action is not None and action.task_id is not None:
        return unit.need(Task, action.task_id)
    what = action.what if action is not None else "decide"
    return Task(
        id=TaskId(derived("tk", item.id)),
        what=what,
        title=text(f"task_{what}", desk.settings().office.locale),
        client_id=deal.client_id,
        deal_id=deal.id,
        assignee_id=deal.owner_id,
        due_at=item.due_at,
        created_at=unit.now,
    )


def _escalate(unit: Unit, desk: Desk, deal: Deal, _: Timer) -> list[Timer]:
    _tell_heads(unit, desk, deal, "notice_deal_overdue")
    return []


def _come_back(unit: Unit, desk: Desk, deal: Deal, _: Timer) -> list[Timer]:
    come_back(unit, desk.settings(), deal)
    return []


def _cross_sell(unit: Unit, desk: Desk, deal: Deal, item: Timer) -> list[Timer]:
    cross_sell.offer(unit, desk.settings(), deal, item.rule.partition(":")[2])
    return []


def _cold(unit: Unit, desk: Desk, deal: Deal, _: Timer) -> list[Timer]:
    """Tell the owner; a stage that says where a silent client goes takes the deal there."""
    if not _tell_owner(unit, desk, deal, "notice_cold"):
        _tell_heads(unit, desk, deal, "notice_cold")
    flow = rules_of(desk.settings(), deal)
    target = flow.stage(deal).on_cold
    if target:
        try:
            moved = flow.by_hand(deal, DealMove(to=target), unit.actor, unit.now)
        except (Invalid, NotAllowed):
            return []  # the stage wants what the deal lacks: the owner was told
        keep(unit, deal, moved)
    return []


def _cold_twice(unit: Unit, desk: Desk, deal: Deal, _: Timer) -> list[Timer]:
    _tell_heads(unit, desk, deal, "notice_cold_twice")
    return []


def _tell_owner(unit: Unit, desk: Desk, deal: Deal, code: str) -> bool:
    person = desk.settings().person(deal.owner_id)
    if person is None or not person.active:
        return False
    tell(unit, person.id, code, deal)
    return True


def _tell_heads(unit: Unit, desk: Desk, deal: Deal, code: str) -> None:
    for head in desk.settings().heads():
        tell(unit, head.id, code, deal)


_Act = Callable[[Unit, Desk, Deal, Timer], list[Timer]]
_ACTS: dict[str, _Act] = {
    NEXT_ACTION: _next_action,
    ESCALATE: _escalate,
    COLD: _cold,
    COLD_TWICE: _cold_twice,
    COME_BACK: _come_back,
    CROSS_SELL: _cross_sell,
}
