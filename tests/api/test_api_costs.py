"""What a call of the API costs beside the command itself, counted as Firestore bills."""

import pytest
from tests.access.office_cast import lead
from tests.api.api_office import Api, api_of, furnished

from kartoteka.adapters.counted import CountedStore, Operations
from kartoteka.services.office import Desk


@pytest.fixture
def counted(desk: Desk) -> tuple[Api, CountedStore]:
    furnished(desk)
    store = CountedStore(desk.store)
    around = Desk(store, desk.tasks, desk.clock, desk.settings, desk.waker)
    return api_of(around, api_calls_per_minute=0), store


def cost(found: Operations) -> tuple[int, int]:
    return found.reads, found.writes


def test_a_key_costs_a_command_one_read_and_its_repeatable_answer_two_and_a_write(
    counted: tuple[Api, CountedStore],
) -> None:
    api, store = counted
    program = api.program("write:lead")
    program.command("lead.edit", lead="ld_1", note="первый вызов дня")
    with store.measure() as plain:
        api.do("anna", "lead.edit", lead="ld_1", note="один")
    with store.measure() as called:
        assert program.command("lead.edit", lead="ld_1", note="два").status == 200
    with store.measure() as named:
        assert program.command("lead.edit", repeat="r", lead="ld_1", note="три").status == 200
    with store.measure() as again:
        assert program.command("lead.edit", repeat="r", lead="ld_1", note="три").status == 200

    reads, writes = cost(plain)
    assert cost(called) == (reads + 1, writes)
    assert cost(named) == (reads + 3, writes + 1)
    assert cost(again) == (2, 0), "the key and the kept answer"


def test_a_page_of_requests_costs_reads_in_proportion_to_the_page(
    counted: tuple[Api, CountedStore],
) -> None:
    api, store = counted
    program = api.program("read", staff="st_olga")
    for number in range(40):
        api.do("olga", "lead.add", phone=f"+7916000{number:04}")
    program.get("leads")  # the first call of the day is written down
    costs = []
    for most in (10, 20, 40):
        with store.measure() as found:
            assert len(program.get(f"leads?limit={most}").body["records"]) == most
        costs.append(found.reads)

    ten, twenty, forty = costs
    assert (twenty - ten, forty - twenty) == (30, 60), "requests, clients, what leads to these"
    assert ten - 30 <= 2, "the key; an older request, if its name comes first"


def test_a_page_of_who_sees_little_looks_at_a_thousand_records_and_no_more(
    counted: tuple[Api, CountedStore],
) -> None:
    api, store = counted
    foreign = [lead(id=f"ld_x{number:05}", owner_id="st_boris") for number in range(2_500)]
    docs = [(it.id, it.model_dump(mode="json")) for it in [*foreign, lead(id="ld_z")]]
    store.run(lambda tx: [tx.put("leads", name, doc) for name, doc in docs])
    anna = api.person("anna")
    pages, after = [], ""
    while after is not None:
        with store.measure() as found:
            page = anna.get(f"leads?limit=50&after={after}").body
        assert found.reads <= 1_000 + 5
        pages.append([record["id"] for record in page["records"]])
        after = page["next"]

    assert pages == [["ld_1"], [], ["ld_z"]]
