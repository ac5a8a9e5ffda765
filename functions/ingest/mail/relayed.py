"""What headers say of who wrote a letter that a list or a program of a site sent on.

Source: RFC 2919 and RFC 2369 (headers of lists), RFC 5322 (Reply-To), and what Google Groups adds:
`X-Original-Sender`, `X-Original-From`. Whether the list or the site is the office's own is not
known here.
"""

import re
from collections.abc import Iterator

from ingest.mail.headers import Headers, addresses
from ingest.mail.letter import Nature
from ingest.mail.nature import LISTS, answers_by_itself, is_machine, precedence
from ingest.plain_text import plain
from kartoteka.domain.mail import Named, Relay

_HOST = re.compile(r"(?:://|@)([a-z0-9.-]{1,253})")
_ID = re.compile(r"<\s*([^<>\s]{1,253})\s*>|([^<>\s]{1,253})\s*$")
_CARRIERS = {"groups.google.com", "googlegroups.com", "support.google.com"}
_LONGEST = 4_000  # characters of one header that are looked at
_MOST_PLACES = 20
_MOST_ANSWERED = 5
_ADVERTISING = {"bulk", "junk"}


def relay_of(headers: Headers, nature: Nature, subject: str) -> Relay | None:
    """Return who may stand behind a letter, None when its sender speaks for themselves.

    Reports, automatic answers and advertisements have nobody behind them.
    """
    sender = next((found for _, found in addresses(headers.get("from", ()))), "")
    if _speaks_for_nobody(headers, nature, subject, sender):
        return None
    origin = next((found for _, found in addresses(headers.get("x-original-sender", ()))), "")
    answered = addresses([*headers.get("reply-to", ()), *headers.get("x-original-from", ())])
    lists = _places(headers)
    others = [Named(address=at, name=plain(name)) for name, at in answered if at != sender]
    if not lists and (not others or _is_listed(headers)):
        return None
    by_program = is_machine(headers, (origin or sender).partition("@")[0])
    return Relay(
        lists=lists, origin=origin, reply_to=tuple(others[:_MOST_ANSWERED]), by_program=by_program
    )


def _speaks_for_nobody(headers: Headers, nature: Nature, subject: str, sender: str) -> bool:
    if nature in {Nature.BOUNCE, Nature.RECEIPT} or precedence(headers) in _ADVERTISING:
        return True
    reports = nature is Nature.AUTO and not is_machine(headers, sender.partition("@")[0])
    return reports or answers_by_itself(headers, subject)


def _is_listed(headers: Headers) -> bool:
    return precedence(headers) == "list" or any(name in headers for name in LISTS)


def _places(headers: Headers) -> tuple[str, ...]:
    """Return the places that the list names as its own; empty for a list without an id."""
    ids = [*_ids(headers)]
    hosts = [host for host in _hosts(headers) if host not in _CARRIERS]
    return tuple(dict.fromkeys([*ids, *hosts]))[:_MOST_PLACES] if ids else ()


def _ids(headers: Headers) -> Iterator[str]:
    for value in headers.get("list-id", ()):
        found = _ID.search(value[:_LONGEST].strip().lower())
        yield plain(found[1] or found[2]) if found else "?"


def _hosts(headers: Headers) -> Iterator[str]:
    for name in LISTS:
        for value in headers.get(name, ()) if name != "list-id" else ():
            yield from _HOST.findall(value[:_LONGEST].lower())
