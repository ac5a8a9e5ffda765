"""Rows and contacts of records that were deleted by right, and that came back."""

from datetime import timedelta

from tests.fakes import FixedClock
from tests.kartoteka.services.merging_office import client, made, person
from tests.phones.fake_contacts import FakeContacts
from tests.sync.sheets_office import Team

from kartoteka.domain.batch import Batch
from kartoteka.domain.model import Role
from kartoteka.services.commands import execute
from kartoteka.services.consume import drain
from kartoteka.services.forget_deleted import forget_deleted
from kartoteka.services.office import Desk
from kartoteka.services.registry import COMMANDS
from sync.contacts_mirror import Mirror

WHY = "Заведено по ошибке"


def do(desk: Desk, name: str, **given: str) -> Batch:
    olga = person(desk, Role.DIRECTOR)
    done = execute(COMMANDS, desk, olga, name, given=given, cause=f"command:{name}")
    return Batch.model_validate(done.model_dump())


def test_rows_of_a_deleted_client_go_and_come_back(office: Team) -> None:
    desk = office.app.desk
    stays = office.request("Пётр")
    goes = office.request("Ирина Соколова")
    task = office.task(goes, "Позвонить Ирине")
    office.drain()

    batch = do(desk, "client.delete", client=office.lead(goes).client_id, reason=WHY)
    office.settle()
    assert (office.leads.ids(), office.tasks.ids()) == ([stays], [])
    assert office.wrong() == []

    do(desk, "batch.undo", batch=batch.id)
    office.settle()
    assert (office.leads.ids(), office.tasks.ids()) == ([stays, goes], [task])
    assert office.leads.shown(goes, "Имя") == "Ирина Соколова"
    assert office.wrong() == []


def test_journal_says_who_deleted_a_request_and_why_but_not_whose_it_was(office: Team) -> None:
    lead = office.request("Ирина")
    office.drain()
    do(office.app.desk, "lead.delete", lead=lead, reason=WHY)
    office.settle()

    row = office.journal.rows()[-1]
    assert {"Удалена заявка", lead, f"({WHY})", "Ольга Соколова"} <= set(map(str, row))


def test_journal_forgets_a_client_who_was_deleted_before(office: Team) -> None:
    lead = office.request("Ирина Соколова")
    office.task(lead, "Позвонить Ирине")
    office.drain()
    client = office.lead(lead).client_id
    deletion = do(office.app.desk, "client.delete", client=client, reason=WHY)
    office.settle()
    assert "Ирина Соколова" in str(office.journal.rows())

    forget_deleted(office.app.desk, person(office.app.desk, Role.DIRECTOR), deletion, cause="x")
    office.settle()

    assert "Ирин" not in str(office.journal.rows())


def test_row_of_a_lead_deleted_and_brought_back_between_two_looks_stays(office: Team) -> None:
    lead = office.request("Ирина")
    office.drain()
    batch = do(office.app.desk, "lead.delete", lead=lead, reason=WHY)
    do(office.app.desk, "batch.undo", batch=batch.id)
    office.settle()

    assert office.leads.ids() == [lead]
    assert office.wrong() == []


def test_words_typed_into_the_row_of_a_deleted_lead_are_not_lost(office: Team) -> None:
    lead = office.request("Ирина")
    office.drain()
    do(office.app.desk, "lead.delete", lead=lead, reason=WHY)
    office.leads.type(lead, "Заметка", "перезвонить в пять")
    office.settle()

    assert "перезвонить в пять" in str(office.conflicts())


def test_contact_of_a_deleted_client_goes_and_comes_back(desk: Desk, clock: FixedClock) -> None:
    contacts = FakeContacts()
    one = client(desk, "a", name="Мария", phones=("+79160000001",))
    made(desk, one)
    mirrored(desk, contacts)
    clock.advance(timedelta(minutes=1))

    batch = do(desk, "client.delete", client=one.id, reason=WHY)
    mirrored(desk, contacts)
    assert contacts.held == {}

    do(desk, "batch.undo", batch=batch.id)
    mirrored(desk, contacts)
    [seen] = contacts.held.values()
    assert (seen.card.external_id, seen.card.phones[0][0]) == (one.id, "+79160000001")


def mirrored(desk: Desk, contacts: FakeContacts) -> None:
    mirror = Mirror(desk, lambda _email: contacts)
    mirror.prepare()
    drain(desk, "contacts", mirror.apply, batch=1000, most=10_000)
