"""What deals cost at the port of the store, whatever the size of the base."""

import sys
from collections.abc import Iterator
from pathlib import Path

import pytest
from tests.fakes import FakeTasks, FixedClock
from tests.kartoteka.deals.deal_desk import ANNA, MINUTE, VIKTOR, Play

from kartoteka.adapters.counted import CountedStore, Operations
from kartoteka.adapters.sqlite import SqliteStore
from kartoteka.services.office import Desk, SettingsCache
from kartoteka.services.setup import read_preset, set_up
from kartoteka.services.wake import Waker


@pytest.fixture
def counted(tmp_path: Path) -> Iterator[CountedStore]:
    opened = CountedStore(SqliteStore(tmp_path / "counted.db"))
    yield opened
    opened.close()


@pytest.fixture
def play(counted: CountedStore, clock: FixedClock, tasks: FakeTasks) -> Play:
    set_up(counted, clock, read_preset("law_firm"))
    desk = Desk(counted, tasks, clock, SettingsCache(counted, ttl_s=3600), Waker(tasks, clock))
    desk.settings()
    return Play(desk)


def within(cost: Operations, reads: int, writes: int, what: str) -> bool:
    sys.stdout.write(f"{what}: {cost.reads} reads, {cost.writes} writes\n")
    return cost.reads <= reads and cost.writes <= writes


def test_convert_with_company_and_goods_keeps_to_its_budget(
    play: Play, counted: CountedStore, clock: FixedClock
) -> None:
    product = play.do(VIKTOR, "product.add", sku="K1", name="Иск", price_minor=1)
    stored = play.qualified(clock, emails=("irina@example.ru",))

    with counted.measure() as cost:
        play.do(
            ANNA,
            "lead.convert",
            lead=stored.lead_id,
            lines=[{"product": product.id}],
            company={"name": "ООО Ромашка", "inn": "7707083893"},
            offer=True,
            invoice=True,
        )

    assert within(cost, 10, 10, "convert")


def test_move_keeps_to_its_budget_also_when_it_closes_the_deal(
    play: Play, counted: CountedStore, clock: FixedClock
) -> None:
    deal = play.new_deal(clock)
    clock.advance(MINUTE)
    play.move(ANNA, deal, "again")
    clock.advance(MINUTE * 5)
    call = play.calls_of(play.call().client_id)[0]
    play.desk.store.run(
        lambda tx: tx.put(
            "deals",
            deal.id,
            play.deal(deal.id).model_copy(update={"last_call_id": None}).model_dump(mode="json"),
        )
    )
    with counted.measure() as to_wait:
        play.move(ANNA, deal, "wait", call=call.id, evidence={"offer_file": "drive:kp"})
    with counted.measure() as to_lost:
        play.move(ANNA, deal, "lost", reason="Дорого")

    assert within(to_wait, 4, 4, "move with a call and a file")
    assert within(to_lost, 4, 4, "move that closes")


@pytest.mark.parametrize("deals", [1, 2])
def test_logged_call_keeps_to_its_budget(
    play: Play, counted: CountedStore, clock: FixedClock, deals: int
) -> None:
    first = play.new_deal(clock)
    for _ in range(deals - 1):
        play.do(ANNA, "deal.create", name="Ещё", client=first.client_id, deal_type="Наследство")
    clock.advance(MINUTE * 5)

    with counted.measure() as cost:
        play.call()

    assert within(cost, 6, 6, f"call of a client with {deals} open deals")
    assert play.deal(first.id).last_touch_at is not None
