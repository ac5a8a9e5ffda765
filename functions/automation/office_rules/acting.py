"""A firing becomes deeds: each once, refused ones parked, a failing one repeated by the queue."""

from datetime import datetime

from automation import planning
from automation.office_rules.deeds import DEEDS
from automation.office_rules.job import DONE, Job
from automation.office_rules.loop_guard import tell_of_loop, tell_owner
from automation.office_rules.moments import of_delay
from automation.office_rules.on_clients import opens_at
from kartoteka.domain.errors import ConfigError, Conflict, KartotekaError, Rejected, Transient
from kartoteka.domain.firing import MOST_TRIES, Firing, Outcome
from kartoteka.hook_ports import Hooks
from kartoteka.services import firings
from kartoteka.services.firing_words import said
from kartoteka.services.office import Desk
from kartoteka.services.once import DONE_BEFORE
from kartoteka.services.rule_table import in_force

LOOP = "rules_loop"


def act(desk: Desk, hooks: Hooks, firing_id: str) -> str:
    """Return how the firing ended: done, skipped, parked; `settled` when there was nothing left.

    Raises:
        Transient: an action could not be done now; the queue repeats, and it goes on there.
    """
    firing = firings.claim(desk, firing_id)
    if firing is None:
        return "settled"
    rule = in_force(desk.settings(), firing.rule_id, firing.version)
    if rule is None:
        return _ended(desk, firing, "skipped", "rule_changed")
    if firing.tries > MOST_TRIES:
        return _ended(desk, firing, "parked", "rule_gave_up")
    for number, what in enumerate(rule.actions):
        job = Job(desk, firing, rule, number, hooks)
        if firing.is_settled(number):
            continue
        if what.name == "message" and opens_at(job) > desk.now():
            return _put_off(desk, firing, opens_at(job))
        firing = _done(desk, job)
        if what.name == "ask" and firing.is_settled(number):
            return _ended(desk, firing, "waiting", "rule_asked")
    return _judged(desk, firing)


def _put_off(desk: Desk, firing: Firing, until: datetime) -> str:
    """Wait for the client's morning; what is done already stays done."""
    firings.end(desk, firing.id, "waiting", "rule_night")
    planning.plan(desk, [of_delay(firing, until)])
    return "waiting"


def _done(desk: Desk, job: Job) -> Firing:
    """Return the firing after one action, with how it ended."""
    try:
        why = DEEDS[job.act.name](job)
    except Transient:
        if job.firing.tries < MOST_TRIES:
            raise
        return _noted(desk, job, "refused", "rule_gave_up")
    except Conflict as exc:
        if exc.code != DONE_BEFORE:
            return _refused(desk, job, exc)
        return firings.need(desk, job.firing.id)
    except (Rejected, ConfigError) as exc:
        if exc.code == LOOP:
            tell_of_loop(desk, job.firing)
        return _refused(desk, job, exc)
    current = firings.need(desk, job.firing.id)
    if current.is_settled(job.number):
        return current
    return _noted(desk, job, "skipped" if why != DONE else "done", why)


def _refused(desk: Desk, job: Job, exc: KartotekaError) -> Firing:
    words = said(exc.code, job.settings.office.locale, exc.facts)
    return _noted(desk, job, "refused", exc.code, words=words)


def _noted(desk: Desk, job: Job, state: str, why: str, *, words: str = "") -> Firing:
    outcome = Outcome(number=job.number, act=job.act.name, state=state, why=why, said=words)
    return firings.note(desk, job.firing.id, outcome)


def _judged(desk: Desk, firing: Firing) -> str:
    """Return how the whole firing ended, told to its owner when something was refused."""
    wrong = next((it for it in firing.outcomes if it.state == "refused"), None)
    if wrong is not None:
        return _ended(desk, firing, "parked", wrong.why)
    if all(it.state == "skipped" for it in firing.outcomes):
        return _ended(desk, firing, "skipped", firing.outcomes[0].why)
    return _ended(desk, firing, "done", "")


def _ended(desk: Desk, firing: Firing, state: str, why: str) -> str:
    ended = firings.end(desk, firing.id, state, why)
    if state == "parked" and why != LOOP:
        tell_owner(desk, ended, "notice_rule_failed")
    return ended.state
