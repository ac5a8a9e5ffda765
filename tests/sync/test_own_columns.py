"""Own columns stay when a tab is made anew; copies of what was taken away do not."""

from dataclasses import replace

import pytest
from tests.sync.books_office import HEAD_BOOK, Shelf
from tests.sync.closing_office import close, sold
from tests.sync.pasting_office import desktop

from kartoteka.domain.change import SYSTEM
from kartoteka.domain.matrix import Group, RoleSpec
from kartoteka.domain.model import Role
from kartoteka.domain.office import Office
from kartoteka.services.unit import Unit, transact
from sync import books
from sync.shelf.closed import CLOSED_DEALS
from sync.shelf.tabs import REQUESTS

__all__ = ["desktop"]


def outdate(shelf: Shelf) -> None:
    """The tab was made by an earlier declaration: it has to be made anew."""
    memory = books.recall(shelf.app.store, HEAD_BOOK)
    assert memory is not None
    older = memory.columns["leads"].replace(":link", "")
    books.remember(shelf.app.store, replace(memory, columns={**memory.columns, "leads": older}))


def adds_column(shelf: Shelf, header: str, cells: dict[str, object], gap: int = 0) -> None:
    there = shelf.there(HEAD_BOOK, REQUESTS)
    place = len(REQUESTS.keys) + gap
    there.tab.columns = max(there.tab.columns, place + 1)
    there.tab.put(0, place, header)
    for record, cell in cells.items():
        there.tab.put(there.row_of(record), place, cell)
    there._changed()


def test_own_columns_stand_in_the_rows_of_their_records(desktop: Shelf) -> None:
    first, second, third = (desktop.request() for _ in range(3))
    desktop.drain()
    there = desktop.there(HEAD_BOOK, REQUESTS)
    there.reverse()
    adds_column(desktop, "Цвет папки", {first: "синяя", third: 3.0})
    adds_column(desktop, "Скидка?", {second: "=1+1"}, gap=2)
    outdate(desktop)

    desktop.drain()
    desktop.look()

    assert there.shown(first, "Цвет папки") == "синяя"
    assert there.shown(third, "Цвет папки") == 3.0
    assert there.shown(second, "Скидка?") == "=1+1"
    assert there.shown(first, "Скидка?") == ""
    assert sorted(there.ids()) == sorted([first, second, third])
    assert desktop.wrong_anywhere() == []
    assert there.row_notes == {}


def test_tab_without_own_columns_is_made_as_ever(desktop: Shelf) -> None:
    lead = desktop.request()
    desktop.drain()
    outdate(desktop)

    desktop.drain()
    desktop.look()

    there = desktop.there(HEAD_BOOK, REQUESTS)
    assert there.ids() == [lead]
    assert there.tab.columns == len(REQUESTS.keys)


def test_record_that_left_meanwhile_takes_its_own_cells_along(desktop: Shelf) -> None:
    stays, goes = desktop.request(), desktop.request()
    desktop.drain()
    adds_column(desktop, "Моё", {stays: "a", goes: "b"})
    outdate(desktop)
    close(desktop, goes)

    desktop.drain()
    desktop.look()

    there = desktop.there(HEAD_BOOK, REQUESTS)
    assert there.ids() == [stays]
    assert there.shown(stays, "Моё") == "a"


@pytest.mark.parametrize("copied", [1_234_567.89, "за 1234567.89 руб."])
def test_copy_of_a_column_that_was_taken_away_goes_with_it(desktop: Shelf, copied: object) -> None:
    deal = sold(desktop, 123_456_789)
    desktop.drain()
    there = desktop.there(HEAD_BOOK, CLOSED_DEALS)
    place = len(CLOSED_DEALS.keys)
    there.tab.columns = place + 2
    for right, (header, cell) in enumerate([("Копия", copied), ("Моё", "важно")]):
        there.tab.put(0, place + right, header)
        there.tab.put(there.row_of(deal), place + right, cell)
    there._changed()

    def work(unit: Unit) -> None:
        office = unit.need(Office, "office")
        blind = RoleSpec(id="head", name="x", base=Role.HEAD, levels={Group.AMOUNT: "none"})
        unit.save(office.model_copy(update={"roles": (blind,)}))

    transact(desktop.app.store, SYSTEM, "test", desktop.clock.now(), work=work)
    desktop.app.desk.settings.forget()
    desktop.drain()
    desktop.look()

    assert there.ids() == [deal]
    assert there.shown(deal, "Моё") == "важно"
    assert "1234567" not in repr(there.tab.grid)
