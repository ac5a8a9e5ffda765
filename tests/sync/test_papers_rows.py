"""«Документы этапов»: rows typed, changed and removed become the papers of stages."""

import pytest
from tests.sync.books_office import Shelf

from kartoteka.domain.errors import Invalid
from sync.actions.offering import Asked
from sync.columns import Frame, Setting, View
from sync.settings_book.asking import Edited
from sync.settings_book.papers import PAPERS

OLGA = "olga@office.example"
LINE, STAGE = "Сделки", "Подписание договора с подрядчиком"
LINK = "https://docs.google.com/document/d/1AbCdEfGhIjKl/edit#heading=h.1"


def frame(shelf: Shelf) -> Frame:
    return Frame(shelf.app.desk.settings())


def typed(shelf: Shelf, file: str, name: str = "", place: str = STAGE) -> str:
    cells = {"line": LINE, "place": place, "file": file, "name": name}
    new = PAPERS.add(cells, frame(shelf))
    shelf.do(new.command[0], OLGA, **new.command[1])
    return new.row


def rows(shelf: Shelf) -> list[Setting]:
    return list(PAPERS.rows(frame(shelf), shelf.app.store))


def edited(shelf: Shelf, paper: str, column: str, said: str) -> None:
    row = next(row for row in rows(shelf) if row.cells["name"] == paper)
    name, given = PAPERS.change(Edited(row, column, said, frame(shelf)))
    shelf.do(name, OLGA, **given)


def removed(shelf: Shelf, row: Setting) -> None:
    asked = Asked(View(row.id, setting=row), "", frame(shelf), shelf.clock.now())
    name, given = PAPERS.drop(asked)
    shelf.do(name, OLGA, **given)


def test_typed_papers_stand_in_their_stage_as_they_were_typed(shelf: Shelf) -> None:
    made = [typed(shelf, LINK, "Договор {{client.name}}"), typed(shelf, "file_number_2")]

    assert [row.id for row in rows(shelf)] == made
    assert dict(rows(shelf)[0].cells) == {
        "line": LINE, "place": STAGE, "file": "1AbCdEfGhIjKl", "name": "Договор {{client.name}}",
    }  # fmt: skip
    papers = frame(shelf).settings.office.selling.papers_of("deals_law", "contract")
    assert [paper.file for paper in papers] == ["1AbCdEfGhIjKl", "file_number_2"]


def test_paper_typed_twice_is_one(shelf: Shelf) -> None:
    assert typed(shelf, LINK) == typed(shelf, LINK)
    assert len(rows(shelf)) == 1


def test_cells_change_one_paper_and_leave_those_beside_it(shelf: Shelf) -> None:
    for name in ("Первый", "Второй"):
        typed(shelf, LINK, name)
    typed(shelf, LINK, "Чужой", "Отправить клиенту КП")

    edited(shelf, "Первый", "name", "Первый, новый")
    edited(shelf, "Первый, новый", "file", "other_file_1")

    assert [(row.cells["place"], row.cells["file"], row.cells["name"]) for row in rows(shelf)] == [
        ("Отправить клиенту КП", "1AbCdEfGhIjKl", "Чужой"),
        (STAGE, "other_file_1", "Первый, новый"),
        (STAGE, "1AbCdEfGhIjKl", "Второй"),
    ]


def test_removed_row_takes_its_paper_alone(shelf: Shelf) -> None:
    for name in ("Первый", "Второй"):
        typed(shelf, LINK, name)

    removed(shelf, rows(shelf)[0])

    assert [row.cells["name"] for row in rows(shelf)] == ["Второй"]
    with pytest.raises(Invalid) as raised:
        removed(shelf, gone(shelf))
    assert raised.value.code == "paper_gone"


def gone(shelf: Shelf) -> Setting:
    (row,) = rows(shelf)
    return Setting("paper:sp_none", ("sp_none",), row.cells)


@pytest.mark.parametrize("file", ["", "Договор.docx", "=HYPERLINK(1)", "короткий"])
def test_what_is_no_file_of_drive_is_refused_in_words(shelf: Shelf, file: str) -> None:
    with pytest.raises(Invalid) as raised:
        typed(shelf, file)
    assert raised.value.code == "paper_link"
    assert rows(shelf) == []


def test_stage_deleted_takes_its_papers_along(shelf: Shelf) -> None:
    typed(shelf, LINK)
    place = {"pipeline": "deals_law", "stage": "contract", "move_to": "again"}
    shelf.do("stage.delete", OLGA, **place)

    assert rows(shelf) == []
