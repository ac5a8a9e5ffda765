"""A timer of a rule fires: looked at again, for the world may have moved on; J3, D6."""

from collections.abc import Sequence

from automation.office_rules import slots
from automation.office_rules.deciding import started
from automation.office_rules.loop_guard import tell_owner
from automation.office_rules.moments import DELAY, MOMENT, TOO_LATE, of_record
from kartoteka.domain.firing import Firing
from kartoteka.domain.instant import spell
from kartoteka.domain.model import RuleWait, Timer
from kartoteka.domain.rules.model import Rule
from kartoteka.services import firings
from kartoteka.services.office import Desk
from kartoteka.services.rule_facts import Around, Stored
from kartoteka.services.rule_firing import Decider, Why
from kartoteka.services.rule_table import in_force, rules_in_force

LATE = "rule_late"
_FIRED, _DROPPED = "fired", "dropped"


def fire(desk: Desk, item: Timer, wait: RuleWait) -> tuple[str, Sequence[Timer]]:
    """Return what became of the timer, and the timers that follow.

    A rule that was changed since drops it. More than a day late nothing is done: the firing is
    parked, and the owner of the rule hears of it.

    Raises:
        Transient: store or queue do not answer; the timer is repeated.
    """
    rule = in_force(desk.settings(), wait.rule_id, wait.version)
    if rule is None:
        if wait.what == DELAY:
            firings.end_waiting(desk, wait.firing_id, "skipped", "rule_changed")
        return _DROPPED, ()
    decider = Decider(
        Stored(desk.store), desk.settings(), rules_in_force(desk.settings()), desk.now()
    )
    late = desk.now() - item.due_at > TOO_LATE
    if wait.what == DELAY:
        return _delayed(desk, decider, rule, wait, late=late), ()
    if wait.what == MOMENT:
        return _moment(desk, decider, rule, item, late=late)
    return slots.fire(desk, decider, rule, item, late=late)


def _delayed(desk: Desk, decider: Decider, rule: Rule, wait: RuleWait, *, late: bool) -> str:
    """Go on with a firing whose delay is over, if its condition still holds."""
    firing = firings.find(desk, wait.firing_id)
    if firing is None or firing.state != "waiting":
        return _DROPPED
    if late:
        _park(desk, firing)
        return _FIRED
    doc = decider.records.record(firing.about, firing.record_id) if firing.about else {}
    around = None if doc is None else Around(decider.records, firing.about, doc)
    if around is None or not decider.fits(rule, around):
        firings.end_waiting(desk, firing.id, "skipped", "rule_not_so")
        return _DROPPED
    planned = firings.end_waiting(desk, firing.id, "planned", "")
    if planned is not None:
        firings.hand_over(desk, planned, again=desk.now())
    return _FIRED


def _moment(
    desk: Desk, decider: Decider, rule: Rule, item: Timer, *, late: bool
) -> tuple[str, Sequence[Timer]]:
    """Fire about a record for which time has run out; a moment that moved is waited for again.

    Nothing tells of days off and hours that were changed meanwhile.
    """
    wait = item.wait
    doc = decider.records.record(wait.about, wait.record_id) if wait is not None else None
    if wait is None or doc is None:
        return _DROPPED, ()
    around = Around(decider.records, wait.about, doc)
    wanted = list(of_record(decider, rule, around, at=wait.since, whenever=True))
    if item.id not in {it.id for it in wanted}:
        return _DROPPED, [it for it in wanted if it.due_at > desk.now()]
    if not decider.fits(rule, around):
        return _DROPPED, ()
    cause = Why(f"since:{spell(wait.since or item.due_at)}:{spell(item.due_at)}")
    firing = decider.firing(rule, around, cause)
    return _FIRED, start_or_park(desk, [firing], late=late)


def start_or_park(desk: Desk, found: Sequence[Firing], *, late: bool) -> Sequence[Timer]:
    """Return the timers of what was started; what comes too late is kept and told instead."""
    if not late:
        return started(desk, found)
    parked = [it.model_copy(update={"state": "parked", "why": LATE}) for it in found]
    for firing in firings.keep_new(desk, parked):
        tell_owner(desk, firing, "notice_rule_late")
    return ()


def _park(desk: Desk, firing: Firing) -> None:
    firings.end_waiting(desk, firing.id, "parked", LATE)
    tell_owner(desk, firing, "notice_rule_late")
