"""A rule played over the log of the last days: how often, on whom, what it would do; §2-7.

Nothing is written. Each moment is decided from the records as they were then; a condition that asks
for segments sees those of today. Memory stays flat whatever the length of the log.
"""

import heapq
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any

from kartoteka.domain.change import Change, Part
from kartoteka.domain.instant import Instant, read, spell
from kartoteka.domain.model import Value
from kartoteka.domain.rules.deciding import WATCHED, timed
from kartoteka.domain.rules.evaluate import needs
from kartoteka.domain.rules.model import (
    Daily,
    DateField,
    Rule,
    RuleRow,
    Segment,
    Since,
    Visited,
    Weekly,
)
from kartoteka.domain.rules.triggers import subject_of
from kartoteka.ports import Doc, Query
from kartoteka.services import log_marks
from kartoteka.services.office import Desk, read_settings
from kartoteka.services.rule_facts import KINDS, Around, Stored
from kartoteka.services.rule_firing import Decider
from kartoteka.services.rule_moments import counted_from, due
from kartoteka.services.rule_past import Past
from kartoteka.services.rule_slots import coming, open_records
from kartoteka.services.rule_subjects import subjects
from kartoteka.services.rule_table import understood
from kartoteka.services.unit import LOG

DAYS = 30
_PAGE = 500
_HEARD = frozenset({*KINDS, "activity", "order", "segment_member"})  # what rules are about
_SHOWN = 50  # firings that are told one by one
_NAMED = 1_000  # records that are named
_WHOLE = 100  # per cent


class Rehearsed(Value):
    """One moment at which the rule would have fired."""

    at: Instant
    about: str
    record_id: str
    acts_at: Instant  # behind the rule's delay


class Rehearsal(Value):
    """What a rule would have done.

    `fired` counts firings, `records` names whom they were about (the first thousand), `share` is
    how many of a hundred records of their kind, `acts` counts actions by name. `shown` are the
    first fifty firings; `about` and `touched` say of which kind and how many records all were.
    `until` is how far the log was played: earlier than now when a limit was given and reached.
    """

    rule: str
    since: Instant
    until: Instant
    changes: int
    fired: int
    about: str = ""
    touched: int = 0
    records: tuple[str, ...] = ()
    share: int = 0
    acts: dict[str, int]
    shown: tuple[Rehearsed, ...] = ()


@dataclass(order=True)
class _Wait:
    """A moment that a rule of time waits for; one record waits for one moment at a time."""

    due_at: datetime
    kind: str
    record_id: str
    since: datetime


@dataclass
class _Play:
    """One rule played over the log."""

    rule: Rule
    decider: Decider
    past: Past
    begins: datetime
    fired: int = 0
    shown: list[Rehearsed] = field(default_factory=list)
    names: dict[str, None] = field(default_factory=dict)
    seen: set[int] = field(default_factory=set)  # hashes: whom it was about
    about: str = ""
    waits: list[_Wait] = field(default_factory=list)
    known: set[int] = field(default_factory=set)  # hashes: moments that were waited for

    def hear(self, change: Change) -> None:
        """Let the time pass up to a change, then let it happen."""
        self.until(change.at)
        self.past.hear(change)
        decider = self._at(change.at)
        for _, around in decider.woken(change):
            self.count(around, change.at)
        for waking in timed(change, self.decider.force.table):
            for around in subjects(decider, waking):
                self.wait(around, change.at)

    def until(self, moment: datetime) -> None:
        """Let every moment come that is due by then."""
        while self.waits and self.waits[0].due_at <= moment:
            self._come(heapq.heappop(self.waits))

    def _come(self, wait: _Wait) -> None:
        self.past.at = wait.due_at
        doc = self.past.record(wait.kind, wait.record_id)
        if doc is None:
            return
        around = Around(self.past, wait.kind, doc)
        same = self._counted_from(around, wait.since) == wait.since
        if same and self._at(wait.due_at).fits(self.rule, around):
            self.count(around, wait.due_at)

    def wait(self, around: Around, at: datetime) -> None:
        """Wait for the moment of a record, once for each moment that it is counted from."""
        trigger, work = self.rule.trigger, self.decider.settings.office.work
        since = self._counted_from(around, at)
        name = str(around.doc["id"])
        key = hash((name, since))
        if not isinstance(trigger, Since | DateField) or since is None or key in self.known:
            return
        moment = due(trigger, since, work)
        if moment >= self.begins:
            self.known.add(key)
            heapq.heappush(self.waits, _Wait(moment, around.kind, name, since))

    def _counted_from(self, around: Around, at: datetime) -> datetime | None:
        trigger = self.rule.trigger
        if not isinstance(trigger, Since | DateField):
            return None
        if isinstance(trigger, Since) and trigger.event not in WATCHED:
            return at
        work = self.decider.settings.office.work
        return counted_from(trigger, around, self.decider.force.vocabulary, work)

    def count(self, around: Around | None, at: datetime) -> None:
        """Count one firing."""
        self.fired += 1
        name = "" if around is None else str(around.doc["id"])
        self.about = "" if around is None else around.kind
        self.seen.add(hash(name))
        if len(self.names) < _NAMED:
            self.names[name] = None
        if len(self.shown) < _SHOWN:
            delay, work = self.rule.delay, self.decider.settings.office.work
            acts_at = delay.after(at, work) if delay is not None else at
            self.shown.append(Rehearsed(at=at, about=self.about, record_id=name, acts_at=acts_at))

    def _at(self, moment: datetime) -> Decider:
        known = self.decider
        return Decider(self.past, known.settings, known.force, moment)


def rehearse(desk: Desk, row: RuleRow, *, days: int = DAYS, most: int = 0) -> Rehearsal:
    """Return what a rule, on or off, would have done in the last days.

    An hour of the day is played once, over the records of today. With `most` it stops behind so
    many changes, for who cannot wait.

    Raises:
        RuleError: a cell of the rule means nothing; says which.
    """
    settings, now = read_settings(desk.store), desk.now()
    force, since = understood(settings, row), now - timedelta(days=days)
    past = Past(desk.store)
    play = _Play(force.table.rules[0], Decider(past, settings, force, now), past, since)
    changes = 0
    if isinstance(play.rule.trigger, Daily | Weekly):
        _play_today(desk, play)
    else:
        _begin(desk, play)
        end, heard = now, _heard(play.rule)
        for doc in _log(desk, since):
            if most and changes >= most:
                end = read(str(doc["at"]))
                break
            changes += 1
            if change := _change(doc, heard):
                play.hear(change)
        play.until(end)
        now = end
    return _told(desk, play, changes, now)


def _play_today(desk: Desk, play: _Play) -> None:
    trigger, now = play.rule.trigger, desk.now()
    at = coming(play.rule, now, play.decider.settings.office.work) or now
    kind = trigger.entity if isinstance(trigger, Daily | Weekly) else ""
    if not kind:
        play.count(None, at)
        return
    for doc in open_records(desk.store, kind):
        around = Around(Stored(desk.store), kind, doc)
        if play.decider.fits(play.rule, around):
            play.count(around, at)


def _begin(desk: Desk, play: _Play) -> None:
    """Wait for the dates that records have now: the log tells only of those that changed."""
    trigger = play.rule.trigger
    if not isinstance(trigger, DateField):
        return
    for hit in desk.store.query(Query(KINDS[trigger.entity].collection)):
        around = Around(Stored(desk.store), trigger.entity, hit.doc)
        moment = counted_from(
            trigger, around, play.decider.force.vocabulary, play.decider.settings.office.work
        )
        if moment is not None:
            play.wait(around, moment)


def _told(desk: Desk, play: _Play, changes: int, until: datetime) -> Rehearsal:
    base = desk.store.count(Query(KINDS[play.about].collection)) if play.about else 0
    return Rehearsal(
        rule=play.rule.row.id,
        since=play.begins,
        until=until,
        changes=changes,
        fired=play.fired,
        about=play.about,
        touched=len(play.seen) if play.about else 0,
        records=tuple(name for name in play.names if name),
        share=round(_WHOLE * len(play.seen) / base) if base else 0,
        acts={name: count * play.fired for name, count in _acts(play.rule).items()},
        shown=tuple(play.shown),
    )


def _acts(rule: Rule) -> Counter[str]:
    return Counter(act.name for act in rule.actions)


def _heard(rule: Rule) -> frozenset[str]:
    """Return the kinds of records whose changes matter to a rule; links go through clients."""
    kinds = {name.partition(".")[0] for name in needs(rule)} | {subject_of(rule.trigger)}
    if kinds & {"activity"} or isinstance(rule.trigger, Since | Segment | Visited):
        return _HEARD
    return frozenset(kinds | {"client"} if len(kinds) > 1 else kinds)


def _log(desk: Desk, since: datetime) -> Iterator[Doc]:
    """Yield the changes since a moment as the log has them, the oldest first."""
    position = log_marks.behind(desk.store, f"{since:%Y-%m-%d}")
    begins = spell(since)
    while entries := desk.store.read_log(LOG, position, _PAGE):
        for entry in entries:
            if str(entry.doc["at"]) >= begins:
                yield entry.doc
        position = entries[-1].position


def _change(logged: Doc, kinds: frozenset[str]) -> Change | None:
    """Return a change, checked when it was written, with its parts of these kinds; None: none."""
    doc: dict[str, Any] = dict(logged)
    parts = tuple(Part.model_construct(**it) for it in doc["parts"] if it["entity"] in kinds)
    if not parts:
        return None
    return Change.model_construct(**{**doc, "at": read(doc["at"]), "parts": parts})
