"""A raw letter read: whoever sent it, in whatever shape, it becomes a `Letter`."""

import re
from collections.abc import Iterable, Sequence
from mimetypes import guess_extension, guess_type
from unicodedata import normalize

from ingest.mail.armour import unsigned
from ingest.mail.charsets import decoded
from ingest.mail.complaints import reported
from ingest.mail.dates import moment
from ingest.mail.flowed import unflowed
from ingest.mail.headers import Headers, addresses, first, message_ids, words
from ingest.mail.html_text import LONGEST, Page, embedded, page_text
from ingest.mail.invitation import invitation_text
from ingest.mail.letter import File, Letter
from ingest.mail.marks import has
from ingest.mail.nature import nature_of
from ingest.mail.quoting import said_now
from ingest.mail.relayed import relay_of
from ingest.mail.structure import Part, parts, top
from ingest.mail.tnef import MEDIA_TYPES, Package, Packed, unpacked
from ingest.mail.transfer import enclosed

MOST_FILES = 200
_LONGEST_TEXT = 1_000_000  # characters of a letter's text that are read
_LONGEST_NAME = 200
_SEALS = {
    "application/pgp-signature",
    "application/pkcs7-signature",
    "application/x-pkcs7-signature",
    "application/applefile",
    "application/pgp-encrypted",
}
_DEEPEST_LETTER = 4  # letters in letters that are opened for words
_UNKNOWN_TYPE = "application/octet-stream"
_TEXTS = {"text/plain", "text/html", "text/enriched", "text/richtext"}
_INVITATION = "text/calendar"
_DATA = {_INVITATION, "text/csv", "text/directory", "text/vcard", "text/x-vcard"}
_LETTERS = {"message/rfc822", "message/partial"}  # of the latter the first piece has its head
_WITH_TAGS = _TEXTS - {"text/plain"}
_CONTROL = re.compile(r"[\x00-\x08\x0b\x0c\x0e-\x1f\x7f]")
_META = re.compile(rb"<meta[^<>]{1,200}charset=[\"']?([\w-]{3,30})", re.IGNORECASE)
_SHOWN_HERE = re.compile(r"\[cid:[^\]\s]{1,200}\]")  # where a page shows a picture
_PAGE = re.compile(r"\s*(?:<!doctype html|<html[\s>])", re.IGNORECASE)
_LONGEST_ADVICE = 400  # characters of a text that only tells to look at the page
_HEAD = 4_000  # bytes of a page in which it names its character set
DELIVERED = ("to", "cc", "delivered-to", "x-original-to", "envelope-to", "x-envelope-to")


def read_letter(source: bytes) -> Letter:
    """Return what a raw letter says; nothing in it makes reading fail."""
    letter = top(source)
    found = list(parts(letter))
    headers = letter.headers
    subject = words(first(headers, "subject"))
    kinds = [(part.media_type, part.typed[1].get("report-type", "").lower()) for part in found]
    page, files = _contents(found)
    if not page.whole:
        page = _forwarded(found)
    nature = nature_of(headers, kinds, subject, page.whole)
    told, reports, about = reported(nature, found, headers, page.whole)
    return Letter(
        sender=sender_of(headers),
        to=addresses(value for name in DELIVERED for value in headers.get(name, ())),
        subject=subject,
        message_id=next(iter(message_ids(first(headers, "message-id"))), ""),
        in_reply_to=message_ids(",".join(headers.get("in-reply-to", ()))),
        references=message_ids(",".join(headers.get("references", ()))),
        at=moment(words(first(headers, "date"))),
        own=said_now(page.whole, page.own, subject),
        whole=page.whole,
        files=files,
        nature=told,
        relay=relay_of(headers, nature, subject),
        reports=reports,
        about=about,
    )


def letter_text(plain: str, html: str) -> Page:
    """Return the text of a letter whose two versions are known; the plain one is preferred."""
    plain = _CONTROL.sub("", plain[:_LONGEST_TEXT]).replace("\r\n", "\n").strip()
    if plain or not html:
        return Page(plain, plain)
    return page_text(_CONTROL.sub(" ", html[:LONGEST]))


def sender_of(headers: Headers) -> tuple[str, str]:
    """Return name and address of who wrote; without any address what stands in From."""
    for name in ("from", "reply-to", "sender", "return-path"):
        found = addresses(headers.get(name, ())) or _encoded_whole(headers.get(name, ()))
        if found:
            return found[0]
    return words(first(headers, "from"))[:_LONGEST_NAME], ""


def _encoded_whole(raws: Iterable[str]) -> tuple[tuple[str, str], ...]:
    """Return the addresses of a header that a program encoded with its brackets."""
    return addresses(words(raw).encode().decode("latin-1") for raw in raws if "=?" in raw)


def _contents(found: Sequence[Part]) -> tuple[Page, tuple[File, ...]]:
    """Return the text and the files; pictures that the text itself shows are no files."""
    leaves = [part for part in found if _is_leaf(part)]
    told = [part for part in leaves if _is_text(part)]
    leaves = [part for part in leaves if not (told and _is_version(part, leaves))]
    htmls = [_decoded_text(part) for part in told if part.media_type == "text/html"]
    shown = frozenset().union(*(embedded(html) for html in htmls))
    chosen = _chosen(told)
    pages = [_page(part) for part in chosen]
    if not any(page.whole for page in pages):
        shown = frozenset()  # a letter that is a picture, such as a scan
    files = [file for part in chosen for file in _inside(part)]
    packages = {part: package for part in leaves if (package := _package(part)) is not None}
    if not any(page.whole for page in pages):
        invited = [
            invitation_text(_decoded_text(it)) for it in leaves if it.media_type == _INVITATION
        ]
        packed = [it.text.strip() for it in packages.values()]
        pages = [Page(said, said) for said in (packed or invited) if said]
    for part in leaves:
        if part in packages:
            files += [_packed(it) for it in packages[part].files]
        elif part not in told and not _decorates(part, shown):
            files.append(_file(part))
    whole = "\n\n".join(page.whole for page in pages if page.whole)
    own = "\n\n".join(page.own for page in pages if page.own)
    return Page(whole[:_LONGEST_TEXT], own[:_LONGEST_TEXT]), tuple(files[:MOST_FILES])


def _forwarded(found: Sequence[Part]) -> Page:
    """Return the text of the first letter inside; for a letter that says nothing itself."""
    for _ in range(_DEEPEST_LETTER):
        inner = next((part for part in found if part.media_type in _LETTERS), None)
        if inner is None:
            break
        found = list(parts(top(inner.content)))
        page, _files = _contents(found)
        if page.whole:
            return page
    return Page("", "")


def _is_leaf(part: Part) -> bool:
    """Return whether a part holds something itself; a multipart without parts is a text."""
    if part.media_type.startswith("multipart/"):
        return part.hollow
    return not part.media_type.startswith("message/") or part.media_type == "message/rfc822"


def _is_text(part: Part) -> bool:
    if part.media_type.startswith("multipart/"):
        return True
    attached = part.disposition[0].partition(" ")[0] == "attachment"
    alone = not part.depth and part.media_type.startswith("text/") and part.media_type not in _DATA
    if not (alone or part.media_type in _TEXTS) or (attached and part.depth):
        return False
    return not (part.file_name and part.place and part.family != "multipart/alternative")


def _package(part: Part) -> Package | None:
    """Return what Outlook packed into a part; None when it is no such part, or holds nothing."""
    if part.media_type not in MEDIA_TYPES and part.file_name.lower() != "winmail.dat":
        return None
    found = unpacked(part.content)
    return found if found is not None and (found.files or found.text.strip()) else None


def _packed(file: Packed) -> File:
    name = _CONTROL.sub("", file.name)[-_LONGEST_NAME:] or "file.bin"
    return File(normalize("NFC", name), guess_type(name)[0] or _UNKNOWN_TYPE, file.content)


def _is_version(part: Part, leaves: Sequence[Part]) -> bool:
    """Return whether a part says for other programs what the text or a file says already."""
    if part.family != "multipart/alternative" or part.file_name or part.media_type in _TEXTS:
        return False
    if part.media_type == _INVITATION:
        return any(other.file_name.lower().endswith(".ics") for other in leaves)
    return part.media_type.startswith("text/")


def _inside(part: Part) -> list[File]:
    """Return the files that old programs put into the text itself."""
    found = enclosed(part.content)[1] if part.media_type == "text/plain" else []
    return [File(words(name), guess_type(name)[0] or _UNKNOWN_TYPE, data) for name, data in found]


def _chosen(told: Sequence[Part]) -> list[Part]:
    """Return the texts in order, of several versions of one the plain one unless it is empty."""
    versions = [part for part in told if part.media_type != "text/html"]
    if any(_says_something(part) for part in versions):
        alternative = any(part.family == "multipart/alternative" for part in told)
        htmls = [] if alternative else [part for part in told if part.media_type == "text/html"]
        return versions + [part for part in htmls if part.family == "multipart/mixed"]
    return [part for part in told if part.media_type == "text/html"] or versions


def _says_something(part: Part) -> bool:
    """Return whether a text is more than the advice to look at the other version."""
    text = _SHOWN_HERE.sub("", _decoded_text(part)).strip()
    if len(text) > _LONGEST_ADVICE or part.family != "multipart/alternative":
        return bool(text)
    return bool(text) and not has("html_advice", text)


def _page(part: Part) -> Page:
    text = _decoded_text(part)
    if part.media_type in _WITH_TAGS or _PAGE.match(text[:_LONGEST_ADVICE]):
        return page_text(text)
    plain = unsigned(_CONTROL.sub("", text).replace("\r\n", "\n").replace("\r", "\n"))
    if part.typed[1].get("format", "").lower() == "flowed":
        plain = unflowed(plain, delete=part.typed[1].get("delsp", "").lower() == "yes")
    plain = _SHOWN_HERE.sub("", plain).strip("\n ")
    return Page(plain, plain)


def _decoded_text(part: Part) -> str:
    content = part.content[: 2 * LONGEST]
    if part.media_type == "text/plain":
        content, _ = enclosed(content)
    label = part.typed[1].get("charset", "")
    if not label and part.media_type == "text/html" and (told := _META.search(content[:_HEAD])):
        label = told[1].decode("ascii")
    return decoded(content, label)[:_LONGEST_TEXT]


def _decorates(part: Part, shown: frozenset[str]) -> bool:
    """Return whether a part is a picture inside the text rather than a file."""
    if not part.media_type.startswith("image/"):
        return part.media_type in _SEALS
    if part.content_id and part.content_id in shown:
        return True
    attached = part.disposition[0].partition(" ")[0] == "attachment"
    related = part.family == "multipart/related" and bool(part.content_id)
    return related and bool(shown) and not attached


def _file(part: Part) -> File:
    name = _CONTROL.sub("", part.file_name)
    if not name and part.media_type == "message/rfc822":
        name = "message.eml"
    if not name:
        name = "file" + (guess_extension(part.media_type) or ".bin")
    content = part.content
    kind = part.media_type
    if kind == _UNKNOWN_TYPE:
        kind = guess_type(name)[0] or kind
    name = normalize("NFC", name)  # Apple sends the dots of letters apart from them
    return File(name[-_LONGEST_NAME:], kind[:_LONGEST_NAME], content)
