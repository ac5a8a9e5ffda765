"""The list of long tests names modules that exist."""

from pathlib import Path

from tests.long_tests import LONG

ROOT = Path(__file__).parents[2]


def test_every_long_test_is_there() -> None:
    assert [name for name in sorted(LONG) if not (ROOT / name).is_file()] == []
