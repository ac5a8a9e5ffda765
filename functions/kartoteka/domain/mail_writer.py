"""Who wrote a letter that the office's own group or site sent on; A6."""

import re
from collections.abc import Collection

from kartoteka.domain.inbound import Person
from kartoteka.domain.mail import Mail, Relay, within

_VIA = re.compile(r"\s+(?:via|через)\s.*$", re.IGNORECASE | re.DOTALL)
_ANSWERED = re.compile(r"\s*(?:re|fwd?|отв|пересл)\s*:", re.IGNORECASE)


def writer(
    sender: Person, mail: Mail, own: Collection[str], ours: Collection[str]
) -> Person | None:
    """Return the client behind a letter, None when its sender speaks for themselves.

    A list of the office's own domain passes on what its sender wrote. A program of the office's
    site writes from an address of the office, and names the one client to answer in Reply-To.
    `own`: addresses and domains of the office; `ours`: addresses of its people and mailboxes, who
    write in their own name.
    """
    relay, address = mail.relay, next(iter(sender.emails), "")
    if relay is None or not all(within(place, own) for place in relay.lists):
        return None
    first = (relay.origin if relay.lists else "") or address
    if not address or {address, first} & {*ours}:
        return None
    if within(first, own):
        return _named(mail, relay, own)
    if not relay.lists or relay.by_program:
        return None
    return Person(name=_name(sender, relay, first), emails=(first,))


def _named(mail: Mail, relay: Relay, own: Collection[str]) -> Person | None:
    """Return the one stranger whom a letter of ours names to answer."""
    strangers = {it.address: it.name for it in relay.reply_to if not within(it.address, own)}
    begun = not mail.earlier and not _ANSWERED.match(mail.subject)
    if len(strangers) != 1 or strangers.keys() & {*mail.to} or not (begun or relay.lists):
        return None
    [(address, name)] = strangers.items()
    return Person(name=name, emails=(address,))


def _name(sender: Person, relay: Relay, address: str) -> str:
    if address in sender.emails:
        return sender.name
    told = next((it.name for it in relay.reply_to if it.address == address and it.name), "")
    return told or _VIA.sub("", sender.name).strip(" '\"")
