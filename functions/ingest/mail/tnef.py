"""What stands inside a winmail.dat: files and words that Outlook packed in a form of its own.

Source: [MS-OXTNEF] and the property types of [MS-OXCDATA]. Compressed rich text stays unread.
"""

from collections.abc import Iterator
from dataclasses import dataclass

from ingest.mail.charsets import codec, decoded

MEDIA_TYPES = frozenset({"application/ms-tnef", "application/vnd.ms-tnef"})
_SIGNATURE = b"\x78\x9f\x3e\x22"
_MOST_PROPERTIES, _MOST_VALUES, _MOST_FILES = 2_000, 500, 100
# Attributes of the stream.
_BODY, _PROPERTIES, _CODE_PAGE = 0x0002800C, 0x00069003, 0x00069007
_NEXT_FILE, _TITLE, _DATA, _OF_FILE = 0x00069002, 0x00018010, 0x0006800F, 0x00069005
# Properties inside attributes.
_TEXT, _LONG_NAME, _SHORT_NAME = 0x1000, 0x3707, 0x3704
_SIZES = {
    **dict.fromkeys((0x2, 0x3, 0x4, 0xA, 0xB), 4),
    **dict.fromkeys((0x5, 0x6, 0x7, 0x14, 0x40), 8),
    0x48: 16,
}
_STRING, _UNICODE, _OBJECT, _BINARY = 0x1E, 0x1F, 0x0D, 0x102
_LONG = {_STRING, _UNICODE, _OBJECT, _BINARY}
_SEVERAL, _NAMED, _OF_LETTERS = 0x1000, 0x8000, 1
_GUID = 16


@dataclass(slots=True)
class Packed:
    """A file of the package."""

    name: str = ""
    content: bytes = b""


@dataclass(slots=True)
class Package:
    """What was packed; the words are those of the letter, empty when they stand elsewhere."""

    text: str
    files: list[Packed]


class _Cut(Exception):
    """The bytes end before what they promise."""


@dataclass(slots=True)
class _Reader:
    data: memoryview
    at: int = 0

    def take(self, size: int) -> bytes:
        end = self.at + size
        if end > len(self.data):
            raise _Cut
        found = bytes(self.data[self.at : end])
        self.at = end
        return found

    def number(self, size: int) -> int:
        return int.from_bytes(self.take(size), "little")

    def padded(self) -> bytes:
        """Return a value whose length stands in front of it, and pass its padding."""
        size = self.number(4)
        found = self.take(size)
        self.at = min(len(self.data), self.at + -size % 4)
        return found


def unpacked(content: bytes) -> Package | None:
    """Return what a package holds, as far as it can be read; None when it is no such package."""
    if not content.startswith(_SIGNATURE):
        return None
    found, label = Package("", []), "windows-1251"
    for name, value in _attributes(content):
        if name == _CODE_PAGE:
            label = codec(f"cp{int.from_bytes(value[:4], 'little')}") or label
        else:
            _taken(found, name, value, label)
    found.files = [file for file in found.files if file.content]
    return found


def _attributes(content: bytes) -> Iterator[tuple[int, bytes]]:
    reader = _Reader(memoryview(content), len(_SIGNATURE) + 2)
    try:
        while reader.at < len(content):
            reader.take(1)
            name = reader.number(4)
            value = reader.take(reader.number(4))
            reader.take(2)
            yield name, value
    except _Cut:
        return


def _taken(found: Package, name: int, value: bytes, label: str) -> None:
    """Take in one attribute of the letter or of its last file."""
    if name == _NEXT_FILE and len(found.files) < _MOST_FILES:
        found.files.append(Packed())
    elif name == _BODY:
        found.text = found.text or decoded(value, label)
    elif name == _PROPERTIES:
        found.text = found.text or _properties(value, label).get(_TEXT, "")
    elif found.files:
        _of_file(found.files[-1], name, value, label)


def _of_file(file: Packed, name: int, value: bytes, label: str) -> None:
    if name == _TITLE:
        file.name = file.name or decoded(value, label).strip()
    elif name == _DATA:
        file.content = value
    elif name == _OF_FILE:
        told = _properties(value, label)
        file.name = told.get(_LONG_NAME) or file.name or told.get(_SHORT_NAME, "")


def _properties(value: bytes, label: str) -> dict[int, str]:
    """Return the texts among the properties, by their ids."""
    reader, found = _Reader(memoryview(value)), dict[int, str]()
    try:
        for _ in range(min(reader.number(4), _MOST_PROPERTIES)):
            kind, name = reader.number(2), reader.number(2)
            if name >= _NAMED:
                _pass_name(reader)
            for said in _values(reader, kind):
                found.setdefault(name, _said(said, kind, label))
    except _Cut:
        pass
    return found


def _pass_name(reader: _Reader) -> None:
    reader.take(_GUID)
    if reader.number(4) == _OF_LETTERS:
        reader.padded()
    else:
        reader.take(4)


def _values(reader: _Reader, kind: int) -> Iterator[bytes]:
    base, several = kind & ~_SEVERAL, bool(kind & _SEVERAL)
    if base in _LONG:
        for _ in range(min(reader.number(4), _MOST_VALUES)):
            yield reader.padded()
        return
    if base not in _SIZES:
        raise _Cut
    reader.take(_SIZES[base] * (min(reader.number(4), _MOST_VALUES) if several else 1))


def _said(value: bytes, kind: int, label: str) -> str:
    if kind & ~_SEVERAL == _UNICODE:
        return value.decode("utf-16-le", "replace").rstrip("\0").strip()
    return decoded(value, label).strip() if kind & ~_SEVERAL == _STRING else ""
