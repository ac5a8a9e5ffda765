"""Letters that carry OpenPGP in their text; source: RFC 9580, section 7 (cleartext signatures)."""

import re

_SIGNED = re.compile(
    r"-----BEGIN PGP SIGNED MESSAGE-----[ \t]*\n(?:[A-Za-z-]{1,30}:[^\n]{0,200}\n){0,9}[ \t]*\n"
)
_SIGNATURE = "\n-----BEGIN PGP SIGNATURE-----"
_END = "-----END PGP SIGNATURE-----"
_DASHED = re.compile(r"^- (?=-)", re.MULTILINE)


def unsigned(text: str) -> str:
    """Return the text without the frame of a cleartext signature; any other as it is."""
    begin = _SIGNED.search(text)
    if begin is None:
        return text
    end = text.find(_SIGNATURE, begin.end() - 1)
    if end < 0:
        return text
    rest = text[end:].partition(_END)[2]
    return text[: begin.start()] + _DASHED.sub("", text[begin.end() : end]) + rest
