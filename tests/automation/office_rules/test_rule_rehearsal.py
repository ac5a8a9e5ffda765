"""A rule played over the past says what it would have done, and does nothing."""

from datetime import timedelta

import pytest
from tests.automation.office_rules.ruled_office import Ruled, rule, ruled
from tests.fakes import FakeTasks, FixedClock
from tests.kartoteka.deals.deal_desk import ANNA, DAY, HOUR, OLGA, VIKTOR

from kartoteka.domain.errors import NotAllowed
from kartoteka.domain.rules.errors import RuleError
from kartoteka.domain.rules.model import RuleRow
from kartoteka.services import log_marks
from kartoteka.services.office import Desk
from kartoteka.services.rule_rehearsal import rehearse

RULES = (
    rule("новая сделка", "уведомить руководителя", id="made"),
    rule("сумма сделки достигла 500 000 ₽", "уведомить руководителя", id="large"),
    rule("3 рабочих дня без ответа клиента по сделке", "уведомить ответственного", id="silent"),
    rule("за 3 дня до срока оплаты", "уведомить ответственного", id="before"),
    rule("сделка перешла на этап «Связаться повторно»", "уведомить руководителя", id="again",
         condition="сумма > 1 000 000 ₽"),
)  # fmt: skip


@pytest.fixture
def office(desk: Desk, clock: FixedClock, tasks: FakeTasks) -> Ruled:
    return ruled(desk, clock, tasks)


def lived(office: Ruled, *rules: RuleRow) -> None:
    """A fortnight with a deal, while these rules are in force."""
    office.rules(*rules)
    deal = office.new_deal(office.clock)
    due = (office.clock.now() + 8 * DAY).isoformat()
    office.do(VIKTOR, "deal.edit", deal=deal.id, amount_minor=60_000_000, invoice_due=due)
    office.clock.advance(HOUR)
    office.do(ANNA, "activity.log", what="letter", text="Отправила письмо", deal=deal.id)
    office.work()
    office.pass_time(4 * DAY, step=6 * HOUR)
    office.do(VIKTOR, "deal.edit", deal=deal.id, amount_minor=120_000_000)
    office.do(ANNA, "deal.move", deal=deal.id, stage="again")
    office.pass_time(8 * DAY, step=6 * HOUR)


def test_a_rehearsal_of_the_past_is_what_rules_did_in_it(office: Ruled) -> None:
    lived(office, *RULES)

    played = {row.id: rehearse(office.desk, row) for row in RULES}

    for name, rehearsal in played.items():
        done = [it for it in office.firings(name) if it.state == "done"]
        assert rehearsal.fired == len(done) == 1, name
        assert rehearsal.records == (done[0].record_id,)
        assert rehearsal.acts == {"notify": 1}
    assert played["made"].share == 100


def test_a_rehearsal_writes_nothing(office: Ruled) -> None:
    lived(office)
    head = office.desk.store.log_head("changes")

    for row in RULES:
        rehearse(office.desk, row)

    assert office.desk.store.log_head("changes") == head
    assert office.firings() == []


def test_what_happened_before_the_days_asked_for_is_left_out(office: Ruled) -> None:
    lived(office)

    assert rehearse(office.desk, RULES[0], days=2).fired == 0


def test_a_rehearsal_that_may_not_last_stops_and_says_how_far_it_came(office: Ruled) -> None:
    lived(office)
    row = rule("сделка сменила этап", "уведомить руководителя")

    whole, part = rehearse(office.desk, row), rehearse(office.desk, row, most=2)

    assert (whole.fired, whole.about, whole.touched) == (1, "deal", 1)
    assert (part.fired, part.changes) == (0, 2)
    assert part.until < whole.until == office.clock.now()


def test_days_begin_where_a_night_marked_the_log(office: Ruled) -> None:
    lived(office)
    log_marks.mark(office.desk)
    office.clock.advance(2 * DAY)
    deal = office.do(
        VIKTOR, "deal.create", name="Вторая", deal_type="Спор", client=office.form().client_id
    )

    found = rehearse(office.desk, RULES[0], days=1)

    assert found.records == (deal.id,)
    assert found.changes <= 3


def test_a_mark_of_another_kind_of_store_is_not_followed(office: Ruled) -> None:
    lived(office)
    foreign = {"position": "2026-11-23T06:00:00.000000Z|ch_1"}
    office.desk.store.run(lambda tx: tx.put("log_marks", "2026-11-01", foreign))

    assert rehearse(office.desk, RULES[0], days=20).fired == 1


def test_an_hour_of_the_day_is_played_over_the_records_of_today(office: Ruled) -> None:
    lived(office)
    row = rule("каждый день в 18:00 по сделкам", "уведомить ответственного")

    assert rehearse(office.desk, row).fired == 1


def test_words_that_mean_nothing_are_refused_with_their_cell(office: Ruled) -> None:
    with pytest.raises(RuleError) as refused:
        rehearse(office.desk, rule("новая сделка", "станцевать"))

    assert refused.value.column == "then"


def test_who_does_not_set_the_office_up_rehearses_nothing(office: Ruled) -> None:
    with pytest.raises(NotAllowed):
        office.do(ANNA, "rule.rehearse", when="новая сделка", then="уведомить руководителя")


def test_words_of_a_new_rule_are_rehearsed_by_command(office: Ruled) -> None:
    office.new_deal(office.clock)
    office.clock.advance(timedelta(minutes=1))

    found = office.do(OLGA, "rule.rehearse", when="новая сделка", then="уведомить руководителя")

    assert found.fired == 1
