"""Whether a condition holds: values of every type, what is missing, and time counted from now."""

from datetime import UTC, date, datetime

import pytest
from tests.kartoteka.domain.rules.rules_office import vocabulary

from kartoteka.domain.rules.evaluate import holds, needs
from kartoteka.domain.rules.language import parse_condition, parse_rule
from kartoteka.domain.rules.model import Crossed, RuleRow
from kartoteka.domain.worktime import WorkTime

WORK = WorkTime()
NOW = datetime(2026, 11, 23, 9, tzinfo=UTC)  # Monday noon in Moscow
FACTS = {
    "deal.amount_minor": 60_000_000,
    "deal.paid_minor": 60_000_000,
    "deal.name": "Спор о Границах",
    "deal.stage": "kp",
    "deal.tags": ("Важный", "vip клуб"),
    "deal.probability": 40,
    "deal.fields.rooms": 0.1,
    "deal.fields.term": date(2026, 11, 24),
    "deal.invoice_due": datetime(2026, 11, 25, 22, 30, tzinfo=UTC),  # the 26th in Moscow
    "activity.last_in_at": datetime(2026, 11, 18, 9, 30, tzinfo=UTC),  # Wednesday 12:30
    "lead.repeat": False,
    "deal.note": "",
}


@pytest.mark.parametrize(
    ("words", "answer"),
    [
        ("сумма >= 600 000", True),
        ("сумма > 600 000", False),
        ("сумма = 600 000,00 ₽", True),
        ("сумма в списке (1, 600 тыс)", True),
        ("сумма не в списке (1, 2)", True),
        ("оплачено >= [deal.amount_minor]", True),
        ("название содержит «границ»", True),
        ("название не содержит «спор»", False),
        ("название = «спор о границах»", True),
        ("этап = «Отправить клиенту КП»", True),
        ("этап ≠ «Отправить клиенту КП»", False),
        ("теги = важный", True),
        ("теги = vip", False),
        ("теги содержат vip", True),
        ("теги ≠ vip", True),
        ("вероятность = 40 %", True),
        ("комнаты = 0,1", True),
        ("заметка пусто", True),
        ("заметка заполнено", False),
        ("тип сделки пусто", True),
        ("тип сделки ≠ «разовая»", False),  # nothing is known of it
        ("не тип сделки = «разовая»", True),
        ("повторная заявка", False),
        ("не повторная заявка", True),
        ("дата окончания = завтра", True),
        ("дата окончания > сегодня", True),
        ("дата окончания > 23.11.2026 23:00", True),
        ("срок оплаты = сегодня + 3 дня", True),
        ("срок оплаты = 26.11.2026", True),
        ("срок оплаты < 26.11.2026", False),
        ("срок оплаты > сейчас + 2 дня", True),
        ("последнее входящее < 3 рабочих дня назад", False),
        ("последнее входящее > 3 рабочих дня назад", True),
        ("последнее входящее < 2 рабочих дня назад", True),
        ("последнее входящее < 5 дней назад", False),
        ("последнее исходящее < сейчас", False),
        ("сумма > 1 и теги пусто или вероятность < 50", True),
        ("сумма > 1 и (теги пусто или вероятность > 50)", False),
    ],
)
def test_condition_holds_or_not(words, answer):
    condition = parse_condition(words, vocabulary())

    assert holds(condition, FACTS, NOW, WORK) is answer


def test_today_is_a_day_of_the_offices_zone():
    late = datetime(2026, 11, 23, 21, 30, tzinfo=UTC)  # already the 24th in Moscow
    condition = parse_condition("дата окончания = сегодня", vocabulary())

    assert holds(condition, FACTS, late, WORK)
    assert not holds(condition, FACTS, NOW, WORK)


def test_rule_needs_what_its_condition_names():
    words = "сумма > [deal.paid_minor] и город клиента в списке («Тверь», [имя клиента])"
    row = RuleRow(id="r", name="r", when="новая сделка", condition=words, then="тег a")

    assert needs(parse_rule(row, vocabulary())) == {
        "deal.amount_minor",
        "deal.paid_minor",
        "client.fields.city",
        "client.name",
    }


@pytest.mark.parametrize(
    ("strictly", "before", "after", "crossed"),
    [
        (False, 499, 500, True),
        (False, None, 500, True),
        (False, 500, 600, False),
        (False, 600, 500, False),
        (False, 500, None, False),
        (True, 499, 500, False),
        (True, 500, 501, True),
    ],
)
def test_threshold_is_crossed_upward_once(strictly, before, after, crossed):
    rule = Crossed("deal", "deal.amount_minor", 500, strictly=strictly)

    assert rule.by(before, after) is crossed
