"""Resource names: projects/P/locations/L/queues/Q/tasks/T.

Source: Cloud Tasks v2 reference, Queue.name and Task.name.
"""

import re

from onebox.tasks.errors import InvalidArgument

_LOCATION = re.compile(r"projects/[A-Za-z0-9:.-]+/locations/[A-Za-z0-9-]+")
_QUEUE_ID = re.compile(r"[A-Za-z0-9-]{1,100}")
_TASK_ID = re.compile(r"[A-Za-z0-9_-]{1,500}")


def check_location(name: str) -> str:
    """Return `name` if it is projects/P/locations/L."""
    if not _LOCATION.fullmatch(name):
        raise InvalidArgument(f'"{name}" is not of the form projects/PROJECT/locations/LOCATION.')
    return name


def check_queue(name: str) -> str:
    """Return `name` if it is the full name of a queue."""
    location, _, queue_id = name.rpartition("/queues/")
    check_location(location)
    if not _QUEUE_ID.fullmatch(queue_id):
        raise InvalidArgument(
            "Queue ID must contain only letters, digits and hyphens, 1 to 100 of them."
        )
    return name


def check_task(name: str, queue: str) -> str:
    """Return `name` if it is the full name of a task of `queue`."""
    parent, _, task_id = name.rpartition("/tasks/")
    if parent != queue:
        raise InvalidArgument(f'The task name "{name}" must start with the queue name "{queue}".')
    if not _TASK_ID.fullmatch(task_id):
        raise InvalidArgument(
            "Task ID must contain only letters, digits, hyphens and underscores, 1 to 500 of them."
        )
    return name
