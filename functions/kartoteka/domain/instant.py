"""Instants: aware UTC inside, one spelling when stored."""

from datetime import UTC, datetime
from typing import Annotated

from pydantic import AfterValidator, AwareDatetime, PlainSerializer


def spell(moment: datetime) -> str:
    """Return the one stored spelling, which sorts as text in the order of time.

    Always microseconds and Z: `2026-11-23T06:00:00.000000Z`.
    """
    return _in_utc(moment).isoformat(timespec="microseconds")[:-6] + "Z"


def read(text: str) -> datetime:
    """Return the aware UTC instant behind a stored spelling (any ISO 8601 with a zone)."""
    return datetime.fromisoformat(text).astimezone(UTC)


def _in_utc(moment: datetime) -> datetime:
    return moment if moment.tzinfo is UTC else moment.astimezone(UTC)


Instant = Annotated[
    AwareDatetime,
    AfterValidator(_in_utc),
    PlainSerializer(spell, return_type=str, when_used="json"),
]
