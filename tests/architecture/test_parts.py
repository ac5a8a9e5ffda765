"""Every test module is read by a part of `make test`, and its text tells by which."""

import pytest
from tests.parts import ROOT, Part, part_of, parts_of

MODULES = sorted(ROOT.glob("tests/**/test_*.py"))


def test_every_module_is_read_by_some_part() -> None:
    assert MODULES
    assert [module for module in MODULES if not parts_of(module)] == []


@pytest.mark.parametrize(
    ("marks", "part"),
    [
        ([], Part.FAST),
        (["timeout"], Part.FAST),
        (["long"], Part.LONG),
        (["e2e", "long"], Part.SERVED),
        (["fault", "emulator", "timeout"], Part.FAULT),
    ],
)
def test_test_with_many_marks_is_in_the_last_part_of_them(marks: list[str], part: Part) -> None:
    assert part_of(marks) is part
