"""The table of rules, set by who sets the office up; the last good version stays in force."""

from datetime import timedelta
from typing import Any

import pytest
from tests.access.test_routing_commands import ANNA, OLGA, do
from tests.fakes import FixedClock

from kartoteka.domain.errors import Conflict, Invalid, NotAllowed
from kartoteka.domain.rules.errors import RuleError
from kartoteka.domain.rules.model import RuleRow
from kartoteka.services.office import Desk, read_settings
from kartoteka.services.rule_vocabulary import rule_vocabulary
from kartoteka.services.settings_rules import seen

LARGE = {"name": "Очень крупная", "when": "сумма сделки достигла 2 млн", "then": "тег «крупная»"}
TO_KP = {"name": "Назад к КП", "when": "сделка перешла на этап «Ожидание решения клиента»"}


def rows(desk: Desk) -> dict[str, RuleRow]:
    return {row.name: row for row in read_settings(desk.store).office.rules}


def row(desk: Desk, name: str = LARGE["name"]) -> RuleRow:
    return rows(desk)[name]


def refused(desk: Desk, /, **given: Any) -> Invalid:
    before = read_settings(desk.store).office
    with pytest.raises(Invalid) as error:
        do(desk, OLGA, "rule.set", **given)
    assert read_settings(desk.store).office == before
    return error.value


def test_new_rule_is_on_and_belongs_to_who_made_it(desk: Desk) -> None:
    saved = do(desk, OLGA, "rule.set", **LARGE)

    made = row(desk)
    assert saved.id == made.id
    assert (made.on, made.version, made.owner_id) == (True, 1, "st_olga")


def test_change_of_words_makes_the_next_version_and_other_changes_do_not(desk: Desk) -> None:
    do(desk, OLGA, "rule.set", **LARGE)
    do(desk, OLGA, "rule.set", rule=LARGE["name"], condition="теги не содержат «свой»")
    do(desk, OLGA, "rule.set", rule=LARGE["name"], after="2 часа")
    do(desk, OLGA, "rule.set", rule=LARGE["name"], note="по решению совета", owner="")
    do(desk, OLGA, "rule.switch", rule=LARGE["name"], on=False)

    changed = row(desk)
    assert (changed.version, changed.on, changed.owner_id) == (3, False, None)
    assert changed.when == LARGE["when"]


@pytest.mark.parametrize(
    ("given", "column", "code"),
    [
        ({"when": "сделка перешла на этап «Нигде»"}, "when", "rule_name"),
        ({"condition": "суммма > 5"}, "condition", "rule_field"),
        ({"then": "письмо по шаблону «Нет такого»"}, "then", "rule_name"),
        ({"after": "когда-нибудь"}, "after", "rule_delay"),
        ({"then": "задача «Звонить {{имя}}» ответственному"}, "then", "rule_no_fields"),
        ({"then": "уведомить автора «{{сумма}}»"}, "then", "rule_no_fields"),
        ({"then": "согласовать с руководителем «{{имя|кто}}»"}, "then", "rule_no_fields"),
    ],
)
def test_wrong_cell_is_refused_and_the_last_good_version_stays(
    desk: Desk, given: dict[str, str], column: str, code: str
) -> None:
    do(desk, OLGA, "rule.set", **LARGE)

    error = refused(desk, rule=LARGE["name"], **given)

    assert isinstance(error, RuleError)
    assert (error.column, error.rule_code) == (column, code)
    assert error.fields == {column: code}


@pytest.mark.parametrize(
    ("given", "code"),
    [
        ({**LARGE, "then": ""}, "rule_no_then"),
        ({"name": "Без действий", "when": "новая заявка"}, "rule_no_then"),
        ({"name": "Без события", "then": "тег «важное»"}, "rule_no_when"),
        ({**LARGE, "name": " "}, "rule_no_name"),
        ({**LARGE, "name": "крупная СДЕЛКА"}, "settings_taken"),
        ({**LARGE, "owner": "st_nobody"}, "staff_unknown"),
    ],
    ids=["empty", "without", "never", "nameless", "taken", "stranger"],
)
def test_incomplete_rule_is_refused(desk: Desk, given: dict[str, str], code: str) -> None:
    error = refused(desk, **given)

    assert error.fields
    assert error.code == code


def test_rules_that_lead_round_are_refused_with_their_names(desk: Desk) -> None:
    forth = {"name": "Вперёд", "when": "сделка перешла на этап «Отправить клиенту КП»"}
    do(desk, OLGA, "rule.set", **forth, then="этап «Ожидание решения клиента»")

    error = refused(desk, **TO_KP, then="этап «Отправить клиенту КП» можно назад")

    assert error.code == "rule_cycle"
    assert error.facts["names"] == "Назад к КП, Вперёд"


def test_rules_that_take_a_tag_off_and_give_it_again_are_refused(desk: Desk) -> None:
    there = {"when": "сделка получила тег a", "then": "снять тег a; тег b"}
    do(desk, OLGA, "rule.set", name="Туда", **there)

    error = refused(desk, name="Назад", when="сделка получила тег b", then="снять тег b; тег a")

    assert error.code == "rule_cycle"
    assert error.facts["names"] == "Назад, Туда"


def test_rule_that_is_off_may_lead_round_until_it_is_switched_on(desk: Desk) -> None:
    forth = {"name": "Вперёд", "when": "сделка перешла на этап «Отправить клиенту КП»"}
    do(desk, OLGA, "rule.set", **forth, then="этап «Ожидание решения клиента»")
    do(desk, OLGA, "rule.set", **TO_KP, then="этап «Отправить клиенту КП»", on=False)

    with pytest.raises(Invalid, match="go round"):
        do(desk, OLGA, "rule.switch", rule=TO_KP["name"], on=True)


@pytest.mark.parametrize(
    ("first", "second"),
    [
        (("изменилась сумма сделки", "тег a"), ("сделка получила тег a", "тег b")),
        (("сделка получила тег a", "тег b"), ("сделка получила тег b", "тег a")),
        (("сделка сменила этап", "этап «Отправить клиенту КП»"), ("новая сделка", "тег a")),
        (("новая задача", "тег a"), ("сделка получила тег a", "уведомить автора")),
    ],
)
def test_rules_that_come_to_rest_are_no_circle(
    desk: Desk, first: tuple[str, str], second: tuple[str, str]
) -> None:
    for name, (when, then) in {"a": first, "b": second}.items():
        do(desk, OLGA, "rule.set", name=name, when=when, then=then)

    assert {"a", "b"} <= set(rows(desk))


@pytest.mark.parametrize(
    ("when", "then"),
    [
        ("новая задача", "задача «Ещё одна»"),
        ("изменился срок оплаты", "поле срок оплаты = сегодня + 3 дня"),
        ("отправлено письмо", "письмо по шаблону «Напоминание о себе»"),
    ],
)
def test_rule_that_never_rests_by_itself_is_refused(desk: Desk, when: str, then: str) -> None:
    assert refused(desk, name="Сама себя", when=when, then=then).code == "rule_cycle"


def test_removed_rule_is_gone_and_unknown_one_is_named(desk: Desk) -> None:
    do(desk, OLGA, "rule.set", **LARGE)
    do(desk, OLGA, "rule.remove", rule=LARGE["name"])

    assert LARGE["name"] not in rows(desk)
    with pytest.raises(Invalid, match="Крупная сделка"):
        do(desk, OLGA, "rule.remove", rule=LARGE["name"])


def test_list_tells_why_a_rule_rests_when_its_names_are_gone(desk: Desk) -> None:
    field = {"entity": "lead", "id": "budget_9", "name": "Бюджет заявителя"}
    do(desk, OLGA, "field.add", **field)
    do(desk, OLGA, "rule.set", **LARGE, condition="[Бюджет заявителя] заполнено")
    do(desk, OLGA, "field.remove", entity="lead", id="budget_9")

    table = do(desk, OLGA, "rule.list")

    problems = {it.name: it.problem for it in table.rules if it.problem}
    assert set(problems) == {LARGE["name"]}
    assert "Бюджет заявителя" in problems[LARGE["name"]]


def test_every_rule_of_the_preset_means_something(desk: Desk) -> None:
    settings = read_settings(desk.store)

    assert settings.office.rules
    assert {it.problem for it in seen(desk.store, settings)} == {""}
    assert rule_vocabulary(desk.store, settings).choices["template"].all_names


def test_rules_are_set_by_who_sets_the_office_up_alone(desk: Desk) -> None:
    for name, given in {"rule.set": LARGE, "rule.list": {}}.items():
        with pytest.raises(NotAllowed):
            do(desk, ANNA, name, **given)


def test_change_behind_another_is_refused(desk: Desk, clock: FixedClock) -> None:
    do(desk, OLGA, "source.add", name="Ярмарка")
    version = do(desk, OLGA, "rule.list").version
    clock.advance(timedelta(minutes=1))
    do(desk, OLGA, "source.remove", name="Ярмарка")

    with pytest.raises(Conflict):
        do(desk, OLGA, "rule.set", **LARGE, expected=version.isoformat())


def test_renamed_names_are_renamed_in_the_words_of_rules(desk: Desk) -> None:
    given = {**LARGE, "when": "сделка перешла на этап «Отправить клиенту КП»"}
    condition = "Теги не содержат «свой» и этап = «Отправить клиенту КП»"
    do(desk, OLGA, "rule.set", **given, condition=condition)
    place = {"pipeline": "deals_law", "stage": "kp"}

    do(desk, OLGA, "stage.rename", **place, name="КП", name_en="Offer")

    renamed = row(desk)
    assert renamed.when == "сделка перешла в этап «КП»"
    assert renamed.condition == "теги сделки не содержит «свой» и этап сделки = «КП»"
    assert (renamed.then, renamed.version) == (LARGE["then"], 1)
    assert do(desk, OLGA, "rule.list").rules[-1].problem == ""


def test_renamed_person_is_renamed_in_the_words_of_rules(desk: Desk) -> None:
    do(desk, OLGA, "rule.set", **{**LARGE, "then": "уведомить Анну Белову «Смотри»"})
    version = do(desk, OLGA, "rule.list").version

    do(desk, OLGA, "staff.edit", staff="st_anna", name="Анна Серова")

    assert row(desk).then == "уведомить «Анна Серова» «Смотри»"
    assert (row(desk).version, do(desk, OLGA, "rule.list").version) == (1, version)


def test_rule_that_names_a_deleted_stage_keeps_its_words_and_rests(desk: Desk) -> None:
    when = "сделка перешла на этап «interview»"
    do(desk, OLGA, "rule.set", **{**LARGE, "when": when})

    do(desk, OLGA, "stage.delete", pipeline="hiring", stage="interview", move_to="cv")

    assert row(desk).when == when


def test_what_the_product_does_itself_stands_in_the_table_and_is_not_edited(desk: Desk) -> None:
    table = do(desk, OLGA, "rule.list").rules

    ours = [it.id.removeprefix("built_in_") for it in table[:4]]
    assert ours == ["route", "first", "missed", "idle"]
    assert "15" in table[1].when
    asked = {"rule.set": {"note": "x"}, "rule.remove": {}, "rule.switch": {"on": False}}
    for name, given in asked.items():
        with pytest.raises(Invalid, match="part of the product"):
            do(desk, OLGA, name, rule="built_in_first", **given)
