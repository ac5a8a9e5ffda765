"""Rules keep their meaning when what they name is called something else."""

from kartoteka.domain.office import Office, Settings
from kartoteka.domain.rules import spelling, wording
from kartoteka.domain.rules.errors import RuleError
from kartoteka.domain.rules.language import parse_rule
from kartoteka.domain.rules.model import Rule, RuleRow
from kartoteka.domain.rules.triggers import subject_of
from kartoteka.domain.rules.vocabulary import Vocabulary, vocabulary_of
from kartoteka.services.segment_language import names_of

_NAMES = ("pipelines", "fields", "roles", "segments", "locale")
_CELLS = ("when", "condition", "then")


def with_rules_kept(before: Settings, after: Settings) -> Office:
    """Return the later office with the words of those rules renewed that would mean something else.

    A rule that means the same keeps its words and its version; one that names what is gone keeps
    its words, and rests.
    """
    office = after.office
    if _named(before) == _named(after) or office.rules != before.office.rules or not office.rules:
        return office
    old, new = _vocabulary(before), _vocabulary(after)
    rows = tuple(_kept(row, old, new, office.locale) for row in office.rules)
    return office.model_copy(update={"rules": rows})


def _named(settings: Settings) -> tuple[object, ...]:
    """Return whatever words of rules may name."""
    people = tuple(sorted((it.id, it.name) for it in settings.staff if it.active))
    return (people, *(getattr(settings.office, name) for name in _NAMES))


def _vocabulary(settings: Settings) -> Vocabulary:
    return vocabulary_of(settings, lists={"segment": names_of(settings.office)})


def _kept(row: RuleRow, old: Vocabulary, new: Vocabulary, locale: str) -> RuleRow:
    """Return the row with new words in as few cells as its meaning needs."""
    meant = _read(row, old)
    if meant is None or _same(_read(row, new), meant):
        return row
    renewed = row.model_copy(update=_cells(meant, new, locale))
    if not _same(_read(renewed, new), meant):
        return row
    for name in _CELLS:
        as_typed = renewed.model_copy(update={name: getattr(row, name)})
        renewed = as_typed if _same(_read(as_typed, new), meant) else renewed
    return renewed


def _cells(rule: Rule, known: Vocabulary, locale: str) -> dict[str, str]:
    subject = subject_of(rule.trigger)
    return {
        "when": wording.trigger(rule.trigger, known, locale),
        "condition": spelling.condition(rule.condition, known, locale),
        "then": wording.actions(rule.actions, known, locale, subject),
    }


def _read(row: RuleRow, known: Vocabulary) -> Rule | None:
    try:
        return parse_rule(row, known)
    except RuleError:
        return None


def _same(one: Rule | None, other: Rule) -> bool:
    """Return whether two rules mean the same, whatever their words."""
    if one is None:
        return False
    meaning = (one.trigger, one.condition, one.delay, one.actions)
    return meaning == (other.trigger, other.condition, other.delay, other.actions)
