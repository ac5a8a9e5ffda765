"""Which encoding a text file has: its mark, strict UTF-8, else what reads most like Russian."""

import codecs
import re
from pathlib import Path

from kartoteka.domain.errors import Invalid

_MARKS = (
    (codecs.BOM_UTF8, "utf-8-sig"),
    (codecs.BOM_UTF16_LE, "utf-16"),
    (codecs.BOM_UTF16_BE, "utf-16"),
)
_EIGHT_BITS = ("cp1251", "koi8-r", "cp866")
_BLOCK = 1 << 20
_SAMPLE = 1 << 16
_COMMON = re.compile(r"[оеаинтсрвл]")
_LETTERS = r"A-Za-z\u0410-\u044f\u0401\u0451"
_ODD = re.compile(rf"[\u0430-\u044f\u0451][\u0410-\u042f\u0401]|[^\W\d_{_LETTERS}]|[\u2500-\u259f]")


def encoding_of(path: Path, given: str = "") -> str:
    """Return the name of the file's encoding.

    Raises:
        Invalid: the encoding given is none that is known, or the file is not in it.
    """
    if given:
        return _checked(path, given)
    with path.open("rb") as file:
        sample = file.read(_SAMPLE)
    for mark, name in _MARKS:
        if sample.startswith(mark):
            return name
    unmarked = _unmarked_utf16(sample)
    if unmarked:
        return unmarked
    if _reads(path, "utf-8"):
        return "utf-8"
    return max(_EIGHT_BITS, key=lambda name: _likeness(sample.decode(name, "replace")))


def sample_of(path: Path, encoding: str) -> str:
    """Return the beginning of the file as text."""
    with path.open(encoding=encoding, errors="replace", newline="") as file:
        return file.read(_SAMPLE)


def count(path: Path, what: bytes) -> int:
    """Return how often some ASCII bytes occur, reading in blocks."""
    with path.open("rb") as file:
        return sum(block.count(what) for block in iter(lambda: file.read(_BLOCK), b""))


def lines_with(path: Path, encoding: str, what: str) -> int:
    """Return in how many lines of the file some words occur, in capitals or not."""
    wanted = what.casefold()
    with path.open(encoding=encoding, errors="replace") as file:
        return sum(wanted in line.casefold() for line in file)


def _checked(path: Path, given: str) -> str:
    try:
        known = codecs.lookup(given).name
        fits = _reads(path, known)
    except LookupError:
        fits = False
    if not fits:
        raise Invalid(
            f"the file is not in {given!r}: use utf-8, utf-16, windows-1251 or koi8-r,"
            " or leave the encoding to us",
            fields={"encoding": "import_encoding"},
            code="import_encoding",
            encoding=given,
        )
    return known


def _unmarked_utf16(sample: bytes) -> str:
    """Return UTF-16 without a mark: line ends and separators show zeros on one side."""
    even, odd = sample[0::2].count(0), sample[1::2].count(0)
    if max(even, odd) * 20 < len(sample):
        return ""
    return "utf-16-le" if odd > even else "utf-16-be"


def _reads(path: Path, encoding: str) -> bool:
    decoder = codecs.getincrementaldecoder(encoding)()
    try:
        with path.open("rb") as file:
            for block in iter(lambda: file.read(_BLOCK), b""):
                decoder.decode(block)
        decoder.decode(b"", final=True)
    except UnicodeDecodeError:
        return False
    return True


def _likeness(text: str) -> int:
    return len(_COMMON.findall(text)) - 3 * len(_ODD.findall(text))
