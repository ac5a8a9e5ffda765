"""Rules of an hour of the day: fired once for each such hour, for the office or each record."""

from collections.abc import Iterator, Sequence

from automation.office_rules import deciding, moments
from kartoteka.domain.firing import Firing
from kartoteka.domain.instant import spell
from kartoteka.domain.model import Timer
from kartoteka.domain.rules.model import Daily, Rule, Weekly
from kartoteka.services.office import Desk
from kartoteka.services.rule_facts import Around
from kartoteka.services.rule_firing import Decider, Why
from kartoteka.services.rule_slots import coming, open_records
from kartoteka.services.rule_table import rules_in_force

_PAGE = 100


def planned(desk: Desk) -> list[Timer]:
    """Return the timers of the next hours of all scheduled rules that are not there yet.

    One whose task got lost is fired late by the tick, like any other timer.
    """
    settings = desk.settings()
    if not settings.office.rules:
        return []
    table = rules_in_force(settings).table
    wanted = [
        moments.of_slot(rule, at)
        for rule in table.scheduled
        if (at := coming(rule, desk.now(), settings.office.work)) is not None
    ]
    known = desk.store.get_many(Timer.collection, [item.id for item in wanted]) if wanted else {}
    return [item for item in wanted if item.id not in known]


def fire(
    desk: Desk, decider: Decider, rule: Rule, item: Timer, *, late: bool
) -> tuple[str, Sequence[Timer]]:
    """Fire for the office, or for each open record whose condition holds; plan the next hour.

    An hour that was missed by more than a day is not made up for.
    """
    following = coming(rule, max(item.due_at, desk.now()), decider.settings.office.work)
    waits = [moments.of_slot(rule, following)] if following is not None else []
    if late:
        return "dropped", waits
    why = Why(f"slot:{spell(item.due_at)}")
    page: list[Firing] = []
    for around in _records(desk, decider, rule):
        if around is None or decider.fits(rule, around):
            page.append(decider.firing(rule, around, why))
        if len(page) == _PAGE:
            waits += deciding.started(desk, page)
            page = []
    return "fired", [*waits, *deciding.started(desk, page)]


def _records(desk: Desk, decider: Decider, rule: Rule) -> Iterator[Around | None]:
    """Yield every open record of the rule's kind; None stands for the office."""
    trigger = rule.trigger
    kind = trigger.entity if isinstance(trigger, Daily | Weekly) else ""
    if not kind:
        yield None
        return
    for doc in open_records(desk.store, kind):
        yield Around(decider.records, kind, doc)
