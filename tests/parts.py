"""The four parts of `make test`, and which modules each of them reads.

Every test belongs to one part, the last of those that its marks name. Reading nine thousand tests
to run a quarter of them costs more than running them, so a part passes over the modules whose text
shows that they hold nothing of it. What the text shows is compared with the marks when a module is
read: a mark that comes from elsewhere stops the run, so no test is ever in no part.
"""

import re
from collections.abc import Iterable
from enum import StrEnum
from functools import cache
from pathlib import Path

from tests.long_tests import LONG

ROOT = Path(__file__).parents[1]


class Part(StrEnum):
    """In the order in which `make test` runs them."""

    FAST = "fast"
    LONG = "long"
    SERVED = "served"
    FAULT = "fault"


# A later part takes the test that an earlier one would have.
PARTS = {
    "long": Part.LONG,
    "node": Part.LONG,
    "emulator": Part.SERVED,
    "e2e": Part.SERVED,
    "browser": Part.SERVED,
    "fault": Part.FAULT,
}
ORDER = list(Part)
MARK = re.compile(r"\bmark\.(\w+)|\b(any_store)\b")
WHOLE = re.compile(r"^pytestmark = (pytest\.mark\.[^\n]*|\[[^\]]*\])$", re.MULTILINE)


def part_of(marks: Iterable[str]) -> Part:
    """The part of a test with these marks."""
    return max((PARTS[mark] for mark in marks if mark in PARTS), key=ORDER.index, default=Part.FAST)


@cache
def parts_of(module: Path) -> frozenset[Part]:
    """The parts that a module's text shows; those of its single marks only above its own."""
    text = module.read_text("utf-8")
    whole = [mark for found in WHOLE.findall(text) for mark in marks_in(found)]
    own = part_of([*whole, *(["long"] if name_of(module) in LONG else [])])
    single = {part_of([mark]) for mark in marks_in(text)}
    return frozenset({own} | {part for part in single if ORDER.index(part) > ORDER.index(own)})


def marks_in(text: str) -> list[str]:
    """The marks that a text names; the fixture of every store has the emulator's among its own."""
    return [mark or "emulator" for mark, _any_store in MARK.findall(text)]


def name_of(module: Path) -> str:
    """Its path from the root of the repository, as the list of long tests spells it."""
    return module.relative_to(ROOT).as_posix()
