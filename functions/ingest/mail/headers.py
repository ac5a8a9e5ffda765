"""Headers of a letter or a part: unfolded, decoded, never refused.

Source: RFC 5322, RFC 2047 (encoded words), RFC 2231 (encoded parameters), and what programs make
of them: raw 8-bit names, encoded words inside quotes, words cut in the middle of a letter.
"""

import re
from binascii import Error as Unreadable
from binascii import a2b_base64, a2b_qp
from collections.abc import Iterable
from datetime import UTC, datetime
from email.utils import parsedate_to_datetime
from itertools import groupby
from urllib.parse import unquote_to_bytes

from ingest.mail.charsets import decoded
from kartoteka.domain import identity

_LONGEST_BLOCK = 400_000  # bytes of headers that are looked at
_LONGEST_VALUE = 20_000  # characters of one header that are decoded
_LONGEST_LIST = 8_000  # characters of addresses that are looked at
_MOST_ADDRESSES = 200
_MOST_IDS = 50
_LINE = re.compile(rb"([!-9;-~]{1,100})[ \t]*:(.*)", re.DOTALL)
_LINES = re.compile(rb"\r\n|\n|\r")
_WORD = re.compile(r"=\?([^?\s]{1,60})\?([bBqQ])\?([^?]*)\?=")
_GAP = re.compile(r"(\?=)\s+(?==\?[^?\s]{1,60}\?[bBqQ]\?)")
_PARAMETER = re.compile(
    r""";\s*([^\s=;*]{1,40})(\*\d{1,3})?(\*)?\s*=\s*("(?:[^"\\]|\\.)*+"|[^;]*+)"""
)
_ADDRESS = re.compile(
    r"""(?:"((?:[^"\\]|\\.){0,200}+)"|([^<>,;"]{0,120}+))\s{0,9}<([^<>]{1,320})>"""
)
_BARE = re.compile(r"[^\s<>,;:()\"']{1,64}@[^\s<>,;:()\"']{1,255}")
_COMMENT = re.compile(r"\(([^()]{1,200})\)")
_ID = re.compile(r"<([^<>\s]{1,500})>")
_ESCAPED = re.compile(r"\\(.)")
_YEARS = range(1990, 2100)

Headers = dict[str, list[str]]


def read_headers(block: bytes) -> Headers:
    """Return the values by lower-case name, raw: unfolded, each byte a letter of Latin-1."""
    found: Headers = {}
    for line in _unfolded(block[:_LONGEST_BLOCK]):
        match = _LINE.match(line)
        if match:
            name = match[1].decode("ascii").lower()
            found.setdefault(name, []).append(match[2].strip().decode("latin-1"))
    return found


def first(headers: Headers, name: str) -> str:
    """Return the first value of a header, raw; empty when there is none."""
    return next(iter(headers.get(name, ())), "")


def words(raw: str) -> str:
    """Return a header's text with encoded words and raw bytes decoded."""
    raw = raw[:_LONGEST_VALUE]
    if "=?" not in raw:
        return _line(_raw(raw))
    raw = _GAP.sub(r"\1", raw)
    parts: list[str] = []
    at = 0
    pending: list[tuple[str, bytes]] = []
    for match in _WORD.finditer(raw):
        if match.start() > at:
            parts += [*_joined(pending), _raw(raw[at : match.start()])]
            pending = []
        pending.append((match[1].partition("*")[0], _word_bytes(match[2], match[3])))
        at = match.end()
    parts += [*_joined(pending), _raw(raw[at:])]
    return _line("".join(parts))


def _line(text: str) -> str:
    return text.replace("\n", " ").replace("\r", " ").strip()


def parameters(raw: str) -> tuple[str, dict[str, str]]:
    """Return the value in front of the parameters, in lower case, and the parameters decoded."""
    raw = raw[:_LONGEST_VALUE]
    pieces: dict[str, list[tuple[int, bool, str]]] = {}
    for match in _PARAMETER.finditer(raw):
        number = int(match[2][1:]) if match[2] else 0
        pieces.setdefault(match[1].lower(), []).append((number, bool(match[3]), _bare(match[4])))
    main = raw.partition(";")[0].strip().lower()
    return main, {name: _parameter(found) for name, found in pieces.items()}


def addresses(raws: Iterable[str]) -> tuple[tuple[str, str], ...]:
    """Return (name, address) pairs; the addresses are valid and in lower case."""
    raw = ",".join(raws)[:_LONGEST_LIST]
    comment = _COMMENT.search(raw)
    said = _name(comment[1]) if comment else ""
    found = [(_name(match[1] or match[2] or ""), match[3]) for match in _ADDRESS.finditer(raw)]
    found += [(said, match[0]) for match in _BARE.finditer(_ADDRESS.sub(" ", raw))]
    valid = ((name, identity.email(words(address).strip("'\"` "))) for name, address in found)
    kept = [(name if name.lower() != known else "", known) for name, known in valid if known]
    return tuple(dict.fromkeys(kept))[:_MOST_ADDRESSES]


def message_ids(raw: str) -> tuple[str, ...]:
    """Return the message ids of a header without their brackets, in order."""
    found = _ID.findall(raw[: 4 * _LONGEST_VALUE])
    if not found:
        found = [word.strip("<>,;") for word in raw[:_LONGEST_VALUE].split() if "@" in word]
    return tuple(dict.fromkeys(words(item) for item in found))[-_MOST_IDS:]


def moment(raw: str) -> datetime | None:
    """Return the instant of a Date header in UTC, None when it names none."""
    try:
        found = parsedate_to_datetime(raw[:200])
        aware = found if found.tzinfo else found.replace(tzinfo=UTC)
        moved = aware.astimezone(UTC)
    except (ValueError, TypeError, IndexError, OverflowError):
        return None
    return moved if moved.year in _YEARS else None


def _unfolded(block: bytes) -> list[bytes]:
    lines: list[list[bytes]] = []
    for line in _LINES.split(block):
        if line[:1] in {b" ", b"\t"} and lines:
            lines[-1].append(line)
        elif line:
            lines.append([line])
    return [b"".join(parts) for parts in lines]


def _raw(text: str) -> str:
    """Return what stands outside encoded words: raw bytes are letters of some alphabet."""
    return text if text.isascii() else decoded(text.encode("latin-1", "replace"))


def _joined(pending: list[tuple[str, bytes]]) -> list[str]:
    """Return neighbouring encoded words; a letter that was cut between two is whole again."""
    runs = groupby(pending, key=lambda word: word[0].lower())
    return [decoded(b"".join(data for _, data in run), label) for label, run in runs]


def _word_bytes(encoding: str, text: str) -> bytes:
    if encoding in "bB":
        return base64_bytes(text.encode("latin-1", "replace"))
    return a2b_qp(text.encode("latin-1", "replace"), header=True)


def base64_bytes(data: bytes) -> bytes:
    """Return what base64 says; strange characters are passed over, a broken end is cut."""
    for padding in (b"", b"=", b"=="):
        try:
            return a2b_base64(data + padding)
        except Unreadable:
            continue
    return _cut_base64(data)


def _cut_base64(data: bytes) -> bytes:
    letters = re.sub(rb"[^A-Za-z0-9+/]", b"", data)
    try:
        return a2b_base64(letters[: len(letters) // 4 * 4])
    except Unreadable:
        return b""


def _bare(value: str) -> str:
    value = value.strip()
    if value[:1] == '"':
        return _ESCAPED.sub(r"\1", value[1:-1] if value.endswith('"') else value[1:])
    return value


def _parameter(pieces: list[tuple[int, bool, str]]) -> str:
    """Return a parameter's text: RFC 2231 in one or several pieces, encoded words, raw bytes."""
    ordered = sorted(pieces, key=lambda piece: piece[0])
    if not any(encoded for _, encoded, _ in ordered):
        return words("".join(text for _, _, text in ordered))
    number, encoded, text = ordered[0]
    label, quote, start = text.partition("'")
    if quote and "'" in start:
        ordered[0] = (number, encoded, start.partition("'")[2])
    else:
        label = ""
    data = b"".join(
        unquote_to_bytes(text.encode("latin-1", "replace"))
        if encoded
        else text.encode("latin-1", "replace")
        for _, encoded, text in ordered
    )
    return decoded(data, label)


def _name(raw: str) -> str:
    text = words(_ESCAPED.sub(r"\1", raw.strip())).strip(" \t\"'")
    return " ".join(text.split())
