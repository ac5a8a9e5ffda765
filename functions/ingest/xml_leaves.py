"""A small XML document as its leaves: what a provider's event needs, and nothing that can explode.

Source: XML 1.0 through expat. A document type is refused, and with it every entity of its own.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from xml.parsers import expat

from ingest.plain_text import plain
from kartoteka.domain.errors import Malformed

_DEEPEST = 40
_MOST_LEAVES = 1000
_TYPE = "type"


@dataclass(frozen=True, slots=True)
class Leaves:
    """The first text under each local name, and the `xsi:type` of each element that has one.

    `within` names a text by the element around it and its own: `remoteParty/address`.
    """

    root: str
    texts: Mapping[str, str]
    types: Mapping[str, str]
    within: Mapping[str, str]


def read_leaves(body: bytes) -> Leaves:
    """Return the leaves of a document by local name, whatever prefixes it uses.

    Raises:
        Malformed: not XML, too deep, too long, or with a document type.
    """
    reader = _Reader()
    parser = expat.ParserCreate(namespace_separator="}")
    parser.StartElementHandler = reader.start
    parser.EndElementHandler = reader.end
    parser.CharacterDataHandler = reader.text
    parser.StartDoctypeDeclHandler = reader.doctype
    try:
        parser.Parse(body, True)
    except (expat.ExpatError, ValueError, LookupError) as exc:
        raise Malformed("the body is not XML", code="not_xml") from exc
    return Leaves(reader.root, reader.texts, reader.types, reader.within)


@dataclass(slots=True)
class _Reader:
    root: str = ""
    texts: dict[str, str] = field(default_factory=dict)
    types: dict[str, str] = field(default_factory=dict)
    within: dict[str, str] = field(default_factory=dict)
    _open: list[str] = field(default_factory=list)
    _told: list[str] = field(default_factory=list)

    def doctype(self, *_: object) -> None:
        raise Malformed("a document type is not welcome", code="not_xml")

    def start(self, tag: str, attributes: dict[str, str]) -> None:
        name = _local(tag)
        self.root = self.root or name
        self._open.append(name)
        self._told.clear()
        if len(self._open) > _DEEPEST or len(self.within) > _MOST_LEAVES:
            raise Malformed("too many elements", code="not_xml")
        kind = next((text for key, text in attributes.items() if _local(key) == _TYPE), "")
        if kind:
            self.types.setdefault(name, kind.rpartition(":")[2])

    def text(self, data: str) -> None:
        self._told.append(data)

    def end(self, tag: str) -> None:
        name, told = _local(tag), plain("".join(self._told).strip())
        self._open.pop()
        self._told.clear()
        if told:
            self.texts.setdefault(name, told)
            if self._open:
                self.within.setdefault(f"{self._open[-1]}/{name}", told)


def _local(tag: str) -> str:
    return tag.rpartition("}")[2]
