"""What a phone or a calendar could not bring in stands in the journal, once, for who may know."""

from datetime import timedelta

from tests.sync.books_office import HEAD_BOOK, Shelf
from tests.sync.pasting_office import desktop

from kartoteka.domain.instant import spell
from sync.shelf.team import JOURNAL

__all__ = ["desktop"]

MINE = "mine.st_anna"


def lost(shelf: Shelf, record: str, field: str, typed: str, *, book: str = "phone:st_anna") -> None:
    """A phone's edit becomes no record."""
    shelf.made += 1
    doc = {"record": record, "book": book, "column": field, "typed": typed, "who": "st_anna",
           "at": spell(shelf.clock.now())}  # fmt: skip
    shelf.app.store.run(lambda tx: tx.put("conflicts", f"cf_{shelf.made}", doc))
    shelf.clock.advance(timedelta(seconds=1))


def lines(shelf: Shelf, key: str) -> list[tuple[object, ...]]:
    """Return who, what, about whom and how: the lines of edits that were lost."""
    rows = shelf.there(key, JOURNAL).rows()
    return [tuple(row[2:]) for row in rows if str(row[3]).startswith("Не записано")]


def test_lost_edit_of_a_phone_is_told_once_in_every_journal_that_may(desktop: Shelf) -> None:
    client = desktop.lead(desktop.request("Мария")).client_id
    desktop.drain()
    lost(desktop, client, "company", "ООО «Ромашка»")

    desktop.look()
    desktop.look()

    told = ("Анна Белова", "Не записано из телефона", "Мария", "Компания: «ООО «Ромашка»»")
    assert lines(desktop, "team") == lines(desktop, MINE) == lines(desktop, HEAD_BOOK) == [told]


def test_free_words_are_not_repeated(desktop: Shelf) -> None:
    client = desktop.lead(desktop.request("Мария")).client_id
    lost(desktop, client, "note", "аванс 777000")
    lost(desktop, client, "groups", "VIP 777000")

    desktop.drain()
    desktop.look()

    assert [line[3] for line in lines(desktop, HEAD_BOOK)] == [
        "Заметка: было изменено и возвращено", "Карточка: было изменено и возвращено",
    ]  # fmt: skip
    assert "777000" not in repr(desktop.sheets.books)


def test_client_of_somebody_else_is_not_told_of(desktop: Shelf) -> None:
    theirs = desktop.lead(desktop.request("Чужой", owner="st_viktor")).client_id
    desktop.drain()
    lost(desktop, theirs, "name", "Чужое имя", book="phone:office")

    desktop.look()

    assert lines(desktop, MINE) == []
    assert len(lines(desktop, HEAD_BOOK)) == 1


def test_edit_of_a_calendar_is_told_with_its_task(desktop: Shelf) -> None:
    task = desktop.task(desktop.request())
    lost(desktop, task, "title", "Перенести", book="calendar:st_anna")

    desktop.drain()
    desktop.look()

    ((_, what, _, how),) = lines(desktop, "team")
    assert what == "Не записано из календаря"
    assert how == "Что: «Перенести»"
