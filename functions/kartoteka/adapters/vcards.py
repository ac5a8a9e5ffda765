"""Contacts in vCard files: 2.1, 3.0 and 4.0, one card at a time.

Source: vCard 2.1 (versit), RFC 2426, RFC 6350, through vobject. The file is cut into cards here,
so that one damaged card is one row with a fault and memory stays flat; pictures and sounds are
left out before parsing.
"""

import re
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any

from kartoteka.adapters.text_files import encoding_of, lines_with
from kartoteka.domain.table import Row

TITLES = (
    *("Full name", "Last name", "First name", "Middle name", "Nickname", "Organization"),
    *("Phone", "E-mail", "Note", "Categories"),
)
_BIRTHDAY = "Birthday"
_BEGIN, _END = "BEGIN:VCARD", "END:VCARD"
_MOST_LINES = 2_000  # of one card, without pictures
_PROPERTY = re.compile(r"(?:[\w-]+\.)?([A-Za-z][\w-]*)[;:]")
_LEFT_OUT = frozenset({"PHOTO", "LOGO", "SOUND", "KEY"})
_QUOTED = re.compile(r"quoted-printable", re.IGNORECASE)
_SEVERAL = " ::: "
_DAY = re.compile(r"(?:(\d{4})-?|--)(\d\d)-?(\d\d)(?:$|T)")  # RFC 6350: also without a year


def is_vcard(head: bytes) -> bool:
    """Return whether a file that starts so holds vCards, in whatever encoding."""
    return _BEGIN.encode() in head[:200].replace(b"\0", b"").upper()


def reader(path: Path, encoding: str = "") -> tuple[int, Callable[[], Iterator[Row]]]:
    """Return how many cards there are, and what reads them: row 0 names the columns."""
    found = encoding_of(path, encoding)
    dated = lines_with(path, found, "BDAY") > 0
    titles = (*TITLES, _BIRTHDAY) if dated else TITLES

    def rows() -> Iterator[Row]:
        yield Row(0, titles)
        with path.open(encoding=found, errors="replace") as file:
            for number, card in enumerate(_cards(file), 1):
                row = _row(number, card)
                yield row if dated else replace(row, cells=row.cells[: len(TITLES)])

    return lines_with(path, found, _END), rows


def write(path: Path, contacts: Iterable[Mapping[str, Sequence[str]]]) -> None:
    """Write contacts as vCard 3.0; each has name, company, phones, emails and tags."""
    import vobject

    with path.open("w", encoding="utf-8", newline="") as file:
        for contact in contacts:
            file.write(_card(vobject, contact))


def _card(vobject: Any, contact: Mapping[str, Sequence[str]]) -> str:
    card = vobject.vCard()
    name = _one_line(next(iter(contact["name"]), ""))
    card.add("n").value = vobject.vcard.Name(given=name)
    card.add("fn").value = name
    for company in filter(None, contact.get("company", ())):
        card.add("org").value = [_one_line(company)]
    for kind, field in (("tel", "phones"), ("email", "emails")):
        for value in contact.get(field, ()):
            card.add(kind).value = value
    if contact.get("tags"):
        card.add("categories").value = list(contact["tags"])
    written: str = card.serialize()
    return written


def _one_line(text: str) -> str:
    return " ".join(text.split())


def _cards(lines: Iterable[str]) -> Iterator[str]:
    """Yield the text of each card; what is between cards does not matter."""
    card: list[str] | None = None
    left_out = False
    for line in lines:
        bare = line.strip().upper()
        if bare == _BEGIN:
            card = []
        if card is None:
            continue
        found = _PROPERTY.match(line)
        if found is not None:
            left_out = found[1].upper() in _LEFT_OUT
        if not left_out and len(card) < _MOST_LINES:
            card.append(line.rstrip("\r\n"))
        if bare == _END:
            yield "\r\n".join([*card, ""])
            card = None


def _row(number: int, card: str) -> Row:
    import vobject

    try:
        found = vobject.readOne(card, allowQP=_QUOTED.search(card) is not None)
        return Row(number, _cells(found.contents))
    except (
        vobject.base.VObjectError,
        AttributeError,
        IndexError,
        LookupError,
        TypeError,
        ValueError,
    ):  # what vobject raises for cards that break the rules
        return Row(number, (), "import_broken_card")


def _cells(contents: Mapping[str, list[Any]]) -> tuple[str, ...]:
    names = contents.get("n", [])
    name = names[0].value if names else None
    return (
        _texts(contents, "fn")[:1][0] if contents.get("fn") else "",
        *(_joined(getattr(name, part, "")) for part in ("family", "given", "additional")),
        next(iter(_texts(contents, "nickname")), ""),
        next(iter(_texts(contents, "org")), ""),
        _SEVERAL.join(_texts(contents, "tel")),
        _SEVERAL.join(_texts(contents, "email")),
        "\n".join(_texts(contents, "note")),
        _SEVERAL.join(_texts(contents, "categories", every=True)),
        _birthday(contents),
    )


def _birthday(contents: Mapping[str, list[Any]]) -> str:
    """Return the day as YYYY-MM-DD, --MM-DD without a year, any other text as it stands."""
    for line in contents.get("bday", []):
        said = str(line.value).strip()
        day = _DAY.match(said)
        if day is None:
            return said
        omitted = next(iter(line.params.get("X-APPLE-OMIT-YEAR", ())), "")
        year = "-" if not day[1] or day[1] == omitted else day[1]
        return f"{year}-{day[2]}-{day[3]}"
    return ""


def _texts(contents: Mapping[str, list[Any]], kind: str, *, every: bool = False) -> list[str]:
    values = [line.value for line in contents.get(kind, [])]
    lists = [value if isinstance(value, list) else [value] for value in values]
    return [str(item) for value in lists for item in (value if every else value[:1])]


def _joined(part: object) -> str:
    return " ".join(map(str, part)) if isinstance(part, list) else str(part or "")
