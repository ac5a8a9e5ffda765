"""What the team's workbook shows after merges, undos and forgettings."""

from datetime import timedelta

from tests.kartoteka.services.merging_office import children, client, person
from tests.sync.sheets_office import Team

from kartoteka.domain.change import Actor, ActorKind
from kartoteka.domain.model import Role
from kartoteka.services import batches
from kartoteka.services.forget import forget
from kartoteka.services.merge import merge
from kartoteka.services.undo import undo
from kartoteka.services.unit import Unit, transact


def test_rows_of_an_undone_import_go(office: Team) -> None:
    desk = office.app.desk
    lead = office.request("Ирина Соколова")
    office.drain()
    importer = Actor(kind=ActorKind.IMPORT, id="import")

    def imported(unit: Unit) -> None:
        batch = batches.begin(unit, "bt_1", "import", importer)
        one = client(desk, "imported", name="Из файла", phones=("+79169999999",))
        for record in (one, *children(desk, one, 4)):
            unit.add(record)
        batches.advance(unit, batch, 5, done=True)

    transact(desk.store, importer, "import", desk.now(), work=imported)
    office.drain()
    assert office.leads.ids() == [lead, "ld_cl_imported_0"]
    assert office.tasks.ids() == ["tk_cl_imported_2"]

    undo(desk, person(desk, Role.DIRECTOR), "bt_1", cause="x")
    office.settle()

    assert office.leads.ids() == [lead]
    assert office.tasks.ids() == []
    assert office.wrong() == []


def test_rows_of_a_forgotten_client_say_nothing_of_them(office: Team) -> None:
    desk = office.app.desk
    lead = office.request("Ирина Соколова")
    task = office.task(lead, "Позвонить Ирине")
    office.drain()

    forget(desk, person(desk, Role.DIRECTOR), office.lead(lead).client_id, cause="x")
    office.settle()

    assert office.leads.shown(lead, "Имя") == "Забытый клиент"
    assert office.leads.shown(lead, "Телефон") == ""
    said = str([*office.leads.rows(), *office.tasks.rows()])
    assert [word for word in ("Ирин", "Соколов", "7916000") if word in said] == []
    assert office.tasks.shown(task, "Клиент") == "Забытый клиент"
    assert office.wrong() == []


def test_journal_tells_anew_what_it_told_of_a_forgotten_client(office: Team) -> None:
    desk = office.app.desk
    lead, other = office.request("Ирина Соколова"), office.request("Пётр Котов")
    office.task(lead, "Позвонить Ирине")
    office.drain()
    office.rename(lead, "Ирина Иванова")
    office.settle()
    office.types("anna@office.example", lead, "Имя", "Ирина Петрова")
    office.rename(lead, "Ирина Кузнецова")
    office.settle()
    before = office.journal.rows()
    assert "Разошлось" in [row[3] for row in before]

    forget(desk, person(desk, Role.DIRECTOR), office.lead(lead).client_id, cause="x")
    office.settle()

    after = office.journal.rows()
    assert [word for word in ("Ирин", "Соколов", "Иванов", "Петров") if word in str(after)] == []
    assert [row[:4] for row in after[: len(before)]] == [row[:4] for row in before]
    assert str(after).count("Пётр Котов") == str(before).count("Пётр Котов") > 0
    office.settle()
    assert office.journal.rows() == after
    assert other in office.leads.ids()


def test_rows_of_merged_clients_show_the_survivor_and_come_back(office: Team) -> None:
    desk, head = office.app.desk, person(office.app.desk, Role.HEAD)
    first = office.request("Ирина Соколова")
    office.clock.advance(timedelta(hours=1))
    second = office.request("Ирина Соколова")
    office.drain()
    older, newer = (office.lead(lead).client_id for lead in (first, second))

    merge(desk, head, older, newer, cause="x")
    office.settle()
    assert office.wrong() == []

    [batch] = (entry.doc["cause"] for entry in desk.store.read_log("changes", None, 100)[-1:])
    undo(desk, head, str(batch).removeprefix("batch:"), cause="x")
    office.settle()
    assert office.wrong() == []
