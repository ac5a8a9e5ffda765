"""What a person wrote now, without the letter that they answer and without the signature.

Works on lines, in Russian and English, never looks at a line twice. When nothing of the person's
own is left, everything stays: better too much than a lost request.
"""

import re
from collections.abc import Sequence
from itertools import takewhile

from ingest.mail.marks import any_of

_LONGEST_LINE = 200  # characters of a line that are looked at
_INITIALS = r"[A-Z\u0410-\u042f\u0401][A-Za-z\u0410-\u044f\u0401\u0451]{0,3}>"  # of The Bat
_QUOTED = re.compile(rf"\s{{0,3}}(?:>|&gt;|{_INITIALS})")
_LETTERS = r"[^\W\d_]"
_MONTH = rf"{any_of('months')}{_LETTERS}*\.?"
_WROTE = re.compile(rf"\b{any_of('wrote')}(?!\w)", re.IGNORECASE)
_DATE = re.compile(
    r"\b(?:\d{1,2}[./-]\d{1,2}[./-]\d{2,4}|\d{4}[-/.]\d{1,2}[-/.]\d{1,2}"
    rf"|\d{{1,2}}[\s.-]{{1,3}}{_MONTH}|{_MONTH}\s{{1,3}}\d{{1,2}}\b)",
    re.IGNORECASE,
)
_WHEN_OR_WHO = re.compile(r"[\d@]")
_WEEKDAY = re.compile(rf"\s*{any_of('days')}{_LETTERS}*[.,]", re.IGNORECASE)
_TIME = re.compile(r"\b\d{1,2}:\d{2}\b")
_YEAR = re.compile(r"(?<!\d)(?:19|20)\d\d(?!\d)")
_SOMEBODY = re.compile(r"[<(\[]\s?[^<>()\[\]\s]{1,100}@[^<>()\[\]\s]{1,100}[>)\]]")
_YOU_WROTE = re.compile(rf"\s*{any_of('you_wrote')}\b", re.IGNORECASE)
_ENDS = re.compile(rf"(:|\b{any_of('wrote')})[\s*_-]{{0,12}}$", re.IGNORECASE)
_SHORTEST_ATTRIBUTION, _LONGEST_ATTRIBUTION = 10, 400
_MOST_ATTRIBUTION_LINES = 3
_LONGEST_END = 30
_MARK = re.compile(r"[:>]|\d{4}")  # what the first line of any attribution has
_DIVIDER = re.compile(
    rf"\s*(?:[-_=*]{{2,}}\s*{any_of('old_letter')}\s*[-_=*]*"
    rf"|[-_=*#]{{2,}}\s*{any_of('answer_above')}[^\n]{{0,40}}"
    rf"|-{{2,}}[^\n]{{1,80}}\b{any_of('wrote')}\s*-{{2,}})\s*$",
    re.IGNORECASE,
)
_PASSED_ON = re.compile(
    rf"\s*(?:[-_=*]{{2,}}\s*{any_of('passed_on')}\b[^\n]{{0,40}}|{any_of('forwarded')}\s*:)\s*$",
    re.IGNORECASE,
)
_RULE = re.compile(r"\s*[-_=*]{3,}\s*$")
_FROM = re.compile(rf"\s*\*?{any_of('from')}\*?\s*:\*?(?:\s|$)", re.IGNORECASE)
_HEADER = re.compile(rf"\s*\*?{any_of('other_headers')}\*?\s*:\*?(?:\s|$)", re.IGNORECASE)
_OLD = re.compile(r"[-_=*#]{2}|:")  # what a divider has
_LONGEST_FIELD = 30
_NEEDED_HEADERS = 2  # further ones within the next lines make a block of headers
_BLOCK_LINES = 6
_SIGN_OFF = re.compile(rf"\s*(?:--|—|–)?\s*{any_of('sign_off')}\b[^\n]{{0,60}}$", re.IGNORECASE)
_MOBILE = re.compile(
    rf"\s*(?:[-–—]{{1,2}}\s*)?(?:{any_of('mobile')}{any_of('mobile_devices')}[^\n]{{0,60}}"
    rf"|{any_of('mobile_offers')})\s*$",
    re.IGNORECASE,
)
_POSTSCRIPT = re.compile(rf"\s*{any_of('postscript')}[\s.,:!]", re.IGNORECASE)
_FORWARD = re.compile(rf"\s*{any_of('forward')}\s*:", re.IGNORECASE)
_PLACE = re.compile(r"\s?\(https?://[^\s()]{1,300}+\)?")  # where a link of a page leads
_DASHES = {"--", "—", "––"}
_SIGNATURE_MARK = "-- "
_GAPS = re.compile(r"\n{3,}")
_LONGEST_SIGNATURE = 12  # lines under the words of farewell


def own_words(text: str) -> str:
    """Return the text without quotes and signature; all of it when nothing else would be left."""
    lines = text.replace("\r\n", "\n").replace("\r", "\n").split("\n")
    kept = _without_signature(_without_quotes(lines))
    own = _GAPS.sub("\n\n", "\n".join(kept)).strip()
    return own or text.strip()


def said_now(whole: str, unquoted: str, subject: str) -> str:
    """Return a letter's own text; who passes a letter on means what stands in it.

    `unquoted` is the text without what its page marks as a quote.
    """
    if not unquoted or _FORWARD.match(subject) or _passes_on(whole):
        return whole
    return own_words(unquoted)


def introduces(line: str) -> bool:
    """Return whether a line says who wrote what follows it."""
    end = _ENDS.search(line, max(0, len(line) - _LONGEST_END))
    if end is None or end[1] != ":" or len(line) > _LONGEST_ATTRIBUTION:
        return False
    return bool(_WROTE.search(line, max(0, len(line) - _LONGEST_END))) or _says_who_wrote(line, ":")


def _passes_on(text: str) -> bool:
    """Return whether the first letter inside is one that is passed on, not one that is answered."""
    lines = text.split("\n")
    at = next((at for at, line in enumerate(lines) if _PASSED_ON.match(line[:_LONGEST_LINE])), None)
    return at is not None and _without_quotes(lines[:at]) == lines[:at]


def _without_quotes(lines: Sequence[str]) -> list[str]:
    kept: list[str] = []
    fields = [_field(line) for line in lines]
    at = 0
    while at < len(lines):
        if _QUOTED.match(lines[at]):
            at += 1
            continue
        length, sure = _attribution(lines, at)
        if length and _only_quotes_follow(lines, at + length):
            kept = _without_fields(kept)
            at += length
            continue
        old = sure or _begins_old_letter(lines, fields, at)
        if old and any(said.strip() for said in kept):
            return _without_fields(kept) if sure else kept
        kept.append(lines[at])
        at += 1
    return kept


def _without_fields(kept: list[str]) -> list[str]:
    """Return the lines without the headers of an old letter that stand above who wrote it."""
    end = len(kept)
    while end and (
        not kept[end - 1].strip() or _RULE.match(kept[end - 1]) or _field(kept[end - 1])
    ):
        end -= 1
    return kept[:end] if end and any(map(_field, kept[end:])) else kept


def _frames(line: str) -> bool:
    return not line.strip() or bool(_RULE.match(line) or _field(line))


def _attribution(lines: Sequence[str], at: int) -> tuple[int, bool]:
    """Return how many lines say who wrote what follows, and whether they can mean nothing else.

    Programs break such a line in two or three.
    """
    if not (_MARK.search(lines[at]) and _WHEN_OR_WHO.search(lines[at])):
        return 0, False
    said = ""
    for length, line in enumerate(lines[at : at + _MOST_ATTRIBUTION_LINES], 1):
        said = f"{said} {line.strip()}".strip()
        if not line.strip() or len(said) > _LONGEST_ATTRIBUTION:
            break
        end = _ENDS.search(said, max(0, len(said) - _LONGEST_END))
        if end and len(said) >= _SHORTEST_ATTRIBUTION and _says_who_wrote(said, end[1]):
            return length, bool(_TIME.search(said) or _SOMEBODY.search(said))
        if end:
            break
    return 0, False


def _says_who_wrote(said: str, end: str) -> bool:
    """Return whether words that end with this, a colon or “wrote”, say who wrote when."""
    if _YOU_WROTE.match(said):
        return end == ":"
    somebody = "@" in said and _SOMEBODY.search(said) is not None
    wrote = end != ":" or _WROTE.search(said, max(0, len(said) - 120)) is not None
    if not (somebody or (end == ":" and (wrote or _WEEKDAY.match(said)))):
        return False
    if end == ":" and wrote and somebody:
        return True
    near = said[:_LONGEST_LINE]
    return bool(_DATE.search(near) or (somebody and _YEAR.search(near) and _TIME.search(near)))


def _only_quotes_follow(lines: Sequence[str], at: int) -> bool:
    """Return whether the next thing said is a quote."""
    following = next((line for line in lines[at : at + 4] if line.strip()), "")
    return bool(_QUOTED.match(following))


def _begins_old_letter(lines: Sequence[str], fields: Sequence[str], at: int) -> bool:
    """Return whether an earlier letter begins here; `fields` say what header each line is."""
    if _OLD.search(lines[at]) and _DIVIDER.match(lines[at][:_LONGEST_LINE]):
        return True
    near = fields[at + 1 : at + 1 + _BLOCK_LINES]
    if not fields[at] or near.count("other") < _NEEDED_HEADERS:
        return False
    if fields[at] == "from":
        return True
    block = list(takewhile(bool, near))
    return "from" in block and not (at and fields[at - 1])


def _field(line: str) -> str:
    """Return whether a line is the sender of a letter, another header of one, or nothing."""
    if ":" not in line[:_LONGEST_FIELD]:
        return ""
    if _FROM.match(line):
        return "from"
    return "other" if _HEADER.match(line) else ""


def _without_signature(lines: Sequence[str]) -> list[str]:
    """Return the lines above the signature, and what was remembered under it."""
    end = len(lines)
    while end and _ends_in_nothing(lines[end - 1]):
        end -= 1
    tail = max(0, end - _LONGEST_SIGNATURE)
    for at, line in enumerate(lines[:end]):
        if line == _SIGNATURE_MARK or (at >= tail and _ends_here(line)):
            return [*lines[:at], *_postscript(lines[at:end])]
    return list(lines[:end])


def _ends_in_nothing(line: str) -> bool:
    """Return whether a last line has lost what stood under it: a rule, or who wrote."""
    return not line.strip() or bool(_RULE.match(line)) or introduces(line.strip())


def _postscript(signature: Sequence[str]) -> list[str]:
    for at, line in enumerate(signature):
        if _POSTSCRIPT.match(line):
            return ["", *signature[at:]]
    return []


def _ends_here(line: str) -> bool:
    """Return whether a line near the end is where a signature begins."""
    near = _PLACE.sub("", line[:_LONGEST_ATTRIBUTION])[:_LONGEST_LINE]
    return line.strip() in _DASHES or bool(_MOBILE.match(near) or _SIGN_OFF.match(near))
