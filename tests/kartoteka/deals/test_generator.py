"""Old clients brought back in portions: whom, to whom, how many a day, each once."""

from collections import Counter

import pytest
from hypothesis import given as whatever
from hypothesis import strategies as st
from tests.fakes import FixedClock
from tests.furnished import law_firm
from tests.kartoteka.deals.deal_desk import ANNA, DAY, HOUR, OLGA, VIKTOR, Play

from automation import engine
from kartoteka.domain.change import Actor
from kartoteka.domain.deal import Deal
from kartoteka.domain.errors import Invalid, NotAllowed
from kartoteka.domain.generator import GeneratorRun, Left, has_room, on_day, taker
from kartoteka.domain.model import Client, Lead, Notice
from kartoteka.domain.office import Settings
from kartoteka.domain.segment import Member, member_id
from kartoteka.ports import Query
from kartoteka.services import generator
from kartoteka.services.office import Desk


@pytest.fixture
def play(desk: Desk) -> Play:
    return Play(desk)


def put(play: Play, *clients: Client) -> list[str]:
    docs = {client.id: client.model_dump(mode="json") for client in clients}
    play.desk.store.run(lambda tx: [tx.put("clients", name, doc) for name, doc in docs.items()])
    return list(docs)


def old(play: Play, number: int, **given) -> Client:
    long_ago = play.desk.now() - 90 * DAY
    known = {"owner_id": "st_anna", "segment": "client"} | given
    return Client(id=f"cl_{number:04}", name=f"Клиент {number}", created_at=long_ago,
                  updated_at=long_ago, **known)  # fmt: skip


def start(play: Play, clients: list[str], who: Actor = OLGA, **given) -> GeneratorRun:
    wanted = {"title": "Давно не были", "owners": ["st_anna", "st_boris"]} | given
    return play.do(who, "generator.start", clients=clients, **wanted)


def run_of(play: Play, run: GeneratorRun) -> GeneratorRun:
    return GeneratorRun.model_validate(play.desk.store.get("generators", run.id))


def leads(play: Play) -> list[Lead]:
    return [Lead.model_validate(it.doc) for it in play.desk.store.query(Query("leads"))]


def next_day(play: Play, clock: FixedClock) -> None:
    clock.advance(DAY)
    generator.run_due(play.desk)


def test_everybody_gets_their_own_clients_so_many_a_day(play: Play, clock: FixedClock) -> None:
    mine = put(play, *(old(play, n) for n in range(5)))
    his = put(play, *(old(play, n, owner_id="st_boris") for n in range(5, 7)))
    run = start(play, mine + his, per_day=2)
    assert Counter(lead.owner_id for lead in leads(play)) == {"st_anna": 2, "st_boris": 2}
    assert (run.state, run.made) == ("running", 4)
    generator.run_due(play.desk)
    assert len(leads(play)) == 4

    next_day(play, clock)
    next_day(play, clock)

    done = run_of(play, run)
    assert (done.state, done.made, done.waiting, done.again) == ("done", 7, (), ())
    assert sorted(lead.client_id for lead in leads(play)) == sorted(mine + his)
    assert all(lead.repeat and lead.first_touch.name == "Давно не были" for lead in leads(play))
    assert all(play.client(lead.client_id).open_lead_id == lead.id for lead in leads(play))


def test_who_is_worked_with_or_was_spoken_to_is_left_alone_and_counted(play: Play) -> None:
    talked = {"at": play.desk.now() - 29 * DAY, "kind": "call", "direction": "in"}
    names = put(
        play,
        old(play, 1, open_lead_id="ld_x"),
        old(play, 2, open_deal_ids=("dl_x",)),
        old(play, 3, last_touch=talked),
        old(play, 4, segment="blacklist"),
        old(play, 5, forgotten=True),
        old(play, 6, owner_id="st_vera"),
        old(play, 7, last_touch={**talked, "at": play.desk.now() - 31 * DAY}),
    )
    run = start(play, [*names, "cl_none"])

    assert [lead.client_id for lead in leads(play)] == ["cl_0007"]
    assert run.left == {"open": 2, "touched": 1, "blocked": 1, "gone": 2, "foreign": 1}


def test_clients_of_nobody_go_to_who_has_the_fewest(play: Play) -> None:
    put(play, *(old(play, n, owner_id=None) for n in range(4)))
    start(play, [f"cl_{n:04}" for n in range(4)])

    assert Counter(lead.owner_id for lead in leads(play)) == {"st_anna": 2, "st_boris": 2}
    assert {play.client(lead.client_id).owner_id == lead.owner_id for lead in leads(play)} == {True}


def test_deals_are_made_with_the_flag_of_who_asked_before(play: Play) -> None:
    put(play, old(play, 1))
    start(play, ["cl_0001"], make="deal", deal_type="Сопровождение")

    (deal,) = (Deal.model_validate(it.doc) for it in play.desk.store.query(Query("deals")))
    assert (deal.sign, deal.owner_id, deal.stage) == ("repeat_inquiry", "st_anna", "kp")
    assert play.client("cl_0001").open_deal_ids == (deal.id,)


def test_stage_that_asks_for_more_is_refused_before_anything_is_made(play: Play) -> None:
    put(play, old(play, 1))
    with pytest.raises(Invalid) as raised:
        start(play, ["cl_0001"], make="deal")

    assert raised.value.code == "stage_requires"
    assert list(play.desk.store.query(Query("generators"))) == []


def test_segment_is_gone_through_as_it_is_when_its_turn_comes(play: Play) -> None:
    put(play, *(old(play, n) for n in range(60)))
    play.do(OLGA, "segment.set", name="Давние друзья", kind="static")
    (segment,) = (row.id for row in play.desk.settings().office.segments)
    names, now = [f"cl_{n:04}" for n in range(60)], play.desk.now()
    members = [
        Member(id=member_id(segment, name), segment_id=segment, client_id=name, since=now)
        for name in names
    ]
    docs = {member.id: member.model_dump(mode="json") for member in members}
    play.desk.store.run(lambda tx: [tx.put("segment_members", *item) for item in docs.items()])
    run = start(play, [], segment="давние друзья", per_day=100)

    assert (run.state, run.made, len(leads(play))) == ("done", 60, 60)


def test_undo_takes_everything_back_and_stops_the_run(play: Play, clock: FixedClock) -> None:
    put(play, *(old(play, n) for n in range(3)))
    run = start(play, [f"cl_{n:04}" for n in range(3)], per_day=2)
    engine.run(play.desk)
    play.do(OLGA, "batch.undo", batch=run.batch_id)

    assert leads(play) == []
    assert play.client("cl_0000").open_lead_id is None
    next_day(play, clock)
    assert (run_of(play, run).state, leads(play)) == ("stopped", [])


def test_stopped_run_goes_on_no_more(play: Play, clock: FixedClock) -> None:
    put(play, *(old(play, n) for n in range(3)))
    run = start(play, [f"cl_{n:04}" for n in range(3)], per_day=1)
    play.do(OLGA, "generator.stop", run=run.id)

    next_day(play, clock)

    assert len(leads(play)) == 1
    assert [it.state for it in play.do(OLGA, "generator.list").runs] == ["stopped"]
    assert play.do(ANNA, "generator.list").runs == ()


def test_each_person_hears_once_and_has_until_the_evening(play: Play, clock: FixedClock) -> None:
    put(play, *(old(play, n) for n in range(3)))
    start(play, [f"cl_{n:04}" for n in range(3)])
    engine.run(play.desk)

    found = (Notice.model_validate(it.doc) for it in play.desk.store.query(Query("notices")))
    assert [(it.code, it.staff_id) for it in found] == [("notice_generated", "st_anna")]
    assert {lead.next_at for lead in leads(play)} == {clock.now() + 9 * HOUR}


@pytest.mark.parametrize("who", [ANNA])
def test_who_makes_no_records_in_bulk_starts_none(play: Play, who) -> None:
    with pytest.raises(NotAllowed):
        start(play, ["cl_0001"], who=who)


def test_head_reaches_only_clients_of_their_people(play: Play) -> None:
    put(play, old(play, 1), old(play, 2, owner_id="st_mark"))
    run = start(play, ["cl_0001", "cl_0002"], who=VIKTOR, owners=["st_anna", "st_mark"])

    assert [lead.client_id for lead in leads(play)] == ["cl_0001"]
    assert run.left == {"foreign": 1}


@pytest.mark.parametrize("given", [{}, {"segment": "x", "clients": ["cl_1"]}])
def test_neither_or_both_of_segment_and_clients_is_refused(play: Play, given) -> None:
    with pytest.raises(Invalid) as raised:
        start(play, given.pop("clients", []), **given)

    assert raised.value.code == "generator_whom"


@whatever(st.lists(st.sampled_from(["st_anna", "st_boris", None]), max_size=40), st.integers(1, 4))
def test_nobody_gets_more_than_their_day_holds_and_nobody_is_lost(owners, per_day) -> None:
    """The pure rules, played by a plain loop: each client once, a day's share for each."""
    preset, moment = law_firm(), FixedClock().now()
    settings = Settings(office=preset.office, staff=preset.staff)
    run = GeneratorRun(id="gn_1", batch_id="bt_1", actor=OLGA, title="x", pipeline="leads_law",
                       owners=("st_anna", "st_boris"), per_day=per_day, at=moment)  # fmt: skip
    clients = {f"cl_{n}": Client(id=f"cl_{n}", name="x", owner_id=owner, created_at=moment,
               updated_at=moment) for n, owner in enumerate(owners)}  # fmt: skip
    queue, taken = list(clients), Counter()
    for day in range(60):
        run = on_day(run, f"day {day}")
        queue = [*run.again, *queue]
        run = run.model_copy(update={"again": ()})
        while queue and has_room(run, settings):
            name = queue.pop(0)
            got = taker(clients[name], run, settings)
            assert not isinstance(got, Left)
            if got is None:
                run = run.model_copy(update={"waiting": (*run.waiting, name)})
                continue
            taken[name] += 1
            given = run.given | {got: run.given.get(got, 0) + 1}
            run = run.model_copy(update={"given": given})
        assert all(count <= per_day for count in run.given.values())
    assert taken == Counter(clients.keys())
