"""What people do to rows, columns, tabs and the file itself, and what the mirror makes of it."""

from datetime import timedelta

from tests.sync.fakes_sheets import FakeSheets
from tests.sync.sheets_office import ANNA, NEW, Team


def test_sorted_rows_are_found_again(office: Team) -> None:
    ids = [office.request() for _ in range(5)]
    office.drain()
    office.types(ANNA, ids[1], "Имя", "Вторая")
    office.leads.reverse()
    office.rename(ids[4], "Пятая")

    office.drain()

    assert office.leads.ids() == ids[::-1]
    assert office.lead(ids[1]).name == "Вторая"
    assert office.wrong() == []


def test_sort_between_read_and_write_is_put_right_at_the_next_look(
    office: Team, sheets: FakeSheets
) -> None:
    ids = [office.request() for _ in range(6)]
    office.drain()
    office.rename(ids[0], "Первая")
    office.put_on_stage(ids[1], "c1")

    def sort(name: str) -> None:
        if name == "structure":
            sheets.between = lambda _name: None
            office.leads.reverse()

    sheets.between = sort
    office.drain()
    assert office.wrong() != []

    office.settle()

    assert office.wrong() == []
    assert office.lead(ids[5]).name == "Клиент 6"
    assert office.lead(ids[4]).stage == "new"


def test_edit_covered_by_our_write_is_journalled_with_its_author(
    office: Team, sheets: FakeSheets
) -> None:
    lead = office.request()
    office.drain()
    office.rename(lead, "Из формы")

    def typed(name: str) -> None:
        if name == "structure":
            sheets.between = lambda _name: None
            office.types(ANNA, lead, "Имя", "От Анны")

    sheets.between = typed
    office.drain()
    office.look()

    assert office.lead(lead).name == "Из формы"
    [clash] = office.conflicts()
    assert (clash["sheet_value"], clash["user"]) == ("От Анны", "st_anna")
    assert office.wrong() == []


def test_edit_in_another_cell_while_we_write_is_taken_later(
    office: Team, sheets: FakeSheets
) -> None:
    lead = office.request()
    office.drain()
    office.rename(lead, "Из формы")

    def typed(name: str) -> None:
        if name == "structure":
            sheets.between = lambda _name: None
            office.types(ANNA, lead, "Заметка", "Звонила сама")

    sheets.between = typed
    office.drain()
    office.look()

    assert office.lead(lead).note == "Звонила сама"
    assert office.wrong() == []


def test_columns_sorted_without_their_ids_make_no_commands(office: Team) -> None:
    ids = [office.request() for _ in range(4)]
    office.drain()
    visible = range(1, len(office.leads.tab.grid[0]) - 1)
    office.leads.permute([3, 2, 1, 0], columns=visible)

    office.settle()

    assert [office.lead(lead).name for lead in ids] == [f"Клиент {n}" for n in range(1, 5)]
    assert office.wrong() == []
    assert office.conflicts() == []


def test_deleted_row_comes_back_with_a_note(office: Team) -> None:
    ids = [office.request() for _ in range(3)]
    office.drain()
    office.leads.delete_rows(2, 3)

    office.look()

    assert office.leads.ids() == [ids[0], ids[2], ids[1]]
    assert office.leads.note(ids[1], "Имя").startswith("Строку удалили")
    assert office.wrong() == []


def a_row_that_came_back(office: Team) -> str:
    lead = office.request()
    office.drain()
    office.leads.delete_rows(1, 2)
    office.settle()
    return lead


def test_note_of_a_row_that_came_back_goes_with_the_next_change_of_any_cell(office: Team) -> None:
    lead = a_row_that_came_back(office)
    office.settle()
    assert office.leads.note(lead, "Имя") != ""

    office.leads.type(lead, "Заметка", "перезвонить после обеда")
    office.settle()

    assert office.lead(lead).note == "перезвонить после обеда"
    assert office.leads.note(lead, "Имя") == ""
    assert office.wrong() == []


def test_note_of_a_row_that_came_back_is_gone_the_next_day(office: Team) -> None:
    lead = a_row_that_came_back(office)

    office.clock.advance(timedelta(hours=20))
    office.look()

    assert office.leads.note(lead, "Имя") == ""
    assert office.wrong() == []


def test_refused_edit_in_a_row_that_came_back_keeps_both_notes(office: Team) -> None:
    lead = a_row_that_came_back(office)

    office.leads.type(lead, "Стадия", "Нет такой")
    office.settle()

    assert office.leads.note(lead, "Имя").startswith("Строку удалили")
    assert office.leads.note(lead, "Стадия") != ""
    office.leads.type(lead, "Имя", "Другое имя")
    office.settle()
    assert office.leads.note(lead, "Имя") == ""


def test_copied_row_gets_a_note_and_is_no_second_record(office: Team) -> None:
    lead = office.request()
    other = office.request()
    office.drain()
    office.leads.insert_row(3, office.leads.tab.grid[1])

    office.look()
    calls = office.look()

    assert office.leads.ids() == [lead, other, lead]
    assert office.leads.tab.notes[3, 1].startswith("Это копия строки")
    assert calls == ["read"]
    office.leads.delete_rows(1, 2)
    office.settle()
    assert office.wrong() == []


def test_row_typed_by_nobody_knows_whom_is_left_alone(office: Team) -> None:
    lead = office.request()
    office.drain()
    office.leads.insert_row(2, ["", "Пётр с рынка", "8 916"])

    office.settle()
    second = office.request()
    office.drain()

    assert office.leads.rows()[1][1:3] == ["Пётр с рынка", "8 916"]
    assert office.leads.tab.notes[2, 1].startswith("Эта строка не связана")
    assert office.leads.ids() == [lead, "", second]
    assert office.look() == ["read"]


def test_unknown_id_gets_a_note(office: Team) -> None:
    office.request()
    office.drain()
    office.leads.insert_row(2, ["ld_invented", "Имя"])

    office.look()

    assert office.leads.tab.notes[2, 1].startswith("Записи с таким номером нет")
    assert office.look() == ["read"]


def test_deleted_id_is_written_again(office: Team) -> None:
    lead = office.request()
    office.drain()
    office.leads.tab.put(1, 0, "")

    office.look()

    assert office.leads.ids() == [lead]
    assert office.wrong() == []


def test_damaged_base_loses_no_edit(office: Team) -> None:
    lead = office.request()
    office.drain()
    office.leads.type(lead, "База", "мусор")
    office.types(ANNA, lead, "Имя", "Новое имя")

    office.look()

    assert office.wrong() == []
    assert [clash["sheet_value"] for clash in office.conflicts()] == ["Новое имя"]


def test_renamed_header_and_moved_column_are_understood(office: Team) -> None:
    lead = office.request()
    office.drain()
    office.leads.tab.grid[0][2] = "Мобильный"
    order = list(range(len(office.leads.tab.grid[0])))
    order[3], order[4] = order[4], order[3]
    office.leads.tab.grid[:] = [[row[i] for i in order] for row in office.leads.tab.grid]
    office.types(ANNA, lead, "Ответственный", "Борис Ким")

    office.look()

    assert office.leads.tab.grid[0][2:5] == ["Телефон", "Ответственный", "Стадия"]
    assert office.lead(lead).owner_id == "st_boris"
    assert office.leads.shown(lead, "Стадия") == NEW


def test_renamed_tab_keeps_working(office: Team) -> None:
    lead = office.request()
    office.drain()
    office.leads.tab.title = "Наши 'лиды'"
    office.rename(lead, "Новое")

    office.drain()

    assert office.leads.shown(lead, "Имя") == "Новое"
    assert office.memory().tabs["leads"] == "Наши 'лиды'"


def test_deleted_tab_is_made_and_filled_again(office: Team) -> None:
    office.request()
    office.drain()
    del office.sheets.only().tabs[office.leads.sheet_id]

    office.look()

    assert office.wrong() == []


def test_deleted_workbook_is_made_and_filled_again(office: Team, sheets: FakeSheets) -> None:
    office.request()
    office.drain()
    first, journal = office.memory().spreadsheet_id, office.journal.rows()
    sheets.books.clear()

    office.look()

    assert office.memory().spreadsheet_id != first
    assert office.wrong() == []
    assert office.journal.rows() == journal
