"""What came of a letter of ours: the reports of mail servers, and what they say in free words.

Source: RFC 3464 (delivery reports), RFC 3463 (their codes), and the notices of servers that know
neither: they name the address somewhere and put a copy of the letter underneath.
"""

import re
from collections.abc import Iterable, Iterator, Sequence
from itertools import islice
from operator import itemgetter

from ingest.mail.headers import Headers, addresses, first, message_ids, read_headers, words
from ingest.mail.letter import Report
from ingest.mail.marks import has, pattern
from ingest.mail.structure import Part, parts, top
from kartoteka.domain import identity

_STATUS = re.compile(r"(?<![\d.])([245]\.[0-7]\.\d{1,3})(?![\d.])")
_REPLY_CODE = re.compile(r"(?<![\d.])([45])[0-5]\d(?=[] )-])")
_ANSWER = re.compile(  # no number inside a sentence
    r"(?:^|[:<>\"'\[(#]|\b(?:smtp|code|error|said))[ \t>]{0,9}[45][0-5]\d[] )-]", re.IGNORECASE
)
_OF_MAIL = re.compile(r"@|smtp|rcpt|user|mailbox|recipient|address", re.IGNORECASE)
_ADDRESS = r"([^\s<>\"'(),;:\[\]=]{1,64}@[^\s<>\"'(),;:\[\]]{1,255})"
_WRITTEN = re.compile(_ADDRESS)
_ORIGIN = re.compile(rf"\((?:expanded|generated) from:? {{1,3}}<?{_ADDRESS}", re.IGNORECASE)
_FRAME = " \t>|*=_-"  # what stands around the words in front of a copy
_BULLETS = " \t>*•<\"'[-"
_NEAR = 60  # characters between the words that name an address and the address
_MOST_NAMED = 5  # addresses of one line that are looked at
_DAEMON = re.compile(r"(?:mailer-daemon|post_?master)\b", re.IGNORECASE)
_ID_LINE = re.compile(
    rb"^[ \t>]{0,20}Message-ID:[ \t]{0,9}(?:\r?\n[ \t]{1,9})?<[^<>\s]{1,500}>",
    re.IGNORECASE | re.MULTILINE,
)
_HEADER = re.compile(r"(?:return-path|received):", re.IGNORECASE)
_FINAL = re.compile(rb"^Final-Recipient:", re.IGNORECASE | re.MULTILINE)
_BLANK_LINE = re.compile(rb"\r\n[ \t]*\r\n|\n[ \t]*\n|\r[ \t]*\r")
_OTHER_ACTIONS = {"delayed", "delivered", "relayed", "expanded"}  # whatever else: it failed
_ABOUT = {"message/rfc822", "text/rfc822-headers", "message/rfc822-headers", "message/global"}
_STATUSES = {"message/delivery-status", "message/global-delivery-status"}
_MOST_REPORTS = 100
_MOST_LINES = 400
_READ = 100_000  # bytes of a report that are looked at
_READ_WORDS = 20_000  # characters of free words that are looked at
_LONGEST_LINE = 300


def is_returned(text: str) -> bool:
    """Return whether a text speaks of a letter that did not arrive, or not yet."""
    return _speaks_of_loss(text[: _READ_WORDS // 4])


def _speaks_of_loss(text: str) -> bool:
    return has("returned", text) or has("delayed", text)


def proves_return(text: str) -> bool:
    """Return whether a text holds the answer of a mail server: 550 and what it is about."""
    return any(
        _OF_MAIL.search(line) and (_STATUS.search(line) or _ANSWER.search(line))
        for line in text[:_READ_WORDS].splitlines()[:_MOST_LINES]
    )


def reports_of(found: Iterable[Part], headers: Headers, text: str) -> tuple[Report, ...]:
    """Return what a bounce says of each address; of one in free words, what can be found.

    The address may be empty: the letter did not arrive, and nobody said where.
    """
    pieces = list(found)
    reports = [report for part in pieces for report in _of_part(part)]
    if not reports:
        reports = [report for part in pieces for report in _of_text(part)]
    if not reports:
        reports = _in_words(headers, text, _originals(pieces, text))
    return tuple(dict.fromkeys(reports))[:_MOST_REPORTS]


def about_of(found: Iterable[Part], headers: Headers) -> tuple[str, ...]:
    """Return the ids of the letter that a bounce is about, wherever its copy stands."""
    ids = [*message_ids(first(headers, "in-reply-to"))]
    ids += message_ids(first(headers, "references"))
    for part in found:
        content = part.content[:_READ]
        if part.media_type in _ABOUT:
            ids += message_ids(first(_head_of(content), "message-id"))
        elif part.media_type.startswith(("text/", "multipart/")):
            lines = (match[0].decode("latin-1") for match in _ID_LINE.finditer(content))
            ids += [item for line in lines for item in message_ids(line)]
    return tuple(dict.fromkeys(ids))


def _head_of(content: bytes) -> Headers:
    return read_headers(_BLANK_LINE.split(content.lstrip(), 1)[0])


def _of_part(part: Part) -> Iterator[Report]:
    """Yield what a part reports; a report that was passed on as a letter is read too."""
    if part.media_type in _STATUSES:
        yield from _statuses(part.content[:_READ])
    if part.media_type != "message/rfc822" or b"delivery-status" not in bytes(part.body[:_READ]):
        return
    for inner in parts(top(bytes(part.body))):
        if inner.media_type in _STATUSES:
            yield from _statuses(inner.content[:_READ])


def _of_text(part: Part) -> Iterator[Report]:
    """Yield what a report says that a server labels as a text."""
    content = part.content[:_READ] if part.media_type.startswith("text/") else b""
    if _FINAL.search(content):
        yield from _statuses(content)


def _statuses(content: bytes) -> Iterator[Report]:
    """Yield what each group of fields in a `message/delivery-status` says."""
    for group in _BLANK_LINE.split(content):
        fields = read_headers(group.strip())
        address, *led = _recipients(fields)
        said = first(fields, "action")
        diagnostic = words(first(fields, "diagnostic-code"))
        status = _precise(first(fields, "status"), f"{diagnostic}\n{said}")
        action = _action(said, status)
        if action and (address or "final-recipient" in fields):
            yield Report(address, action, status, next(iter(led), ""))


def _recipients(fields: Headers) -> Sequence[str]:
    """Return the address that was written to, then those that it was passed on to."""
    found: dict[str, None] = {}
    for name in ("original-recipient", "final-recipient", "x-actual-recipient"):
        told = first(fields, name).partition(";")[2] or first(fields, name)
        written = _WRITTEN.search(told)
        address = identity.email(written[1].strip(".")) if written else None
        if address:
            found[address] = None
    return tuple(found) or ("",)


def _precise(status: str, diagnostic: str) -> str:
    """Return the code of a group; the server's own words are more precise than x.0.0."""
    told, said = _STATUS.search(status), _STATUS.search(diagnostic)
    if told and not (told[1].endswith(".0.0") and said and said[1][0] == told[1][0]):
        return _meant(told[1], diagnostic)
    return _meant(said[1] if said else "", diagnostic)


def _meant(status: str, beside: str) -> str:
    """Return the code that is meant, as the words beside it say.

    Unknown users are called 5.7.1, and a letter taken for spam has no code or 5.0.0: that is no
    reason to call its address dead.
    """
    if status.startswith(("2", "4")):
        return status
    vague = not status or status.endswith(".0.0")
    said = _WRITTEN.sub("", beside)
    of_the_letter = not status.startswith(("5.1.", "5.2."))
    for name, code, counts in (
        ("full_box", "5.2.2", True),
        ("policy", "5.7.1" if vague else status, of_the_letter),
        ("too_large", "5.3.4", vague),
        ("unknown_user", "5.1.1", True),
        ("given_up", "4.4.7", vague),
        ("letter_refused", "5.7.1", vague),
    ):
        if counts and has(name, said):
            return code
    return status


def _action(said: str, status: str) -> str:
    word = said.lower().partition(" ")[0]
    if word:
        return word if word in _OTHER_ACTIONS else "failed"
    return {"5": "failed", "4": "delayed"}.get(status[:1], "")


def _originals(pieces: Iterable[Part], text: str) -> tuple[str, ...]:
    """Return to whom the letter that came back was written, as its copy says."""
    copies = [_head_of(part.content[:_READ]) for part in pieces if part.media_type in _ABOUT]
    lines = text[:_READ_WORDS].splitlines()
    start = _copy_begins(lines)
    copy = "\n".join(line for line in lines[start + 1 :] if line.strip())
    copies.append(read_headers(copy.encode("utf-8", "replace")))
    return tuple(address for _, address in addresses(v for c in copies for v in c.get("to", ())))


def _copy_begins(lines: Sequence[str]) -> int:
    """Return at which line the copy begins; headers set in from the margin are still the notice."""
    for at, line in enumerate(lines[:_MOST_LINES]):
        told = line[:_LONGEST_LINE].lstrip(_FRAME)
        if pattern("copy_below").match(told) and not (line[:1] == " " and _HEADER.match(told)):
            return at
    return min(len(lines), _MOST_LINES)


def _in_words(headers: Headers, text: str, originals: Sequence[str]) -> list[Report]:
    """Return what a notice in free words says; nothing when it does not speak of a failure."""
    lines = text[:_READ_WORDS].splitlines()
    lines = [line[:_LONGEST_LINE] for line in lines[: _copy_begins(lines)]]
    said = "\n".join([words(first(headers, "subject")), *lines])
    failed = first(headers, "x-failed-recipients")
    if not (failed or has("returned", said) or has("delayed", said) or proves_return(said)):
        return []
    ours = {address for name in ("to", "from") for _, address in addresses(headers.get(name, ()))}
    places = dict(_named(lines))
    named = [(address, places.get(address, 0)) for _, address in addresses([failed])]
    named.sort(key=itemgetter(1))
    named = named or [item for item in places.items() if item[0] not in ours]
    if not named:
        named = [(address, 0) for address in (originals or _anywhere(lines, ours))[:1] or ("",)]
    action = "delayed" if has("delayed", said) else "failed"
    common = lines if len(named) == 1 else lines[: named[0][1]]
    spans = _spans(lines, named)
    codes = [_status(span) or _status(common) for span in spans]
    origins = [_origin(span, address) for span, (address, _) in zip(spans, named, strict=True)]
    return [
        Report(origin or address, action, code, address if origin else "")
        for (address, _), code, origin in zip(named, codes, origins, strict=True)
    ]


def _spans(lines: Sequence[str], named: Sequence[tuple[str, int]]) -> list[Sequence[str]]:
    """Return the lines about each address; what is said twice, in two languages, ends the last."""
    starts = [at for _, at in named]
    again = (
        at
        for at, line in enumerate(lines)
        if at > starts[-1] and line.strip(_BULLETS + ">:,\"'").lower() == named[0][0]
    )
    ends = [*starts[1:], next(again, len(lines))]
    return [lines[at : max(end, at + 1)] for at, end in zip(starts, ends, strict=True)]


def _origin(span: Sequence[str], address: str) -> str:
    """Return the address that was written to, if the one in the notice was made of it."""
    found = next((match for line in span for match in _ORIGIN.finditer(line)), None)
    origin = _valid(found[1]) if found else ""
    return "" if origin == address else origin


def _named(lines: Sequence[str]) -> list[tuple[str, int]]:
    """Return the addresses that a notice is about, each with the line that it stands in.

    Such an address begins its line or follows a word that names it: recipient, RCPT TO.
    """
    found: dict[str, int] = {}
    for at, line in enumerate(lines):
        for match in islice(_WRITTEN.finditer(line), _MOST_NAMED):
            before = line[: match.start()]
            address = _valid(match[1])
            if address and (not before.strip(_BULLETS) or has("returned_address", before[-_NEAR:])):
                found.setdefault(address, at)
    return list(found.items())


def _anywhere(lines: Sequence[str], ours: set[str]) -> tuple[str, ...]:
    written = (_valid(match[1]) for line in lines for match in _WRITTEN.finditer(line))
    return tuple(address for address in written if address and address not in ours)


def _valid(written: str) -> str:
    address = identity.email(written.strip(".")) or ""
    return "" if _DAEMON.match(address) else address


def _status(lines: Sequence[str]) -> str:
    """Return the first code in these lines; of an SMTP answer alone its class."""
    text = "\n".join(lines)
    told = _STATUS.search(text)
    if told:
        return _meant(told[1], text)
    answered = _REPLY_CODE.search(text)
    return _meant(f"{answered[1]}.0.0" if answered else "", text)
