"""A rule that would fire on very many is kept, but off, until somebody says so a second time."""

from typing import Any

from tests.access.test_routing_commands import OLGA, VIKTOR, do

from kartoteka.domain.rules.model import RuleRow
from kartoteka.services.office import Desk, read_settings

EVERY: dict[str, Any] = {"name": "На всех", "when": "новая заявка", "then": "тег «всем»"}


def rule(desk: Desk) -> RuleRow:
    return next(row for row in read_settings(desk.store).office.rules if row.name == "На всех")


def problem(desk: Desk) -> str:
    table = do(desk, OLGA, "rule.list").rules
    return next(row.problem for row in table if row.name == "На всех")


def test_rule_on_very_many_waits_for_a_second_word(desk: Desk) -> None:
    for number in range(20):
        do(desk, VIKTOR, "lead.add", phone=f"+791600011{number:02}")

    saved = do(desk, OLGA, "rule.set", **EVERY)
    assert saved.warnings[-1] == "rule_wide:100"
    assert not rule(desk).on
    assert "100 %" in problem(desk)

    assert do(desk, OLGA, "rule.switch", rule="На всех", on=True).warnings[-1] == "rule_wide:100"
    assert not rule(desk).on

    assert not do(desk, OLGA, "rule.switch", rule="На всех", on=True, confirm=True).warnings
    assert rule(desk).on
    assert problem(desk) == ""

    do(desk, OLGA, "rule.set", rule="На всех", note="решили так")
    assert rule(desk).on
    do(desk, OLGA, "rule.set", rule="На всех", condition="источник = «Партнёр»")
    assert rule(desk).on


def test_rule_on_few_is_on_at_once(desk: Desk) -> None:
    do(desk, VIKTOR, "lead.add", phone="+79160001122")

    assert not do(desk, OLGA, "rule.set", **EVERY).warnings
    assert rule(desk).on
