"""Refuse to edit what somebody changed since the caller read it."""

from datetime import datetime

from kartoteka.domain.errors import Conflict
from kartoteka.domain.model import Entity


def check_fresh(record: Entity, updated_at: datetime | None, expected: datetime | None) -> None:
    """Refuse when the caller names a version (its `updated_at`) that is not the stored one.

    Raises:
        Conflict: with the text code `stale`; the caller reads again and repeats.
    """
    if expected is not None and expected != updated_at:
        raise Conflict(f"{record.kind} {record.id} was changed meanwhile", code="stale")
