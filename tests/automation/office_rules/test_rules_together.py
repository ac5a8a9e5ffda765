"""Rules beside the ladder, beside each other, behind people: what is refused, stale or hostile."""

from datetime import timedelta

import pytest
from tests.automation.office_rules.ruled_office import Ruled, rule, ruled
from tests.fakes import FakeTasks, FixedClock
from tests.kartoteka.deals.deal_desk import ANNA, DAY, HOUR, OLGA, VIKTOR

from automation import engine
from automation.office_rules import in_turn
from kartoteka.domain.errors import ProviderDown
from kartoteka.services.firings import PATH
from kartoteka.services.notice_words import words
from kartoteka.services.office import Desk

HOSTILE = '=HYPERLINK("http://x.example";"a") <b>вы</b>\r\nBcc: all@x.example {{компания}}'


@pytest.fixture
def office(desk: Desk, clock: FixedClock, tasks: FakeTasks) -> Ruled:
    return ruled(desk, clock, tasks)


def test_rule_does_not_lead_around_the_ladder_and_the_refusal_has_words(office: Ruled) -> None:
    office.rules(rule("новая заявка", "этап «Звонок совершён · 1 час»", id="early"))
    stored = office.form()
    office.work()

    (firing,) = office.firings("early")
    told = [it.why for it in office.do(OLGA, "firing.list").firings]

    assert office.lead(stored.lead_id).stage == "new"
    assert (firing.state, firing.why, told) == ("parked", "stage_needs_call", ["stage_needs_call"])

    office.clock.advance(HOUR)
    office.call()
    office.work()
    assert office.lead(stored.lead_id).stage == "c1"


def test_rule_may_throw_away_what_anybody_may(office: Ruled) -> None:
    office.rules(rule("новая заявка", "этап «Некачественный» причина «спам»"))
    stored = office.form()
    office.work()

    assert office.lead(stored.lead_id).state == "lost"


def test_rules_that_one_change_wakes_act_in_the_order_of_the_table(office: Ruled) -> None:
    office.do(OLGA, "rule.secret")
    office.rules(
        rule("новая сделка", "назначить «Борис Ким»", id="give"),
        rule("новая сделка", "вебхук https://crm.example.com/hook", id="hook"),
        rule("новая сделка", "уведомить ответственного", id="tell"),
    )
    office.outside.fails = [ProviderDown("down") for _ in range(3)]
    office.new_deal(office.clock)
    engine.run(office.desk)
    asked = [it for it in office.tasks.queued if it.path == PATH]
    office.work()

    by_id = {it.id: it.rule_id for it in office.firings()}
    [only] = asked
    following = only.payload["following"]
    assert isinstance(following, list)
    assert [by_id[str(it)] for it in (only.payload["firing"], *following)] == [
        "give",
        "hook",
        "tell",
    ]
    assert [it.staff_id for it in office.notices()] == ["st_boris"]
    assert {it.state for it in office.firings()} == {"done"}
    assert len({it.name for it in office.tasks.queued if it.path == PATH}) == 3


def test_rule_that_fails_holds_up_no_rule_behind_it(office: Ruled) -> None:
    office.do(OLGA, "rule.secret")
    office.rules(
        rule("новая сделка", "вебхук https://crm.example.com/hook", id="hook"),
        rule("новая сделка", "тег «вип»", id="tag"),
    )
    office.outside.fails = [ProviderDown("down")]
    deal = office.new_deal(office.clock)
    engine.run(office.desk)
    [task] = [it for it in office.tasks.queued if it.path == PATH]
    names = task.payload["following"]
    assert isinstance(names, list)
    with pytest.raises(ProviderDown):
        in_turn.act(office.desk, office.outside, str(task.payload["firing"]), list(map(str, names)))
    behind = [it for it in office.tasks.queued if it.path == PATH][-1]
    in_turn.act(office.desk, office.outside, str(behind.payload["firing"]))

    assert office.deal(deal.id).tags == ("вип",)
    assert [it.state for it in office.firings("hook")] == ["planned"]


def test_rule_that_was_switched_off_meanwhile_does_nothing(office: Ruled) -> None:
    kept = rule("новая сделка", "уведомить руководителя", after="2 часа")
    due = rule("за 1 день до срока оплаты", "уведомить ответственного", id="due")
    office.rules(kept, due)
    deal = office.new_deal(office.clock)
    when = (office.clock.now() + 2 * DAY).isoformat()
    office.do(VIKTOR, "deal.edit", deal=deal.id, invoice_due=when)
    office.work()
    for row in (kept, due):
        office.do(OLGA, "rule.switch", rule=row.id, on=False)

    office.pass_time(3 * DAY, step=3 * HOUR)

    assert office.notices() == []
    assert [(it.state, it.why) for it in office.firings()] == [("skipped", "rule_changed")]


def test_rule_that_is_switched_on_again_still_fires_once(office: Ruled) -> None:
    row = rule("за 1 день до срока оплаты", "уведомить ответственного", id="due")
    office.rules(row)
    deal = office.new_deal(office.clock)
    when = (office.clock.now() + 2 * DAY).isoformat()
    office.do(VIKTOR, "deal.edit", deal=deal.id, invoice_due=when)
    for on in (False, True):
        office.do(OLGA, "rule.switch", rule=row.id, on=on, confirm=True)
        office.work()

    office.pass_time(3 * DAY, step=3 * HOUR)

    assert [it.deal_id for it in office.notices()] == [deal.id]


def test_timers_of_a_rule_as_it_was_are_stale(office: Ruled) -> None:
    office.rules(rule("за 1 день до срока оплаты", "уведомить ответственного «Старое»", id="due"))
    deal = office.new_deal(office.clock)
    when = (office.clock.now() + 5 * DAY).isoformat()
    office.do(VIKTOR, "deal.edit", deal=deal.id, invoice_due=when)
    office.work()
    given = {"when": "за 2 дня до срока оплаты", "then": "уведомить ответственного «Новое»"}
    office.do(OLGA, "rule.set", rule="due", **given)
    office.work()

    office.pass_time(2 * DAY, step=6 * HOUR)
    assert office.notices() == []
    office.pass_time(4 * DAY, step=6 * HOUR)

    assert [it.words for it in office.notices()] == ["Новое"]
    assert {it.version for it in office.firings("due")} == {2}


def test_words_of_a_client_stay_words_in_what_a_rule_makes(office: Ruled) -> None:
    told = "уведомить ответственного «Новый {{клиент}} {{имя}}»"
    office.rules(rule("новая заявка", f"{told}; задача «Позвонить {{{{имя}}}}» ответственному"))
    office.form(name=HOSTILE)
    office.work()
    (notice,) = office.notices()
    anna = office.desk.settings().person(ANNA.id)
    assert anna is not None
    shown = words(office.desk, notice, anna, office.desk.settings())

    assert notice.words == "Новый {{клиент}} {{имя}}"
    assert len(office.given("Позвонить {{имя}}")) == 1
    assert all(line.isprintable() for line in shown.lines)
    assert any("<b>" in line for line in shown.lines)


def test_letter_of_a_rule_carries_nothing_that_a_client_typed_but_their_name(
    office: Ruled,
) -> None:
    body = "Здравствуйте, {{имя|клиент}}! {{компания|частное лицо}}"
    office.do(OLGA, "template.set", template="t_x", name="Х", subject="{{имя|Офис}}", body=body)
    office.rules(rule("новая заявка", "письмо по шаблону «Х»"))
    office.form(name=HOSTILE, emails=("irina@example.com",))
    office.form(
        name="Ирина\r\nBcc: a", phone="+79161234568", emails=("i2@example.com",), owner="st_anna"
    )
    office.pass_time(timedelta(minutes=2), step=timedelta(minutes=1))
    texts = [it.text for it in office.timeline() if it.what == "mail"]

    assert len(texts) == 2
    assert not any("x.example" in it or "{{" in it or "Bcc: a\n" in it for it in texts)


def test_a_rule_that_was_refused_its_word_ends_and_does_nothing_more(office: Ruled) -> None:
    office.rules(rule("новая сделка", "согласовать руководителя «Берём?»; тег «согласовано»"))
    deal = office.new_deal(office.clock)
    office.work()
    (waiting,) = office.do(VIKTOR, "approval.list").approvals
    assert [it.state for it in office.firings()] == ["waiting"]

    office.do(VIKTOR, "approval.decide", approval=waiting.id, approve=False, reason="Дорого")
    office.work()

    assert [(it.state, it.why) for it in office.firings()] == [("skipped", "rule_declined")]
    assert office.deal(deal.id).tags == ()
