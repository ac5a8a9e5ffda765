"""The goods of a deal and its order in a shop, from the row of the deal."""

import pytest
from tests.fakes import FakeTasks
from tests.sync.books_office import ANNA_BOOK, Shelf
from tests.sync.sheets_office import ANNA

from kartoteka.domain.deal import Deal
from kartoteka.domain.order import Order
from kartoteka.domain.shop_order import ShopLine, goods_print
from sync.shelf import tabs

VIKTOR = "viktor@office.example"
LINES = (
    {"name": "Чайник", "price_minor": 250_000, "quantity_milli": 2000},
    {"name": "Ситечко", "price_minor": 60_000, "quantity_milli": 3000},
)
THEIRS = (ShopLine(name="Чайник", quantity_milli=5000, price_minor=250_000),)


@pytest.fixture
def deal(shelf: Shelf) -> str:
    lead = shelf.request("Ирина")
    made = shelf.do(
        "deal.create", VIKTOR, name="Заказ", client=shelf.lead(lead).client_id,
        owner="st_anna", deal_type="Иск", lines=LINES,
    )  # fmt: skip
    shelf.drain()
    return str(made.id)


def now(shelf: Shelf, deal: str) -> Deal:
    return Deal.model_validate(shelf.app.store.get(Deal.collection, deal))


def goods(shelf: Shelf, deal: str) -> list[tuple[str, int]]:
    return [(line.name, line.quantity_milli) for line in now(shelf, deal).lines]


def picks(shelf: Shelf, deal: str, said: str) -> str:
    return shelf.picks(ANNA_BOOK, ANNA, deal, said, tab=tabs.MY_DEALS)


def bound(shelf: Shelf, deal: str, channel: str, state: str) -> None:
    """The deal is an order of a shop; in a conflict the shop wants five kettles."""
    found = now(shelf, deal)
    order = Order(
        id="or_1", channel=channel, account="shop", external="1042", deal_id=found.id,
        agreed=goods_print(THEIRS), state=state, theirs=THEIRS if state == "conflict" else (),
        created_at=found.created_at, updated_at=found.updated_at,
    )  # fmt: skip
    doc = order.model_dump(mode="json")
    shelf.app.store.run(lambda tx: tx.put(Order.collection, order.id, doc))


@pytest.mark.parametrize(
    ("typed", "left"),
    [
        ("Товар: чайник x 3", [("Чайник", 3000), ("Ситечко", 3000)]),
        ("Товар: ситеч x 0", [("Чайник", 2000)]),
        ("Товар: подн x 2", [("Чайник", 2000), ("Ситечко", 3000), ("Поднос", 2000)]),
    ],
)
def test_goods_typed_in_the_row_change_the_deal_and_are_told(
    shelf: Shelf, deal: str, typed: str, left: list[tuple[str, int]]
) -> None:
    shelf.do("product.add", VIKTOR, sku="tray", name="Поднос", price_minor=90_000)

    said = picks(shelf, deal, typed)

    assert goods(shelf, deal) == left
    told = "; ".join(f"{name} x {count / 1000:g}" for name, count in left)
    assert said == f"09:01 ✓ в сделке: {told}"


@pytest.mark.parametrize("typed", ["Товар: Чайник", "Товар: Чайник x много"])
def test_goods_without_count_or_price_are_refused_with_what_to_write(
    shelf: Shelf, deal: str, typed: str
) -> None:
    said = picks(shelf, deal, typed)

    assert said.startswith("09:01 ✗")
    assert " x " in said
    assert goods(shelf, deal) == [("Чайник", 2000), ("Ситечко", 3000)]


def test_letters_that_several_goods_begin_with_are_refused(shelf: Shelf, deal: str) -> None:
    shelf.do("product.add", VIKTOR, sku="cup", name="Чайная пара", price_minor=10_000)
    picks(shelf, deal, "Товар: Чайная пара")

    assert "несколько товаров" in picks(shelf, deal, "Товар: чай x 7")


def test_goods_that_nobody_sells_are_refused(shelf: Shelf, deal: str) -> None:
    assert "нет товара на «Поднос»" in picks(shelf, deal, "Товар: Поднос x 2")


def test_conflict_is_seen_and_settled_in_the_row(shelf: Shelf, deal: str) -> None:
    bound(shelf, deal, "woocommerce", "conflict")

    assert "«Заказ: оставить наш состав»" in picks(shelf, deal, "Заказ: отправить в магазин")
    shown = picks(shelf, deal, "Заказ: сравнить с магазином")
    taken = picks(shelf, deal, "Заказ: взять состав магазина")

    assert shown.endswith("у нас: Чайник x 2; Ситечко x 3 | в магазине: Чайник x 5")
    assert taken.endswith("в сделке: Чайник x 5")
    assert goods(shelf, deal) == [("Чайник", 5000)]
    assert picks(shelf, deal, "Заказ: сравнить с магазином").endswith("состав один: Чайник x 5")


def test_edited_order_goes_to_its_shop_from_the_row(shelf: Shelf, deal: str) -> None:
    bound(shelf, deal, "woocommerce", "agreed")

    said = picks(shelf, deal, "Заказ: отправить в магазин")

    assert said.endswith("заказ уходит в магазин")
    tasks = shelf.app.tasks
    assert isinstance(tasks, FakeTasks)
    assert {"order": "or_1"} in [task.payload for task in tasks.queued]


def test_unknown_act_on_an_order_names_the_known_ones(shelf: Shelf, deal: str) -> None:
    assert "сравнить с магазином" in picks(shelf, deal, "Заказ: потерять")
