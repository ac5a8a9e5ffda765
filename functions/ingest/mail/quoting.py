"""What a person wrote now, without the letter that they answer and without the signature.

Works on lines, in Russian and English, never looks at a line twice. When nothing of the person's
own is left, everything stays: better too much than a lost request.
"""

import re
from collections.abc import Sequence

from ingest.mail.marks import any_of

_LONGEST_LINE = 200  # characters of a line that are looked at
_QUOTED = re.compile(r"\s{0,3}(?:>|&gt;|\|(?=\s))")
_LETTERS = r"[^\W\d_]"
_MONTH = rf"{any_of('months')}{_LETTERS}*\.?"
_WROTE = re.compile(rf"\b{any_of('wrote')}(?!\w)", re.IGNORECASE)
_DATE = re.compile(
    r"\b(?:\d{1,2}[./-]\d{1,2}[./-]\d{2,4}|\d{4}-\d{2}-\d{2}"
    rf"|\d{{1,2}}[\s.]{{1,3}}{_MONTH}|{_MONTH}\s{{1,3}}\d{{1,2}}\b)",
    re.IGNORECASE,
)
_WEEKDAY = re.compile(rf"\s*{any_of('days')}{_LETTERS}*[.,]", re.IGNORECASE)
_TIME = re.compile(r"\b\d{1,2}:\d{2}\b")
_SOMEBODY = re.compile(r"[<(\[][^<>()\[\]\s]{1,100}@[^<>()\[\]\s]{1,100}[>)\]]")
_YOU_WROTE = re.compile(rf"\s*{any_of('you_wrote')}\b", re.IGNORECASE)
_SHORTEST_ATTRIBUTION, _LONGEST_ATTRIBUTION = 10, 400
_MARK = re.compile(r"[:>]|\d{4}")  # what the first line of any attribution has
_DIVIDER = re.compile(
    rf"\s*(?:[-_=*]{{2,}}\s*{any_of('old_letter')}\s*[-_=*]*|{any_of('forwarded')}\s*:"
    r"|_{20,}|-{20,}\s*)\s*$",
    re.IGNORECASE,
)
_FROM = re.compile(rf"\s*\*?{any_of('from')}\*?\s*:\*?(?:\s|$)", re.IGNORECASE)
_HEADER = re.compile(rf"\s*\*?{any_of('other_headers')}\*?\s*:\*?(?:\s|$)", re.IGNORECASE)
_OLD = re.compile(r"[-_=*]{2}|:")  # what a divider or a header has
_NEEDED_HEADERS = 2  # further ones within the next lines make a block of headers
_BLOCK_LINES = 6
_SIGN_OFF = re.compile(rf"\s*(?:--|—|–)?\s*{any_of('sign_off')}\b[^\n]{{0,60}}$", re.IGNORECASE)
_MOBILE = re.compile(rf"\s*(?:[-–—]{{1,2}}\s*)?{any_of('mobile')}\s*$", re.IGNORECASE)
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


def _without_quotes(lines: Sequence[str]) -> list[str]:
    kept: list[str] = []
    at = 0
    while at < len(lines):
        if _QUOTED.match(lines[at]):
            at += 1
            continue
        length, sure = _attribution(lines, at)
        if length and _only_quotes_follow(lines, at + length):
            at += length
            continue
        old = sure or _begins_old_letter(lines, at)
        if old and any(said.strip() for said in kept):
            break
        kept.append(lines[at])
        at += 1
    return kept


def _attribution(lines: Sequence[str], at: int) -> tuple[int, bool]:
    """Return how many lines say who wrote what follows, and whether they can mean nothing else.

    Programs break such a line in two.
    """
    if not _MARK.search(lines[at]):
        return 0, False
    for length in (1, 2):
        said = " ".join(lines[at : at + length]).strip()
        if len(said) < _SHORTEST_ATTRIBUTION:
            continue
        if len(said) <= _LONGEST_ATTRIBUTION and _says_who_wrote(said):
            sure = bool(_TIME.search(said) or _SOMEBODY.search(said))
            return length, sure
    return 0, False


def _says_who_wrote(said: str) -> bool:
    if _YOU_WROTE.match(said):
        return said.endswith(":")
    wrote = _WROTE.search(said, max(0, len(said) - 120))
    if not wrote and not said.endswith(":"):
        return False
    somebody = _SOMEBODY.search(said)
    if not _DATE.search(said):
        return bool(wrote and somebody and said.endswith(":"))
    return bool(wrote or somebody or _WEEKDAY.match(said))


def _only_quotes_follow(lines: Sequence[str], at: int) -> bool:
    """Return whether the next thing said is a quote."""
    following = next((line for line in lines[at : at + 4] if line.strip()), "")
    return bool(_QUOTED.match(following))


def _begins_old_letter(lines: Sequence[str], at: int) -> bool:
    line = lines[at][:_LONGEST_LINE]
    if not _OLD.search(line):
        return False
    if _DIVIDER.match(line):
        return True
    if not _FROM.match(line):
        return False
    near = [_HEADER.match(other[:200]) for other in lines[at + 1 : at + 1 + _BLOCK_LINES]]
    return sum(match is not None for match in near) >= _NEEDED_HEADERS


def _without_signature(lines: Sequence[str]) -> list[str]:
    end = len(lines)
    while end and not lines[end - 1].strip():
        end -= 1
    tail = max(0, end - _LONGEST_SIGNATURE)
    for at, line in enumerate(lines[:end]):
        if line == _SIGNATURE_MARK or (at >= tail and _ends_here(line)):
            return list(lines[:at])
    return list(lines[:end])


def _ends_here(line: str) -> bool:
    """Return whether a line near the end is where a signature begins."""
    near = line[:_LONGEST_LINE]
    return line.strip() in _DASHES or bool(_MOBILE.match(near) or _SIGN_OFF.match(near))
