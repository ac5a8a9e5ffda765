"""What machines report of letters of ours: that they did not arrive, that a reader complained.

Source: RFC 5965 (feedback reports); a reader pressed «spam», and the mail service tells the sender.
"""

import re
from collections.abc import Iterable, Sequence

from ingest.mail.headers import Headers, addresses, first, read_headers
from ingest.mail.letter import Nature, Report
from ingest.mail.returned import about_of, reports_of
from ingest.mail.structure import Part

_FEEDBACK = "message/feedback-report"
_BY_READERS = {"abuse", "fraud", "opt-out", "opt-out-list"}  # others are about servers
_COMPLAINED = "complained"
_HIDDEN = re.compile(r"(?:[0-9a-f]{24,}|redacted|x{3,})@")  # a hash of the reader's name
_MOST = 20
_READ = 20_000  # bytes of a report


def reported(
    nature: Nature, found: Iterable[Part], headers: Headers, text: str
) -> tuple[Nature, tuple[Report, ...], tuple[str, ...]]:
    """Return who speaks, what is reported of each address, and ids of the letter it is about.

    A complaint names the reader's address or keeps it for itself; then there is no report.
    """
    pieces = list(found)
    if nature is Nature.BOUNCE:
        return nature, reports_of(pieces, headers, text), about_of(pieces, headers)
    reports = _complaint(pieces) if nature is Nature.AUTO else None
    if reports is None:
        return nature, (), ()
    return Nature.COMPLAINT, reports, about_of(pieces, headers)


def _complaint(pieces: Sequence[Part]) -> tuple[Report, ...] | None:
    """Return whose complaint it is; None when no reader complained."""
    part = next((it for it in pieces if it.media_type == _FEEDBACK), None)
    fields = read_headers(part.content[:_READ].strip()) if part is not None else {}
    if first(fields, "feedback-type").strip().lower() not in _BY_READERS:
        return None
    named = addresses(fields.get("original-rcpt-to", ())[:_MOST])
    readers = (address for _, address in named if not _HIDDEN.match(address))
    return tuple(Report(address, _COMPLAINED, "") for address in readers)
