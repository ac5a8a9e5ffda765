"""A task is given from the row of what it is about; a typed row makes one's own alone."""

from datetime import UTC, datetime, timedelta

import pytest
from tests.sync.books_office import ANNA_BOOK, HEAD_BOOK, Shelf
from tests.sync.sheets_office import ANNA

from kartoteka.domain.model import Task
from kartoteka.ports import Query
from sync.columns import Tab
from sync.shelf import tabs


@pytest.fixture
def lead(shelf: Shelf) -> str:
    made = shelf.request("Ирина")
    shelf.drain()
    return made


def given(shelf: Shelf, title: str) -> list[Task]:
    found = [Task.model_validate(it.doc) for it in shelf.app.store.query(Query("tasks"))]
    return [task for task in found if task.title == title]


def test_task_for_a_colleague_is_given_in_the_row(shelf: Shelf, lead: str) -> None:
    said = shelf.picks(ANNA_BOOK, ANNA, lead, "Задача: Егор Панин: Отвезти договор; 24.11 12:00")

    [task] = given(shelf, "Отвезти договор")
    assert said.startswith("09:01 ✓")
    assert (task.assignee_id, task.lead_id) == ("st_egor", lead)
    assert task.due_at == datetime(2026, 11, 24, 9, tzinfo=UTC)


def test_task_without_a_name_and_a_time_is_ones_own_until_tomorrow(shelf: Shelf, lead: str) -> None:
    shelf.picks(ANNA_BOOK, ANNA, lead, "Задача: Подготовить копии")

    [task] = given(shelf, "Подготовить копии")
    assert (task.assignee_id, str(task.lead_id)) == ("st_anna", lead)
    assert task.due_at.date().isoformat() == "2026-11-24"


def test_name_that_nobody_has_is_refused_with_how_to_write_it(shelf: Shelf, lead: str) -> None:
    said = shelf.picks(ANNA_BOOK, ANNA, lead, "Задача: Егорка: Отвезти договор")

    assert "Имя Фамилия: что сделать" in said
    assert given(shelf, "Отвезти договор") == []


@pytest.mark.parametrize(
    ("book", "tab", "typed"),
    [
        (ANNA_BOOK, tabs.MY_TASKS, ["", "Отвезти договор", "Ирина"]),
        (HEAD_BOOK, tabs.TASKS, ["", "Отвезти договор", "", "", "Егор Панин"]),
    ],
)
def test_typed_row_for_others_says_where_to_give_the_task(
    shelf: Shelf, book: str, tab: Tab, typed: list[str]
) -> None:
    shelf.drain()
    there = shelf.there(book, tab)
    there.insert_row(1, list(typed))
    for _ in range(3):
        shelf.look()
        shelf.clock.advance(timedelta(seconds=2))

    assert given(shelf, "Отвезти договор") == []
    assert "в строке заявки, сделки или клиента" in " ".join(there.row_notes.values())
