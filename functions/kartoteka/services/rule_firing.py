"""What a change makes the office's rules do: firings, decided from the facts; nothing is written.

The engine keeps and carries out what is decided here; a rehearsal only counts it.
"""

from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import datetime

from kartoteka.domain.change import Change
from kartoteka.domain.firing import DEEPEST, Firing, firing_id, kept_facts
from kartoteka.domain.ids import ClientId
from kartoteka.domain.office import Settings
from kartoteka.domain.rules.deciding import Woken, woken
from kartoteka.domain.rules.evaluate import FactValue, holds, needs, watched
from kartoteka.domain.rules.model import Rule
from kartoteka.log import log
from kartoteka.ports import Doc
from kartoteka.services.rule_facts import Around, Records
from kartoteka.services.rule_table import InForce

TOO_DEEP = "rules_deep"
_ACTIVITY = "activity"


@dataclass(frozen=True)
class Why:
    """What a firing came from: its cause, and how many firings led there."""

    cause: str
    depth: int = 0


@dataclass(frozen=True)
class Decider:
    """Decides what rules do; reads what they ask for and no more."""

    records: Records
    settings: Settings
    force: InForce
    now: datetime
    _arounds: dict[tuple[str, str, str], Around | None] = field(default_factory=dict)

    def woken(self, change: Change) -> Iterator[tuple[Rule, Around]]:
        """Yield the rules that a change makes fire, with what each is about."""
        for waking in woken(change, self.force.table):
            around = self.around(waking)
            if around is not None and self.fits(waking.rule, around):
                yield waking.rule, around

    def around(self, waking: Woken) -> Around | None:
        """Return what a woken rule is about, None when it is gone.

        A record that the change made is in the change whole: it is not read again.
        """
        place = (waking.about, waking.record_id, waking.part.id)
        if place not in self._arounds:
            self._arounds[place] = self._around(waking)
        return self._arounds[place]

    def _around(self, waking: Woken) -> Around | None:
        part = waking.part
        event = part.after if part.entity == _ACTIVITY else None
        doc: Doc | None
        if part.before is None and part.entity == waking.about:
            doc = part.after
        else:
            doc = self.records.record(waking.about, waking.record_id) if waking.record_id else None
        return None if doc is None else Around(self.records, waking.about, doc, event)

    def fits(self, rule: Rule, around: Around) -> bool:
        """Return whether the rule's condition holds.

        What a record holds against its field's type (a date that is none) holds no condition; the
        log names the rule, and every other rule goes on.
        """
        if rule.condition is None:
            return True
        try:
            facts, work = self.facts(rule, around), self.settings.office.work
            return holds(rule.condition, facts, self.now, work)
        except (ValueError, TypeError, ArithmeticError) as exc:
            log("error", event="rule_condition", rule=rule.row.id, error=type(exc).__name__)
            return False

    def facts(self, rule: Rule, around: Around) -> dict[str, FactValue]:
        """Return what the rule asks to know."""
        return around.facts(needs(rule), self.force.vocabulary)

    def _seen(self, rule: Rule, around: Around) -> dict[str, FactValue]:
        """Return what a firing remembers: what was asked, and the field that woke the rule."""
        seen, known = self.facts(rule, around), self.force.vocabulary
        try:
            return seen | around.facts(watched(rule) & known.fields.keys(), known)
        except (ValueError, TypeError, ArithmeticError):  # no value of its field's type
            return seen

    def firing(self, rule: Rule, around: Around | None, why: Why) -> Firing:
        """Return the firing of a rule, planned now or behind its delay."""
        about = around.kind if around is not None else ""
        record_id = str(around.doc["id"]) if around is not None else ""
        deep = why.depth > DEEPEST
        due = rule.delay.after(self.now, self.settings.office.work) if rule.delay else None
        facts = self._seen(rule, around) if around is not None else {}
        return Firing(
            id=firing_id(rule.row.id, rule.row.version, why.cause, record_id),
            rule_id=rule.row.id,
            version=rule.row.version,
            cause=why.cause,
            about=about,
            record_id=record_id,
            client_id=ClientId(around.client_id)
            if around is not None and around.client_id
            else None,
            owner_id=rule.row.owner_id,
            facts=kept_facts(facts, facts),
            depth=why.depth,
            state="parked" if deep else "waiting" if due is not None else "planned",
            why=TOO_DEEP if deep else "",
            at=self.now,
            due_at=due,
            updated_at=self.now,
        )
