"""What the acts of a day cost at the port of the store, in their dearest forms."""

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from tests.fakes import FakeTasks, FixedClock
from tests.furnished import furnish
from tests.kartoteka.tasks.task_desk import ANNA, DAY, HOUR, MINUTE, OLGA, VERA, VIKTOR, Work

from kartoteka.adapters.counted import CountedStore, Operations
from kartoteka.adapters.sqlite import SqliteStore
from kartoteka.domain.ids import InboundId
from kartoteka.domain.inbound import Inbound, Kind, Person
from kartoteka.services.loads import Loads
from kartoteka.services.office import Desk, SettingsCache
from kartoteka.services.record_inbound import record
from kartoteka.services.wake import Waker

WHY = "Клиент подписал договор прямо в офисе"


@pytest.fixture
def counted(tmp_path: Path) -> Iterator[CountedStore]:
    furnish(tmp_path / "office.db")
    opened = CountedStore(SqliteStore(tmp_path / "office.db"))
    yield opened
    opened.close()


@pytest.fixture
def work(counted: CountedStore, clock: FixedClock, tasks: FakeTasks) -> Work:
    desk = Desk(counted, tasks, clock, SettingsCache(counted, ttl_s=3600), Waker(tasks, clock))
    desk.settings()
    return Work(desk)


def within(cost: Operations, reads: int, writes: int) -> bool:
    spent = cost.writes + cost.deletes
    return (cost.reads <= reads and spent <= writes) or pytest.fail(f"{cost.reads} r, {spent} w")


def form(work: Work, number: str, **sender: Any) -> Inbound:
    work.events += 1
    return Inbound(
        id=InboundId(f"in_f{work.events}"),
        channel="form",
        account="consult",
        event_id=number,
        what=Kind.FORM,
        at=work.desk.now(),
        received_at=work.desk.now(),
        sender=Person(name="Ирина", **sender),
        text="Перезвоните",
        raw="{}",
    )


@pytest.mark.parametrize("drained", [False, True], ids=["new-office", "counted-office"])
def test_first_form_of_a_minute_in_a_new_process_keeps_to_its_budget(
    work: Work, counted: CountedStore, drained: bool
) -> None:
    if drained:
        record(work.desk, form(work, "0", phones=("+79160000000",)))
        work.settle()
    work.desk = Desk(**{**vars(work.desk), "loads": Loads()})
    with counted.measure() as cost:
        stored = record(work.desk, form(work, "1", phones=("+79161112233",), emails=("i@x.ru",)))

    assert stored.lead_id
    assert within(cost, 6, 8)


def test_first_form_of_a_known_client_keeps_to_its_budget(
    work: Work, counted: CountedStore
) -> None:
    first = work.form(VERA)
    work.do(OLGA, "lead.move", lead=first.lead_id, stage="junk", reason="спам")
    with counted.measure() as cost:
        record(work.desk, form(work, "1", phones=("+79161234567",), emails=("i@x.ru",)))

    assert within(cost, 6, 8)


@pytest.mark.parametrize(
    ("stage", "given"),
    [("c1", {}), ("def", {"wake_at": 30 * DAY}), ("junk", {}), ("qual", {})],
)
def test_move_past_the_guard_keeps_to_its_budget(
    work: Work, counted: CountedStore, stage: str, given: dict[str, Any]
) -> None:
    lead = work.form(ANNA).lead_id
    work.passes(HOUR)  # the stage has its task and its notices by now
    wish = {name: work.after(delay) for name, delay in given.items()}
    with counted.measure() as cost:
        work.do(VIKTOR, "lead.move", lead=lead, stage=stage, reason=WHY, **wish)

    assert within(cost, 4, 4)


def test_lead_brought_back_by_a_head_keeps_to_its_budget(work: Work, counted: CountedStore) -> None:
    lead = work.form(ANNA).lead_id
    work.do(VIKTOR, "lead.move", lead=lead, stage="junk", reason="спам")
    with counted.measure() as cost:
        work.do(VIKTOR, "lead.move", lead=lead, stage="c1", reason=WHY)

    assert within(cost, 4, 4)


@pytest.mark.parametrize("what", ["call", "letter", "meeting"])
def test_contact_written_down_keeps_to_its_budget(
    work: Work, counted: CountedStore, what: str
) -> None:
    for account in work.desk.settings().accounts:
        work.do(OLGA, "account.switch", account=account.id, active=False)
    lead = work.form(ANNA).lead_id
    work.passes(HOUR)
    with counted.measure() as cost:
        work.do(ANNA, "activity.log", what=what, lead=lead, text="Договорились о встрече")

    assert within(cost, 6, 6)


@pytest.mark.parametrize("reports", [1, 2])
def test_reported_call_keeps_to_its_budget(
    work: Work, counted: CountedStore, clock: FixedClock, reports: int
) -> None:
    work.form(ANNA)
    work.passes(HOUR)
    for _ in range(reports - 1):
        work.calls()
        clock.advance(MINUTE)
    with counted.measure() as cost:
        work.calls()

    assert within(cost, 6, 6)


def test_conversion_past_the_guard_with_a_new_company_keeps_to_its_budget(
    work: Work, counted: CountedStore
) -> None:
    product = work.do(VIKTOR, "product.add", sku="K1", name="Иск", price_minor=100)
    lead = work.form(ANNA).lead_id
    work.passes(HOUR)
    with counted.measure() as cost:
        work.do(
            VIKTOR,
            "lead.convert",
            lead=lead,
            reason=WHY,
            deal_type="Суд",
            lines=[{"product": product.id}],
            company={"name": "ООО Ромашка", "inn": "7707083893"},
            offer=True,
            invoice=True,
        )

    assert within(cost, 10, 10)
