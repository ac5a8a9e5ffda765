"""Templates of papers filled in: plain text, web pages and Word documents; pure.

A place is `{{client.name}}`, or `{{client.name|what to say without it}}`. What a client typed is
put in once and as text: it never becomes markup or another place. A place that nothing fills stays
as it is and is named, so that somebody sees it before the paper goes out.

Source: ECMA-376, part 1, 17.3 (paragraphs, runs and texts of WordprocessingML).
"""

import html
import io
import re
import zipfile
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from itertools import accumulate
from xml.sax.saxutils import escape

from kartoteka.domain.errors import Invalid

WORD = "application/vnd.openxmlformats-officedocument.wordprocessingml.document"
_PLACE = re.compile(r"\{\{([^{}\n]{1,100})\}\}")
_PARAGRAPH = re.compile(r"<w:p[ >].*?</w:p>", re.DOTALL)
_TEXT = re.compile(r"<w:t(?: [^>]*)?>([^<]*)</w:t>")
_FILLED_PARTS = re.compile(r"word/(document|header\d*|footer\d*|footnotes|endnotes)\.xml")
_MOST_BYTES = 50_000_000  # of a document unpacked
_MOST_PARTS = 5_000
_BREAK = '</w:t><w:br/><w:t xml:space="preserve">'


@dataclass(frozen=True, slots=True)
class Filled:
    """A paper filled in; `missing` are the places that nothing filled, each once."""

    content: bytes
    missing: tuple[str, ...]


class _Filling:
    """Puts values into places and remembers what was missing."""

    def __init__(self, values: Mapping[str, str]) -> None:
        self._values = {name.casefold(): _printable(value) for name, value in values.items()}
        self.missing: dict[str, None] = {}

    def value(self, place: str) -> str | None:
        """Return what a place becomes, None when nothing fills it."""
        name, has_other, other = place.partition("|")
        found = self._values.get(name.strip().casefold(), "")
        if not found and not has_other:
            self.missing[name.strip()] = None
            return None
        return found or other.strip()

    def text(self, pattern: str, spell: Callable[[str], str] = str) -> str:
        """Return a text with its places filled, each value as `spell` writes it."""

        def one(found: re.Match[str]) -> str:
            value = self.value(found[1])
            return found[0] if value is None else spell(value)

        return _PLACE.sub(one, pattern)


def can_fill(media_type: str) -> bool:
    """Return whether templates of this type are filled in; others are copied as they are."""
    return media_type in {"text/plain", "text/html", WORD}


def fill_name(pattern: str, values: Mapping[str, str]) -> str:
    """Return the name of a file with its places filled, on one line."""
    return " ".join(_Filling(values).text(pattern).split())


def fill(content: bytes, media_type: str, values: Mapping[str, str]) -> Filled:
    """Return a template of a type that can be filled, filled in.

    Args:
        content: the template; texts are UTF-8.
        media_type: of the template.
        values: texts by place, such as `client.name`, in any case.

    Raises:
        Invalid: the content is not what its type says.
    """
    filling = _Filling(values)
    if media_type == WORD:
        made = _document(content, filling)
    else:
        spell = _as_page if media_type == "text/html" else str
        made = filling.text(_read(content), spell).encode()
    return Filled(made, tuple(filling.missing))


def _read(content: bytes) -> str:
    try:
        return content.decode("utf-8-sig")
    except UnicodeDecodeError as exc:
        raise _damaged() from exc


def _as_page(value: str) -> str:
    return html.escape(value).replace("\n", "<br>")


def _as_word(value: str) -> str:
    return escape(value).replace("\n", _BREAK)


def _document(content: bytes, filling: _Filling) -> bytes:
    """Return the document with the places of its texts filled; its other parts as they are."""
    out = io.BytesIO()
    try:
        with zipfile.ZipFile(io.BytesIO(content)) as source, zipfile.ZipFile(out, "w") as made:
            parts = source.infolist()
            if len(parts) > _MOST_PARTS or sum(part.file_size for part in parts) > _MOST_BYTES:
                raise _damaged()
            for part in parts:
                inside = source.read(part)
                if _FILLED_PARTS.fullmatch(part.filename):
                    inside = _part(inside, filling)
                made.writestr(part, inside, zipfile.ZIP_DEFLATED)
    except (zipfile.BadZipFile, RuntimeError, NotImplementedError) as exc:
        raise _damaged() from exc
    return out.getvalue()


def _part(inside: bytes, filling: _Filling) -> bytes:
    def one(found: re.Match[str]) -> str:
        return _paragraph(found[0], filling)

    return _PARAGRAPH.sub(one, _read(inside)).encode()


def _paragraph(xml: str, filling: _Filling) -> str:
    """Return a paragraph with its places filled, also where Word cut one into several runs."""
    texts = [html.unescape(found) for found in _TEXT.findall(xml)]
    if not _PLACE.search("".join(texts)):
        return xml
    filled = iter(_spread(texts, filling))
    return _TEXT.sub(lambda _: f'<w:t xml:space="preserve">{next(filled)}</w:t>', xml)


def _spread(texts: Sequence[str], filling: _Filling) -> list[str]:
    """Return the texts of the runs as XML; a value stands in the run where its place began."""
    whole = "".join(texts)
    ends = list(accumulate(map(len, texts)))
    found = [(it.start(), it.end(), filling.value(it[1])) for it in _PLACE.finditer(whole)]
    places = [(start, end, value) for start, end, value in found if value is not None]
    spread = []
    for begin, end in zip([0, *ends], ends, strict=False):
        cursor, shown = begin, ""
        for start, stop, value in places:
            if stop <= begin or start >= end:
                continue
            if start >= begin:
                shown += escape(whole[cursor:start]) + _as_word(value)
            cursor = stop
        spread.append(shown + escape(whole[cursor:end]))
    return spread


def _printable(value: str) -> str:
    return "".join(sign for sign in value if sign.isprintable() or sign == "\n")


def _damaged() -> Invalid:
    return Invalid(
        "the template cannot be read", fields={"content": "damaged"}, code="paper_damaged"
    )
