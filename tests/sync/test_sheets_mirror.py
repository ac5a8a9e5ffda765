"""The mirror of the team's workbook: what people see, and what their edits do."""

from datetime import timedelta

import pytest
from tests.sync.sheets_office import ANNA, BORIS, FIRST_CALL, NEW, Team

from sync import books

FORMULA = '=IMPORTXML("http://evil.example")'


def test_first_drain_builds_the_workbook_and_shows_every_record(office: Team) -> None:
    lead = office.request("Ирина Соколова")
    task = office.task(lead)

    calls = office.drain()

    assert calls == ["create", "structure", "structure", *["share"] * 10]
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


def test_one_change_costs_one_read_and_one_write_journal_included(office: Team) -> None:
    lead = office.request()
    office.drain()

    office.put_on_stage(lead, "c1")

    assert office.drain() == ["read", "structure"]
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
    assert office.leads.row_notes == {}


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

    assert office.leads.row_notes == {}
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
    assert office.leads.row_notes == {}


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

    sent = len(office.sheets.requests)
    calls = office.look()

    assert calls == ["info", "structure", "share", "read"]
    assert "new@office.example" in office.sheets.only().shared
    assert "Новый Сотрудник" in str(office.sheets.requests[sent:])


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


def test_english_office_reads_its_workbook_in_english(office: Team) -> None:
    store = office.app.store
    doc = {**(store.get("settings", "office") or {}), "locale": "en"}
    store.run(lambda tx: tx.put("settings", "office", doc))
    office.app.desk.settings.forget()
    lead = office.request()
    office.drain()

    office.types(ANNA, lead, "Stage", "Call made · 1 hour")
    office.look()

    assert [tab.title for tab in office.sheets.only().tabs.values()] == [
        "Leads",
        "Tasks",
        "Journal",
    ]
    assert office.leads.shown(lead, "Stage") == "New request"
    assert "is left by a call only" in office.leads.note(lead, "Stage")
