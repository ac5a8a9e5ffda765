"""Rules fire when a client comes into a segment or leaves it: each once, and never for a count."""

from datetime import timedelta

import pytest
from tests.automation.office_rules.ruled_office import Ruled, rule, ruled
from tests.fakes import FakeTasks, FixedClock

from kartoteka.domain.change import SYSTEM
from kartoteka.domain.ids import ClientId, StaffId
from kartoteka.domain.model import Client
from kartoteka.domain.segment import Segment
from kartoteka.services import segments
from kartoteka.services.office import Desk
from kartoteka.services.unit import transact


@pytest.fixture
def office(desk: Desk, clock: FixedClock, tasks: FakeTasks) -> Ruled:
    return ruled(desk, clock, tasks)


def client(office: Ruled, name: str, **given: object) -> Client:
    made = Client.model_validate(
        {"id": ClientId(name), "name": "Ирина", "owner_id": StaffId("st_anna"), **given}
        | {"created_at": office.clock.now(), "updated_at": office.clock.now()}
    )
    return transact(
        office.desk.store, SYSTEM, "test", office.clock.now(), work=lambda unit: unit.add(made)
    )


def settle(office: Ruled) -> None:
    """Count the segments and do what follows, twice: what was told once is not told again."""
    for _ in range(2):
        while segments.drain(office.desk).more:
            pass
        office.work()


def test_client_who_falls_silent_gives_one_task(office: Ruled) -> None:
    office.rules(rule("клиент вошел в сегмент «Спящие 90 дней»", "задача «Вернуть» ответственному"))
    settle(office)
    client(office, "cl_1")
    settle(office)
    assert office.given("Вернуть") == []
    office.clock.advance(timedelta(days=90))

    settle(office)

    (task,) = office.given("Вернуть")
    assert (task.client_id, task.assignee_id) == ("cl_1", "st_anna")


def test_leaving_fires_too_and_the_segments_of_a_client_can_be_asked(office: Ruled) -> None:
    office.rules(
        rule(
            "клиент вышел из сегмента «Новые за 30 дней»",
            "задача «Больше не новый» ответственному",
            condition="сегменты клиента содержит «Ещё не покупали»",
        )
    )
    settle(office)
    client(office, "cl_1")
    settle(office)
    office.clock.advance(timedelta(days=30))

    settle(office)

    assert len(office.given("Больше не новый")) == 1


def test_saving_a_segment_fires_no_rule_for_those_it_finds(office: Ruled) -> None:
    vip = Segment(id="vip", name="Особые", condition="теги содержит vip")
    office.rules(rule("клиент вошел в сегмент «Особые»", "задача «Поздравить» ответственному"))
    client(office, "cl_1", tags=("vip",))
    settle(office)
    office.change_office(segments=(vip,))
    office.rules(rule("клиент вошел в сегмент «Особые»", "задача «Поздравить» ответственному"))
    settle(office)
    assert office.given("Поздравить") == []

    client(office, "cl_2", tags=("vip",))
    settle(office)

    assert [task.client_id for task in office.given("Поздравить")] == ["cl_2"]
