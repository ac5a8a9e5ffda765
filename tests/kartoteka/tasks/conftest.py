"""The law office with people who give each other tasks."""

import pytest
from tests.kartoteka.tasks.task_desk import Work

from kartoteka.services.office import Desk


@pytest.fixture
def work(desk: Desk) -> Work:
    return Work(desk)
