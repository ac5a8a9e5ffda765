"""Who deletes, in every preset: what the matrix says of the office, and nobody else."""

import pytest
from tests.fakes import FakeTasks, FixedClock

from kartoteka.domain.access import Operation, can
from kartoteka.domain.catalogue import Company
from kartoteka.domain.deal import Deal
from kartoteka.domain.model import Activity, Client, Entity, Lead, Task
from kartoteka.domain.office import Settings
from kartoteka.ports import Store
from kartoteka.services.commands import execute
from kartoteka.services.office import Desk, SettingsCache
from kartoteka.services.people import actor
from kartoteka.services.registry import COMMANDS
from kartoteka.services.setup import read_preset, set_up
from kartoteka.services.wake import Waker

KINDS: tuple[type[Entity], ...] = (Activity, Client, Company, Deal, Lead, Task)


def deleting(preset: str) -> dict[str, set[str]]:
    """The roles of the preset's people that may delete, by kind."""
    read = read_preset(preset)
    within = Settings(office=read.office, staff=read.staff, forms=(), accounts=())
    people = [(person, actor(person)) for person in read.staff]
    return {
        kind.kind: {
            str(person.role)
            for person, who in people
            if can(who, Operation.DELETE, kind, within=within)
        }
        for kind in KINDS
    }


@pytest.mark.parametrize(
    ("preset", "expected"),
    [
        ("law_firm", {"director"}),
        ("services", {"director"}),
        ("shop", {"director"}),
        ("small_team", {"head"}),  # its one role, which does everything
    ],
)
def test_only_who_leads_the_office_deletes(preset: str, expected: set[str]) -> None:
    assert deleting(preset) == {kind.kind: expected for kind in KINDS}


def test_a_member_of_a_small_team_deletes_and_a_colleague_brings_back(
    store: Store, clock: FixedClock, tasks: FakeTasks
) -> None:
    set_up(store, clock, read_preset("small_team"))
    desk = Desk(store, tasks, clock, SettingsCache(store, 3600), Waker(tasks, clock))
    masha, kirill, _ = (actor(person) for person in desk.settings().staff)
    given = {"name": "Ирина", "phone": "+7 916 123-45-67"}
    made = execute(COMMANDS, desk, masha, "client.add", given=given, cause="x")
    wish = {"client": made.id, "reason": "проба"}
    batch = execute(COMMANDS, desk, masha, "client.delete", given=wish, cause="x")

    execute(COMMANDS, desk, kirill, "batch.undo", given={"batch": batch.id}, cause="x")

    assert store.get("clients", made.id) == made.model_dump(mode="json")
