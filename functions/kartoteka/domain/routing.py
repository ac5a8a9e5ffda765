"""Who gets a new lead: presence, quotas, turns, and the order in which reasons are asked."""

from collections.abc import Callable, Collection, Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime
from itertools import count
from zoneinfo import ZoneInfo

from kartoteka.domain.model import Staff
from kartoteka.domain.office import Settings
from kartoteka.domain.routing_rules import RoutingRule

QUEUE = "queue"


class Turns:
    """Round robin without a hot document: each instance deals in turn from its own place.

    One box deals in strict order; several cloud instances deal evenly, each by itself. Every
    team and every pair has its own turn.
    """

    def __init__(self, start: int = 0) -> None:
        self._start = start
        self._counters: dict[str, Iterator[int]] = {}

    def next(self, queue: str = QUEUE) -> int:
        """Return the next place in a queue; safe between threads."""
        return next(self._counters.setdefault(queue, count(self._start)))


@dataclass(frozen=True, slots=True)
class Hands:
    """The office's people at a moment.

    `turn` gives the next place in a queue; `full` says who has had their share of the month, and
    is asked only when a queue decides.
    """

    settings: Settings
    now: datetime
    turn: Callable[[str], int]
    full: Callable[[], Collection[str]] = frozenset


@dataclass(frozen=True, slots=True)
class Claims:
    """Whose the request already is: the client's own person, who answered, the key's owner."""

    own: str | None = None
    answered: str | None = None
    key: str | None = None


@dataclass(frozen=True, slots=True)
class Choice:
    """Who gets it and why; `absent` is the client's own person when somebody stands in."""

    owner: Staff | None
    why: str
    absent: Staff | None = None


def is_present(person: Staff, settings: Settings, now: datetime) -> bool:
    """Return whether the person works in the office and is on shift today."""
    return bool(_present([person], settings, now))


def on_shift(settings: Settings, now: datetime) -> list[Staff]:
    """Return who may get a lead at this moment, in the order of the staff list.

    Nobody on shift at all (a holiday, a night): everyone who takes leads, so that no lead is
    without an owner when the office opens.
    """
    takers = [person for person in settings.staff if person.active and person.takes_leads]
    return _present(takers, settings, now) or takers


def choose(claims: Claims, rule: RoutingRule | None, hands: Hands) -> Choice:
    """Return who gets the request.

    In this order: a rule about returning clients; the client's own person, or in their absence
    their team; who answered the call; the rule; the owner of the form or account; the queue.
    """
    by_rule = _by_rule(rule, hands)
    if by_rule is not None and rule is not None and rule.returning:
        return by_rule
    settings = hands.settings
    answered, key = (_active(settings, name) for name in (claims.answered, claims.key))
    return (
        _own(_active(settings, claims.own), hands)
        or (Choice(answered, "answered") if answered else None)
        or by_rule
        or (Choice(key, "key") if key else None)
        or Choice(_pick(on_shift(settings, hands.now), QUEUE, hands), QUEUE)
    )


def _own(person: Staff | None, hands: Hands) -> Choice | None:
    """Return the client's own person; who is away is stood in for by somebody who is not."""
    if person is None:
        return None
    if is_present(person, hands.settings, hands.now):
        return Choice(person, "own")
    others = [item for item in hands.settings.staff if item.takes_leads and item.id != person.id]
    team = [item for item in others if person.team and item.team == person.team]
    for group, queue in ((team, f"team:{person.team}"), (others, QUEUE)):
        present = _present(group, hands.settings, hands.now)
        if present:
            return Choice(_pick(present, queue, hands), "absent", absent=person)
    return Choice(person, "own")


def _by_rule(rule: RoutingRule | None, hands: Hands) -> Choice | None:
    """Return whom the rule names, None when it names nobody who is there."""
    if rule is None:
        return None
    if rule.pool:
        return Choice(None, rule.id)
    named = [_active(hands.settings, name) for name in rule.assign_to]
    present = _present([item for item in named if item], hands.settings, hands.now)
    if present:
        return Choice(present[hands.turn(f"rule:{rule.id}") % len(present)], rule.id)
    members = [item for item in hands.settings.staff if item.active and item.takes_leads]
    team = [item for item in members if rule.team and item.team == rule.team]
    waiting = _present(team, hands.settings, hands.now) or team
    return Choice(_pick(waiting, f"team:{rule.team}", hands), rule.id) if waiting else None


def _pick(people: Sequence[Staff], queue: str, hands: Hands) -> Staff | None:
    """Return the next in turn among those under their quota; all over it: among all."""
    if not people:
        return None
    full = hands.full()
    free = [person for person in people if person.id not in full] or list(people)
    return free[hands.turn(queue) % len(free)]


def _present(people: Iterable[Staff], settings: Settings, now: datetime) -> list[Staff]:
    work = settings.office.work
    today = now.astimezone(ZoneInfo(work.zone)).date()
    spelled = today.isoformat()
    return [
        person
        for person in people
        if person.active and work.is_shift(today, person.shift) and spelled not in person.absent
    ]


def _active(settings: Settings, staff_id: str | None) -> Staff | None:
    person = settings.person(staff_id)
    return person if person is not None and person.active else None
