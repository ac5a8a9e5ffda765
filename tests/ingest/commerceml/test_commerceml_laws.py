"""Laws of reading CommerceML: any cut, any place to go on from, any bytes; and of the sums."""

import io
from datetime import UTC, datetime

from hypothesis import given, settings
from hypothesis import strategies as st
from tests.ingest.channels.samples import context
from tests.ingest.commerceml.one_c import catalogue, item

from ingest.channels import commerceml
from ingest.commerceml.elements import Element, Reader, Record
from ingest.commerceml.elements import Start as Place
from kartoteka.domain.amounts import milli, minor, spelled, spelled_milli
from kartoteka.domain.catalogue import Product
from kartoteka.domain.errors import Malformed
from kartoteka.domain.goods import Goods, Told, merged
from kartoteka.domain.ids import ProductId
from kartoteka.domain.shop_order import ShopLine, exact_line, priced
from kartoteka.http import Call

FEW = settings(max_examples=40, deadline=None)
NAMES = st.text("абвxyz &<>'\"«»№—0", min_size=1, max_size=12)
NOW = datetime(2026, 11, 23, tzinfo=UTC)


def spelled_goods(names: list[str]) -> str:
    escape = {"&": "&amp;", "<": "&lt;", ">": "&gt;"}
    clean = ("".join(escape.get(letter, letter) for letter in name) for name in names)
    return "\n ".join(item(f"g{place}", name) for place, name in enumerate(clean))


def read(content: bytes, cut: int, start: Place | None = None) -> list[Record]:
    whole = io.BytesIO(content)
    pieces = iter(lambda: whole.read(cut), b"")
    return list(Reader(start or Place()).records(pieces))


@FEW
@given(
    st.lists(NAMES, min_size=1, max_size=6),
    st.integers(1, 300),
    st.sampled_from(["windows-1251", "UTF-8"]),
)
def test_reading_goes_on_behind_any_record_as_if_it_had_never_stopped(
    names: list[str], cut: int, encoding: str
) -> None:
    content = catalogue(spelled_goods(names), encoding=encoding)
    whole = [it.element for it in read(content, cut) if it.element.name == "товар"]
    assert [it.said("наименование") for it in whole] == [name.strip() for name in names]

    for place, record in enumerate(it for it in read(content, cut) if it.element.name == "товар"):
        rest = read(content[record.behind.place :], cut, record.behind)
        assert [it.element for it in rest] == whole[place + 1 :]


@FEW
@given(st.binary(max_size=300))
def test_any_bytes_are_read_or_refused(content: bytes) -> None:
    head = "<?xml version='1.0'?><КоммерческаяИнформация>".encode()
    for body in (content, head + content):
        try:
            found = commerceml.parse(Call("POST", (), body=body), context("commerceml"))
        except Malformed:
            continue
        assert all(event.channel == "commerceml" for event in found)


@FEW
@given(st.recursive(NAMES, lambda inner: st.lists(inner, max_size=3), max_leaves=10))
def test_document_spelled_again_says_the_same(tree: object) -> None:
    document = Element("документ", {"статус": "a\"<&'"}, parts=[element(tree)])
    text = "".join(commerceml.spelled(document))
    content = f"<КоммерческаяИнформация>{text}</КоммерческаяИнформация>".encode()

    [record] = read(content, 64)

    assert record.element == document


def element(tree: object) -> Element:
    if isinstance(tree, list):
        return Element("часть", parts=[element(part) for part in tree])
    return Element("имя", text=str(tree).strip())


@FEW
@given(st.integers(1, 10**6), st.integers(0, 10**8), st.integers(1, 100_000))
def test_line_of_whole_pieces_makes_the_shops_sum_or_misses_by_less_than_its_pieces(
    price: int, total: int, pieces: int
) -> None:
    made = exact_line(ShopLine(name="x", quantity_milli=pieces * 1000, price_minor=price), total)

    assert abs(priced(made).total_minor - total) <= pieces
    if total % pieces == 0:
        assert priced(made).total_minor == total


@given(st.integers(0, 10**12), st.integers(0, 10**8))
def test_amounts_and_quantities_are_read_as_they_are_spelled(money: int, count: int) -> None:
    assert minor(spelled(money)) == money
    assert milli(spelled_milli(count)) == count


@given(
    st.builds(
        Goods,
        id=st.sampled_from(["g", "g#c"]),
        name=st.sampled_from(["", "Чай"]),
        vat_bp=st.none() | st.just(2000),
        stock_milli=st.none() | st.integers(0, 5000),
        listed=st.booleans(),
        catalogued=st.booleans(),
    ),
    st.none() | st.integers(0, 900),
    st.booleans(),
)
def test_goods_told_twice_change_the_position_once(
    goods: Goods, price: int | None, listed: bool
) -> None:
    product = Product(
        id=ProductId("pd_1"),
        sku="s",
        name="Старое",
        price_minor=500,
        created_at=NOW,
        updated_at=NOW,
    )
    told = Told(goods, "Посуда", price)

    once = merged(product, told, NOW, was_listed=listed)

    assert merged(once, told, NOW, was_listed=goods.listed) is once
    assert once.active <= (once.price_minor > 0)
