"""A CommerceML file as a stream of its records, within bounds, from any byte between two records.

Source: XML 1.0 through expat. A document type is refused, and with it every entity of its own, so
no text can grow and no file can be named; the standard library's `iterparse` would have to be told
all that, and could not say at which byte a record ended, which is what lets an import go on in
another call without reading the file anew. Names are compared without prefixes and in lower case:
the namespace differs with the version of the schema, or is missing.
"""

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from xml.parsers import expat

from ingest.plain_text import plain
from kartoteka.domain.errors import Malformed

RECORDS = frozenset({"группа", "типцены", "товар", "предложение", "документ", "контрагент"})
ROOT = "коммерческаяинформация"
CATALOGUE, OFFERS = "каталог", "пакетпредложений"
CHANGED_OFFERS = "измененияпакетапредложений"  # what changed in an offer that is known
_HEADS = frozenset({ROOT, CATALOGUE, OFFERS, CHANGED_OFFERS})
_DEEPEST = 60
_MOST_PARTS = 60_000  # elements of one record
_LONGEST_RECORD = 4_000_000  # characters
_LONGEST_TAG = 8_000_000  # bytes that may wait for their end
_ENCODINGS = {"utf-8": "utf-8", "utf8": "utf-8", "windows-1251": "cp1251", "cp1251": "cp1251"}
_BOM, _BLANK = b"\xef\xbb\xbf", b"\r\n\t "
_LONGEST_HEAD = 4000  # bytes before the root, comments among them
_ROOTS = {name: "КоммерческаяИнформация".encode(name) for name in ("utf-8", "cp1251")}


@dataclass(slots=True)
class Element:
    """An element with all that is in it; names are local and in lower case."""

    name: str
    attributes: Mapping[str, str] = field(default_factory=dict)
    text: str = ""
    parts: list["Element"] = field(default_factory=list)

    def first(self, *path: str) -> "Element | None":
        """Return the first element at this path."""
        found: Element | None = self
        for name in path:
            parts = found.parts if found is not None else []
            found = next((part for part in parts if part.name == name), None)
        return found

    def all(self, *path: str) -> Iterator["Element"]:
        """Yield the elements at this path; every step but the last is the first of its name."""
        holder = self.first(*path[:-1])
        yield from (part for part in (holder.parts if holder else ()) if part.name == path[-1])

    def said(self, *path: str) -> str:
        """Return the text at this path, empty when there is none."""
        found = self.first(*path)
        return found.text if found is not None else ""


@dataclass(frozen=True, slots=True)
class Start:
    """Where reading begins: a byte, the tags open there as spelled, the encoding of the file."""

    place: int = 0
    path: tuple[str, ...] = ()
    encoding: str = ""


@dataclass(frozen=True, slots=True)
class Record:
    """One record: what it is within the elements around it, and where reading goes on behind it."""

    element: Element
    behind: Start

    @property
    def path(self) -> tuple[str, ...]:
        """Return the names of the elements around it, outermost first."""
        return tuple(local(tag) for tag in self.behind.path)


class Reader:
    """Reads pieces of one file; what was met outside of records is told by `heads`."""

    def __init__(self, start: Start) -> None:
        self._start = start
        self._path: list[str] = []
        self._inside: list[Element] = []
        self._texts: list[list[str]] = []
        self._parts = self._length = 0
        self._found: list[Record] = []
        self._ended: Element | None = None
        self._prelude = 0
        self.encoding = start.encoding
        self._fed = 0
        self.heads: dict[str, Mapping[str, str]] = {}  # attributes of what holds the records
        self._parser = self._made("")

    def records(self, pieces: Iterable[bytes]) -> Iterator[Record]:
        """Yield the records of the file, each as soon as its last byte is there.

        Raises:
            Malformed: not XML, not complete, with a document type, or a record out of bounds.
        """
        self._resume()
        for piece in pieces:
            self._feed(self._begun(piece))
            yield from self._taken()
        self._feed(b"", last=True)
        yield from self._taken()

    def _begun(self, piece: bytes) -> bytes:
        """Return the piece without the empty lines that a site's program puts before a file.

        The root's own bytes say in which encoding the file is: what it declares may be another.
        """
        if self._fed or self._start.place:
            return piece
        bare = piece.lstrip(_BLANK)
        while bare.startswith(_BOM):
            bare = bare.removeprefix(_BOM).lstrip(_BLANK)
        self._prelude -= len(piece) - len(bare)
        head = bare[:_LONGEST_HEAD]
        self.encoding = next((name for name, root in _ROOTS.items() if root in head), "")
        if self.encoding:
            self._parser = self._made(self.encoding)
        return bare

    def _taken(self) -> list[Record]:
        found, self._found = self._found, []
        return found

    def _made(self, encoding: str) -> expat.XMLParserType:
        parser = expat.ParserCreate(encoding or None)
        parser.buffer_text = True
        parser.XmlDeclHandler = self._declared
        parser.StartDoctypeDeclHandler = self._doctype
        parser.StartElementHandler = self._begin
        parser.EndElementHandler = self._end
        parser.CharacterDataHandler = self._text
        return parser

    def _resume(self) -> None:
        """Open again what was open at the place where reading goes on."""
        if not self._start.path:
            return
        names = "".join(f"<{name}>" for name in self._start.path)
        head = f'<?xml version="1.0" encoding="{self.encoding}"?>{names}'
        known = head.encode(_ENCODINGS[self.encoding])
        self._feed(known)
        self._prelude = len(known)
        self.heads.clear()

    def _feed(self, piece: bytes, *, last: bool = False) -> None:
        try:
            self._parser.Parse(piece, last)
        except (expat.ExpatError, ValueError, LookupError) as exc:
            raise Malformed("the file is not whole XML", code="xml_broken") from exc
        self._fed += len(piece)
        if self._fed - max(0, self._parser.CurrentByteIndex) > _LONGEST_TAG:
            raise Malformed("a tag does not end", code="xml_too_large")

    def _declared(self, _version: str, encoding: str | None, _standalone: int) -> None:
        if self.encoding and not self._start.path:
            return  # the root showed it
        named = (encoding or "utf-8").strip().lower()
        if named not in _ENCODINGS:
            raise Malformed(f"encoding {named[:40]!r} is not read", code="xml_encoding")
        self.encoding = named

    def _doctype(self, *_: object) -> None:
        raise Malformed("a document type is not welcome", code="xml_doctype")

    def _begin(self, tag: str, attributes: dict[str, str]) -> None:
        self._settle()
        name = local(tag)
        if not self._path and name != ROOT:
            raise Malformed("this is no CommerceML", code="xml_other")
        self._bound(1, len(tag))
        if self._inside or name in RECORDS:
            told = {local(key): plain(value) for key, value in attributes.items()}
            self._length += sum(map(len, told.values()))
            made = Element(name, told)
            if self._inside:
                self._inside[-1].parts.append(made)
            self._inside.append(made)
            self._texts.append([])
            return
        self._path.append(tag)
        if name in _HEADS:
            self.heads[name] = {local(key): plain(value) for key, value in attributes.items()}

    def _bound(self, parts: int, length: int) -> None:
        """Refuse a record that grows out of its bounds; outside of records nothing grows."""
        self._parts = self._parts + parts if self._inside else 0
        self._length = self._length + length if self._inside else 0
        deep = len(self._path) + len(self._inside)
        if self._parts > _MOST_PARTS or self._length > _LONGEST_RECORD or deep > _DEEPEST:
            raise Malformed("a record is too large", code="xml_too_large")

    def _text(self, data: str) -> None:
        if self._texts:
            self._bound(0, len(data))
            self._texts[-1].append(data)

    def _end(self, _tag: str) -> None:
        self._settle()
        if not self._inside:
            self._path.pop()
            return
        done = self._inside.pop()
        done.text = plain("".join(self._texts.pop()).strip())
        if not self._inside:
            self._ended = done

    def _settle(self) -> None:
        """Give out the record that ended before the tag which begins here."""
        if self._ended is None:
            return
        at = self._parser.CurrentByteIndex - self._prelude + self._start.place
        behind = Start(at, tuple(self._path), self.encoding or "utf-8")
        self._found.append(Record(self._ended, behind))
        self._ended = None


def local(tag: str) -> str:
    """Return a name without its prefix, in lower case."""
    return tag.rpartition(":")[2].casefold()
