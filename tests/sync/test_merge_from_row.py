"""A manager makes one client of two in the row of a pair: refused in words, chosen, merged."""

import re

import pytest
from tests.sync.books_office import HEAD_BOOK, Shelf

from kartoteka.domain.change import SYSTEM
from kartoteka.services.duplicates import ask
from kartoteka.services.unit import transact
from sync.shelf import tabs

VIKTOR = "viktor@office.example"


@pytest.mark.parametrize(
    ("action", "side"),
    [("Объединить, данные первого", "Первый"), ("Объединить, данные второго", "Второй")],
)
def test_refused_merge_names_columns_and_the_choice_that_then_merges(
    shelf: Shelf, action: str, side: str
) -> None:
    one, two = (shelf.lead(shelf.request(n)) for n in ("Ирина Соколова", "Соколова Ира"))
    transact(shelf.app.store, SYSTEM, "test", shelf.clock.now(),
             work=lambda unit: ask(unit, one.client_id, two.client_id, why="name"))  # fmt: skip
    shelf.drain()
    there = shelf.there(HEAD_BOOK, tabs.PAIRS)
    [pair] = there.ids()
    wanted = there.shown(pair, side)

    said = shelf.picks(HEAD_BOOK, VIKTOR, pair, "Объединить", tab=tabs.PAIRS)
    assert "по-разному заполнено: «Имя и фамилия». Выберите в этой же ячейке" in said
    assert "«Объединить, данные первого» или «Объединить, данные второго»" in said
    assert not re.search("[a-z_]{3,}", said)
    assert there.ids() == [pair]
    shelf.picks(HEAD_BOOK, VIKTOR, pair, action, tab=tabs.PAIRS)
    shelf.drain()

    assert there.ids() == []
    clients = [shelf.app.store.get("clients", lead.client_id) for lead in (one, two)]
    assert [c["name"] for c in clients if c["merged_into"] is None] == [wanted]
