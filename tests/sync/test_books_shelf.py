"""Who gets which book, with which columns and rows, and what follows when rights change."""

from datetime import timedelta

import pytest
from tests.fakes import FakeTasks
from tests.sync.books_office import ANNA_BOOK, BORIS_BOOK, DIRECTOR_BOOK, HEAD_BOOK, Shelf
from tests.sync.sheets_office import ANNA, BORIS

from kartoteka.domain.office import Settings
from kartoteka.services.office import Desk
from kartoteka.services.setup import read_preset
from sync import books
from sync.sheets_mirror import drain
from sync.shelf import tabs, works
from sync.shelf.editions import editions
from sync.shelf.shelf import BOOKS

OLGA, VIKTOR = "olga@office.example", "viktor@office.example"


def settings_of(name: str) -> Settings:
    preset = read_preset(name)
    return Settings(office=preset.office, staff=preset.staff, forms=preset.forms)


def test_everybody_gets_their_own_book_and_no_other(shelf: Shelf) -> None:
    shelf.drain()
    shelf.look()

    shared = {key: sorted(shelf.workbook(key).shared) for key in shelf.keys().values()}

    assert shared == {
        "team": [OLGA, VIKTOR],
        "mine.st_anna": [ANNA],
        "mine.st_boris": [BORIS],
        "mine.st_vera": ["vera@office.example"],
        "mine.st_gleb": ["gleb@office.example"],
        "department.st_viktor": [VIKTOR],
        "department.director": [OLGA],
        "works.st_dina": ["dina@office.example"],
        "works.st_egor": ["egor@office.example"],
        "payments.st_inna": ["inna@office.example"],
        "summary.director": [OLGA],
        "settings.director": [OLGA],
    }


def test_small_team_shares_one_department_and_the_team_book() -> None:
    found = editions(settings_of("small_team"), BOOKS)

    assert set(found) == {"team", "department.head"}
    assert len(found["team"].shares) == len(found["department.head"].shares) == 3


def test_copying_is_closed_where_the_role_may_not_export(shelf: Shelf) -> None:
    shelf.drain()

    assert shelf.workbook(ANNA_BOOK).closed
    assert not shelf.workbook(HEAD_BOOK).closed


@pytest.mark.parametrize("preset", ["law_firm", "services", "shop"])
def test_tabs_of_a_manager_show_at_most_nine_columns(preset: str) -> None:
    mine = [it for it in editions(settings_of(preset), BOOKS).values() if it.book == "mine"]

    seen = {
        tab.key: sum(not column.is_hidden for column in tab.columns)
        for edition in mine
        for tab in edition.tabs
    }

    assert mine
    assert max(seen.values()) <= 9


def test_amount_is_a_column_of_the_head_and_of_nobody_below(desk: Desk) -> None:
    found = editions(desk.settings(), BOOKS)

    with_amount = {
        key for key, edition in found.items()
        if any(tab.column("amount") or tab.column("debt") for tab in edition.tabs)
    }  # fmt: skip

    assert with_amount == {HEAD_BOOK, DIRECTOR_BOOK, "payments.st_inna"}


def test_each_book_shows_the_rows_of_its_reader(shelf: Shelf) -> None:
    hers, his = shelf.request("Анны"), shelf.request("Бориса", "st_boris")
    free = shelf.free("Ничья")
    task = shelf.task(hers)
    shelf.drain()

    assert shelf.there(ANNA_BOOK).ids() == [hers]
    assert shelf.there(BORIS_BOOK).ids() == [his]
    assert shelf.there(ANNA_BOOK, tabs.MY_TASKS).ids() == [task]
    assert shelf.there(BORIS_BOOK, tabs.MY_TASKS).ids() == []
    assert shelf.there(ANNA_BOOK, tabs.FREE).ids() == [free]
    assert sorted(shelf.there(HEAD_BOOK, tabs.REQUESTS).ids()) == sorted([hers, his, free])
    assert shelf.wrong_anywhere() == []


def test_only_books_that_show_a_change_are_read(shelf: Shelf) -> None:
    lead = shelf.request()
    shelf.drain()
    shelf.look()
    shelf.sheets.read_from.clear()

    shelf.put_on_stage(lead, "c1")
    shelf.drain()

    read = [shelf.keys()[workbook] for workbook in shelf.sheets.read_from]
    assert sorted(read) == sorted(["team", ANNA_BOOK, HEAD_BOOK, DIRECTOR_BOOK])
    assert shelf.drain() == []


def test_edit_in_one_book_reaches_the_others(shelf: Shelf) -> None:
    lead = shelf.request()
    shelf.drain()
    shelf.there(ANNA_BOOK).type(lead, "Имя", "Ирина Петрова")
    shelf.tells(ANNA_BOOK, ANNA, tabs.MY_REQUESTS, lead, header="Имя")

    shelf.drain()
    shelf.drain()

    assert shelf.lead(lead).name == "Ирина Петрова"
    assert shelf.there(HEAD_BOOK, tabs.REQUESTS).shown(lead, "Имя") == "Ирина Петрова"
    assert shelf.wrong_anywhere() == []


def test_edits_of_one_cell_in_two_books_keep_the_loser(shelf: Shelf) -> None:
    lead = shelf.request()
    shelf.drain()
    shelf.there(ANNA_BOOK).type(lead, "Заметка", "От Анны")
    shelf.tells(ANNA_BOOK, ANNA, tabs.MY_REQUESTS, lead, header="Заметка")
    shelf.there(HEAD_BOOK, tabs.REQUESTS).type(lead, "Заметка", "От Виктора")
    shelf.tells(HEAD_BOOK, VIKTOR, tabs.REQUESTS, lead, header="Заметка")

    for _ in range(3):
        shelf.drain()

    assert shelf.lead(lead).note == "От Виктора"
    assert [it["store_value"] for it in shelf.conflicts()] == ["От Анны"]
    assert shelf.wrong_anywhere() == []


def test_row_goes_with_the_record_to_its_next_owner(shelf: Shelf) -> None:
    lead, stays = shelf.request("Уходит"), shelf.request("Остаётся")
    shelf.drain()

    shelf.do("lead.assign", lead=lead, owner="st_boris")
    shelf.drain()

    assert shelf.there(ANNA_BOOK).ids() == [stays]
    assert shelf.there(BORIS_BOOK).ids() == [lead]
    assert "Уходит" not in str(shelf.there(ANNA_BOOK).tab.grid)
    assert shelf.wrong_anywhere() == []


def test_words_typed_into_a_row_that_goes_are_kept(shelf: Shelf) -> None:
    lead = shelf.request()
    shelf.drain()
    shelf.there(ANNA_BOOK).type(lead, "Заметка", "важное")
    copy = shelf.there(ANNA_BOOK).tab.grid[1]
    shelf.there(ANNA_BOOK).insert_row(2, list(copy))

    shelf.do("lead.assign", lead=lead, owner="st_boris")
    shelf.drain()

    assert shelf.there(ANNA_BOOK).rows() == []
    assert [it["sheet_value"] for it in shelf.conflicts()] == ["важное"]


def test_closed_request_leaves_the_working_books_and_stays_in_the_team_book(shelf: Shelf) -> None:
    lead = shelf.request()
    shelf.drain()

    shelf.do("lead.move", lead=lead, stage="junk", reason="спам")
    shelf.drain()

    assert shelf.there(ANNA_BOOK).ids() == []
    assert shelf.leads_of_team().ids() == [lead]
    assert "Некачественный" in str(shelf.there(ANNA_BOOK, tabs.HISTORY).rows())


def test_history_tells_nothing_of_a_colleagues_records(shelf: Shelf) -> None:
    shelf.request("Анны")
    shelf.request("Тайна Бориса", "st_boris")
    shelf.drain()
    shelf.look()

    assert "Тайна" not in str(shelf.workbook(ANNA_BOOK).tabs)
    assert "Тайна" in str(shelf.workbook(BORIS_BOOK).tabs)


def test_dismissed_person_loses_every_access(shelf: Shelf) -> None:
    shelf.drain()
    shelf.do("staff.dismiss", OLGA, staff="st_anna")

    shelf.drain()

    assert shelf.workbook(ANNA_BOOK).shared == []
    assert shelf.workbook(BORIS_BOOK).shared == [BORIS]


def test_another_role_means_another_book(shelf: Shelf) -> None:
    shelf.drain()
    shelf.do("staff.edit", OLGA, staff="st_anna", role="executor")

    shelf.drain()

    assert shelf.workbook(ANNA_BOOK).shared == []
    assert shelf.workbook("works.st_anna").shared == [ANNA]


def test_taken_right_takes_the_column_out_of_the_file(shelf: Shelf) -> None:
    lead = shelf.request("Ирина")
    shelf.drain()
    assert "Телефон" in shelf.there(ANNA_BOOK).tab.grid[0]
    shelf.do("role.set", OLGA, id="manager", name="Менеджер", base="manager",
             levels={"reach": "none"})  # fmt: skip

    shelf.drain()

    assert "Телефон" not in shelf.there(ANNA_BOOK).tab.grid[0]
    assert "+7916" not in str(shelf.workbook(ANNA_BOOK).tabs)
    assert shelf.there(ANNA_BOOK).shown(lead, "Имя") == "Ирина"
    assert shelf.wrong_anywhere() == []


def test_tab_made_by_an_older_version_is_made_anew_with_its_edits_taken(shelf: Shelf) -> None:
    lead = shelf.request()
    shelf.drain()
    shelf.look()
    memory = books.recall(shelf.app.store, ANNA_BOOK)
    old = {**memory.columns, "leads": "tab_requests|name:name:1"}
    doc = {**memory.doc(), "columns": old}
    shelf.app.store.run(lambda tx: tx.put(books.COLLECTION, ANNA_BOOK, doc))

    calls = shelf.look()

    assert calls.count("structure") == 2  # the tab, then its rows
    assert shelf.there(ANNA_BOOK).ids() == [lead]
    assert shelf.wrong_anywhere() == []
    assert books.recall(shelf.app.store, ANNA_BOOK).columns == memory.columns


@pytest.mark.parametrize("what", ["tab", "column", "id", "book"])
def test_what_somebody_deleted_comes_back(shelf: Shelf, what: str) -> None:
    lead = shelf.request()
    shelf.drain()
    there = shelf.there(ANNA_BOOK)
    if what == "tab":
        del shelf.workbook(ANNA_BOOK).tabs[there.sheet_id]
    elif what == "column":
        place = there.column("Телефон")
        for row in there.tab.grid:
            del row[place : place + 1]
    elif what == "id":
        there.tab.put(1, 0, "")
    else:
        shelf.sheets.books.pop(books.recall(shelf.app.store, ANNA_BOOK).spreadsheet_id)

    shelf.look()
    shelf.look()

    assert shelf.there(ANNA_BOOK).shown(lead, "Телефон") == "+79160000001"
    assert shelf.wrong_anywhere() == [] or what == "column"


def test_counters_stand_in_the_header_of_a_persons_own_book(shelf: Shelf) -> None:
    shelf.request()
    shelf.drain()
    header = str(shelf.there(ANNA_BOOK).tab.grid[0])

    assert "Следующий шаг\\nСегодня 1 · Просрочено 0 · Без\\xa0дел\\xa00" in header

    shelf.request()
    shelf.drain()

    assert "Сегодня 2 ·" in str(shelf.there(ANNA_BOOK).tab.grid[0])
    assert shelf.wrong_anywhere() == []


def test_director_sees_how_much_waits_for_whom(shelf: Shelf) -> None:
    shelf.request()
    shelf.drain()
    shelf.look()

    rows = shelf.there("summary.director", tabs.COLLEAGUES).rows()

    assert ["Анна Белова", 1, 0, 0] in [row[1:5] for row in rows]


def test_executor_sees_only_the_works_they_take_part_in(shelf: Shelf) -> None:
    lead = shelf.request()
    deal = shelf.do("deal.create", VIKTOR, name="Иск", client=shelf.lead(lead).client_id,
                    owner="st_anna", deal_type="Иск")  # fmt: skip
    shelf.do("deal.join", VIKTOR, deal=deal.id, staff="st_dina")
    shelf.drain()

    assert shelf.there("works.st_dina", works.WORKS).ids() == [deal.id]
    assert shelf.there("works.st_egor", works.WORKS).ids() == []
    assert shelf.wrong_anywhere() == []


def test_busy_minute_lets_books_rest_and_loses_nothing(shelf: Shelf, tasks: FakeTasks) -> None:
    lead = shelf.request()
    shelf.drain()
    shelf.clock.advance(timedelta(minutes=1))
    for number in range(10):
        shelf.rename(lead, f"Имя {number}")
        shelf.clock.advance(timedelta(seconds=2))
        shelf.drain()
    resting = [it for it in books.known(shelf.app.store).values() if it.behind]
    read = [shelf.keys()[workbook] for workbook in shelf.sheets.read_from]

    shelf.clock.advance(timedelta(seconds=10))
    looks = {task.payload["book"] for task in tasks.queued if task.payload.get("look")}
    for key in sorted(looks):
        drain(shelf.app, look=True, book=key)

    assert {it.key for it in resting} == {ANNA_BOOK, HEAD_BOOK, DIRECTOR_BOOK}
    assert read.count("team") == 10
    assert read.count(ANNA_BOOK) < 8
    assert looks == {it.key for it in resting}
    assert "Имя 7" in str(shelf.there(ANNA_BOOK, tabs.HISTORY).rows())
    assert shelf.wrong_anywhere() == []
