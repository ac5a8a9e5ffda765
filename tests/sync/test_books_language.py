"""The office speaks another language: its books follow, and nothing that people typed is lost."""

from contextlib import suppress

import pytest
from tests.sync.books_office import ANNA_BOOK, HEAD_BOOK, Shelf
from tests.sync.fakes_sheets import Person
from tests.sync.pasting_office import STAY, choose, clients, paste, said
from tests.sync.test_own_columns import adds_column
from tests.sync.test_settings_house import types

from kartoteka.domain.errors import Invalid, NotAllowed, Transient
from kartoteka.ports import Query, Tx
from kartoteka.services.office import Desk, read_settings
from sync import books
from sync.rounds.round import REST
from sync.settings_book.house import HOUSE
from sync.shelf.pasted import IMPORT
from sync.shelf.tabs import MY_REQUESTS, REQUESTS


@pytest.fixture
def desktop(shelf: Shelf) -> Shelf:
    """Anna, her head and the director."""

    def alone(tx: Tx) -> None:
        people = {hit.id: hit.doc for hit in tx.query(Query("staff"))}
        for name in people.keys() - {"st_olga", *STAY}:
            tx.put("staff", name, {**people[name], "active": False})

    shelf.app.store.run(alone)
    shelf.app.desk.settings.forget()
    shelf.drain()
    return shelf


def chosen(shelf: Shelf, language: str) -> None:
    """The office chooses its language; no book knows yet."""
    shelf.do("language.set", "olga@office.example", language=language)


def speak(shelf: Shelf, language: str) -> None:
    chosen(shelf, language)
    settle(shelf)


def settle(shelf: Shelf) -> None:
    """Look until what waited for its turn had it."""
    for _ in range(4):
        shelf.clock.advance(REST)
        with suppress(Transient):
            shelf.look()


def requests(shelf: Shelf) -> Person:
    return shelf.there(HEAD_BOOK, REQUESTS)


def titles(shelf: Shelf) -> set[str]:
    return {title for it in books.known(shelf.app.store).values() for title in it.tabs.values()}


def test_books_follow_with_titles_headers_and_rows_and_back_again(desktop: Shelf) -> None:
    lead = desktop.request()
    desktop.drain()
    before = titles(desktop)

    speak(desktop, "en")

    assert requests(desktop).shown(lead, "Stage") == "New request"
    assert desktop.workbook("team").title == "Kartoteka"
    assert not before & titles(desktop)
    assert desktop.wrong_anywhere() == []

    speak(desktop, "ru")

    assert requests(desktop).shown(lead, "Стадия") == "Новая заявка"
    assert titles(desktop) == before
    assert desktop.wrong_anywhere() == []


def test_name_typed_before_the_language_changed_is_taken(desktop: Shelf) -> None:
    lead = desktop.request()
    desktop.drain()
    desktop.there(ANNA_BOOK, MY_REQUESTS).type(lead, "Имя", "Мария Новая")
    chosen(desktop, "en")

    settle(desktop)

    assert desktop.lead(lead).name == "Мария Новая"
    assert desktop.there(ANNA_BOOK, MY_REQUESTS).shown(lead, "Name") == "Мария Новая"


def test_own_columns_and_rows_typed_by_half_go_along(desktop: Shelf) -> None:
    lead = desktop.request()
    desktop.drain()
    adds_column(desktop, "Цвет папки", {lead: "синяя"})
    there = requests(desktop)
    row: list[str] = [""] * len(REQUESTS.keys)
    row[there.column("Имя")] = "Без телефона"
    there.insert_row(2, row)

    speak(desktop, "en")

    there = requests(desktop)
    assert there.shown(lead, "Цвет папки") == "синяя"
    assert [it[there.column("Name")] for it in there.rows()].count("Без телефона") == 1
    assert sorted(there.ids()) == ["", lead]


def test_pasted_list_stays_where_it_was_and_is_judged_in_the_new_language(desktop: Shelf) -> None:
    paste(desktop, [("Пётр Иванов", "", "", "+79161234567")])

    speak(desktop, "en")

    there = desktop.there(HEAD_BOOK, IMPORT).tab
    assert there.trimmed()[2][:6] == ["new", "", "Пётр Иванов", "", "", "+79161234567"]
    assert there.cell(0, 2) == "Full name"
    assert "1" in said(desktop)


def test_load_is_undone_in_the_tab_though_the_language_changed_behind_it(desktop: Shelf) -> None:
    paste(desktop, [("Пётр Иванов", "", "", "+79161234567")])
    choose(desktop, "Загрузить")
    assert clients(desktop) == ["Пётр Иванов"]

    speak(desktop, "en")

    assert said(desktop).startswith("These rows were loaded earlier.")
    assert choose(desktop, "Load") == "These rows are loaded already. Correct them or paste others."
    assert "was undone" in choose(desktop, "Undo the load")
    assert clients(desktop) == []


def test_large_pasted_list_with_names_of_its_own_has_room_in_the_new_tab(desktop: Shelf) -> None:
    desktop.there(HEAD_BOOK, IMPORT).tab.columns = 32
    paste(desktop, [("Кто", "Тел.", *[""] * 27, "x")], at=(0, 2))
    paste(desktop, [(f"Клиент {number}", f"+7916{number:07}") for number in range(1_010)])

    speak(desktop, "en")

    there = desktop.there(HEAD_BOOK, IMPORT).tab
    assert [there.cell(0, 2), there.cell(0, 31)] == ["Кто", "x"]
    assert there.cell(1_011, 2) == "Клиент 1009"
    assert there.rows >= 1_012
    assert there.columns >= 32


def test_title_that_people_gave_a_book_stays(desktop: Shelf) -> None:
    desktop.workbook(HEAD_BOOK).title = "Отдел Виктора"

    speak(desktop, "en")

    assert desktop.workbook(HEAD_BOOK).title == "Отдел Виктора"


@pytest.mark.parametrize("calls", [2, 4, 6, 7])
@pytest.mark.parametrize("applied", [True, False])
def test_google_failing_on_the_way_ends_in_one_language(
    desktop: Shelf, calls: int, *, applied: bool
) -> None:
    lead = desktop.request()
    desktop.drain()
    desktop.there(ANNA_BOOK, MY_REQUESTS).type(lead, "Имя", "Мария Новая")
    chosen(desktop, "en")
    desktop.sheets.fail_soon(calls, applied=applied)

    settle(desktop)

    assert desktop.lead(lead).name == "Мария Новая"
    assert "Stage" in requests(desktop).tab.grid[0]
    assert desktop.wrong_anywhere() == []


@pytest.mark.parametrize("typed", ["en", "English", " английский "])
def test_language_is_a_row_of_the_office(desk: Desk, typed: str) -> None:
    types(desk, HOUSE, ("house:language", "value"), typed)

    assert read_settings(desk.store).office.locale == "en"


def test_language_that_is_not_spoken_is_refused(desk: Desk) -> None:
    with pytest.raises(Invalid, match="known: русский, английский"):
        types(desk, HOUSE, ("house:language", "value"), "клингонский")

    assert read_settings(desk.store).office.locale == "ru"


def test_head_does_not_choose_the_language(desktop: Shelf) -> None:
    with pytest.raises(NotAllowed):
        desktop.do("language.set", language="en")
