"""What a note beside a cell says: what is wrong with the cell, in words of its office."""

import pytest
from tests.sync.books_office import ANNA_BOOK, Shelf
from tests.sync.sheets_office import ANNA

from kartoteka.domain.change import SYSTEM
from kartoteka.domain.errors import Invalid
from kartoteka.services.commands import execute
from kartoteka.services.registry import COMMANDS
from sync.columns import Frame
from sync.commands import of_this_cell
from sync.shelf import tabs


def typed(shelf: Shelf, lead: str, stars: str) -> str:
    there = shelf.there(ANNA_BOOK)
    there.type(lead, "★", stars)
    shelf.tells(ANNA_BOOK, ANNA, tabs.MY_REQUESTS, lead, header="★")
    shelf.drain()
    return there.note(lead, "★")


@pytest.mark.parametrize("stars", ["девять", "7", "-1", "★★★★", "²"])
def test_stars_that_are_none_are_put_back_and_the_note_says_which_there_are(
    shelf: Shelf, stars: str
) -> None:
    lead = shelf.request()
    shelf.drain()

    assert (
        typed(shelf, lead, stars) == "Важность — от одной до трёх звёзд (★★★) или цифра от 0 до 3."
    )
    assert shelf.lead(lead).priority == 0

    assert typed(shelf, lead, "2") == ""
    assert shelf.lead(lead).priority == 2


@pytest.mark.parametrize(
    ("command", "given", "said"),
    [
        ("lead.priority", {"lead": "ld_x", "priority": 9}, "Не больше 3."),
        ("lead.priority", {"priority": 1}, "Проверьте поля команды: lead: нужно заполнить."),
    ],
)
def test_refused_field_of_a_cell_is_told_without_its_name(
    shelf: Shelf, command: str, given: dict[str, object], said: str
) -> None:
    frame = Frame(shelf.app.desk.settings())
    with pytest.raises(Invalid) as refused:
        execute(COMMANDS, shelf.app.desk, SYSTEM, command, given=given, cause="test")

    assert of_this_cell(refused.value, frame, "9") == said
