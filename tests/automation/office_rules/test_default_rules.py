"""The rules that every office starts with, each played as a story on a clock that we move."""

from datetime import timedelta
from typing import Any

import pytest
from tests.automation.office_rules.ruled_office import Ruled, ruled
from tests.fakes import FakeTasks, FixedClock
from tests.kartoteka.deals.deal_desk import ANNA, DAY, HOUR, INNA, MINUTE, OLGA, RULE, VIKTOR

from kartoteka.domain.deal import Deal
from kartoteka.domain.papers import CategoryPapers, Paper
from kartoteka.domain.rules.model import RuleRow
from kartoteka.services.office import Desk

LINE: dict[str, Any] = {"name": "Ведение дела", "category": "Суд", "price_minor": 60_000_000}


@pytest.fixture
def office(desk: Desk, clock: FixedClock, tasks: FakeTasks) -> Ruled:
    return ruled(desk, clock, tasks)


def switched_on(office: Ruled, *names: str) -> list[RuleRow]:
    """The patterns of the preset, as somebody switched them on."""
    rows = office.desk.settings().office.rules
    return [it.model_copy(update={"on": True}) for it in rows if it.id in names]


def invoiced(office: Ruled, due: timedelta, **person: Any) -> Deal:
    """A deal with an amount to be paid so long from now."""
    lead = office.qualified(office.clock, **person).lead_id
    deal: Deal = office.do(ANNA, "lead.convert", lead=lead, deal_type="Наследство")
    when = (office.clock.now() + due).isoformat()
    office.do(VIKTOR, "deal.edit", deal=deal.id, amount_minor=100_000, invoice_due=when)
    office.work()
    return deal


def wrote(office: Ruled, deal: Deal) -> None:
    """Anna writes to the client."""
    office.do(ANNA, "activity.log", what="letter", text="Отправила предложение", deal=deal.id)


def won(office: Ruled) -> Deal:
    """A deal that was won: a rule may go any way that has its proofs."""
    deal = office.new_deal(office.clock)
    proofs = {"evidence": {**deal.evidence, "payment": "п/п 1"}}
    stored = dict(office.desk.store.get("deals", deal.id) or {}) | proofs
    office.desk.store.run(lambda tx: tx.put("deals", deal.id, stored))
    assert office.do(RULE, "deal.move", deal=deal.id, stage="won").state == "won"
    office.work()
    return deal


def test_1_a_new_request_has_an_owner_who_is_told(office: Ruled) -> None:
    stored = office.form(owner="")
    office.work()

    lead = office.lead(stored.lead_id)

    assert lead.owner_id is not None
    assert [it.staff_id for it in office.notices("notice_new_lead")] == [lead.owner_id]


def test_2_nobody_answers_a_request_and_its_owner_then_the_head_hear(office: Ruled) -> None:
    office.form()
    office.pass_time(14 * MINUTE, step=MINUTE)
    assert office.notices("notice_first_contact") == []

    office.pass_time(2 * MINUTE, step=MINUTE)
    assert [it.staff_id for it in office.notices("notice_first_contact")] == ["st_anna"]

    office.pass_time(16 * MINUTE, step=MINUTE)
    assert [it.staff_id for it in office.notices("notice_overdue")] == ["st_viktor"]


def test_3_a_client_silent_for_three_working_days_is_to_be_written_to(office: Ruled) -> None:
    deal = office.new_deal(office.clock)
    office.work()
    office.clock.advance(HOUR)
    wrote(office, deal)
    office.work()

    office.pass_time(2 * DAY)
    assert office.given("Напомнить клиенту о себе") == []

    office.pass_time(DAY + HOUR)
    (task,) = office.given("Напомнить клиенту о себе")
    assert (task.assignee_id, task.deal_id) == ("st_anna", deal.id)

    office.pass_time(3 * DAY)
    assert len(office.given("Напомнить клиенту о себе")) == 1


def test_3_a_holiday_named_meanwhile_is_waited_out_too(office: Ruled) -> None:
    deal = office.new_deal(office.clock)
    office.clock.advance(HOUR)
    wrote(office, deal)
    office.work()
    work = office.desk.settings().office.work
    day_off = (office.clock.now() + DAY).date()
    office.change_office(work=work.model_copy(update={"holidays": frozenset({day_off})}))

    office.pass_time(3 * DAY + HOUR)
    assert office.given("Напомнить клиенту о себе") == []

    office.pass_time(DAY)
    (task,) = office.given("Напомнить клиенту о себе")
    assert task.deal_id == deal.id


def test_3_a_client_who_answered_is_left_alone(office: Ruled) -> None:
    deal = office.new_deal(office.clock)
    office.clock.advance(HOUR)
    wrote(office, deal)
    office.work()
    office.pass_time(DAY)
    office.call(talk_s=60)
    office.work()

    office.pass_time(4 * DAY)

    assert office.given("Напомнить клиенту о себе") == []


def test_4_a_large_amount_is_told_once_per_crossing(office: Ruled) -> None:
    deal = office.new_deal(office.clock)
    for amount in (49_999_999, 50_000_000, 60_000_000):
        office.do(VIKTOR, "deal.edit", deal=deal.id, amount_minor=amount)
    office.work()
    assert [it.staff_id for it in office.notices()] == ["st_olga"]  # nobody keeps the finances

    for amount in (10_000_000, 70_000_000):
        office.do(VIKTOR, "deal.edit", deal=deal.id, amount_minor=amount)
    office.work()
    assert len(office.notices()) == 2


def test_5_goods_of_a_category_bring_its_papers_once(office: Ruled) -> None:
    paper = Paper(name="Порядок ведения дела", ref="https://drive.google.com/file/d/1")
    office.change_office(papers=(CategoryPapers(category="Суд", papers=(paper,)),))
    deal = office.new_deal(office.clock)
    for _ in range(2):
        office.do(VIKTOR, "deal.line_add", deal=deal.id, **LINE)
        office.work()

    notes = [it for it in office.timeline() if it.files]

    assert [(it.deal_id, it.files[0].ref) for it in notes] == [(deal.id, paper.ref)]
    assert paper.name in notes[0].text


def test_5_goods_without_papers_are_skipped_with_the_reason(office: Ruled) -> None:
    deal = office.new_deal(office.clock)
    office.do(VIKTOR, "deal.line_add", deal=deal.id, **LINE)
    office.work()

    (firing,) = office.firings("goods_papers")

    assert (firing.state, firing.why) == ("skipped", "rule_no_papers")


def test_6_a_missed_call_is_called_back_in_a_quarter_of_an_hour(office: Ruled) -> None:
    stored = office.form()
    office.clock.advance(HOUR)
    office.misses_call()
    office.work()

    (task,) = [it for it in office.every_task() if it.what == "callback"]
    assert (task.assignee_id, task.lead_id) == ("st_anna", stored.lead_id)
    assert task.due_at == office.clock.now() + 15 * MINUTE


def test_7_an_idle_deal_is_told_to_its_owner_then_to_the_head(office: Ruled) -> None:
    office.new_deal(office.clock)
    office.work()

    office.pass_time(2 * DAY)

    assert {it.staff_id for it in office.notices("notice_cold")} == {"st_anna"}
    office.pass_time(2 * DAY)
    assert {it.staff_id for it in office.notices("notice_cold_twice")} == {"st_viktor"}


def test_8_what_has_no_next_step_is_told_at_six_in_the_evening(office: Ruled) -> None:
    deal = office.new_deal(office.clock)
    office.work()
    stored = office.desk.store.get("deals", deal.id)
    bare = {**dict(stored or {}), "next_action": None, "next_at": None}
    office.desk.store.run(lambda tx: tx.put("deals", deal.id, bare))

    office.pass_time(8 * HOUR)
    assert office.notices() == []

    office.pass_time(2 * HOUR)
    assert {it.staff_id for it in office.notices()} == {"st_anna", "st_viktor"}
    assert {it.deal_id for it in office.notices()} == {deal.id}


def test_8_a_request_without_a_next_step_is_told_too(office: Ruled) -> None:
    lead_id = office.form().lead_id or ""
    office.work()
    stored = office.desk.store.get("leads", lead_id)
    bare = {**dict(stored or {}), "next_action": None, "next_at": None}
    office.desk.store.run(lambda tx: tx.put("leads", lead_id, bare))

    office.pass_time(10 * HOUR)

    assert {(it.staff_id, it.lead_id) for it in office.notices()} == {
        ("st_anna", lead_id),
        ("st_viktor", lead_id),
    }


def test_9_three_months_after_a_win_the_owner_offers_again(office: Ruled) -> None:
    deal = won(office)
    office.pass_time(89 * DAY, step=10 * DAY)
    assert office.given("Предложить повторную покупку") == []

    office.pass_time(2 * DAY)

    (task,) = office.given("Предложить повторную покупку")
    assert (task.assignee_id, task.client_id) == ("st_anna", deal.client_id)


def test_10_a_bill_is_reminded_of_before_on_and_after_its_day_until_it_is_paid(
    office: Ruled,
) -> None:
    deal = invoiced(office, 5 * DAY)

    office.pass_time(2 * DAY)
    assert len(office.given("Напомнить об оплате: срок через 3 дня")) == 1
    office.pass_time(3 * DAY)
    assert len(office.given("Напомнить об оплате: срок сегодня")) == 1
    office.pass_time(3 * DAY)
    assert len(office.given("Напомнить об оплате: просрочено 3 дня")) == 1
    office.do(INNA, "deal.pay", deal=deal.id, reference="п/п 1", amount_minor=100_000)
    office.pass_time(12 * DAY, step=6 * HOUR)

    assert office.given("Напомнить об оплате: просрочено 7 дней") == []
    assert office.given("Напомнить об оплате: просрочено 14 дней") == []


def test_10_a_day_of_payment_that_moved_moves_the_reminders(office: Ruled) -> None:
    deal = invoiced(office, 5 * DAY)
    later = (office.clock.now() + 10 * DAY).isoformat()
    office.do(VIKTOR, "deal.edit", deal=deal.id, invoice_due=later)

    office.pass_time(6 * DAY, step=6 * HOUR)
    assert office.given("Напомнить об оплате: срок через 3 дня") == []

    office.pass_time(2 * DAY, step=6 * HOUR)
    assert len(office.given("Напомнить об оплате: срок через 3 дня")) == 1


def test_10_the_letter_to_the_client_goes_once_it_was_checked_and_switched_on(
    office: Ruled,
) -> None:
    office.rules(*switched_on(office, "pay_letter_today"))
    deal = invoiced(office, 2 * DAY, emails=("irina@example.com",))

    office.pass_time(4 * DAY)

    (letter,) = [it for it in office.timeline() if it.what == "mail"]
    assert letter.deal_id == deal.id
    assert "Напоминаем о сроке оплаты" in letter.text


@pytest.mark.parametrize(("phone", "told"), [("+74951234567", 1), ("+78121234567", 0)])
def test_11_a_pattern_by_region_that_is_switched_on_knows_the_region(
    office: Ruled, phone: str, told: int
) -> None:
    office.rules(*switched_on(office, "by_region"))

    office.form(phone=phone)
    office.work()

    assert [it.words for it in office.notices()] == ["Заявка из Москвы"] * told


def test_each_of_the_twelve_stands_in_the_table(office: Ruled) -> None:
    table = {it.id: it for it in office.do(OLGA, "rule.list").rules}
    ours = [f"built_in_{code}" for code in ("route", "first", "missed", "idle")]
    own = ["silent_deal", "large_deal", "goods_papers", "no_next_deal", "repeat_sale"]
    own += ["pay_before_3", "pay_today", "pay_late_3", "pay_late_7", "pay_late_14"]

    assert [it for it in (*ours, *own) if not table[it].on or table[it].problem] == []
    assert [table[it].on for it in ("pay_letter_today", "by_region", "partners")] == [False] * 3


@pytest.mark.parametrize("name", ["by_region", "partners", "pay_letter_3"])
def test_11_and_12_patterns_are_off_until_somebody_checks_them(office: Ruled, name: str) -> None:
    (row,) = [it for it in office.desk.settings().office.rules if it.id == name]

    assert not row.on
    assert row.note


def test_12_a_partner_pattern_that_is_switched_on_tags_the_client(office: Ruled) -> None:
    on = switched_on(office, "partners")
    office.rules(*(it.model_copy(update={"condition": ""}) for it in on))

    stored = office.form()
    office.work()

    assert office.client(stored.client_id).tags == ("партнёр",)
    assert [it.staff_id for it in office.notices()] == ["st_viktor"]
