"""A letter as the intake records it, whoever carried it."""

import hashlib
from dataclasses import dataclass
from datetime import datetime, timedelta

from ingest.channel import Context, inbound_id
from ingest.mail.letter import Letter
from ingest.plain_text import plain, raw_text
from kartoteka.domain.inbound import Inbound, Kind, Person
from kartoteka.domain.mail import Mail, MailReport
from kartoteka.domain.model import Source

KEPT_RAW = 1_048_576  # bytes of a body that are kept as they came
_OLDEST = timedelta(days=3650)
_AHEAD = timedelta(hours=1)
_MOST_RECIPIENTS = 50
_MOST_REPORTS = 20


@dataclass(frozen=True, slots=True)
class Carried:
    """Who carried a letter and what they said of it: the body, the recipient, their thread."""

    channel: str
    raw: bytes
    recipient: str = ""
    thread: str = ""
    at: datetime | None = None


def mail_event(letter: Letter, carried: Carried, context: Context) -> Inbound:
    """Return the event of a letter; its files wait in the context's luggage.

    A repeated delivery has the same id: it is made of the letter's own id and its sender.
    """
    event_id = _event_id(letter)
    event = inbound_id(carried.channel, context, event_id)
    name, address = letter.sender
    files = [
        context.luggage.put(event, plain(file.name), plain(file.media_type), file.content)
        for file in letter.files
    ]
    return Inbound(
        id=event,
        channel=carried.channel,
        account=context.account,
        event_id=event_id,
        what=Kind.MAIL,
        at=_moment(carried.at or letter.at, context.now),
        received_at=context.now,
        sender=Person(name=plain(name), emails=(address,) if address else ()),
        recipient=plain(carried.recipient or next((to for _, to in letter.to), "")),
        text=plain(letter.own),
        fields={"subject": plain(letter.subject)} if letter.subject else {},
        attachments=tuple(files),
        mail=_mail(letter, carried),
        source=Source(channel=carried.channel, name=context.source),
        raw=raw_text(carried.raw[:KEPT_RAW]),
    )


def _mail(letter: Letter, carried: Carried) -> Mail:
    to = dict.fromkeys(address for _, address in letter.to)
    reports = [
        MailReport(
            address=report.address,
            permanent=report.permanent,
            status=report.status,
            final=report.final,
        )
        for report in letter.reports[:_MOST_REPORTS]
    ]
    earlier = dict.fromkeys((*letter.in_reply_to, *reversed(letter.references)))
    return Mail(
        subject=plain(letter.subject),
        message_id=plain(letter.message_id),
        earlier=tuple(map(plain, earlier)),
        to=tuple(to)[:_MOST_RECIPIENTS],
        whole=plain(letter.whole) if letter.whole != letter.own else "",
        nature=letter.nature.value,
        reports=tuple(reports),
        about=tuple(map(plain, letter.about)),
        thread=carried.thread,
        relay=letter.relay,
    )


def _event_id(letter: Letter) -> str:
    """Return a digest of the letter's own id and who wrote; without an id, of what it says.

    Programs exist that give every letter the same id: who wrote is part of it.
    """
    who = letter.sender[1] or letter.sender[0]
    if letter.message_id:
        return _digest(f"{letter.message_id}\x1f{who}")
    sent = letter.at.isoformat() if letter.at else ""
    sizes = [f"{file.name}:{len(file.content)}" for file in letter.files]
    return _digest("\x1f".join((who, sent, letter.subject, letter.whole, *sizes)))


def _digest(text: str) -> str:
    return hashlib.sha256(text.encode("utf-8", "replace")).hexdigest()


def _moment(said: datetime | None, now: datetime) -> datetime:
    """Return when the letter was written; the moment of receipt when that is impossible."""
    if said is None or not now - _OLDEST <= said <= now + _AHEAD:
        return now
    return min(said, now)
