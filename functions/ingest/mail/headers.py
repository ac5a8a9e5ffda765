"""Headers of a letter or a part: unfolded, decoded, never refused.

Source: RFC 5322, RFC 2047 (encoded words), RFC 2231 (encoded parameters), and what programs make
of them: raw 8-bit names, encoded words inside quotes, words cut in the middle of a letter.
"""

import re
from binascii import Error as Unreadable
from binascii import a2b_base64, a2b_qp
from collections.abc import Iterable, Mapping
from functools import lru_cache
from itertools import groupby
from urllib.parse import unquote_to_bytes

from ingest.mail.charsets import decoded
from kartoteka.domain import identity

_LONGEST_BLOCK = 400_000  # bytes of headers that are looked at
_LONGEST_VALUE = 20_000  # characters of one header that are decoded
_LONGEST_LIST = 8_000  # characters of addresses that are looked at
_USUAL_LENGTH = 100  # characters of a value with parameters that may come again
_MOST_ADDRESSES = 200
_MOST_IDS = 50
_LINE = re.compile(rb"([!-9;-~]{1,100})[ \t]*:(.*)", re.DOTALL)
_LINES = re.compile(rb"\r\n|\n|\r")
_WORD = re.compile(r"=\?([^?\s]{1,60})\?([bBqQ])\?([^?]*)(?:\?=|\Z)")  # the end may be cut off
_ENCODED_TWICE = re.compile(r"=\?([\w-]{3,20})\?([bBqQ])\?([^?\s]+)\?=")
_CUT_ESCAPE = re.compile(r"=([0-9A-Fa-f]?)[ \t]{1,9}(?=[0-9A-Fa-f])")  # folded inside a letter
_GAP = re.compile(r"(\?=)\s+(?==\?[^?\s]{1,60}\?[bBqQ]\?)")
_PARAMETER = re.compile(
    r""";\s*([^\s=;*]{1,40})(\*\d{1,3})?(\*)?\s*=\s*("(?:[^"\\]|\\.)*+"|[^;]*+)"""
)
_LABELLED = re.compile(r"([A-Za-z0-9_-]{3,20})'[A-Za-z-]{0,9}'(\S+)$")
_ESCAPES = re.compile(r"%[89A-Fa-f][0-9A-Fa-f]")
_ADDRESS = re.compile(
    r"""(?:"((?:[^"\\]|\\.){0,200}+)"|([^<>,;"]{0,120}+)|("[^<>,;]{0,120}+))"""
    r"""\s{0,9}<([^<>]{1,320})>"""
)
_BARE = re.compile(r"[^\s<>,;:()\[\]\"'\x01\x02]{1,64}@[^\s<>,;:()\[\]\"'\x01\x02]{1,255}")
_QUOTED_LOCAL = re.compile(r'"([^"\s@<>,;]{1,64})"@')  # quotes that the name of a box does not need
_SLASH = re.compile(r"\s{0,9}/\s{0,9}")
_ITEM = re.compile(r"[,;\n]")
_QUOTED_OR_COMMENT = re.compile(r'"(?:[^"\\]|\\.){0,200}+"|\((?:[^()\\]|\\.){0,200}+\)')
_DEEPEST_COMMENT = 4
_MARKS = re.compile(r"\s?\x01(\d{1,4})\x02\s?")
_ID = re.compile(r"<([^<>]{1,500})>")
_ESCAPED = re.compile(r"\\(.)")

Headers = dict[str, list[str]]
_Piece = tuple[int, bool, str]  # number, -1 when there is none; whether it is encoded; text


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
    return _once_more(_line("".join(parts)))


def _once_more(text: str) -> str:
    """Return a text that was encoded before it was encoded; some forms of sites do so."""
    inner = _ENCODED_TWICE.fullmatch(text)
    return _line(decoded(_word_bytes(inner[2], inner[3]), inner[1])) if inner else text


def _line(text: str) -> str:
    return text.replace("\n", " ").replace("\r", " ").strip()


def parameters(raw: str) -> tuple[str, Mapping[str, str]]:
    """Return the value in front of the parameters, in lower case, and the parameters decoded."""
    return _parameters(raw) if len(raw) <= _USUAL_LENGTH else _read_parameters(raw)


def _read_parameters(raw: str) -> tuple[str, Mapping[str, str]]:
    main, rest = _split(raw[:_LONGEST_VALUE])
    pieces: dict[str, list[_Piece]] = {}
    for match in _PARAMETER.finditer(rest):
        number = int(match[2][1:]) if match[2] else -1
        pieces.setdefault(match[1].lower(), []).append((number, bool(match[3]), _bare(match[4])))
    return main.lower(), {name: _parameter(found) for name, found in pieces.items()}


# Posts of one service call their fields the same, letters of one program their parts.
_parameters = lru_cache(maxsize=256)(_read_parameters)


def _split(raw: str) -> tuple[str, str]:
    """Return the value and its parameters, whatever stands between the two."""
    main, mark, rest = raw.partition(";")
    main = _SLASH.sub("/", _QUOTED_OR_COMMENT.sub(" ", main) if "(" in main else main)
    value, _, told = main.strip().replace(",", " ").partition(" ")
    return value, f";{told}{mark}{rest}" if "=" in told else mark + rest


def addresses(raws: Iterable[str]) -> tuple[tuple[str, str], ...]:
    """Return (name, address) pairs; the addresses are valid and in lower case."""
    return _addresses(",".join(raws)[:_LONGEST_LIST])


@lru_cache(maxsize=16)
def _addresses(listed: str) -> tuple[tuple[str, str], ...]:
    """Return the pairs; of one letter the same header is asked for more than once."""
    raw, said = _without_comments(_QUOTED_LOCAL.sub(r"\1@", listed))
    found = [*_in_brackets(raw)]
    for item in _ITEM.split(_ADDRESS.sub(",", raw)):
        found += [_bare_address(item, match, said) for match in _BARE.finditer(item)]
    valid = ((_name(_MARKS.sub("", name)), _address(address)) for name, address in found)
    kept = [(name if name.lower() != known else "", known) for name, known in valid if known]
    return tuple(dict.fromkeys(kept))[:_MOST_ADDRESSES]


def _without_comments(raw: str) -> tuple[str, list[str]]:
    """Return the text with a mark for each comment outside quotes, and the comments."""
    said: list[str] = []

    def taken(match: re.Match[str]) -> str:
        if not match[0].startswith("("):
            return match[0]
        said.append(match[0][1:-1])
        return f" \x01{len(said) - 1}\x02 "

    for _ in range(_DEEPEST_COMMENT):
        raw, before = _QUOTED_OR_COMMENT.sub(taken, raw), raw
        if raw == before:
            break
    return raw, said


def _in_brackets(raw: str) -> Iterable[tuple[str, str]]:
    """Yield names and addresses; a family name in front of a comma belongs to its name."""
    end = 0
    for match in _ADDRESS.finditer(raw):
        name = match[1] or match[3] or (match[2] or "").rpartition(":")[2]
        before = raw[end : match.start()].strip(" ,\t")
        family = before.rpartition(",")[2].strip()
        alone = match[2] is not None and family and not set(family) & set('@:;<>"\x01')
        yield f"{family}, {name.strip()}" if alone and name.strip() else name, match[4]
        end = match.end()


def _bare_address(item: str, match: re.Match[str], said: list[str]) -> tuple[str, str]:
    """Return an address without brackets and its name: a comment behind it, words before it."""
    mark = _MARKS.match(item[match.end() :].strip())
    before = _MARKS.sub("", item[: match.start()]).rpartition(":")[2].strip(" \"'[<")
    return said[int(mark[1])] if mark and int(mark[1]) < len(said) else before, match[0]


def _address(raw: str) -> str:
    """Return the valid address in what stands between brackets: a route or a scheme goes."""
    bare = _MARKS.sub("", words(raw)).rpartition(":")[2]
    return identity.email("".join(bare.split()).strip("'\"`").rstrip(".")) or ""


def message_ids(raw: str) -> tuple[str, ...]:
    """Return the message ids of a header without their brackets, in order; folded ones whole."""
    found = ["".join(item.split()) for item in _ID.findall(raw[: 4 * _LONGEST_VALUE])]
    if not found:
        found = [word.strip("<>,;") for word in raw[:_LONGEST_VALUE].split() if "@" in word]
    return tuple(dict.fromkeys(words(item) for item in found if item))[-_MOST_IDS:]


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
    whole = _CUT_ESCAPE.sub(r"=\1", text)
    return a2b_qp(whole.encode("latin-1", "replace"), header=True)


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
    return value[1:-1] if len(value) > 1 and value[0] == value[-1] == "'" else value


def _parameter(pieces: list[_Piece]) -> str:
    """Return a parameter's text: RFC 2231 in one or several pieces, encoded words, raw bytes.

    A parameter that is given in two ways, as programs do for old readers, is taken once.
    """
    told = [piece for piece in pieces if piece[0] >= 0]
    told = told or [piece for piece in pieces if piece[1]][:1] or pieces[:1]
    ordered = sorted({piece[0]: piece for piece in reversed(told)}.values())
    if not any(encoded for _, encoded, _ in ordered):
        return _plainly("".join(text for _, _, text in ordered))
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


def _plainly(text: str) -> str:
    """Return a text that should need no decoding; some programs escape it as in addresses."""
    labelled = _LABELLED.match(text)
    if labelled:
        return decoded(unquote_to_bytes(labelled[2]), labelled[1])
    escaped = unquote_to_bytes(text) if _ESCAPES.search(text) else b""
    if escaped and " " not in text and not escaped.isascii():
        return decoded(escaped, "utf-8")
    return words(text)


def _name(raw: str) -> str:
    text = words(_ESCAPED.sub(r"\1", raw.strip())).strip(" \t'")
    return " ".join(_unquoted(text).split())


def _unquoted(name: str) -> str:
    """Return a name without the quotes around it; those inside it, as of a firm, stay."""
    if name.count('"') % 2:
        return name.strip("\"' ")
    whole = len(name) > 1 and name[0] == name[-1] == '"'
    if whole and (name.count('"') == len('""') or '""' in {name[:2], name[-2:]}):
        return name[1:-1].strip("' ")
    return name
