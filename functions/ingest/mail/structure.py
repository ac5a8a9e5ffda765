"""The parts of a raw letter, found without recursion and within bounds.

The standard library's parser makes an object per part and a generator per level: ten thousand
parts or nine hundred levels cost it seconds. Here a letter has at most so many parts, so deep;
what is beyond stays unread. Source: RFC 2045, RFC 2046.
"""

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from functools import cached_property

from ingest.mail.headers import Headers, first, parameters, read_headers, words
from ingest.mail.transfer import content_of

MOST_PARTS = 1_000
DEEPEST = 30
_BLOCK_END = re.compile(rb"\r\n\r\n|\n\n|\r\r|\n\r\n")
_ENVELOPE = re.compile(rb">?From [^\s:][^\r\n]*\r?\n")
_HEADER = re.compile(rb"[!-9;-~]{1,100}[ \t]*:")
_GUESS = re.compile(rb"(?:\A|\n|\r)--([^\r\n]{1,70}?)[ \t]{0,9}\r?\n(?=content-)", re.IGNORECASE)
_DOUBLED = re.compile(rb"[^\r\n]*\r\r\n")  # a relay took a line's end for a bare line feed
_LONGEST_HEAD = 400_000
_LONGEST_LINE = 1_000
_SHORT = 100
_LEAD = b"\xef\xbb\xbf \t\r\n"


@dataclass(eq=False)
class Part:
    """One part: its headers, its type, and its bytes as they travelled."""

    headers: Headers
    body: memoryview
    depth: int = 0
    family: str = ""  # type of the multipart it stands in
    place: int = 0  # among its siblings
    hollow: bool = False  # a multipart in which no part was found

    @cached_property
    def typed(self) -> tuple[str, Mapping[str, str]]:
        """Return the media type in lower case and its parameters."""
        usual = "message/rfc822" if self.family == "multipart/digest" else "text/plain"
        given_types = self.headers.get("content-type", [])
        told = next((it for it in given_types if "boundary" in it.lower()), "")
        told = told or next(iter(given_types), "")
        if not told:
            lost = not self.depth and _GUESS.match(self.body[:_SHORT])
            return ("multipart/mixed" if lost else usual), {}
        found, given = parameters(told)
        if found == "text":
            found = "text/plain"
        return (found if "/" in found else usual), given

    @property
    def media_type(self) -> str:
        return self.typed[0]

    @cached_property
    def disposition(self) -> tuple[str, Mapping[str, str]]:
        """Return inline, attachment or nothing, and its parameters."""
        told = first(self.headers, "content-disposition")
        return parameters(told) if told else ("", {})

    @property
    def file_name(self) -> str:
        """Return the name that the part gives its file, empty when it gives none."""
        name = self.disposition[1].get("filename") or self.typed[1].get("name", "")
        if not name and "." in (place := words(first(self.headers, "content-location"))):
            name = place if "?" not in place else ""
        return name.replace("\\", "/").rpartition("/")[2].strip()

    @property
    def content_id(self) -> str:
        return first(self.headers, "content-id").strip(" <>").lower()

    @property
    def encoded(self) -> bool:
        """Return whether the part travelled in another form than its own."""
        told = first(self.headers, "content-transfer-encoding").lower()
        return "base64" in told or "quoted" in told

    @cached_property
    def content(self) -> bytes:
        """Return the bytes that were sent, the transfer encoding undone."""
        return content_of(self.body, first(self.headers, "content-transfer-encoding"))


def top(source: bytes) -> Part:
    """Return the letter itself; a mailbox's separator line in front is passed over."""
    if _DOUBLED.match(source[:_LONGEST_LINE]):
        source = source.replace(b"\r\r\n", b"\r\n")
    start = len(source) - len(source.lstrip(_LEAD))
    envelope = _ENVELOPE.match(source, start)
    return _part(memoryview(source)[envelope.end() if envelope else start :], 0, "", 0)


def parts(letter: Part) -> Iterator[Part]:
    """Yield the letter and its parts in the order of reading; letters inside stay closed."""
    waiting, count = [letter], 0
    while waiting and count < MOST_PARTS:
        part = waiting.pop()
        count += 1
        if part.media_type.startswith("multipart/") and part.depth < DEEPEST:
            inside = _children(part, MOST_PARTS - count)
            part.hollow = not inside
            waiting += reversed(inside)
        yield part


def _part(view: memoryview, depth: int, family: str, place: int) -> Part:
    start, end = _head(view)
    head, rest = bytes(view[:start]), view[end:]
    if head and not bytes(rest[:_SHORT]).strip():
        start = _last_header(head)
        head, rest = head[:start], rest if start == len(head) else view[start:]
    return Part(read_headers(head), rest, depth, family, place)


def _head(view: memoryview) -> tuple[int, int]:
    """Return where the headers end and where the body begins; there may be no headers."""
    if view[:1] in {b"\n", b"\r"}:
        return 0, 2 if bytes(view[:2]) == b"\r\n" else 1
    if not _HEADER.match(view):
        return 0, 0
    match = _BLOCK_END.search(view[:_LONGEST_HEAD])
    return (match.start(), match.end()) if match else (len(view), len(view))


def _last_header(head: bytes) -> int:
    """Return where the headers end when somebody forgot the empty line behind them."""
    at = 0
    for line in head[:_LONGEST_HEAD].splitlines(keepends=True):
        if line[:1] not in {b" ", b"\t"} and not _HEADER.match(line):
            return at
        at += len(line)
    return len(head)


def _children(part: Part, most: int) -> list[Part]:
    boundary = part.typed[1].get("boundary", "").rstrip()
    found = list(_slices(part.body, boundary, most)) if boundary else []
    guess = None if found else _GUESS.search(part.body[:_LONGEST_HEAD])
    if guess:
        found = list(_slices(part.body, guess[1].decode("utf-8", "replace"), most))
    elif boundary and not found and part.encoded:
        found = list(_slices(memoryview(part.content), boundary, most))
    return [
        _part(view, part.depth + 1, part.media_type, number) for number, view in enumerate(found)
    ]


def _slices(body: memoryview, boundary: str, most: int) -> Iterator[memoryview]:
    """Yield what stands between the lines of the boundary.

    The closing one may be missing; when parts follow it, an inner letter closed with the outer
    one's boundary.
    """
    mark = re.escape(boundary.encode("utf-8", "replace"))
    line = re.compile(rb"(?:\A|\r\n|\n|\r)--" + mark + rb"(--)?[ \t]*(?=\r|\n|\Z)")
    start = -1
    for match in line.finditer(body):
        if start >= 0:
            yield _behind_break(body, start, match.start())
            most -= 1
        if most <= 0:
            return
        start = -1 if match[1] else match.end()
    if start >= 0:
        yield _behind_break(body, start, len(body))


def _behind_break(body: memoryview, start: int, end: int) -> memoryview:
    for mark in (b"\r\n", b"\n", b"\r"):
        if bytes(body[start : start + len(mark)]) == mark:
            return body[start + len(mark) : max(end, start + len(mark))]
    return body[start:end]
