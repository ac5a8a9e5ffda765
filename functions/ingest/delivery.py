"""What services of SMS and letters have in common: how far a message of ours got."""

from datetime import datetime
from typing import Any

from ingest.channel import Context
from ingest.chat_event import begun
from ingest.plain_text import plain
from kartoteka.domain.errors import Malformed
from kartoteka.domain.inbound import Inbound, Kind, Message
from kartoteka.http import Call

QUEUED, SENT, DELIVERED, READ, FAILED = "queued", "sent", "delivered", "read", "failed"
_LONGEST = 200


def receipt(
    channel: str,
    call: Call,
    context: Context,
    message: Message,
    *,
    event: str,
    at: datetime | None = None,
) -> Inbound:
    """Return the event of a report; `event` is the same for a repeated delivery.

    A message that we do not know yet waits: its mark keeps how far it got.
    """
    blank = begun(channel, call, context, event)
    return blank.model_copy(
        update={"what": Kind.RECEIPT, "message": message, "at": at or context.now}
    )


def told(value: Any, field: str = "") -> str:
    """Return a short text or number of a report.

    Raises:
        Malformed: it must not be empty, and `field` is its name.
    """
    number_or_text = isinstance(value, str | int) and not isinstance(value, bool)
    text = plain(str(value)).strip()[:_LONGEST] if number_or_text else ""
    if field and not text:
        raise Malformed(f"{field} is missing", code="bad_field", field=field)
    return text
