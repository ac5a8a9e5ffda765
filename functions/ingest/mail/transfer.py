"""What a part holds once its transfer encoding is undone.

Source: RFC 2045 section 6; uuencode as old programs still send it.
"""

import re
from binascii import Error as Unreadable
from binascii import a2b_qp, a2b_uu

from ingest.mail.headers import base64_bytes

_UU_BEGIN = re.compile(rb"^begin [0-7]{3,4} [^\r\n]*\r?\n", re.MULTILINE)
_UU_NAMES = {"x-uuencode", "uuencode", "x-uue", "uue"}


def content_of(body: memoryview, encoding: str) -> bytes:
    """Return the bytes that were meant; of an unknown encoding, the bytes as they came."""
    match encoding.partition(";")[0].strip().strip("\"'").lower():
        case "base64":
            return base64_bytes(bytes(body))
        case "quoted-printable":
            return a2b_qp(bytes(body))
        case name if name in _UU_NAMES:
            return _uudecoded(bytes(body))
    return bytes(body)


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
