"""Repeats, approvals and the generator on Google's Firestore: once, whoever else is at it."""

from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta

import pytest
from tests.fakes import FakeTasks, FixedClock
from tests.kartoteka.deals.deal_desk import ANNA, DAY, OLGA, VIKTOR, Play

from automation import approvals, engine, timers
from automation.rules import CarryOut
from kartoteka.domain.change import SYSTEM
from kartoteka.domain.errors import NotAllowed
from kartoteka.ports import Query
from kartoteka.services import generator
from kartoteka.services.office import Desk, SettingsCache
from kartoteka.services.setup import read_preset, set_up
from kartoteka.services.wake import Waker

pytestmark = pytest.mark.emulator
LINE = {"name": "Консультация", "price_minor": 1_000_000}


@pytest.fixture
def clock() -> FixedClock:
    return FixedClock()


@pytest.fixture
def cloud(open_firestore, clock: FixedClock) -> Play:
    """The law office on Firestore, where managers set prices."""
    store, tasks = open_firestore(), FakeTasks()
    set_up(store, clock, read_preset("law_firm"))
    cache = SettingsCache(store, ttl_s=3600)
    play = Play(Desk(store, tasks, clock, cache, Waker(tasks, clock)))
    sells = {"id": "manager", "name": "Менеджер", "base": "manager", "levels": {"amount": "edit"}}
    play.do(OLGA, "role.set", **sells)
    play.do(OLGA, "approval.set", discount_limit_bp=1000)
    return play


def test_two_drains_at_once_do_an_approved_act_once(cloud: Play) -> None:
    client = cloud.do(ANNA, "client.add", name="Ирина", phone="+79161234567")
    deal = cloud.do(ANNA, "deal.create", name="Иск", client=client.id, deal_type="Спор")
    with pytest.raises(NotAllowed, match="waits"):
        cloud.do(ANNA, "deal.line_add", deal=deal.id, **LINE, discount_bp=5000, ask=True)
    (wish,) = (it.id for it in cloud.do(VIKTOR, "approval.list").approvals)
    cloud.do(VIKTOR, "approval.decide", approval=wish, approve=True)

    def drain(number: int) -> None:
        approvals.carry_out(cloud.desk, CarryOut(wish), SYSTEM, f"change:{number}")

    with ThreadPoolExecutor(2) as pool:
        list(pool.map(drain, range(2)))

    assert [line.total_minor for line in cloud.deal(deal.id).lines] == [500_000]
    (kept,) = cloud.do(OLGA, "approval.list", all=True).approvals
    assert (kept.state, kept.given) == ("done", {})


def test_silent_judge_a_repeat_and_a_portion_find_their_indexes(
    cloud: Play, clock: FixedClock
) -> None:
    client = cloud.do(ANNA, "client.add", name="Ирина", phone="+79161234567")
    deal = cloud.do(ANNA, "deal.create", name="Иск", client=client.id, deal_type="Спор")
    cloud.do(ANNA, "deal.repeat", deal=deal.id, days=7)
    cloud.do(ANNA, "approval.ask", command="deal.move", words="Клиент очень просит",
             given={"deal": deal.id, "stage": "wait", "note": "без КП"})  # fmt: skip
    other = cloud.do(ANNA, "client.add", name="Пётр", phone="+79161234568")
    run = cloud.do(OLGA, "generator.start", title="Возврат", clients=[client.id, other.id],
                   owners=["st_anna"])  # fmt: skip
    engine.run(cloud.desk)
    clock.advance(7 * DAY + timedelta(minutes=1))
    timers.fire_late(cloud.desk)

    deals = [it.doc["repeat_of"] for it in cloud.desk.store.query(Query("deals"))]
    assert sorted(map(str, deals)) == sorted(["None", deal.id])
    assert [it.judge_id for it in cloud.do(OLGA, "approval.list").approvals] == ["st_olga"]
    assert (run.state, run.made, run.left) == ("done", 1, {"open": 1})
    assert generator.run_due(cloud.desk) == 0
    assert cloud.do(OLGA, "cross_sell.list").rows == ()


def test_invoices_made_at_once_have_numbers_without_gaps(cloud: Play) -> None:
    client = cloud.do(ANNA, "client.add", name="Ирина", phone="+79161234567")
    given = {"client": client.id, "deal_type": "Спор"}
    deals = [cloud.do(OLGA, "deal.create", name=f"Иск {at}", **given).id for at in range(3)]
    for name in deals:
        cloud.do(OLGA, "deal.edit", deal=name, amount_minor=100_000)

    def invoiced(name: str) -> int:
        return int(cloud.do(OLGA, "paper.make", deal=name, what="invoice").paper.number)

    with ThreadPoolExecutor(3) as pool:
        numbers = list(pool.map(invoiced, deals))

    assert sorted(numbers) == [1, 2, 3]
