"""Lines come back in the order of their names, as SQLite's tables keep ids."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from kartoteka.adapters.spool import in_order

NAMES = st.text(st.characters(exclude_categories=["Cs"]), min_size=1)


@given(st.dictionaries(NAMES, st.text(st.characters(exclude_categories=["Cs"]))))
def test_lines_come_in_the_order_of_bytes(lines):
    expected = sorted(lines.items(), key=lambda item: item[0].encode())
    assert list(in_order(iter(lines.items()))) == expected


def test_trouble_of_the_source_goes_through():
    def broken():
        yield "a", "1"
        raise EOFError

    with pytest.raises(EOFError):
        list(in_order(broken()))
