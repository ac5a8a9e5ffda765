"""A call whose recording can be had is a copy for the queue to make."""

from collections.abc import Mapping
from dataclasses import dataclass

from kartoteka.domain.change import Actor, Part
from kartoteka.services import recordings
from kartoteka.services.office import Desk


@dataclass(frozen=True, slots=True)
class CopyRecording:
    """The exchange told where the recording of a call is."""

    activity_id: str
    url: str


def follow(part: Part) -> list[CopyRecording]:
    """Return what must follow from a changed record: of a call with a new link, a copy."""
    if part.entity != "activity":
        return []
    url, before = _link(part.after), _link(part.before)
    return [CopyRecording(part.id, url)] if url and url != before else []


def ask(desk: Desk, plan: CopyRecording, _actor: Actor, _cause: str) -> None:
    """Hand the plan to its queue.

    Raises:
        Transient: the queue does not answer; the drain is repeated.
    """
    recordings.hand_over(desk, plan.activity_id, plan.url)


def _link(doc: Mapping[str, object] | None) -> str:
    call = (doc or {}).get("call")
    return str(call.get("recording_url", "")) if isinstance(call, Mapping) else ""
