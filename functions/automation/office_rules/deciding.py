"""Changes become firings: every rule that a change wakes and whose condition holds, once."""

from collections.abc import Sequence

from automation.office_rules import in_turn, moments, sweeping
from automation.office_rules.loop_guard import tell_of_loop
from kartoteka.domain.change import Change
from kartoteka.domain.firing import Firing, depth_behind
from kartoteka.domain.model import Timer
from kartoteka.services import firings
from kartoteka.services.office import Desk
from kartoteka.services.rule_facts import Stored
from kartoteka.services.rule_firing import TOO_DEEP, Decider, Why
from kartoteka.services.rule_table import rules_in_force
from kartoteka.services.unit import LOG

_BY_CHANGE = "change:"
_LONGEST_CHAIN = 8  # changes of ours behind each other that are looked up


def decide(desk: Desk, changes: Sequence[Change]) -> list[Timer]:
    """Keep the firings of these changes and ask the queue to act; return the timers they need.

    What was decided before is found and asked for again, so a repeated batch acts once.

    Raises:
        Transient: store or queue do not answer; the drain is repeated.
    """
    sweeping.ask(desk, changes)
    settings = desk.settings()
    if not settings.office.rules:
        return []
    force = rules_in_force(settings)
    found: list[Firing] = []
    waits: list[Timer] = []
    for change in changes:
        decider = Decider(Stored(desk.store), settings, force, change.at)
        woken = list(decider.woken(change))
        why = Why(f"{_BY_CHANGE}{change.id}", depth_of(desk, change.cause) if woken else 0)
        found += [decider.firing(rule, around, why) for rule, around in woken]
        waits += moments.moved(decider, change)
    return [*waits, *started(desk, found)]


def started(desk: Desk, found: Sequence[Firing]) -> list[Timer]:
    """Keep firings, hand over those to be done now; return the timers of those that wait."""
    waits = []
    kept = firings.keep_new(desk, found)
    in_turn.hand_over(desk, (it for it in kept if it.state == "planned"))
    for firing in kept:
        if firing.state == "waiting" and firing.due_at is not None:
            waits.append(moments.of_delay(firing, firing.due_at))
        elif firing.why == TOO_DEEP:
            tell_of_loop(desk, firing)
    return waits


def depth_of(desk: Desk, cause: str) -> int:
    """Return how many firings led to a change with this cause, through our own follow-ups too."""
    for _ in range(_LONGEST_CHAIN):
        found = depth_behind(cause)
        if found is not None:
            return found
        if not cause.startswith(_BY_CHANGE):
            return 0
        doc = desk.store.get(LOG, cause.removeprefix(_BY_CHANGE))
        cause = str(doc["cause"]) if doc is not None else ""
    return 0
