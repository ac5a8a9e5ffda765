"""The table of rules: what follows from what, row by row; J1."""

import re

from pydantic import AwareDatetime, Field

from kartoteka.domain.access import check_setup
from kartoteka.domain.change import Actor
from kartoteka.domain.errors import Invalid
from kartoteka.domain.ids import StaffId, derived
from kartoteka.domain.model import Value
from kartoteka.domain.office import Office, Settings
from kartoteka.domain.rules.errors import RuleError
from kartoteka.domain.rules.language import parse_rule
from kartoteka.domain.rules.linting import cycle_with
from kartoteka.domain.rules.model import LONGEST, Rule, RuleRow
from kartoteka.domain.rules.vocabulary import Vocabulary
from kartoteka.i18n import text
from kartoteka.ports import Store
from kartoteka.services.built_in_rules import PREFIX, built_in
from kartoteka.services.commands import Command, Registry
from kartoteka.services.office import Desk, read_settings
from kartoteka.services.rule_rehearsal import rehearse
from kartoteka.services.rule_vocabulary import rule_vocabulary
from kartoteka.services.settings_edit import Saved, Versioned, save_office

MOST_RULES = 200
WIDE = 20  # per cent of all records of a kind in a month: more needs a second word
_FEW = 20  # records that are never too many
_WORDS = ("when", "condition", "then", "after")
_ID_LETTERS = 15
_FOR_COLLEAGUES = frozenset({"task", "notify", "ask"})
_PLACE = re.compile(r"\{\{.*?\}\}")


class SetRule(Versioned):
    """Make a rule, or change one; what is not given stays. Words are Russian or English."""

    rule: str = Field(default="", max_length=200, description="id or name; empty: a new one")
    name: str | None = Field(default=None, min_length=1, max_length=200)
    when: str | None = Field(default=None, max_length=LONGEST, description="what it waits for")
    condition: str | None = Field(default=None, max_length=LONGEST, description="empty: always")
    then: str | None = Field(default=None, max_length=LONGEST, description="actions, by semicolons")
    after: str | None = Field(default=None, max_length=LONGEST, description="empty: at once")
    on: bool | None = None
    owner: str | None = Field(default=None, description="who is told when it fails; empty: nobody")
    note: str | None = Field(default=None, max_length=LONGEST)
    confirm: bool = Field(default=False, description="on even if it would fire on very many")


class OneRule(Versioned):
    """Take a rule away."""

    rule: str = Field(min_length=1, max_length=200, description="id or name")


class SwitchRule(OneRule):
    """Switch a rule on or off."""

    on: bool
    confirm: bool = Field(default=False, description="on even if it would fire on very many")


class ShowRules(Value):
    """Show the rules; there is nothing to choose."""


class RuleSeen(RuleRow):
    """A rule, and what keeps it from working: words for a person, empty for nothing."""

    problem: str = ""


class RuleTable(Value):
    """The rules in the order of the table."""

    rules: tuple[RuleSeen, ...]
    version: AwareDatetime | None = None  # what the next change names as `expected`


def listed(desk: Desk, actor: Actor, form: ShowRules, cause: str) -> RuleTable:
    """Return the rules of the office.

    Raises:
        NotAllowed: the actor does not set the office up.
    """
    del form, cause  # nothing to choose, nothing is written
    settings = read_settings(desk.store)
    check_setup(actor, Office, settings, field="rules")
    return RuleTable(rules=seen(desk.store, settings), version=settings.office.updated_at)


def seen(store: Store, settings: Settings) -> tuple[RuleSeen, ...]:
    """Return the rules of the product, then the office's own."""
    given = (RuleSeen(**row.model_dump()) for row in built_in(settings.office))
    return (*given, *own(store, settings))


def own(store: Store, settings: Settings) -> tuple[RuleSeen, ...]:
    """Return the office's own rules with what keeps each from working."""
    if not settings.office.rules:
        return ()
    known, locale = rule_vocabulary(store, settings), settings.office.locale
    return tuple(
        RuleSeen(**row.model_dump(), problem=_problem(row, known, locale))
        for row in settings.office.rules
    )


def save(desk: Desk, actor: Actor, form: SetRule, cause: str) -> Saved:
    """Return what was saved: the rule in force from now on, `id` its id.

    A change of its words makes its version one more. A rule that would have fired on more than
    20 % of the records in a month is kept, but off: `warnings` has `rule_wide:<per cent>`, until
    `confirm` is given.

    Raises:
        NotAllowed: the actor does not set the office up.
        Conflict: the office is not of the version `expected`.
        Invalid: a cell means nothing, names what there is not, or the rule would go round with
            others; `fields` names the cell. The last good version stays in force.
    """
    settings = read_settings(desk.store)
    check_setup(actor, Office, settings, field="rules")
    wanted = _wanted(settings, actor, form)
    _check(desk, settings, wanted)
    wanted = _measured(desk, settings, wanted, confirmed=form.confirm)

    def change(office: Office) -> Office:
        rows = {row.id: row for row in office.rules}
        if wanted.id not in rows and len(rows) >= MOST_RULES:
            raise Invalid("too many rules", code="rule_too_many", count=MOST_RULES)
        return office.model_copy(update={"rules": tuple({**rows, wanted.id: wanted}.values())})

    saved = save_office(desk, actor, change, cause=cause, name=wanted.id, expected=form.expected)
    warned = (*saved.warnings, f"rule_wide:{wanted.share}") if wanted.share else saved.warnings
    return saved.model_copy(update={"warnings": warned})


def remove(desk: Desk, actor: Actor, form: OneRule, cause: str) -> Saved:
    """Return what was saved: the office without the rule.

    Raises:
        NotAllowed: the actor does not set the office up. Invalid: there is none.
    """

    def change(office: Office) -> Office:
        gone = rule_of(office, form.rule).id
        left = tuple(row for row in office.rules if row.id != gone)
        return office.model_copy(update={"rules": left})

    return save_office(desk, actor, change, cause=cause, name=form.rule, expected=form.expected)


def switch(desk: Desk, actor: Actor, form: SwitchRule, cause: str) -> Saved:
    """Return what was saved: the rule on or off; its version stays.

    Raises:
        NotAllowed: the actor does not set the office up.
        Invalid: there is none, or it cannot work as things are now.
    """
    given = form.model_dump(include={"rule", "on", "confirm", "expected"})
    return save(desk, actor, SetRule.model_validate(given), cause)


def rule_of(office: Office, said: str) -> RuleRow:
    """Return the rule with this id or, in any case, this name.

    Raises:
        Invalid: there is none, and those there are are named; or it is a part of the product.
    """
    wanted = said.strip().casefold()
    if wanted.startswith(PREFIX):
        raise Invalid(
            f"{said} is a part of the product",
            fields={"rule": "rule_built_in"},
            code="rule_built_in",
        )
    for row in office.rules:
        if wanted in {row.id, row.name.casefold()}:
            return row
    known = ", ".join(row.name for row in office.rules) or "-"
    raise Invalid(
        f"there is no rule {said!r}; known: {known}",
        fields={"rule": "unknown"},
        code="settings_unknown",
        what=said,
        known=known,
    )


def _wanted(settings: Settings, actor: Actor, form: SetRule) -> RuleRow:
    """Return the row as the form wants it."""
    given = form.model_dump(exclude={"rule", "expected", "owner", "confirm"}, exclude_none=True)
    if form.owner is not None:
        given["owner_id"] = _person(settings, form.owner)
    if form.rule:
        known = rule_of(settings.office, form.rule)
        made = RuleRow.model_validate({**known.model_dump(), **_filled(given)})
        changed = any(getattr(made, name) != getattr(known, name) for name in _WORDS)
        return made.model_copy(update={"version": known.version + changed})
    owner = actor.id if actor.is_person else None
    fresh = derived("rl", str(given.get("name", "")).strip().casefold())[:_ID_LETTERS]
    taken = {row.name.casefold() for row in settings.office.rules}
    if str(given.get("name", "")).strip().casefold() in taken:
        raise Invalid(
            "a rule is called so already",
            fields={"name": "settings_taken"},
            code="settings_taken",
            what=given["name"],
        )
    needed = {"name": "", "when": "", "then": ""}
    return RuleRow.model_validate({"id": fresh, "owner_id": owner, **_filled({**needed, **given})})


_EMPTY = {"name": "rule_no_name", "when": "rule_no_when", "then": "rule_no_then"}


def _filled(given: dict[str, object]) -> dict[str, object]:
    """Return what is given, unless it lacks what every rule needs.

    Raises:
        Invalid: names the empty cell.
    """
    for name, code in _EMPTY.items():
        if name in given and not str(given[name]).strip():
            raise Invalid(f"{name} is empty", fields={name: code}, code=code)
    return given


def _person(settings: Settings, said: str) -> StaffId | None:
    """Return the person who is told of failures, None for nobody.

    Raises:
        Invalid: there is no such person, or they have left.
    """
    if not said:
        return None
    person = settings.person(StaffId(said))
    if person is None or not person.active:
        raise Invalid("no such person", fields={"owner": "staff_unknown"}, code="staff_unknown")
    return person.id


def _check(desk: Desk, settings: Settings, wanted: RuleRow) -> None:
    """Refuse a rule that means nothing, or that would go round with others."""
    known = rule_vocabulary(desk.store, settings)
    rule = parse_rule(wanted, known)
    _check_words(rule)
    if not wanted.on:
        return
    circle = cycle_with(rule, _others(settings, wanted.id, known), settings.office)
    if circle:
        names = ", ".join(it.row.name for it in circle)
        raise Invalid(
            f"the rules go round: {names}",
            fields={"then": "rule_cycle"},
            code="rule_cycle",
            names=names,
        )


def _check_words(rule: Rule) -> None:
    """Refuse a field in the words for a colleague: those show the record as they may see it.

    Raises:
        RuleError: says where it stands.
    """
    for act in rule.actions:
        said = str(act.args.get("title") or act.args.get("text") or "")
        if act.name in _FOR_COLLEAGUES and (found := _PLACE.search(said)) is not None:
            place = (rule.row.then.find(found[0]), found[0])
            raise RuleError("rule_no_fields", place, column="then")


def _measured(desk: Desk, settings: Settings, wanted: RuleRow, *, confirmed: bool) -> RuleRow:
    """Return the rule, off if it just came on and would have fired on too many records."""
    before = next((row for row in settings.office.rules if row.id == wanted.id), None)
    same = before is not None and before.version == wanted.version
    if not wanted.on:
        return wanted.model_copy(update={"share": wanted.share if same else 0})
    if confirmed or (same and before is not None and before.on):
        return wanted.model_copy(update={"share": 0})
    found = rehearse(desk, wanted)
    wide = found.share > WIDE and len(found.records) >= _FEW
    return wanted.model_copy(update={"on": not wide, "share": found.share if wide else 0})


def _others(settings: Settings, rule_id: str, known: Vocabulary) -> list[Rule]:
    """Return the other rules that work now."""
    found: list[Rule] = []
    for row in settings.office.rules:
        if row.on and row.id != rule_id:
            try:
                found.append(parse_rule(row, known))
            except RuleError:
                continue
    return found


def _problem(row: RuleRow, known: Vocabulary, locale: str) -> str:
    try:
        parse_rule(row, known)
    except RuleError as exc:
        return text(exc.code, locale, **exc.facts)
    return text("rule_wide", locale, share=row.share) if row.share and not row.on else ""


RULE_COMMANDS: Registry = {
    "rule.list": Command("show what follows from what", ShowRules, listed),
    "rule.remove": Command("take a rule away", OneRule, remove),
    "rule.set": Command("make or change a rule", SetRule, save),
    "rule.switch": Command("switch a rule on or off", SwitchRule, switch),
}
