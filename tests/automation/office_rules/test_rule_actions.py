"""What rules do to records and people, through the log, the queue and the services."""

import hashlib
import hmac
import json
from datetime import timedelta

import pytest
from tests.automation.office_rules.ruled_office import Ruled, rule, ruled
from tests.fakes import FakeTasks, FixedClock
from tests.kartoteka.deals.deal_desk import ANNA, DAY, HOUR, MINUTE, OLGA, RULE, VIKTOR, staff

from automation import engine, planning
from kartoteka.domain.change import Actor
from kartoteka.domain.errors import NotAllowed, ProviderDown
from kartoteka.domain.fields import FieldSpec
from kartoteka.domain.firing import MOST_MOVES, MOST_TRIES
from kartoteka.domain.model import Activity, Role, Staff
from kartoteka.ports import Query
from kartoteka.services.office import Desk

HOOK = "https://crm.example.com/hook"


@pytest.fixture
def office(desk: Desk, clock: FixedClock, tasks: FakeTasks) -> Ruled:
    return ruled(desk, clock, tasks)


def test_a_new_deal_gives_the_task_that_its_rule_names(office: Ruled) -> None:
    office.rules(rule("новая сделка", "задача «Проверить договор» руководителю через 2 часа"))

    deal = office.new_deal(office.clock)
    office.work()

    (task,) = office.given("Проверить договор")
    assert (task.assignee_id, task.deal_id) == ("st_viktor", deal.id)
    assert task.due_at == office.clock.now() + timedelta(hours=2)
    (firing,) = office.firings()
    assert (firing.state, firing.about, firing.record_id) == ("done", "deal", deal.id)
    assert firing.cause.startswith("change:")
    assert firing.outcomes[0].state == "done"


def test_a_condition_that_does_not_hold_fires_nothing(office: Ruled) -> None:
    office.rules(rule("новая сделка", "уведомить руководителя", condition="сумма > 1 000 ₽"))

    office.new_deal(office.clock)
    office.work()

    assert office.firings() == []


def test_a_value_against_its_type_stops_no_other_rule(office: Ruled) -> None:
    spec = FieldSpec(id="signed", entity="deal", name="Подписан", name_en="Signed", type="date")
    office.change_office(fields=(spec,))
    deal = office.new_deal(office.clock)
    office.rules(
        rule("изменилась заметка сделки", "уведомить автора", condition="[Подписан] < сегодня"),
        rule("изменилась заметка сделки", "уведомить руководителя", id="other"),
    )
    bad = {**dict(office.desk.store.get("deals", deal.id) or {}), "fields": {"signed": "вчера"}}
    office.desk.store.run(lambda tx: tx.put("deals", deal.id, bad))
    office.do(RULE, "deal.edit", deal=deal.id, note="заметка")
    office.work()

    assert [it.rule_id for it in office.firings()] == ["other"]


def test_several_actions_are_done_in_their_order(office: Ruled) -> None:
    then = "назначить «Борис Ким»; тег «вип»; этап «Связаться повторно»; уведомить ответственного"
    office.rules(rule("новая сделка", then))

    deal = office.new_deal(office.clock)
    office.work()

    now = office.deal(deal.id)
    assert (now.owner_id, now.tags, now.stage) == ("st_boris", ("вип",), "again")
    assert now.stage_log[-1].by == "rule:r"
    assert [it.staff_id for it in office.notices()] == ["st_boris"]


def test_a_rule_leads_forward_only_unless_it_may_go_back(office: Ruled) -> None:
    back = "этап «Отправить клиенту КП»"
    office.rules(
        rule("сделка перешла на этап «Связаться повторно»", back, id="no"),
        rule("сделка перешла на этап «Связаться повторно»", f"{back} можно назад", id="may",
             condition="сумма > 0"),
    )  # fmt: skip
    deal = office.new_deal(office.clock)
    office.do(ANNA, "deal.move", deal=deal.id, stage="again")
    office.work()
    assert office.deal(deal.id).stage == "again"
    assert [(it.state, it.why) for it in office.firings("no")] == [("skipped", "rule_backward")]

    office.do(VIKTOR, "deal.edit", deal=deal.id, amount_minor=100)
    office.do(RULE, "deal.move", deal=deal.id, stage="kp")
    office.do(ANNA, "deal.move", deal=deal.id, stage="again")
    office.work()
    assert office.deal(deal.id).stage == "kp"


def test_a_stage_that_asks_for_more_parks_the_firing_and_others_go_on(office: Ruled) -> None:
    office.rules(
        rule("новая сделка", "этап «Подписание договора с подрядчиком»", id="early"),
        rule("новая сделка", "уведомить руководителя", id="tell"),
    )
    deal = office.new_deal(office.clock)
    office.work()

    (early,) = office.firings("early")
    assert (early.state, early.why) == ("parked", "stage_requires")
    assert office.deal(deal.id).stage == "kp"
    assert len(office.notices()) == 1
    listed = office.do(OLGA, "firing.list")
    assert [it.id for it in listed.firings] == [early.id]


def test_a_parked_firing_is_repeated_once_what_it_lacked_is_there(office: Ruled) -> None:
    office.rules(rule("новая сделка", "тег «вип»; этап «Связаться повторно»"))
    office.change_office(pipelines=tuple(blocked(office)))
    deal = office.new_deal(office.clock)
    office.work()
    (firing,) = office.firings()
    assert (firing.state, office.deal(deal.id).tags) == ("parked", ("вип",))

    office.do(VIKTOR, "deal.edit", deal=deal.id, amount_minor=100)
    office.do(OLGA, "firing.repeat", firing=firing.id)
    office.work()

    assert office.deal(deal.id).stage == "again"
    assert [it.state for it in office.firings()] == ["done"]


def blocked(office: Ruled):
    """The pipelines, in which calling again asks for an amount."""
    for line in office.desk.settings().office.pipelines:
        ask = {"requires": ({"field": "amount", "name": "сумма", "name_en": "amount"},)}
        stages = tuple(
            type(it).model_validate({**it.model_dump(), **ask}) if it.id == "again" else it
            for it in line.stages
        )
        yield line.model_copy(update={"stages": stages})


def test_who_does_not_set_the_office_up_sees_no_failures(office: Ruled) -> None:
    with pytest.raises(NotAllowed):
        office.do(ANNA, "firing.list")


def test_an_administrator_who_reads_no_data_sees_no_facts(office: Ruled) -> None:
    then = "этап «Подписание договора с подрядчиком»"
    office.rules(rule("новая сделка", then, condition="сумма = 0"))
    office.new_deal(office.clock)
    office.work()
    hired = staff_member(office)

    assert office.do(OLGA, "firing.list").firings[0].facts == {"deal.amount_minor": 0}
    assert office.do(hired, "firing.list").firings[0].facts == {}


def staff_member(office: Ruled) -> Actor:
    """An administrator from outside, in an office that shows them no data."""
    office.change_office(admin_reads=False)
    root = Staff(id="st_root", name="Админ", email="root@office.example", role=Role.ADMIN)
    office.desk.store.run(lambda tx: tx.put("staff", root.id, root.model_dump(mode="json")))
    office.desk.settings.forget()
    return staff("st_root", "admin")


def test_a_delay_is_waited_for_and_the_condition_asked_again(office: Ruled) -> None:
    office.rules(rule("новая сделка", "уведомить руководителя", after="2 часа", id="soon"),
                 rule("новая сделка", "уведомить руководителя", after="2 часа", id="not_so",
                      condition="сумма = 0"))  # fmt: skip
    deal = office.new_deal(office.clock)
    office.work()
    office.do(VIKTOR, "deal.edit", deal=deal.id, amount_minor=100)
    assert office.notices() == []

    office.pass_time(2 * HOUR + MINUTE, step=HOUR)

    assert len(office.notices()) == 1
    assert [(it.state, it.why) for it in office.firings("not_so")] == [("skipped", "rule_not_so")]


def test_a_rule_that_was_changed_meanwhile_does_nothing_old(office: Ruled) -> None:
    old = rule("новая сделка", "уведомить руководителя", after="2 часа")
    office.rules(old)
    office.new_deal(office.clock)
    office.work()
    office.rules(old.model_copy(update={"version": 2}))

    office.pass_time(3 * HOUR)

    assert office.notices() == []
    assert [it.why for it in office.firings()] == ["rule_changed"]


def test_what_is_more_than_a_day_late_is_told_and_not_done(office: Ruled) -> None:
    office.rules(rule("новая сделка", "тег «поздно»", after="2 часа"))
    deal = office.new_deal(office.clock)
    office.work()

    office.pass_time(2 * DAY, step=2 * DAY)

    assert office.deal(deal.id).tags == ()
    assert [(it.state, it.why) for it in office.firings()] == [("parked", "rule_late")]
    assert [it.staff_id for it in office.notices("notice_rule_late")] == ["st_viktor"]


def test_a_new_rule_of_time_looks_at_the_records_there_are(office: Ruled) -> None:
    office.rules()
    deal = office.new_deal(office.clock)
    due = (office.clock.now() + 5 * DAY).isoformat()
    office.do(VIKTOR, "deal.edit", deal=deal.id, invoice_due=due)
    office.rules(rule("за 2 дня до срока оплаты", "уведомить ответственного"))

    office.pass_time(3 * DAY, step=6 * HOUR)

    assert [it.deal_id for it in office.notices()] == [deal.id]


def test_a_date_in_half_a_year_is_waited_for(office: Ruled) -> None:
    office.rules(rule("наступил срок оплаты", "уведомить ответственного"))
    deal = office.new_deal(office.clock)
    due = (office.clock.now() + 180 * DAY).isoformat()
    office.do(VIKTOR, "deal.edit", deal=deal.id, invoice_due=due)
    office.work()
    (waiting,) = [it for it in office.desk.store.query(Query("timers")) if it.doc["wait"]]
    assert waiting.doc["queued"] is False  # no queue keeps a task so long

    office.pass_time(179 * DAY, step=30 * DAY)
    assert office.notices() == []
    assert planning.promote(office.desk) >= 1
    office.pass_time(DAY)
    assert len(office.notices()) == 1


def test_rules_that_chase_each_other_stop_and_the_owner_hears_once(office: Ruled) -> None:
    owner = {"owner_id": "st_olga", "name": "Туда-сюда"}
    office.rules(
        rule("сделка перешла на этап «Связаться повторно»",
             "этап «Отправить клиенту КП» можно назад", id="one", **owner),
        rule("сделка перешла на этап «Отправить клиенту КП»", "этап «Связаться повторно»",
             id="two", **owner),
    )  # fmt: skip
    deal = office.new_deal(office.clock)
    office.do(ANNA, "deal.move", deal=deal.id, stage="again")
    office.work()

    by_rules = [it for it in office.deal(deal.id).stage_log if it.by.startswith("rule:")]
    assert len(by_rules) == MOST_MOVES
    assert [it.why for it in office.firings() if it.state == "parked"] == ["rules_loop"]
    told = office.notices("notice_rules_loop")
    assert [(it.staff_id, it.words) for it in told] == [("st_olga", "Туда-сюда")]


def test_rules_that_lead_to_each_other_without_end_stop_at_the_eighth(office: Ruled) -> None:
    office.rules(
        rule("изменилась заметка сделки", "поле дата закрытия = завтра", id="one"),
        rule("изменилась дата закрытия сделки", "задача «Звено» ответственному", id="two"),
        rule("новая задача", "задача «Звено» ответственному", id="chain"),
    )
    deal = office.new_deal(office.clock)
    office.do(ANNA, "deal.edit", deal=deal.id, note="начали")
    for _ in range(4):
        office.work()

    assert any(it.why == "rules_deep" for it in office.firings("chain"))
    assert max(it.depth for it in office.firings()) == 9
    assert len(office.notices("notice_rules_loop")) >= 1


def test_a_webhook_is_signed_and_says_which_rule_and_record(office: Ruled) -> None:
    secret = office.do(OLGA, "rule.secret").secret
    office.rules(rule("новая сделка", f"вебхук {HOOK}"))
    deal = office.new_deal(office.clock)
    office.work()

    ((url, body, headers),) = office.outside.taken
    told = json.loads(body)
    signed = hmac.new(secret.encode(), body, hashlib.sha256).hexdigest()
    assert url == HOOK
    assert headers["x-kartoteka-signature"] == f"sha256={signed}"
    assert told["record"] == {"kind": "deal", "id": deal.id}
    assert headers["x-kartoteka-id"] == told["id"] == f"{office.firings()[0].id}:0"


def test_a_webhook_without_a_secret_is_parked(office: Ruled) -> None:
    office.rules(rule("новая сделка", f"вебхук {HOOK}"))
    office.new_deal(office.clock)
    office.work()

    assert [it.why for it in office.firings()] == ["rule_no_secret"]
    assert office.outside.taken == []


@pytest.mark.parametrize(("fails", "state"), [(2, "done"), (MOST_TRIES + 5, "parked")])
def test_an_address_that_is_down_is_tried_again_then_parked(
    office: Ruled, fails: int, state: str
) -> None:
    office.do(OLGA, "rule.secret")
    office.rules(rule("новая сделка", f"вебхук {HOOK}"))
    office.outside.fails = [ProviderDown("down") for _ in range(fails)]
    office.new_deal(office.clock)
    office.work()

    assert [it.state for it in office.firings()] == [state]


def test_a_firing_whose_task_was_lost_is_asked_for_again_by_the_tick(office: Ruled) -> None:
    office.rules(rule("новая сделка", "уведомить руководителя"))
    office.new_deal(office.clock)

    engine.run(office.desk)
    office.done = len(office.tasks.queued)
    assert office.notices() == []

    office.clock.advance(6 * MINUTE)
    engine.tick(office.desk)
    office.work()

    assert len(office.notices()) == 1


def test_a_field_is_set_and_set_once(office: Ruled) -> None:
    office.rules(rule("новая сделка", "поле заметка = «Проверено правилом»"))
    deal = office.new_deal(office.clock)
    office.work()

    assert office.deal(deal.id).note == "Проверено правилом"


@pytest.mark.parametrize(
    ("words", "day", "instant"),
    [
        ("завтра", "2026-11-24", "2026-11-24T15:00:00+00:00"),
        ("30.11.2026", "2026-11-30", "2026-11-30T15:00:00+00:00"),
        ("30.11.2026 01:30", "2026-11-30", "2026-11-29T22:30:00+00:00"),
        ("сейчас + 2 дня", "2026-11-25", "2026-11-25T06:05:00+00:00"),
    ],
)
def test_a_day_or_a_moment_fills_either_kind_of_field(
    office: Ruled, words: str, day: str, instant: str
) -> None:
    term = FieldSpec(id="term", entity="deal", name="Срок работ", type="date")
    office.change_office(fields=(term,))
    office.rules(rule("новая сделка", f"поле срок работ = {words}; поле срок оплаты = {words}"))
    deal = office.new_deal(office.clock)
    office.work()

    filled = office.deal(deal.id)
    assert filled.fields == {"term": day}
    assert filled.invoice_due is not None
    assert filled.invoice_due.isoformat() == instant


def test_a_letter_is_made_of_the_template_and_waits_for_the_clients_morning(office: Ruled) -> None:
    office.rules(rule("новая сделка", "письмо по шаблону «Напоминание о себе»", after="14 часов"))
    office.form(emails=("irina@example.com",))
    office.clock.advance(5 * MINUTE)
    office.call()
    lead = office.client(office.form().client_id).open_lead_id
    office.do(ANNA, "lead.convert", lead=lead, deal_type="Спор")
    office.work()

    office.pass_time(15 * HOUR)
    assert letters(office) == []  # 23:05 in Moscow

    office.pass_time(11 * HOUR)
    (letter,) = letters(office)
    assert "Ирина" in letter.text
    assert [it.state for it in office.firings()] == ["done"]


def letters(office: Ruled) -> list[Activity]:
    found = (Activity.model_validate(it.doc) for it in office.desk.store.query(Query("activities")))
    return [it for it in found if it.what == "mail" and it.direction == "out"]


def test_what_waits_for_a_word_goes_on_when_somebody_agrees(office: Ruled) -> None:
    office.rules(rule("новая сделка", "согласовать руководителя «Берём?»; тег «согласовано»"))
    deal = office.new_deal(office.clock)
    office.work()
    (waiting,) = office.do(VIKTOR, "approval.list").approvals
    assert office.deal(deal.id).tags == ()

    office.do(VIKTOR, "approval.decide", approval=waiting.id, approve=True)
    office.work()
    office.work()

    assert office.deal(deal.id).tags == ("согласовано",)
    assert [it.state for it in office.firings()] == ["done"]
