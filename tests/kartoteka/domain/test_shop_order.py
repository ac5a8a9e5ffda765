"""An order as a shop tells it: what makes it the same, amounts as shops spell them."""

from datetime import UTC, datetime
from decimal import ROUND_HALF_UP, Decimal

from hypothesis import given
from hypothesis import strategies as st

from kartoteka.domain.amounts import milli, minor
from kartoteka.domain.shop_order import ShopLine, ShopOrder, exact_line, priced

NOW = datetime(2026, 11, 23, tzinfo=UTC)
ORDER = ShopOrder(id="1", at=NOW, lines=(ShopLine(name="Лампа", price_minor=100),))


def test_copy_that_says_something_else_has_another_print() -> None:
    told = ORDER.fingerprint

    assert ORDER.model_copy(update={"paid": True}).fingerprint != told
    assert ORDER.model_copy(update={"version": "2"}).fingerprint == told


def test_line_that_makes_the_shops_total_already_is_left_as_it_is() -> None:
    line = ShopLine(name="Провод", quantity_milli=400, price_minor=1)

    assert exact_line(line, priced(line).total_minor) is line


@given(whole=st.from_regex(r"[0-9]{1,9}", fullmatch=True), part=st.text("0123456789", max_size=6))
def test_plain_number_is_read_as_its_decimal(whole: str, part: str) -> None:
    exact = Decimal(f"{whole}.{part}0")

    for read, scale, most in ((minor, 100, 10**13), (milli, 1000, 10**9)):
        wanted = (exact * scale).quantize(Decimal(1), rounding=ROUND_HALF_UP)
        assert read(f"{whole}.{part}") == (int(wanted) if exact * scale <= most else None)
