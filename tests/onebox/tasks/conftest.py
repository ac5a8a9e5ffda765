from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from tests.onebox.tasks.runner_fakes import START, FakeWorker, runner

from onebox.clock import BoxClock
from onebox.tasks.local import LocalTasks


@pytest.fixture
def clock() -> BoxClock:
    return BoxClock(START)


@pytest.fixture
def worker(clock: BoxClock) -> FakeWorker:
    return FakeWorker(clock)


@pytest.fixture
def open_box(tmp_path: Path, worker: FakeWorker) -> Iterator[Callable[..., LocalTasks]]:
    """Opens runners over one data folder and stops them at the end; none is started."""
    opened: list[LocalTasks] = []

    def start(**options: object) -> LocalTasks:
        opened.append(runner(tmp_path, worker, **options))
        return opened[-1]

    yield start
    for box in opened:
        box.stop()
