"""Everything that runs in one box, put together."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import time, timedelta
from functools import cached_property, partial
from pathlib import Path
from zoneinfo import ZoneInfo

from kartoteka import wiring
from kartoteka.adapters.cloud_tasks import CloudTasks, Target
from kartoteka.settings import Settings
from onebox.clock import BoxClock
from onebox.effort import GOOGLE
from onebox.google.app import Google, GoogleOptions, build_google
from onebox.internal import Internal
from onebox.office import DEFAULT_PRESET, make_office
from onebox.pulse import Pulse
from onebox.tasks.local import LocalTasks, Setup
from onebox.tasks.model import Queue, RateLimits, RetryConfig
from onebox.tasks.schedule import Daily, Every, Job, Monthly

GOOGLE_FILE = "google.sqlite3"
BACKUP_PATH = "/onebox/backup"
TEST_PATH = "/onebox/backup/test"
# How many calls of a queue may run at once; drains follow each other.
CONCURRENT = {
    "sheets": 1,
    "contacts": 1,
    "calendar": 1,
    "stats": 1,
    "changes": 1,
    "automation": 1,
    "timers": 4,
    "messages": 4,
    "room": 1,
}
_LONG = timedelta(minutes=30)  # the longest that Cloud Scheduler waits
_RETRY = RetryConfig(
    attempts=100,
    duration=timedelta(days=1),
    min_backoff=timedelta(seconds=0.5),
    max_backoff=timedelta(seconds=60),
    doublings=7,
)


@dataclass(frozen=True)
class BoxApp(wiring.App):
    """The ports of a process that runs the queues itself: no socket between the two."""

    local: LocalTasks

    @cached_property
    def tasks(self) -> CloudTasks:
        """Return the queues, through Google's own client."""
        settings = self.settings
        return self.local.port(
            Target(
                project=settings.project,
                location=settings.location,
                base_url=settings.base_url,
                caller_email=settings.tasks_email,
            )
        )


@dataclass(frozen=True, slots=True)
class Machine:
    """The parts of a box; `google` is None when the office uses Google itself."""

    settings: Settings
    clock: BoxClock
    app: wiring.App
    internal: Internal
    tasks: LocalTasks
    pulse: Pulse
    google: Google | None

    def start(self) -> None:
        """Begin to make the calls that are due."""
        self.tasks.start()
        self.pulse.start()

    def stop(self) -> None:
        """Make no more calls and close the files."""
        self.pulse.stop()
        self.tasks.stop()
        self.internal.close()
        if self.google is not None:
            self.google.close()
        self.app.store.close()


def assemble(settings: Settings, clock: BoxClock) -> Machine:
    """Return the box of these settings, with its office made; nothing runs before `start`."""
    plain = wiring.build(settings, clock=clock)
    office = make_office(plain, DEFAULT_PRESET).office
    internal = Internal(settings)
    setup = Setup(
        data=settings.data,
        base_url=settings.base_url,
        email=settings.tasks_email,
        sign=internal.sign,
        queues=queues(settings),
        jobs=jobs(office.work.zone),
        post=internal.dispatch,
    )
    tasks = LocalTasks(setup, clock)
    app = BoxApp(settings, clock, lambda _: plain.store, tasks)
    wiring.install(app)
    return Machine(
        settings=settings,
        clock=clock,
        app=app,
        internal=internal,
        tasks=tasks,
        pulse=Pulse(internal, "/sync/reconcile"),
        google=_google(settings, clock, internal),
    )


def queues(settings: Settings) -> list[Queue]:
    """Return the queues with their limits; both retry limits are set, as Google needs them."""
    place = f"projects/{settings.project}/locations/{settings.location}/queues"
    return [
        Queue(f"{place}/{name}", RateLimits(concurrent=concurrent), _RETRY)
        for name, concurrent in CONCURRENT.items()
    ]


def jobs(zone: str) -> Sequence[Job]:
    """Return what Cloud Scheduler calls in the cloud, and the backups of the box.

    Edits are looked for by the `Pulse`.
    """
    return (
        Job("tick", "/automation/tick", Every(timedelta(minutes=1)), sweep=True),
        Job("mailboxes", "/ingest/mailboxes", Every(timedelta(minutes=1)), sweep=True),
        Job("backup", BACKUP_PATH, Daily(time(3), ZoneInfo(zone)), _LONG),
        Job("backup_test", TEST_PATH, Monthly(1, time(3, 30), ZoneInfo(zone)), _LONG),
        Job("promote", "/automation/promote", Daily(time(4), ZoneInfo(zone))),
        Job("nightly", "/automation/nightly", Daily(time(4, 30), ZoneInfo(zone))),
    )


def _google(settings: Settings, clock: BoxClock, internal: Internal) -> Google | None:
    if not settings.google_endpoint:
        return None
    around = partial(internal.effort.spent_on, GOOGLE)
    # A day that passes in a minute has a day's quota: limits go by the office's time.
    options = GoogleOptions(around=around)
    if clock.virtual:
        options = replace(options, timer=lambda: clock.now().timestamp())
    return build_google(Path(settings.data) / GOOGLE_FILE, clock.now, options)
