"""The whole task runner of one box, put together."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from pathlib import Path

from kartoteka.adapters.cloud_tasks import CloudTasks, Target, box_client
from kartoteka.ports import Clock
from onebox.tasks.api import TasksApi
from onebox.tasks.calls import Caller, HttpPost, Post, Sign
from onebox.tasks.direct import DirectRequests
from onebox.tasks.model import Queue
from onebox.tasks.page import Row, rows
from onebox.tasks.runner import Runner
from onebox.tasks.schedule import Job, Schedule
from onebox.tasks.store import TaskStore

FILE = "tasks.sqlite3"


@dataclass(frozen=True, slots=True)
class Setup:
    """What a task runner is told.

    `base_url` is where the box serves (no slash at the end) and the audience of the tokens that
    `sign` makes; `email` is the caller the jobs name. `queues` are made to exist with these
    limits. Without `post` calls go over HTTP.
    """

    data: Path
    base_url: str
    email: str
    sign: Sign
    queues: Sequence[Queue] = ()
    jobs: Sequence[Job] = ()
    post: Post | None = None


class LocalTasks:
    """Cloud Tasks and Cloud Scheduler on one machine; nothing runs before `start`."""

    def __init__(self, setup: Setup, clock: Clock) -> None:
        self.store = TaskStore(setup.data / FILE)
        _ensure(self.store, setup.queues)
        self._http = HttpPost()
        self.runner = Runner(
            self.store,
            clock,
            Caller(setup.post or self._http, setup.sign, clock),
            Schedule(self.store, setup.jobs, clock),
            base_url=setup.base_url,
            email=setup.email,
        )
        self.api = TasksApi(self.store, clock, self.runner.wake)

    def start(self) -> None:
        self.runner.start()

    def stop(self) -> None:
        """Wait for the calls under way, then close the files."""
        self.runner.stop()
        self._http.close()
        self.store.close()

    def port(self, target: Target) -> CloudTasks:
        """Return the queues for this same process: Google's client without the socket."""
        return CloudTasks(box_client("onebox.invalid", DirectRequests(self.api)), target)

    def rows(self) -> list[Row]:
        """Return the lines of the page of queued work."""
        return rows(self.store, self.runner.running())


def _ensure(store: TaskStore, queues: Sequence[Queue]) -> None:
    for queue in queues:
        known = store.queues().get(queue.name, queue)
        wanted = replace(queue, state=known.state, purged=known.purged)
        if store.queues().get(queue.name) != wanted:
            store.put_queue(wanted)
