"""The command that rehearses a rule: one there is, or words that somebody is thinking of."""

from collections.abc import Mapping

from pydantic import Field

from kartoteka.domain.access import check_setup
from kartoteka.domain.change import Actor
from kartoteka.domain.errors import Invalid
from kartoteka.domain.model import Value
from kartoteka.domain.office import Office
from kartoteka.domain.rules.model import LONGEST, RuleRow
from kartoteka.services.commands import Command, Registry
from kartoteka.services.office import Desk, read_settings
from kartoteka.services.rule_rehearsal import DAYS, Rehearsal, rehearse
from kartoteka.services.settings_rules import rule_of

_LONGEST_NAME = 200


class RehearseRule(Value):
    """Play a rule over the log of the last days; nothing is done."""

    rule: str = Field(default="", max_length=200, description="id or name of a rule there is")
    when: str = Field(default="", max_length=LONGEST, description="or the words of a new one")
    condition: str = Field(default="", max_length=LONGEST)
    then: str = Field(default="", max_length=LONGEST)
    after: str = Field(default="", max_length=LONGEST)
    days: int = Field(default=DAYS, ge=1, le=DAYS)
    most: int = Field(default=0, ge=0, description="stop behind so many changes; 0: play all")


def asked(desk: Desk, actor: Actor, form: RehearseRule, cause: str) -> Rehearsal:
    """Return what a rule there is, or the words of one, would have done.

    Raises:
        NotAllowed: the actor does not set the office up.
        Invalid: there is no such rule, or a cell means nothing.
    """
    del cause  # nothing is written
    settings = read_settings(desk.store)
    check_setup(actor, Office, settings, field="rules")
    words = form.model_dump(include={"when", "condition", "then", "after"})
    row = row_of(words) if form.when.strip() else rule_of(settings.office, form.rule)
    return rehearse(desk, row, days=form.days, most=form.most)


def row_of(words: Mapping[str, str]) -> RuleRow:
    """Return a rule of these words that is in no table.

    Raises:
        Invalid: nothing is said of what it does.
    """
    if not words["then"].strip():
        raise Invalid("then is empty", fields={"then": "rule_no_then"}, code="rule_no_then")
    return RuleRow(id="rehearsed", name=words["when"][:_LONGEST_NAME], **words)


REHEARSAL_COMMANDS: Registry = {
    "rule.rehearse": Command("play a rule over the last days", RehearseRule, asked),
}
