"""Texts that have to fit: short ones stay, long ones end with an ellipsis."""

from hypothesis import given
from hypothesis import strategies as st

from kartoteka.domain.shortening import cut, one_line


@given(st.text(), st.integers(1, 30))
def test_cut_text_fits_and_begins_as_it_did(words: str, longest: int) -> None:
    short = cut(words, longest)

    assert len(short) <= longest
    assert short == words or (short[-1] == "…" and words.startswith(short[:-1]))
    assert (short == words) >= (len(words) <= longest)


def test_text_of_several_lines_becomes_one() -> None:
    assert one_line(" Во сколько\n вам\tудобно? ", 40) == "Во сколько вам удобно?"
    assert one_line("а\n\nб", 2) == "а…"
