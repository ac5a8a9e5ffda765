"""Two people at once: one deal, one taker of the last word; on SQLite and on Firestore."""

from concurrent.futures import ThreadPoolExecutor

import pytest
from tests.fakes import FakeTasks, FixedClock
from tests.kartoteka.deals.deal_desk import ANNA, MINUTE, VIKTOR, Play

from kartoteka.domain.change import Actor
from kartoteka.domain.errors import Conflict
from kartoteka.ports import Query, Store
from kartoteka.services.office import Desk, SettingsCache
from kartoteka.services.setup import read_preset, set_up
from kartoteka.services.wake import Waker


@pytest.fixture(params=["sqlite", pytest.param("firestore", marks=pytest.mark.emulator)])
def play(request: pytest.FixtureRequest, clock: FixedClock, tasks: FakeTasks) -> Play:
    on_firestore = request.param == "firestore"
    store: Store = (
        request.getfixturevalue("open_firestore")()
        if on_firestore
        else request.getfixturevalue("store")
    )
    set_up(store, clock, read_preset("law_firm"))
    desk = Desk(store, tasks, clock, SettingsCache(store, ttl_s=3600), Waker(tasks, clock))
    desk.settings()
    return Play(desk)


def test_lead_converted_by_two_at_once_becomes_one_deal(play: Play, clock: FixedClock) -> None:
    stored = play.qualified(clock)

    def convert(who: Actor) -> str:
        return play.do(who, "lead.convert", lead=stored.lead_id, deal_type="Наследство").id

    with ThreadPoolExecutor(2) as pool:
        made = set(pool.map(convert, [ANNA, VIKTOR]))

    assert len(made) == 1
    assert len(list(play.desk.store.query(Query("deals")))) == 1
    assert play.client(stored.client_id).open_deal_ids == tuple(made)


def test_of_two_edits_of_one_version_one_is_stale(play: Play, clock: FixedClock) -> None:
    deal = play.new_deal(clock)
    clock.advance(MINUTE)
    seen = deal.updated_at.isoformat()

    def edit(who: Actor) -> str:
        try:
            play.do(who, "deal.edit", deal=deal.id, note=who.id, expected=seen)
        except Conflict as exc:
            return exc.code
        return "done"

    with ThreadPoolExecutor(2) as pool:
        assert sorted(pool.map(edit, [ANNA, VIKTOR])) == ["done", "stale"]
