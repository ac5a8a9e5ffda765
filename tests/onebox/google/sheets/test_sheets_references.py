"""References in formulas, kept as Sheets keeps them."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from onebox.google.sheets.references import canonical, shifted

_TITLES = ["Sales", "Rw", "It's", "Лиды"]


@pytest.mark.parametrize(
    ("typed", "kept"),
    [
        ("=sum( sales!a3:a3 )", "=sum( Sales!A3 )"),
        ("='Sales'!B3:a2", "=Sales!A2:B3"),
        ("=sales!$d$3 + 1", "=Sales!$D$3 + 1"),
        ("=SUM(  A1 ,  'It''s'!a1:a1  )", "=SUM(  A1 ,  'It''s'!A1  )"),
        ("=if(true,\"a3:a3\",'It''s'!A1)", "=if(true,\"a3:a3\",'It''s'!A1)"),
        ("=Sales!3:3", "=Sales!3:3"),
        ("=SUM(Rw!$A3:$A3)", "=SUM(Rw!$A3)"),
        ("=b5:b$2", "=B$2:B5"),
        ("=c:a", "=A:C"),
        ("=лиды!a1", "='Лиды'!A1"),
        ("=Gone!b2:a1", "=Gone!b2:a1"),
        ("=rate_a1*LOG10(2)", "=rate_a1*LOG10(2)"),
    ],
)
def test_formula_is_kept_with_references_in_order(typed, kept):
    assert canonical(typed, _TITLES) == kept


def test_formulas_typed_and_sent_are_kept_alike(book):
    book.put("A1", [["=sum(sheet1!b2:b1)"]], "USER_ENTERED")
    value = {"userEnteredValue": {"formulaValue": "=sum(sheet1!b2:b1)"}}
    rows = [{"values": [value]}]
    book.batch(
        {"updateCells": {"start": {"rowIndex": 1}, "rows": rows, "fields": "userEnteredValue"}}
    )

    assert book.get("A1:A2", "FORMULA") == [["=sum(Sheet1!B1:B2)"], ["=sum(Sheet1!B1:B2)"]]


_CELL = st.builds(
    "{}{}{}{}".format,
    st.sampled_from(["", "$"]),
    st.sampled_from(["A", "b", "AA", "zz"]),
    st.sampled_from(["", "$"]),
    st.integers(1, 99),
)


@given(_CELL, _CELL)
def test_kept_formula_is_kept_as_it_is(one, two):
    once = canonical(f"=SUM({one}:{two})", _TITLES)

    assert canonical(once, _TITLES) == once
    assert shifted(shifted(once, 5, 5), -5, -5) == once
