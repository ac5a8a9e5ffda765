"""Timers of the office's rules: a delay, so long since something, a date, an hour of the day."""

from collections.abc import Iterator
from datetime import datetime, timedelta

from kartoteka.domain.change import Change
from kartoteka.domain.firing import Firing
from kartoteka.domain.ids import TimerId, derived
from kartoteka.domain.instant import spell
from kartoteka.domain.model import RuleWait, Timer
from kartoteka.domain.rules.deciding import WATCHED, timed
from kartoteka.domain.rules.model import DateField, Rule, Since
from kartoteka.services.rule_facts import Around
from kartoteka.services.rule_firing import Decider
from kartoteka.services.rule_moments import counted_from, due
from kartoteka.services.rule_subjects import subjects

OFFICE_RULE = "office_rule"
DELAY, MOMENT, SLOT = "delay", "moment", "slot"
TOO_LATE = timedelta(hours=24)


def of_delay(firing: Firing, due_at: datetime) -> Timer:
    """Return the timer behind which a firing goes on."""
    wait = RuleWait(what=DELAY, rule_id=firing.rule_id, version=firing.version, firing_id=firing.id)
    return _timer(wait, due_at)


def of_slot(rule: Rule, due_at: datetime) -> Timer:
    """Return the timer of an hour at which a rule fires by itself."""
    return _timer(RuleWait(what=SLOT, rule_id=rule.row.id, version=rule.row.version), due_at)


def moved(decider: Decider, change: Change) -> Iterator[Timer]:
    """Yield the timers of the moments that a change moved, as the records are now."""
    for waking in timed(change, decider.force.table):
        for around in subjects(decider, waking):
            yield from of_record(decider, waking.rule, around, at=change.at)


def of_record(
    decider: Decider,
    rule: Rule,
    around: Around,
    *,
    at: datetime | None = None,
    whenever: bool = False,
) -> Iterator[Timer]:
    """Yield the timer of a rule for one record, none when nothing runs or it is long past.

    `at` is when the event happened of a rule that counts from one which does not end; `whenever`
    asks for the timer of what is long past too.
    """
    trigger, work = rule.trigger, decider.settings.office.work
    if not isinstance(trigger, Since | DateField):
        return
    endless = isinstance(trigger, Since) and trigger.event not in WATCHED
    since = at if endless else counted_from(trigger, around, decider.force.vocabulary, work)
    if since is None:
        return
    moment = due(trigger, since, work)
    if moment < decider.now - TOO_LATE and not whenever:
        return
    wait = RuleWait(
        what=MOMENT,
        rule_id=rule.row.id,
        version=rule.row.version,
        about=around.kind,
        record_id=str(around.doc["id"]),
        since=since,
    )
    yield _timer(wait, moment)


def _timer(wait: RuleWait, due_at: datetime) -> Timer:
    told = (wait.what, wait.rule_id, str(wait.version), wait.record_id, wait.firing_id)
    since = spell(wait.since) if wait.since else ""
    name = TimerId(derived("tm", OFFICE_RULE, *told, since, spell(due_at)))
    return Timer(id=name, rule=OFFICE_RULE, wait=wait, due_at=due_at)
