"""Bytes of mail as text, whatever their label says.

A label is a hint: mail of old programs calls windows-1251 «koi8-r», UTF-8 «iso-8859-1», or says
nothing. Source: RFC 2046 section 4.1.2, and mail as it is.
"""

import codecs
import re
from functools import lru_cache
from itertools import pairwise

from ingest.mail.marks import all_of
from ingest.plain_text import plain

_SAMPLE = 4_000  # bytes that decide which alphabet a text is in
_CYRILLIC = ("windows-1251", "koi8-r", "cp866", "iso8859-5", "mac-cyrillic")
_WESTERN = ("", "ascii", "iso8859-1", "cp1252", "iso8859-15")  # often a label nobody chose
_WIDER = {"": "cp1252", "ascii": "cp1252", "utf-8": "cp1252", "iso8859-1": "cp1252"}
_SINGLE = frozenset((*_CYRILLIC, *_WESTERN, "cp1251", "koi8-u", "cp1250", "iso8859-2"))
_ALIASES = {
    "ks_c_5601-1987": "cp949",
    "euc_kr": "cp949",
    "gb2312": "gb18030",
    "gbk": "gb18030",
    "shift_jis": "cp932",
    "x-sjis": "cp932",
    "cp-1251": "cp1251",
    "win-1251": "cp1251",
    "windows1251": "cp1251",
    "x-cp1251": "cp1251",
    "koi8": "koi8-r",
    "koi": "koi8-r",
    "x-mac-cyrillic": "mac-cyrillic",
    "dos-866": "cp866",
    "ibm866": "cp866",
    "iso-8859-8-i": "iso8859-8",
    "iso-8859-6-i": "iso8859-6",
    "unicode-1-1-utf-7": "utf-7",
    "x-unicode-2-0-utf-7": "utf-7",
}
# Codecs that do not make text of an alphabet, or that take their time over hostile bytes.
_NEVER = {"idna", "punycode", "unicode_escape", "raw_unicode_escape", "undefined", "mbcs", "oem"}
_PAIRS = all_of("frequent_pairs")
_TWO = re.compile(r"(?=[\u0430-\u044f][\u0430-\u044f])")
_INSIDE = re.compile(r"[a-z\u0430-\u044f\u0451][A-Z\u0410-\u042f\u0401]")  # a capital inside a word
_STRANGE = re.compile(r"[^\x00-\x7f\u00a0\u0410-\u044f\u0401\u0451№«»—–…“”„’•]")
_ASCII = bytes(range(128))
_IN_LATIN_WORD = re.compile(rb"[A-Za-z][\x80-\xff]|[\x80-\xff][A-Za-z]")
_MARGIN = 3  # how much better another alphabet must fit before a label is not believed
_LABEL = re.compile(r"[^\w.:+()-]+")
_UTF_7 = re.compile(rb"\+[A-Za-z0-9+/]{2,}-?")


def decoded(data: bytes, label: str = "") -> str:
    """Return the text of bytes that claim to be in this character set.

    Never fails: what cannot be read at all is replaced by U+FFFD; U+0000 is left out.
    """
    text = _read(data, codec(label))
    return plain(text.replace("\0", "") if "\0" in text else text)


def _read(data: bytes, name: str) -> str:
    if name == "utf-7" and not _UTF_7.search(data):
        name = ""
    if data.isascii() and name in {"", "utf-8", *_SINGLE}:
        return data.decode("ascii")
    if name in _SINGLE or name == "utf-8":
        return _single(data, name)
    text = _strictly(data, name)
    return _single(data, "") if text is None else text


@lru_cache(256)
def codec(label: str) -> str:
    """Return Python's name of a character set, empty when there is no such set of letters."""
    wanted = _LABEL.sub("", label.strip().strip("\"'").partition(" ")[0].lower())[:40]
    wanted = _ALIASES.get(wanted, wanted)
    try:
        found = codecs.lookup(wanted) if wanted else None
    except (LookupError, ValueError):
        return ""
    if found is None or found.name in _NEVER or not _is_text(found.name):
        return ""
    return _ALIASES.get(found.name, found.name)


def _is_text(name: str) -> bool:
    """Return whether the codec makes text of bytes; base64, zip and the like do not."""
    try:
        return b"".decode(name) == ""
    except (LookupError, ValueError):
        return False


def _single(data: bytes, name: str) -> str:
    """Return a text of one byte a letter; UTF-8 is recognised under any such label."""
    text = _utf_8(data)
    if text is not None:
        return text
    if name in {"utf-8", *_WESTERN}:
        return data.decode(_alphabet(data) or _WIDER.get(name, name), "replace")
    if name in {"cp1251", "koi8-r", "koi8-u"}:
        return data.decode(_alphabet(data, believed=name) or name, "replace")
    return data.decode(name, "replace")


def _utf_8(data: bytes) -> str | None:
    """Return the text of well-formed UTF-8, also of UTF-8 that was cut in its last letter."""
    try:
        return data.decode("utf-8")
    except UnicodeDecodeError as exc:
        if exc.start >= len(data) - 3 and exc.start > 0:
            return data.decode("utf-8", "replace") if not data[: exc.start].isascii() else None
    return _mostly_utf_8(data)


def _mostly_utf_8(data: bytes) -> str | None:
    """Return the text of UTF-8 with a few damaged letters, None when it is something else."""
    text = data[:_SAMPLE].decode("utf-8", "replace")
    broken = text.count("\ufffd")
    whole = sum(1 for letter in text if letter > "\x7f") - broken
    return data.decode("utf-8", "replace") if whole > 3 * broken else None


def _strictly(data: bytes, name: str) -> str | None:
    """Return the text when the label fits, or nearly; None when it is plainly wrong."""
    try:
        return data.decode(name)
    except (ValueError, LookupError):
        pass
    try:
        text = data.decode(name, "replace")
    except (ValueError, LookupError):
        return None
    return text if text.count("\ufffd") * 20 <= len(text) else None


def _alphabet(data: bytes, believed: str = "") -> str:
    """Return the Cyrillic code page in which the bytes make words, empty when none does.

    Bytes above 127 among Latin letters are a Western language. A label is believed as long as
    it makes words.
    """
    sample = data[:_SAMPLE]
    high = len(sample.translate(None, _ASCII))
    if not high or (not believed and 2 * len(_IN_LATIN_WORD.findall(sample)) > high):
        return ""
    said = sample.decode(believed, "replace") if believed else ""
    told = _fit(said)
    if believed and told >= 0 and not _INSIDE.search(said):
        return ""
    scores = {name: _fit(sample.decode(name, "replace")) for name in _CYRILLIC}
    best = max(scores, key=lambda name: scores[name])
    least = max(0, told + _MARGIN - 1) if believed else 0
    return best if scores[best] > least else ""


def _fit(text: str) -> int:
    """Return how much a text looks Russian: frequent pairs of letters, capitals in their places."""
    lowered = text.lower().replace("ё", "е")
    usual = sum(map(_PAIRS.__contains__, map("".join, pairwise(lowered))))
    unusual = len(_TWO.findall(lowered)) - usual
    return usual - unusual - 2 * len(_INSIDE.findall(text)) - len(_STRANGE.findall(text))
