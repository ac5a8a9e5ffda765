"""Bodies with something done to them, each in the language it is written in."""

import base64
import json
import random
import re
from binascii import Error as Base64Error
from collections.abc import Callable
from typing import Any
from urllib.parse import parse_qsl, urlencode

WORDS = (
    *("", "0", "-1", "9" * 30, "1e999", "NaN", "Infinity", "-0.0", "٣٤٥", "²", "true", "null"),
    *("0001-01-01T00:00:00Z", "9999-12-31T23:59:59-14:00", "2026-13-45 99:00:00", "1700000000000"),
    *(
        "253402300800",
        "-62135596801",
        "20261120T091503Z",
        "31.12.9999",
        "2026-11-20T10:00:00+99:99",
    ),
    *("\ud800", "\x00", "\ufeff", "\u202e", "=1+1", "<script>", "../../etc/passwd", "a" * 70_000),
    *(
        "http://169.254.169.254/",
        "https://[::1",
        "//",
        "data:,x",
        "ftp://x/y",
        "https://a:b@c:99999/",
    ),
    *(
        "+" * 300,
        "+7" + "9" * 40,
        "8 (916) 555-01-01 доб. 5",
        "a@b@c",
        "@",
        "x" * 300 + "@y.example",
    ),
    *(
        "=?utf-7?Q?+2AA-?=",
        "=?koi8-r?B?z/LPxdLP?=",
        "=?x?B?" + "A" * 900,
        "%D0%9F%",
        "%ud800",
        "[][]",
    ),
)
TYPES = (
    *("", "application/json", "application/x-www-form-urlencoded", "text/xml", "text/plain"),
    *("multipart/form-data; boundary=b", "multipart/form-data; boundary=", "multipart/form-data"),
    *(";;;=", "application/json; charset=koi8-r", 'multipart/form-data; boundary="' + "b" * 300),
    *("multipart/mixed; boundary*0=b; boundary*1=c", "message/rfc822", "a/b; " + "x*0=1;" * 500),
)
_VALUES: tuple[Any, ...] = (
    *(
        None,
        True,
        False,
        0,
        -1,
        1,
        10**30,
        -(2**63),
        0.1,
        1e308,
        float("inf"),
        float("nan"),
        [],
        {},
    ),
    *([], {}, [[]], {"": ""}, [None], {"a": [{}]}, "", *WORDS),
)
HOSTILE = (
    b"[" * 100_000,
    b'{"a":' * 20_000,
    b'{"a":' * 900 + b"1" + b"}" * 900,
    b'{"a":"' + b"\\u0000" * 16_000 + b'"}',
    b'{"a":' + b"9" * 99_000 + b"}",
    b"a=" + b"%41" * 33_000,
    b"a[" * 30_000 + b"=1",
    b"fields[a][" * 10_000,
    b"&".join(b"f%d=1" % number for number in range(12_000)),
    b"<a " * 33_000,
    b"<a>" * 33_000,
    b"<a" + b"".join(b' b%d="1"' % number for number in range(9_000)) + b"/>",
    b'<!DOCTYPE a [<!ENTITY b "b"><!ENTITY c "&b;&b;&b;">]><a>&c;</a>',
    b"--b\r\n" * 20_000,
    b"--b\r\ncontent-disposition: form-data; name=a\r\n\r\n1\r\n" * 10_000 + b"--b--",
    b"Content-Type: multipart/mixed; boundary=b\r\n\r\n" + b"--b\r\n\r\nx\r\n" * 10_000,
    b"".join(
        b"Content-Type: multipart/mixed; boundary=%d\r\n\r\n--%d\r\n" % (n, n) for n in range(900)
    ),
    b"".join(b"X-%d: y\r\n" % number for number in range(9_000)),
    b"From: " + b"a@b.example, " * 8_000 + b"\r\n\r\n",
    b"Subject: " + b"=?utf-8?Q?a?= " * 7_000 + b"\r\n\r\n",
    b"Content-Type: text/html\r\n\r\n" + b"<div>" * 20_000,
    b"Content-Type: text/html\r\n\r\n" + b"<a " * 33_000,
    b"Content-Type: text/html\r\n\r\n" + b"<!--" * 25_000,
    b"Content-Type: text/html\r\n\r\n" + b"&#x1F600" * 12_000,
    b"Content-Type: text/plain\r\n\r\n" + b"> " * 50_000,
    b"Content-Type: text/plain\r\n\r\n" + b">\n" * 50_000,
)
_TAG = re.compile(rb"<[^<>]{1,200}>")
_LETTER = re.compile(r"\A[A-Za-z-]{2,40}:[^\n]*\n")
_MANY = (2, 30, 1_000, 10_000)
_LARGEST = 400_000  # what is repeated does not grow beyond


def spoilt(body: bytes, chance: random.Random) -> bytes:
    """Return the body with something done to it, still of its kind if it can be."""
    if chance.random() < 0.15:
        return cut(body, chance)
    start = body.lstrip()[:1]
    if start in {b"{", b"["}:
        return _json(body, chance)
    if start == b"<":
        return _markup(body, chance)
    if b"\n" in body[:2_000]:
        return _lines(body, chance)
    return form(body, chance)


def _times(length: int, chance: random.Random) -> int:
    """Return how often something so long is repeated."""
    return min(chance.choice(_MANY), max(2, _LARGEST // (length + 1)))


def cut(body: bytes, chance: random.Random) -> bytes:
    """Return the body with some bytes replaced, put in or taken out."""
    made = bytearray(body)
    for _ in range(chance.randint(1, 4)):
        at = chance.randint(0, len(made))
        made[at : at + chance.choice([0, 1, 2, 9])] = chance.randbytes(chance.choice([0, 1, 3]))
    return bytes(made)


def form(body: bytes, chance: random.Random) -> bytes:
    """Return urlencoded fields with one replaced, renamed, repeated or left out."""
    pairs = parse_qsl(body.decode("latin-1"), keep_blank_values=True, encoding="latin-1")
    if not pairs:
        return cut(body, chance)
    at = chance.randrange(len(pairs))
    name, value = pairs[at]
    changed = _FORM_WAYS[chance.randrange(len(_FORM_WAYS))](name, value, chance)
    pairs[at : at + 1] = changed
    told = [(_bytes(name), _bytes(value)) for name, value in pairs]
    return urlencode(told).encode()


def _bytes(text: str) -> bytes:
    try:
        return text.encode("latin-1")
    except UnicodeEncodeError:
        return text.encode("utf-8", "surrogatepass")


def _inside(value: str, chance: random.Random) -> str:
    """Return a field's value with something done to what is written in it."""
    raw = _bytes(value)
    if value[:1] in {"{", "["}:
        return _json(raw, chance).decode("latin-1")
    if _LETTER.match(value) or "\n" in value:
        return _lines(raw, chance).decode("latin-1")
    return cut(raw, chance).decode("latin-1")


_FORM_WAYS: tuple[Callable[[str, str, random.Random], list[tuple[str, str]]], ...] = (
    lambda name, _value, chance: [(name, chance.choice(WORDS))],
    lambda name, _value, chance: [(name, chance.choice(WORDS))],
    lambda name, value, chance: [(name, _inside(value, chance))],
    lambda name, value, chance: [(name, _inside(value, chance))],
    lambda name, value, chance: [(name, value)] * _times(len(name) + len(value), chance),
    lambda name, value, chance: [(name + chance.choice(["[]", "[0]", "[a][b]", " "]), value)],
    lambda _name, value, chance: [(chance.choice(WORDS), value)],
    lambda _name, _value, _chance: [],
)


def _json(body: bytes, chance: random.Random) -> bytes:
    try:
        found = json.loads(body, strict=False)
        return json.dumps(_value(found, chance)).encode()
    except (ValueError, RecursionError):
        return cut(body, chance)


def _value(found: Any, chance: random.Random) -> Any:
    """Return the value with one place inside changed."""
    if found and isinstance(found, dict) and chance.random() < 0.85:
        key = chance.choice(list(found))
        if chance.random() < 0.08:
            return {name: one for name, one in found.items() if name != key}
        if chance.random() < 0.05:
            many = range(_times(len(str(found[key])), chance))
            return found | {f"{key}{number}": found[key] for number in many}
        return found | {key: _value(found[key], chance)}
    if found and isinstance(found, list) and chance.random() < 0.85:
        at = chance.randrange(len(found))
        return [*found[:at], _value(found[at], chance), *found[at + 1 :]]
    return _other(found, chance)


def _other(found: Any, chance: random.Random) -> Any:
    match chance.randrange(9):
        case 0:
            return [found] * _times(len(str(found)), chance)
        case 1:
            return _nested(found, chance.choice((2, 30, 400)), chance.random() < 0.5)
        case 2:
            return {"id": found}
        case 3 | 4 if isinstance(found, str) and len(found) > 60:
            return _packed(found, chance)
        case 5 if isinstance(found, str):
            return chance.choice(WORDS) + found
        case _:
            return chance.choice(_VALUES)


def _nested(found: Any, depth: int, in_lists: bool) -> Any:
    for _ in range(depth):
        found = [found] if in_lists else {"a": found}
    return found


def _packed(found: str, chance: random.Random) -> str:
    """Return a text inside of JSON changed: another JSON, or a letter in base64."""
    try:
        raw = base64.urlsafe_b64decode(found.encode() + b"=" * (-len(found) % 4))
    except (Base64Error, ValueError):
        return _inside(found, chance)
    return base64.urlsafe_b64encode(spoilt(raw, chance)).decode()


def _markup(body: bytes, chance: random.Random) -> bytes:
    tags = list(_TAG.finditer(body))
    if not tags:
        return cut(body, chance)
    one, other = chance.choice(tags), chance.choice(tags)
    first, last = sorted((one, other), key=lambda tag: tag.start())
    piece = body[first.start() : last.end()]
    word = chance.choice(WORDS).encode("utf-8", "surrogatepass")
    middle = (
        piece * _times(len(piece), chance),
        b"",
        first.group() * _times(len(first.group()), chance),
        first.group() + word + last.group(),
        word,
        b"<![CDATA[" + piece + b"]]>",
        b'<!DOCTYPE a [<!ENTITY b SYSTEM "file:///etc/passwd">]>&b;',
    )
    return body[: first.start()] + chance.choice(middle) + body[last.end() :]


def _lines(body: bytes, chance: random.Random) -> bytes:
    lines = body.splitlines(keepends=True)
    at, there = chance.randrange(len(lines)), chance.randrange(len(lines))
    word = chance.choice((*WORDS, *TYPES)).encode("utf-8", "surrogatepass")
    name = lines[at].partition(b":")[0]
    ways: tuple[list[bytes], ...] = (
        [],
        [lines[at]] * _times(len(lines[at]), chance),
        [lines[there], lines[at]],
        [name + b": " + word + b"\r\n"],
        [b" " + lines[at]],
        [lines[at].rstrip(), b" ", lines[there]],
        [word + b"\r\n", lines[at]],
        [cut(lines[at], chance)],
        lines[min(at, there) : max(at, there)] * min(30, _times(len(body), chance)),
    )
    lines[at : at + 1] = chance.choice(ways)
    return b"".join(lines)
