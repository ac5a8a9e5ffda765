"""«Импорт» with long lists: 300 and 5,000 rows, in bounded parts, with a death in the middle."""

from datetime import timedelta

import pytest
from tests.sync.books_office import HEAD_BOOK, Shelf
from tests.sync.pasting_office import answers, clients, desktop, paste, said

from kartoteka.domain.errors import ProviderDown
from kartoteka.ports import Query
from sync.pasting.work import MOST
from sync.shelf.pasted import IMPORT
from sync.shelf.tabs import REQUESTS

__all__ = ["desktop"]


def people(count: int) -> list[list[str]]:
    """Every tenth row is broken."""
    return [[f"Клиент {n}", "", "", f"+7916{n:07}" if n % 10 else "нет"] for n in range(count)]


@pytest.mark.parametrize("count", [300, 5_000])
def test_long_list_is_judged_in_one_flush_and_loaded_in_parts(desktop: Shelf, count: int) -> None:
    paste(desktop, people(count))
    assert answers(desktop).count("новый") == count * 9 // 10
    assert answers(desktop).count("ошибка") == count // 10
    died: list[int] = []

    def dies(name: str) -> None:
        if name in {"write", "structure"} and len(clients(desktop)) >= count // 3 and not died:
            died.append(1)
            raise ProviderDown("the process is gone")

    desktop.sheets.between = dies
    there = desktop.there(HEAD_BOOK, IMPORT)
    there.tab.put(1, 0, "Загрузить")
    there._changed()
    looks = 0
    while there.tab.cell(1, 0):
        try:
            before = len(clients(desktop))
            desktop.look()
            assert len(clients(desktop)) - before <= MOST + 150
        except ProviderDown:
            assert died
        desktop.clock.advance(timedelta(seconds=30 if died else 0))
        looks += 1
        assert looks < 12

    assert died
    assert len(clients(desktop)) == count * 9 // 10
    assert answers(desktop).count("✓ новый") == count * 9 // 10
    assert len(list(desktop.app.store.query(Query("batches")))) == 1
    assert f"Загружено строк: {count}" in said(desktop)


def test_three_hundred_rows_pasted_under_the_requests_become_requests(desktop: Shelf) -> None:
    there = desktop.there(HEAD_BOOK, REQUESTS)
    first, name, phone = len(there.rows()) + 1, there.column("Имя"), there.column("Телефон")
    there.tab.rows += 400
    for row in range(310):
        there.tab.put(first + row, name, f"Вставлен {row}")
        there.tab.put(first + row, phone, f"+7917{row:07}" if row % 50 else "")
    there._changed()

    for _ in range(8):
        desktop.look()

    taken = [hit.doc for hit in desktop.app.store.query(Query("leads"))]
    assert len(taken) == len({doc["name"] for doc in taken}) == 310 - 7
    assert len([record for record in there.ids() if record]) == 310 - 7
    assert len(there.row_notes) == 7
