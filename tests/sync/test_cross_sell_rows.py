"""«Допродажи»: rows typed, changed and removed in the settings book become the office's table."""

import pytest
from tests.sync.books_office import Shelf

from kartoteka.domain.errors import Invalid
from sync.columns import Frame, Setting
from sync.settings_book.asking import Edited
from sync.settings_book.selling import CROSS_SELL

OLGA = "olga@office.example"
NEW = {"product": "", "category": "", "offer": "", "after_days": "", "active": ""}


@pytest.fixture
def office(shelf: Shelf) -> Shelf:
    for sku in ("Иск", "Жалоба"):
        shelf.do("product.add", OLGA, sku=sku, name=f"{sku} в суд", price_minor=100)
    return shelf


def frame(shelf: Shelf) -> Frame:
    return Frame(shelf.app.desk.settings())


def typed(shelf: Shelf, **cells: str) -> None:
    name, given = CROSS_SELL.add(NEW | cells, frame(shelf)).command
    shelf.do(name, OLGA, **given)


def rows(shelf: Shelf) -> list[Setting]:
    return list(CROSS_SELL.rows(frame(shelf), shelf.app.store))


def edited(shelf: Shelf, column: str, said: str) -> None:
    name, given = CROSS_SELL.change(Edited(rows(shelf)[0], column, said, frame(shelf)))
    shelf.do(name, OLGA, **given)


def test_row_typed_by_names_shows_as_it_was_typed(office: Shelf) -> None:
    typed(office, product="иск", offer="Жалоба в суд", after_days="14")

    (row,) = rows(office)
    assert dict(row.cells) == {
        "product": "Иск в суд", "category": "", "offer": "Жалоба в суд", "after_days": 14,
        "active": "да",
    }  # fmt: skip


def test_category_takes_the_place_of_the_product(office: Shelf) -> None:
    typed(office, product="Иск", offer="Жалоба")
    edited(office, "category", "Споры")
    edited(office, "active", "нет")

    (row,) = rows(office)
    assert (row.cells["product"], row.cells["category"], row.cells["active"]) == (
        "",
        "Споры",
        "нет",
    )


@pytest.mark.parametrize(
    ("column", "said", "code"),
    [
        ("offer", "Чего нет", "product_unknown"),
        ("offer", "", "cross_bought"),
        ("product", "", "cross_bought"),
    ],
)
def test_wrong_cell_is_refused_and_the_row_stays(office: Shelf, column, said, code) -> None:
    typed(office, product="Иск", offer="Жалоба")
    before = rows(office)
    with pytest.raises(Invalid) as raised:
        edited(office, column, said)

    assert raised.value.code == code
    assert rows(office) == before
