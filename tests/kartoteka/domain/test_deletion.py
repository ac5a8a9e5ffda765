"""Which deals count as money, and how a refusal names them."""

from datetime import UTC, datetime

import pytest

from kartoteka.domain.deal import Deal, Payment
from kartoteka.domain.deletion import check_no_money, checked_reason, counts_as_money
from kartoteka.domain.errors import Invalid, NotAllowed

NOW = datetime(2026, 11, 23, 6, tzinfo=UTC)


def deal(number: int = 1, **update: object) -> Deal:
    blank = Deal(
        id=f"dl_{number}",
        name="Аудит",
        pipeline="sales",
        stage="x",
        stage_entered_at=NOW,
        created_at=NOW,
        updated_at=NOW,
    )
    return blank.model_copy(update=update)


@pytest.mark.parametrize(
    ("update", "money"),
    [
        ({}, False),
        ({"state": "lost", "amount_minor": 100}, False),
        ({"state": "won"}, True),
        ({"state": "won", "pipeline": "hiring"}, False),
        ({"paid_minor": 1, "pipeline": "hiring"}, True),
        ({"state": "lost", "paid_minor": 1}, True),
        ({"payments": (Payment(reference="b", amount_minor=1, at=NOW),)}, True),
    ],
)
def test_money_is_what_was_won_in_a_sale_or_paid_anywhere(
    update: dict[str, object], *, money: bool
) -> None:
    assert counts_as_money(deal(**update), {"hiring"}) is money


def test_refusal_names_ten_deals_shortened_and_counts_them_all() -> None:
    won = [deal(at, state="won", name=f"{at} " + "б" * 200) for at in range(12)]

    with pytest.raises(NotAllowed) as refused:
        check_no_money([*won, deal(99)], (), "delete_money_client")

    named = str(refused.value.facts["deals"]).split("; ")
    assert len(named) == 10
    assert named[0] == f"«0 {'б' * 77}…» (dl_0)"
    assert refused.value.facts["count"] == 12
    assert "б" not in str(refused.value)


def test_reason_of_spaces_is_none() -> None:
    assert checked_reason(" дубль ") == "дубль"
    with pytest.raises(Invalid, match="why"):
        checked_reason(" \n ")
