"""Files that came with an event: their names, and how they are kept."""

import pytest

from ingest.luggage import Luggage


@pytest.mark.parametrize(
    ("told", "kept"),
    [
        ("Договор № 7.pdf", "Договор № 7.pdf"),
        ("счёт\u202efdp.exe", "счётfdp.exe"),
        ("../../etc/passwd", "passwd"),
        ("C:\\Users\\a\\b.pdf", "b.pdf"),
        ("..", "file"),
        ("", "file"),
        (" a\x01b\u200f.pdf ", "ab.pdf"),
    ],
)
def test_name_of_a_file_looks_like_what_it_is(told: str, kept: str) -> None:
    assert Luggage().put("in_1", told, "application/pdf", b"x").name == kept
