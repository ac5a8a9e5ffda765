"""Wake the consumers of the change log after a commit; D5.

Each consumer gets one task per bucket of time, due when the bucket ends, so that every commit
that asked for it is visible to it and a burst of a thousand changes is one drain.
"""

import math
from dataclasses import dataclass, field
from datetime import UTC, datetime

from kartoteka.domain.errors import Transient
from kartoteka.domain.ids import derived
from kartoteka.log import log
from kartoteka.ports import Clock, QueuedTask, Tasks


@dataclass(frozen=True, slots=True)
class Consumer:
    """Who reads the log: where its drain is called, in which queue, how long a bucket lasts.

    One that is not `prompt` is asked by the ticks alone: commits do not pay for it.
    """

    name: str
    queue: str
    path: str
    bucket_s: float
    prompt: bool = True


# Each has a queue that runs one call at a time: two drains of one consumer would do the same work
# and wait for each other's locks until both give up.
#
# A flush of the sheets costs up to two of the 60 writes a minute that Google grants one account:
# every three seconds is 40 at the most.
CONSUMERS = {
    "automation": Consumer("automation", "changes", "/automation/task/drain", 1.0),
    "sheets": Consumer("sheets", "sheets", "/sync/drain/sheets", 3.0),
    "contacts": Consumer("contacts", "contacts", "/sync/drain/contacts", 4.0),
    "calendar": Consumer("calendar", "calendar", "/sync/drain/calendar", 5.0, prompt=False),
    "stats": Consumer("stats", "stats", "/sync/drain/stats", 5.0, prompt=False),
    "segments": Consumer("segments", "stats", "/sync/drain/segments", 5.0, prompt=False),
}


@dataclass
class Waker:
    """Asks for drains; remembers what it asked for, so that a burst asks once."""

    tasks: Tasks
    clock: Clock
    _asked: dict[str, int] = field(default_factory=dict)

    def after_commit(self) -> None:
        """Ask every prompt consumer to drain; an outage is left to the minute sweep."""
        for consumer in filter(lambda one: one.prompt, CONSUMERS.values()):
            try:
                self.ask(consumer)
            except Transient:
                log("warning", event="wake_failed", consumer=consumer.name)

    def ask(self, consumer: Consumer) -> None:
        """Ask one consumer to drain at the end of the present bucket.

        Raises:
            Transient: the queue does not answer.
        """
        bucket = math.floor(self.clock.now().timestamp() / consumer.bucket_s)
        if self._asked.get(consumer.name) == bucket:
            return
        due = datetime.fromtimestamp((bucket + 1) * consumer.bucket_s, UTC)
        name = derived("drain", consumer.name, str(bucket))
        self.tasks.enqueue(QueuedTask(consumer.queue, name, consumer.path, {}, due))
        self._asked[consumer.name] = bucket
