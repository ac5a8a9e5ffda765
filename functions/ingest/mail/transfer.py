"""What a part holds once its transfer encoding is undone.

Source: RFC 2045 section 6; uuencode as old programs still send it.
"""

import re
from binascii import Error as Unreadable
from binascii import a2b_qp, a2b_uu

from ingest.mail.headers import base64_bytes

_UU_BEGIN = re.compile(rb"^begin [0-7]{3,4} [^\r\n]*\r?\n", re.MULTILINE)
_UU_FILE = re.compile(
    rb"^begin [0-7]{3,4} ([^\r\n]{1,200})\r?\n"
    rb"(?:[ -`]{1,90}\r?\n){0,400000}+end[ \t]{0,9}(?:\r?\n|\Z)",
    re.MULTILINE,
)
_SEAL, _SEAL_END = b"-----BEGIN PGP MESSAGE-----", b"-----END PGP MESSAGE-----"
_WORDS = re.compile(rb"\s*[^\r\n]*(?:[^\s=][ ][^\s=]|[\x80-\xff])")  # in the first line
_BLANKS_BEHIND = re.compile(rb"=[ \t]{1,20}(\r?\n)")  # a soft break that a program padded
_PIECE = re.compile(rb"[A-Za-z0-9+/\s]+={0,2}")
_LOOK = 2_000  # bytes that tell words from base64
_MOST_PIECES = 1_000
_UU_NAMES = {"x-uuencode", "uuencode", "x-uue", "uue"}


def content_of(body: memoryview, encoding: str) -> bytes:
    """Return the bytes that were meant; of an unknown encoding, the bytes as they came."""
    told = encoding.partition(";")[0].partition("(")[0]
    match told.strip(" \t\"'").lower():
        case "base64":
            return _unbased(bytes(body))
        case "quoted-printable":
            return a2b_qp(_BLANKS_BEHIND.sub(rb"=\1", bytes(body)))
        case name if name in _UU_NAMES:
            return _uudecoded(bytes(body))
    return bytes(body)


def _unbased(data: bytes) -> bytes:
    """Return what base64 says: pieces with ends of their own too, and words that are no base64."""
    if _WORDS.match(data[:_LOOK]):
        return data
    end = data.find(b"=")
    rest = data[end:].lstrip(b"=").strip()
    if end < 0 or not rest or b" " in rest:
        return base64_bytes(data)
    pieces = _PIECE.findall(data)
    return b"".join(map(base64_bytes, pieces[:_MOST_PIECES]))


def enclosed(content: bytes) -> tuple[bytes, list[tuple[str, bytes]]]:
    """Return a text without what is no text in it, and that by the name of a file.

    These are uuencoded files and what OpenPGP encrypted.
    """
    files: list[tuple[str, bytes]] = []

    def taken(match: re.Match[bytes]) -> bytes:
        files.append((match[1].strip().decode("latin-1"), _uudecoded(match[0])))
        return b""

    if b"\nbegin " in content or content.startswith(b"begin "):
        content = _UU_FILE.sub(taken, content, count=_MOST_PIECES)
    content, sealed = _unsealed(content)
    return content, files + [("encrypted.asc", one) for one in sealed]


def _unsealed(content: bytes) -> tuple[bytes, list[bytes]]:
    """Return a text without its blocks that OpenPGP encrypted, and the blocks."""
    rest, found = list[bytes](), list[bytes]()
    at = 0
    while (start := content.find(_SEAL, at)) >= 0 and len(found) < _MOST_PIECES:
        end = content.find(_SEAL_END, start)
        if end < 0:
            break
        rest.append(content[at:start])
        at = end + len(_SEAL_END)
        found.append(content[start:at] + b"\n")
    return b"".join([*rest, content[at:]]), found


def _uudecoded(data: bytes) -> bytes:
    begin = _UU_BEGIN.search(data)
    lines = data[begin.end() if begin else 0 :].splitlines()
    found: list[bytes] = []
    for line in lines:
        if line.strip() == b"end":
            break
        found.append(_uu_line(line))
    return b"".join(found)


def _uu_line(line: bytes) -> bytes:
    """Return one line; programs leave out spaces at its end or add a check character."""
    try:
        return a2b_uu(line)
    except Unreadable:
        wanted = (((line[0] - 32) & 63) * 4 + 5) // 3 if line else 0
        try:
            return a2b_uu(line[:wanted])
        except Unreadable:
            return b""
