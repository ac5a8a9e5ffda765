"""What people write in the cells of a rule, and what each of it means."""

import re
from datetime import UTC, date, datetime, time

import pytest
from tests.kartoteka.domain.rules.rules_office import vocabulary

from kartoteka.domain.rules.errors import RuleError
from kartoteka.domain.rules.language import (
    parse_actions,
    parse_condition,
    parse_delay,
    parse_rule,
    parse_trigger,
)
from kartoteka.domain.rules.model import (
    Act,
    All,
    Among,
    Blank,
    Compared,
    Contains,
    Crossed,
    Daily,
    DateField,
    Happened,
    Negated,
    Op,
    Ref,
    Relative,
    RuleRow,
    Segment,
    Since,
    Some,
    Visited,
    Weekly,
)
from kartoteka.domain.rules.spans import Span
from kartoteka.i18n import text

AMOUNT, STAGE, TAGS = "deal.amount_minor", "deal.stage", "deal.tags"
TOMORROW = Relative(day=True, span=Span(days=1))
KP = "Отправить клиенту КП"
HALF = Compared(AMOUNT, Op.GE, 50_000_000)


@pytest.mark.parametrize(
    ("words", "meaning"),
    [
        ("сумма не меньше 500 000", HALF),
        ("Сумма сделки ≥ 500 тыс. ₽", HALF),
        ("сумма >= 0,5 млн", HALF),
        ("deal amount at least 500000 RUB", HALF),
        ("amount greater than or equal to 500 thousand", HALF),
        ("сумма больше 10,50", Compared(AMOUNT, Op.GT, 1050)),
        ("бюджета проекта < 5", Compared("deal.fields.budget", Op.LT, 500)),
        ("[Budget] < 5", Compared("deal.fields.budget", Op.LT, 500)),
        ("этап = «Отправить клиенту КП»", Compared(STAGE, Op.EQ, "kp")),
        ("этап это Отправить клиенту КП", Compared(STAGE, Op.EQ, "kp")),
        ("stage is not «Send the offer»", Compared(STAGE, Op.NE, "kp")),
        ("теги содержат vip", Contains(TAGS, "vip")),
        ("теги не содержат «очень важный»", Negated(Contains(TAGS, "очень важный"))),
        ("сумма в списке (1, 2; 3)", Among(AMOUNT, (100, 200, 300))),
        ("срок оплаты пуст", Blank("deal.invoice_due")),
        ("payment due is filled", Negated(Blank("deal.invoice_due"))),
        ("оплачено < сумма", Compared("deal.paid_minor", Op.LT, Ref(AMOUNT))),
        ("повторная заявка", Compared("lead.repeat", Op.EQ, value=True)),
        ("ответственный = Анна Белова", Compared("deal.owner_id", Op.EQ, "st_anna")),
        ("[Город] = Тверь", Compared("lead.fields.twin", Op.EQ, "Тверь")),
        ("город клиента = Тверь", Compared("client.fields.city", Op.EQ, "Тверь")),
        ("дата окончания = 22.11.2026", Compared("deal.fields.term", Op.EQ, date(2026, 11, 22))),
        (
            "дата создания < 2026-11-22 18:00",
            Compared("deal.created_at", Op.LT, datetime(2026, 11, 22, 15, tzinfo=UTC)),
        ),
        (
            "последнее входящее раньше 3 рабочих дня назад",
            Compared("activity.last_in_at", Op.LT, Relative(span=Span(work_days=3), back=True)),
        ),
        (
            "срок оплаты <= сегодня + 2 недели",
            Compared("deal.invoice_due", Op.LE, Relative(day=True, span=Span(days=14))),
        ),
        (
            "срок оплаты after now - 2 часа",
            Compared("deal.invoice_due", Op.GT, Relative(span=Span(minutes=120), back=True)),
        ),
        (
            "сумма = 1 и не (сумма = 2 или сумма = 3)",
            All(
                (
                    Compared(AMOUNT, Op.EQ, 100),
                    Negated(Some((Compared(AMOUNT, Op.EQ, 200), Compared(AMOUNT, Op.EQ, 300)))),
                )
            ),
        ),
    ],
)
def test_condition_in_peoples_words_is_understood(words, meaning):
    subject = "lead" if "[Город]" in words else "deal"

    assert parse_condition(words, vocabulary(), subject) == meaning


def test_name_without_its_record_is_of_what_the_rule_is_about():
    found = parse_condition("этап = Новая заявка", vocabulary(), "lead")

    assert found == Compared("lead.stage", Op.EQ, "new")


@pytest.mark.parametrize(
    ("words", "meaning"),
    [
        ("новая заявка", Happened("lead", "created")),
        ("Пришла новая заявка", Happened("lead", "created")),
        ("сделка перешла на этап «Отправить клиенту КП»", Happened("deal", "stage", "kp")),
        ("deal moved to stage Send the offer", Happened("deal", "stage", "kp")),
        ("сумма сделки стала больше 500 000", Crossed("deal", AMOUNT, 50_000_000, strictly=True)),
        ("сумма достигла 500 000 ₽", Crossed("deal", AMOUNT, 50_000_000)),
        ("3 рабочих дня без ответа клиента", Since("client", "silent", Span(work_days=3))),
        ("client silent for 3 working days", Since("client", "silent", Span(work_days=3))),
        ("за 3 дня до срока оплаты", DateField("deal", "deal.invoice_due", Span(days=3), True)),
        ("за день до даты окончания", DateField("deal", "deal.fields.term", Span(days=1), True)),
        (
            "через 7 дней после срока оплаты",
            DateField("deal", "deal.invoice_due", Span(days=7), False),
        ),
        ("через 90 дней после выигрыша сделки", Since("deal", "won", Span(days=90))),
        ("пропущенный звонок", Happened("activity", "call_missed")),
        ("клиент вошёл в сегмент «VIP»", Segment("vip")),
        ("left segment VIP", Segment("vip", entered=False)),
        ("client left segment «VIP»", Segment("vip", entered=False)),
        ("открыта страница /price", Visited("/price")),
        ("каждый день в 18:00", Daily(time(18))),
        ("каждый рабочий день в 18:00 по сделкам", Daily(time(18), "deal", working=True)),
        ("каждую среду в 9:30", Weekly(2, time(9, 30))),
        ("every friday at 09:00", Weekly(4, time(9))),
        ("добавлен товар категории «Станки»", Happened("deal", "product", "Станки")),
        ("изменился бюджет проекта", Happened("deal", "changed", "deal.fields.budget")),
        ("изменился этап сделки", Happened("deal", "stage")),
    ],
)
def test_trigger_in_peoples_words_is_understood(words, meaning):
    assert parse_trigger(words, vocabulary()) == meaning


@pytest.mark.parametrize(
    ("words", "meaning"),
    [
        (
            "задача «Позвонить» ответственному на завтра",
            Act("task", {"title": "Позвонить", "who": "owner", "due": TOMORROW}),
        ),
        (
            "поставить задачу «КП» через 3 рабочих дня руководителю",
            Act("task", {"title": "КП", "who": "head", "due": Span(work_days=3)}),
        ),
        ("уведомить финдиректора", Act("notify", {"who": "role:finance"})),
        ("notify finance director «Big»", Act("notify", {"who": "role:finance", "text": "Big"})),
        ("сообщить отделу Продажи «Ура»", Act("notify", {"who": "team:Продажи", "text": "Ура"})),
        ("назначить Анну Белову", Act("assign", {"who": "staff:st_anna"})),
        (f"этап «{KP}» причина «Спешим»", Act("move", {"stage": "kp", "reason": "Спешим"})),
        (f"перевести на этап {KP} можно назад", Act("move", {"stage": "kp", "back": True})),
        ("письмо по шаблону 'Письмо \"после\"'", Act("message", {"template": 'Письмо "после"'})),
        ("приложить документы по категории", Act("attach", {})),
        ("тег vip", Act("tag", {"tag": "vip"})),
        ("снять тег «vip»", Act("untag", {"tag": "vip"})),
        ("вебхук https://a.ru/b?c=1", Act("webhook", {"url": "https://a.ru/b?c=1"})),
        ("серия «Тёплые»", Act("series_start", {"series": "Тёплые"})),
        ("остановить серии", Act("series_stop", {})),
        ("поле [Бюджет проекта] = 5 тыс",
         Act("set", {"field": "deal.fields.budget", "value": 500_000})),
        ("очистить поле город клиента", Act("set", {"field": "client.fields.city"})),
        ("согласовать с руководителем «Скидка»", Act("ask", {"who": "head", "text": "Скидка"})),
    ],
)  # fmt: skip
def test_action_in_peoples_words_is_understood(words, meaning):
    assert parse_actions(words, vocabulary()) == (meaning,)


def test_several_actions_keep_their_order_and_quotes_keep_semicolons():
    found = parse_actions("тег a; уведомить автора «b; c»;", vocabulary())

    assert parse_actions("тег a\n уведомить автора «b; c»\n", vocabulary()) == found
    assert found == (Act("tag", {"tag": "a"}), Act("notify", {"who": "author", "text": "b; c"}))


@pytest.mark.parametrize(
    ("words", "span"),
    [
        ("", None),
        (" Сразу ", None),
        ("2 часа", Span(minutes=120)),
        ("через 15 рабочих минут", Span(work_minutes=15)),
        ("три рабочих дня к концу дня", Span(work_days=3, to_close=True)),
        ("1 month", Span(months=1)),
    ],
)
def test_delay_in_peoples_words_is_understood(words, span):
    assert parse_delay(words) == span


@pytest.mark.parametrize(
    ("words", "code", "word", "nearest"),
    [
        ("суммма > 5", "rule_field", "суммма", "сумма"),
        ("сума сделки > 5", "rule_field", "сума сделки", "сумма сделки"),
        ("[Бюджт] > 5", "rule_field", "[Бюджт]", "бюджет"),
        ("сумма больши 5", "rule_word", "больши", "больше"),
        (f"этап = «{KP}П»", "rule_name", f"{KP}П", KP),
        ("сумма = 22.11.2026", "rule_type_money", "22.11.2026", ""),
        ("срок оплаты > 500 ₽", "rule_type_moment", "500", ""),
        ("срок оплаты > 3 дня", "rule_span_alone", "3", ""),
        ("этап > «Отправить клиенту КП»", "rule_order", ">", ""),
        ("этап содержит «КП»", "rule_contains", "содержит", ""),
        ("сумма > сегодня", "rule_type_money", "сегодня", ""),
        ("сумма > [название сделки]", "rule_type_money", "название сделки", ""),
        ("сумма = $5", "rule_currency", "$", ""),
        ("сумма = 5 долларов", "rule_currency", "долларов", ""),
        ("сумма = 1,500", "rule_number", "1,500", ""),
        ("сумма = 1,555 ₽", "rule_number", "1,555", ""),
        ("дата создания = 30.02.2026", "rule_date", "30.02.2026", ""),
        ("сумма", "rule_incomplete", "сумма", ""),
        ("сумма >", "rule_ends", "", ""),
        ("(сумма > 5", "rule_ends", "", ""),
        ("сумма > 5)", "rule_unexpected", ")", ""),
        ("название = «а", "rule_quote", "«", ""),
        ("сумма > 5 \\", "rule_character", "\\", ""),
    ],
)  # fmt: skip
def test_wrong_condition_is_refused_at_its_word(words, code, word, nearest):
    with pytest.raises(RuleError) as refused:
        parse_condition(words, vocabulary())

    error = refused.value
    assert (error.rule_code, error.word, error.nearest) == (code, word, nearest)
    assert word in words[error.position :]
    assert error.column == "condition"


@pytest.mark.parametrize(
    ("words", "code", "word", "nearest"),
    [
        ("новая завка", "rule_phrase", "завка", "заявка"),
        ("за 3 дня до сроков аплаты", "rule_phrase", "аплаты", "срок оплаты"),
        ("3 days before due paymant", "rule_phrase", "paymant", "deal payment due"),
        (f"сделка перешла на этап «{KP[:-1]}»", "rule_name", KP[:-1], KP),
        ("сделка перешла на этап «Подписание»", "rule_name", "Подписание",
         "Подписание договора с подрядчиком"),
        ("deal moved to stage 'Payed'", "rule_name", "Payed", "Get paid"),
        ("каждый вторнк в 10:00 по сделкам", "rule_word", "вторнк", "вторник"),
        ("every tusday at 10:00 for deals", "rule_word", "tusday", "tuesday"),
        ("за 3 дня до суммы сделки", "rule_not_date", "суммы", ""),
        ("за 3 рабочих недели до срока оплаты", "rule_span", "3", ""),
        ("каждый день в 25:00", "rule_time", "25:00", ""),
        ("", "rule_ends", "", ""),
    ],
)  # fmt: skip
def test_wrong_trigger_is_refused_at_its_word(words, code, word, nearest):
    with pytest.raises(RuleError) as refused:
        parse_trigger(words, vocabulary())

    error = refused.value
    assert (error.rule_code, error.word, error.nearest) == (code, word, nearest)
    assert error.column == "when"


@pytest.mark.parametrize(
    ("words", "nearest"),
    [
        ("уведомить Анну", "Анна Белова"),
        ("назначить Веру", "Вера Лосева"),
        ("назначить Верра", "Вера Лосева"),
        ("notify bookkeeper", "accountant"),
    ],
)
def test_part_of_a_name_is_told_whose_it_may_be(words, nearest):
    with pytest.raises(RuleError) as refused:
        parse_actions(words, vocabulary())

    assert refused.value.rule_code == "rule_name"
    assert nearest in refused.value.nearest


def test_name_like_none_is_told_names_in_its_own_letters():
    told = {}
    for words in ("этап = «Щука»", "stage = 'Zebra'"):
        with pytest.raises(RuleError) as refused:
            parse_condition(words, vocabulary())
        told[words] = refused.value.nearest

    russian, english = told.values()
    assert russian
    assert re.search("[a-z]", russian, re.IGNORECASE) is None
    assert english
    assert re.search("[а-я]", english, re.IGNORECASE) is None


@pytest.mark.parametrize(
    ("words", "word"),
    [
        ("3 рабчих дня", "рабчих"),
        ("через 2 чса", "чса"),
        ("in 2 huors", "huors"),
        ("скоро", "скоро"),
    ],
)
def test_wrong_delay_is_refused_at_its_word(words, word):
    with pytest.raises(RuleError) as refused:
        parse_delay(words)

    assert (refused.value.rule_code, refused.value.word) == ("rule_delay", word)


@pytest.mark.parametrize(
    ("words", "code", "word"),
    [
        ("уведомыть автора", "rule_phrase", "уведомыть"),
        ("уведомить финдира", "rule_name", "финдира"),
        ("документ «Договор»", "rule_name", "Договор"),
        ("вебхук http://a.ru", "rule_url", "http://a.ru"),
        ("вебхук https://127.0.0.1/a", "rule_url_closed", "https://127.0.0.1/a"),
        ("вебхук https://crm.local/a", "rule_url_closed", "https://crm.local/a"),
        ("письмо по шаблону «Нет»", "rule_name", "Нет"),
        ("поле сумма = завтра", "rule_type_money", "завтра"),
        ("поле дата создания = завтра", "rule_not_settable", "дата"),
        ("очистить состояние", "rule_not_settable", "состояние"),
        (";", "rule_no_action", ""),
        ("тег a;" * 11, "rule_actions", ""),
    ],
)
def test_wrong_action_is_refused_at_its_word(words, code, word):
    with pytest.raises(RuleError) as refused:
        parse_actions(words, vocabulary())

    assert (refused.value.rule_code, refused.value.word) == (code, word)
    assert refused.value.column == "then"


@pytest.mark.parametrize(
    ("words", "code"),
    [
        ("сумма > 5 и " * 10_000, "rule_long"),
        ("(" * 10_000, "rule_long"),
        ("(" * 1_000, "rule_many"),
        ("(" * 30 + "сумма > 5", "rule_deep"),
        ("не " * 100 + "сумма > 5", "rule_many"),
        ("«" * 2_000, "rule_quote"),
        ("'" * 1_999, "rule_quote"),
    ],
)
def test_text_beyond_measure_is_refused_quickly(words, code):
    with pytest.raises(RuleError) as refused:
        parse_condition(words, vocabulary())

    assert refused.value.rule_code == code


def test_refusal_is_told_in_both_languages():
    with pytest.raises(RuleError) as refused:
        parse_condition("суммма > 5", vocabulary())

    russian, english = (
        text(refused.value.code, locale, **refused.value.facts) for locale in ("ru", "en")
    )
    assert russian == "Поля «суммма» нет (знак 1). Похоже на «сумма»."
    assert english == "There is no field “суммма” (character 1). Did you mean “сумма”?"


def test_row_becomes_a_rule_about_its_record():
    row = RuleRow(
        id="r1",
        name="Крупные",
        when="заявка перешла в этап «Новая заявка»",
        condition="этап = «Новая заявка»",
        then="этап «Некачественный» причина «спам»",
        after="1 день",
    )

    rule = parse_rule(row, vocabulary())

    assert rule.trigger == Happened("lead", "stage", "new")
    assert rule.condition == Compared("lead.stage", Op.EQ, "new")
    assert rule.delay == Span(days=1)
    assert rule.actions == (Act("move", {"stage": "junk", "reason": "спам"}),)
