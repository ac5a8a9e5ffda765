"""The office's rules as they are in force: parsed once for each version of the settings."""

import threading
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cached_property

from kartoteka.domain.office import Settings
from kartoteka.domain.rules.deciding import Table, table_of
from kartoteka.domain.rules.errors import RuleError
from kartoteka.domain.rules.language import parse_rule
from kartoteka.domain.rules.model import Rule, RuleRow
from kartoteka.domain.rules.vocabulary import Vocabulary, vocabulary_of
from kartoteka.log import log
from kartoteka.services.segment_language import names_of


@dataclass(frozen=True)
class InForce:
    """The rules that are on, and the names they use.

    Attributes:
        table: the rules by what lets them fire.
        vocabulary: of this office.
        broken: rules that name what the office no longer has, with the code of the reason; they
            rest until somebody mends them.
    """

    table: Table
    vocabulary: Vocabulary
    broken: Mapping[str, str]

    @cached_property
    def by_id(self) -> Mapping[str, Rule]:
        """Return the rules by their id."""
        return {rule.row.id: rule for rule in self.table.rules}


class _Kept:
    """The last table made, and of which settings."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._last: tuple[Settings, tuple[object, ...], InForce] | None = None

    def __call__(self, settings: Settings) -> InForce:
        last = self._last
        if last is not None and last[0] is settings:
            return last[2]
        with self._lock:
            named = _named(settings)
            same = last is not None and last[1] == named
            made = last[2] if last is not None and same else _made(settings)
            self._last = (settings, named, made)
        return made


def _named(settings: Settings) -> tuple[object, ...]:
    """Return whatever the meaning of a rule leans on."""
    office = settings.office
    people = tuple((it.id, it.name, it.active, it.team, it.role) for it in settings.staff)
    around = (office.fields, office.pipelines, office.roles, office.teams, office.currency)
    return (office.rules, office.segments, people, office.work.zone, *around)


def _made(settings: Settings) -> InForce:
    vocabulary = vocabulary_of(settings, lists={"segment": names_of(settings.office)})
    rules, broken = [], {}
    for row in (row for row in settings.office.rules if row.on):
        try:
            rules.append(parse_rule(row, vocabulary))
        except RuleError as exc:
            broken[row.id] = exc.code
            log("warning", event="rule_rests", rule=row.id, code=exc.code)
    return InForce(table_of(rules), vocabulary, broken)


def understood(settings: Settings, row: RuleRow) -> InForce:
    """Return one rule as if it were the only one in force, whether it is on or not.

    Raises:
        RuleError: a cell means nothing; says which.
    """
    vocabulary = vocabulary_of(settings, lists={"segment": names_of(settings.office)})
    return InForce(table_of([parse_rule(row, vocabulary)]), vocabulary, {})


rules_in_force = _Kept()


def in_force(settings: Settings, rule_id: str, version: int) -> Rule | None:
    """Return the rule if it is on and of this version, None when it was changed since."""
    if not settings.office.rules:
        return None
    rule = rules_in_force(settings).by_id.get(rule_id)
    return rule if rule is not None and rule.row.version == version else None
