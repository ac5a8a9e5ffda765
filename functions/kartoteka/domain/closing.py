"""When a request, a deal or a task was closed; open ones never were."""

from collections.abc import Mapping
from datetime import datetime

from kartoteka.domain.deal import Deal
from kartoteka.domain.model import Entity, Lead, Task

# By kind: the states of closed records, and the field with the moment.
CLOSED: Mapping[str, tuple[str, ...]] = {
    Lead.kind: ("won", "lost"),
    Deal.kind: ("won", "lost"),
    Task.kind: ("done", "cancelled"),
}
MOMENT: Mapping[str, str] = {
    Lead.kind: "stage_entered_at",
    Deal.kind: "stage_entered_at",
    Task.kind: "done_at",
}


def closed_at(record: Entity) -> datetime | None:
    """Return when the record was closed, None for one that is open or of another kind."""
    if isinstance(record, Lead | Deal):
        return record.stage_entered_at if record.state in CLOSED[record.kind] else None
    return (
        record.done_at if isinstance(record, Task) and record.state in CLOSED[Task.kind] else None
    )
