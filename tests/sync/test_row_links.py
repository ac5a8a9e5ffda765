"""The name of a client leads to their card; no formula, and only for who may reach them."""

from tests.sync.books_office import HEAD_BOOK, Shelf
from tests.sync.pasting_office import desktop

from kartoteka.domain.change import SYSTEM
from kartoteka.domain.model import Client
from kartoteka.services.unit import Unit, transact
from sync.columns import Frame
from sync.made_with import print_of
from sync.shelf.mine import BOOK as MINE
from sync.shelf.tabs import MY_REQUESTS, REQUESTS

__all__ = ["desktop"]

CARD = "https://contacts.google.com/search/"


def led(shelf: Shelf, key: str) -> list[str]:
    """Return where cells of a book were told to lead, in order."""
    found: list[str] = []
    for request in shelf.workbook(key).requests:
        for content in request.values():
            for row in content.get("rows", ()):
                for cell in row.get("values", ()):
                    style = cell.get("userEnteredFormat", {}).get("textFormat", {})
                    found += [style["link"]["uri"]] if "link" in style else []
    return found


def test_new_row_leads_to_the_card_of_its_client(desktop: Shelf) -> None:
    desktop.request()
    desktop.drain()

    assert led(desktop, "mine.st_anna")[-1] == f"{CARD}%2B79160000001"
    assert led(desktop, HEAD_BOOK)[-1] == f"{CARD}%2B79160000001"
    assert "=" not in str(desktop.there(HEAD_BOOK, REQUESTS).rows())


def test_another_first_number_leads_elsewhere_and_nothing_else_is_written_again(
    desktop: Shelf,
) -> None:
    lead = desktop.request()
    desktop.drain()
    before = led(desktop, HEAD_BOOK)
    client = desktop.lead(lead).client_id

    def work(unit: Unit) -> None:
        known = unit.need(Client, client)
        unit.save(known.model_copy(update={"phones": ("+79167770000",)}))

    transact(desktop.app.store, SYSTEM, "test", desktop.clock.now(), work=work)
    desktop.drain()
    assert set(led(desktop, HEAD_BOOK)[len(before) :]) == {f"{CARD}%2B79167770000"}

    desktop.look()
    assert "structure" not in desktop.look()
    assert desktop.wrong_anywhere() == []


def test_note_of_a_refusal_leaves_the_link_alone(desktop: Shelf) -> None:
    lead = desktop.request()
    desktop.drain()
    before = led(desktop, "mine.st_anna")
    there = desktop.there("mine.st_anna")
    there.type(lead, "Телефон", "нет")

    for _ in range(4):
        desktop.look()

    assert there.shown(lead, "Телефон") != "нет"
    assert led(desktop, "mine.st_anna") == before


def test_mine_keeps_to_nine_columns_and_says_by_its_print_that_it_leads(desktop: Shelf) -> None:
    frame = Frame(desktop.app.desk.settings())
    assert all(sum(not it.is_hidden for it in tab.columns) <= 9 for tab in MINE.tabs)
    assert ":link" in print_of(MY_REQUESTS, frame)
