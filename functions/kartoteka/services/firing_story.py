"""Why a rule changed a record, in words: the rule, what it saw and what woke it."""

from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import datetime

from pydantic import JsonValue

from kartoteka.domain.change import Change
from kartoteka.domain.firing import Firing, firing_behind
from kartoteka.domain.instant import read
from kartoteka.domain.office import Settings
from kartoteka.domain.rules import spelling
from kartoteka.domain.rules.fields_table import Kind, Name
from kartoteka.domain.rules.model import RuleRow
from kartoteka.domain.rules.vocabulary import Vocabulary
from kartoteka.i18n import text
from kartoteka.ports import Store
from kartoteka.services.rule_vocabulary import rule_vocabulary
from kartoteka.services.unit import LOG

_MOMENT = len("2026-11-23T06:00:00.000000Z")
_HIDDEN = "…"  # what a client typed is not kept: that it was there is


@dataclass
class Stories:
    """What firings did, told in the office's language.

    Attributes:
        store: where firings and the log are.
        settings: of the office; rules are called as they are now.
    """

    store: Store
    settings: Settings
    _told: dict[str, str] = field(default_factory=dict)
    _known: Vocabulary | None = None

    def of(self, cause: str) -> str:
        """Return why a change with this cause was made; empty when no rule made it."""
        name = firing_behind(cause)
        if name and name not in self._told:
            doc = self.store.get(Firing.collection, name)
            self._told[name] = "" if doc is None else self._story(Firing.model_validate(doc))
        return self._told.get(name, "")

    def _story(self, firing: Firing) -> str:
        row = self._row(firing.rule_id)
        name = firing.rule_id if row is None else row.name
        said = [self._say("story_rule", name=name, version=firing.version)]
        if row is not None and row.version == firing.version:
            said.append(self._say("story_when", when=row.when))
        if saw := "; ".join(self._saw(firing)):
            said.append(self._say("story_saw", saw=saw))
        return " ".join((*said, self._cause(firing.cause)))

    def _saw(self, firing: Firing) -> Iterator[str]:
        for canonical, value in firing.facts.items():
            name = self._vocabulary.fields.get(canonical)
            called = self._vocabulary.spelled(canonical, self._locale) if name else canonical
            yield f"{called} = {self._value(value, name)}"

    def _value(self, value: JsonValue, name: Name | None) -> str:
        if value is None or value == "":
            return self._say("story_nothing")
        if value == _HIDDEN or not isinstance(value, str | int):
            return _HIDDEN
        if isinstance(value, str) and name is not None and name.kind in {Kind.MOMENT, Kind.DATE}:
            return spelling.operand(datetime.fromisoformat(value), name, *self._tongue)
        return spelling.operand(value, name, *self._tongue)

    def _cause(self, cause: str) -> str:
        kind, _, said = cause.partition(":")
        if kind == "change":
            doc = self.store.get(LOG, said)
            return "" if doc is None else self._changed(Change.model_validate(doc))
        moment = said[:_MOMENT] if kind in {"since", "slot"} else ""
        return self._say(f"story_{kind}", at=self._when(read(moment))) if moment else ""

    def _changed(self, change: Change) -> str:
        at, actor = self._when(change.at), change.actor
        if actor.kind == "rule" and (row := self._row(actor.id)) is not None:
            return self._say("story_by_rule", name=row.name, at=at)
        person = self.settings.person(actor.id) if actor.is_person else None
        who = person.name if person is not None else f"{actor.kind}:{actor.id}"
        return self._say("story_change", who=who, at=at, cause=change.cause)

    def _row(self, rule_id: str) -> RuleRow | None:
        return next((it for it in self.settings.office.rules if it.id == rule_id), None)

    def _when(self, moment: datetime) -> str:
        return spelling.operand(moment.replace(second=0, microsecond=0), None, *self._tongue)

    @property
    def _tongue(self) -> tuple[Vocabulary, str]:
        return self._vocabulary, self._locale

    @property
    def _locale(self) -> str:
        return self.settings.office.locale

    @property
    def _vocabulary(self) -> Vocabulary:
        if self._known is None:
            self._known = rule_vocabulary(self.store, self.settings)
        return self._known

    def _say(self, code: str, **facts: object) -> str:
        return text(code, self._locale, **facts)
