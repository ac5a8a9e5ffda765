"""Calls that a machine outside makes for the office: a segment is told to it in portions; F20."""

from typing import ClassVar

from kartoteka.domain.change import Actor
from kartoteka.domain.instant import Instant
from kartoteka.domain.model import Entity

PORTION = 50  # clients of one post


class DialRun(Entity):
    """One order to call everybody in a segment; `portion` is the next one, behind `cursor`."""

    kind: ClassVar[str] = "dial_run"
    collection: ClassVar[str] = "dial_runs"
    segment_id: str
    url: str
    script: str = ""  # what the dialler is to say, as it calls it
    actor: Actor
    state: str = "running"  # running, done, stopped, failed
    why: str = ""  # why it failed: a code of ours
    portion: int = 0
    cursor: str = ""
    sent: int = 0
    skipped: int = 0  # without consent, without a number, or not the actor's to take along
    at: Instant
    done_at: Instant | None = None
