"""An office of two people, and what a head does in the tab «Импорт» of their book."""

from collections.abc import Sequence

import pytest
from tests.sync.books_office import HEAD_BOOK, Shelf

from kartoteka.ports import CellValue, Query, Tx
from sync.shelf.pasted import IMPORT

STAY = {"st_viktor", "st_anna"}


@pytest.fixture
def desktop(shelf: Shelf) -> Shelf:
    """Two people, so that few books are made beside the head's."""

    def alone(tx: Tx) -> None:
        people = {hit.id: hit.doc for hit in tx.query(Query("staff"))}
        for name in people.keys() - STAY:
            tx.put("staff", name, {**people[name], "active": False})

    shelf.app.store.run(alone)
    shelf.app.desk.settings.forget()
    shelf.drain()
    return shelf


def paste(shelf: Shelf, rows: Sequence[Sequence[CellValue]], at: tuple[int, int] = (2, 2)) -> None:
    """Viktor pastes a block of cells; the mirror looks."""
    there = shelf.there(HEAD_BOOK, IMPORT)
    there.tab.rows = max(there.tab.rows, at[0] + len(rows))
    for down, row in enumerate(rows):
        for right, cell in enumerate(row):
            there.tab.put(at[0] + down, at[1] + right, cell)
    there._changed()
    shelf.look()


def choose(shelf: Shelf, action: str) -> str:
    """Viktor chooses at the top; return what is said beside it when nothing moves any more."""
    there = shelf.there(HEAD_BOOK, IMPORT)
    there.tab.put(1, 0, action)
    there._changed()
    for _ in range(6):
        shelf.look()
    assert there.tab.cell(1, 0) == ""
    return said(shelf)


def said(shelf: Shelf) -> str:
    return str(shelf.there(HEAD_BOOK, IMPORT).tab.cell(1, 1))


def answers(shelf: Shelf) -> list[str]:
    rows = shelf.there(HEAD_BOOK, IMPORT).tab.trimmed()[2:]
    return [str(row[0]) if row else "" for row in rows]


def clients(shelf: Shelf) -> list[str]:
    return sorted(str(hit.doc["name"]) for hit in shelf.app.store.query(Query("clients")))
