"""Letters that a provider has taken apart: headers here, texts there, files beside them."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace

from ingest.mail.complaints import reported
from ingest.mail.dates import moment
from ingest.mail.headers import Headers, addresses, first, message_ids, parameters, words
from ingest.mail.html_text import embedded
from ingest.mail.letter import File, Letter
from ingest.mail.nature import nature_of
from ingest.mail.quoting import said_now
from ingest.mail.reading import DELIVERED, letter_text, sender_of
from ingest.mail.relayed import relay_of
from ingest.mail.structure import Part


@dataclass(frozen=True, slots=True)
class Enclosed:
    """A file that a provider names; `content_id` when the text may show it."""

    file: File
    content_id: str = ""


def assembled(raw: Headers, plain: str, html: str, files: Sequence[Enclosed] = ()) -> Letter:
    """Return the letter that was taken apart; its headers as they travelled, see `as_raw`."""
    subject = words(first(raw, "subject"))
    pieces = [_part(item.file) for item in files]
    top, told = parameters(first(raw, "content-type"))
    kinds = [(top, told.get("report-type", "").lower())]
    kinds += [(part.media_type, "") for part in pieces]
    page = letter_text(plain, html)
    nature = nature_of(raw, kinds, subject, page.whole)
    pieces.append(_said(page.whole))
    told_of, reports, about = reported(nature, pieces, raw, page.whole)
    return Letter(
        sender=sender_of(raw),
        to=addresses(value for name in DELIVERED for value in raw.get(name, ())),
        subject=subject,
        message_id=next(iter(message_ids(first(raw, "message-id"))), ""),
        in_reply_to=message_ids(",".join(raw.get("in-reply-to", ()))),
        references=message_ids(",".join(raw.get("references", ()))),
        at=moment(words(first(raw, "date"))),
        own=said_now(page.whole, page.own, subject),
        whole=page.whole,
        files=_files(files, html),
        nature=told_of,
        relay=relay_of(raw, nature, subject),
        reports=reports,
        about=about,
    )


def delivered_to(letter: Letter, recipients: Iterable[str]) -> Letter:
    """Return the letter with those to whom the provider delivered it."""
    found = addresses(raw.encode("utf-8", "replace").decode("latin-1") for raw in recipients)
    return replace(letter, to=tuple(dict.fromkeys((*letter.to, *found))))


def as_raw(headers: Iterable[tuple[str, str]]) -> Headers:
    """Return headers as they travel: each byte a letter of Latin-1, names in lower case."""
    found: Headers = {}
    for name, value in headers:
        text = " ".join(value.split("\n")).replace("\r", "")
        raw = text.encode("utf-8", "replace").decode("latin-1").strip()
        found.setdefault(name.strip().lower(), []).append(raw)
    return found


def _said(text: str) -> Part:
    return Part({"content-type": ["text/plain"]}, memoryview(text.encode("utf-8", "replace")))


def _part(file: File) -> Part:
    return Part({"content-type": [file.media_type]}, memoryview(file.content), depth=1)


def _files(files: Sequence[Enclosed], html: str) -> tuple[File, ...]:
    """Return the files but those pictures that the text itself shows."""
    shown = embedded(html)
    return tuple(
        item.file
        for item in files
        if not (
            item.file.media_type.startswith("image/")
            and item.content_id.strip(" <>").lower() in shown
        )
    )
