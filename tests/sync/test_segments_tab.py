"""The tab of segments: a typed row asks, a wrong condition says why, sizes come behind a count."""

import pytest
from tests.sync.books_office import Shelf
from tests.sync.test_settings_book import BOOK, STAY, adds, note, types

from kartoteka.ports import Query, Tx
from kartoteka.services import segments
from kartoteka.services.office import read_settings
from sync.shelf.settings import TABS

TAB = TABS["segments"]


@pytest.fixture
def shelf(shelf: Shelf) -> Shelf:
    """Few people, so that few books are made beside this one."""

    def work(tx: Tx) -> None:
        people = {hit.id: hit.doc for hit in tx.query(Query("staff"))}
        for name in people.keys() - STAY:
            tx.put("staff", name, {**people[name], "active": False})

    shelf.app.store.run(work)
    shelf.app.desk.settings.forget()
    return shelf


def counted(shelf: Shelf) -> None:
    while segments.drain(shelf.app.desk).more:
        pass


def test_typed_row_becomes_a_segment_whose_size_comes_behind_its_count(shelf: Shelf) -> None:
    shelf.request("Ирина")
    shelf.drain()
    counted(shelf)
    shelf.drain()
    assert shelf.there(BOOK, TAB).shown("segment:new_30", "Клиентов") == 1

    adds(shelf, "segments", name="С телефоном", kind="по условию", condition="телефон заполнено")
    counted(shelf)
    shelf.drain()

    made = read_settings(shelf.app.store).office.segments[0]
    assert (made.name, made.kind, made.condition) == ("С телефоном", "dynamic", "телефон заполнено")
    assert shelf.there(BOOK, TAB).shown(f"segment:{made.id}", "Клиентов") == 1


def test_wrong_condition_is_put_back_with_the_nearest_word(shelf: Shelf) -> None:
    shelf.drain()
    adds(shelf, "segments", name="Особые", condition="теги содержит vip")
    row = f"segment:{read_settings(shelf.app.store).office.segments[0].id}"

    types(shelf, "segments", (row, "Кто входит"), "сумма покупак > 5")

    assert shelf.there(BOOK, TAB).shown(row, "Кто входит") == "теги содержит vip"
    assert "сумма покупок" in note(shelf, "segments", row, "Кто входит")


def test_entry_of_a_client_costs_no_call_to_google(shelf: Shelf) -> None:
    shelf.drain()
    counted(shelf)
    shelf.drain()
    shelf.request("Ирина")
    shelf.drain()
    counted(shelf)

    assert shelf.drain() == []
