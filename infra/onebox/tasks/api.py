"""The Cloud Tasks REST API v2 as a pure function of a request: queues and tasks.

Source: cloudtasks v2 discovery document. Left out: deleting queues, IAM, batch calls, App
Engine tasks; they are answered with UNIMPLEMENTED or INVALID_ARGUMENT.
"""

import base64
import json
import re
from collections.abc import Callable, Mapping
from dataclasses import replace
from urllib.parse import unquote

from kartoteka.ports import Clock
from onebox.tasks.errors import AlreadyExists, ApiError, InvalidArgument, Missing, Unimplemented
from onebox.tasks.model import Queue, QueueState, Task
from onebox.tasks.names import check_location, check_queue, check_task
from onebox.tasks.store import TaskStore
from onebox.tasks.wire import queue_from_json, queue_to_json, task_from_json, task_to_json

Answer = Mapping[str, object]
Query = Mapping[str, str]

_MAX_PAGE = 1000
_PATH = re.compile(
    r"/v2/(?P<location>projects/[^/]+/locations/[^/]+)/queues"
    r"(?:/(?P<queue>[^/:]+)(?P<tasks>/tasks(?:/(?P<task>[^/:]+))?)?)?(?::(?P<verb>[A-Za-z]+))?"
)
_PAGE_SIZE = re.compile(r"[0-9]{1,9}")
_FULL_VIEWS = {"FULL", "2"}


class TasksApi:
    """Answers API calls from the store; `changed` is called when there is something to run."""

    def __init__(self, store: TaskStore, clock: Clock, changed: Callable[[], None]) -> None:
        self._store = store
        self._clock = clock
        self._changed = changed
        self._routes: Mapping[tuple[str, str], Callable[[_Request], Answer]] = {
            ("POST", "queues"): self._create_queue,
            ("GET", "queues"): self._list_queues,
            ("GET", "queue"): self._get_queue,
            ("PATCH", "queue"): self._patch_queue,
            ("POST", "queue:pause"): self._pause,
            ("POST", "queue:resume"): self._resume,
            ("POST", "queue:purge"): self._purge,
            ("POST", "tasks"): self._create_task,
            ("GET", "tasks"): self._list_tasks,
            ("GET", "task"): self._get_task,
            ("DELETE", "task"): self._delete_task,
            ("POST", "task:run"): self._run_task,
        }

    def handle(self, method: str, path: str, query: Query, body: bytes) -> tuple[int, Answer]:
        """Return the HTTP status and the JSON of the answer; errors in Google's shape."""
        try:
            request = _Request(path, query, body)
            route = self._routes.get((method.upper(), request.kind))
            if route is None:
                raise Unimplemented(f"{method} {path} is not offered by this task runner.")
            return 200, route(request)
        except ApiError as exc:
            return exc.http, exc.body

    # Queues

    def _create_queue(self, request: "_Request") -> Answer:
        queue = queue_from_json(request.json())
        check_queue(queue.name)
        if not queue.name.startswith(f"{request.location}/queues/"):
            raise InvalidArgument(f"The queue name must start with {request.location}/queues/.")
        if queue.name in self._store.queues():
            raise AlreadyExists("Queue already exists.")
        self._store.put_queue(queue)
        return queue_to_json(queue)

    def _list_queues(self, request: "_Request") -> Answer:
        location = check_location(request.location)
        names = [n for n in self._store.queues() if n.startswith(f"{location}/queues/")]
        page = [name for name in names if name > request.after()][: request.page_size()]
        shown = [queue_to_json(self._store.queues()[name]) for name in page]
        more = bool(page) and page[-1] != names[-1]
        return {"queues": shown} | (_next(page[-1]) if more else {})

    def _get_queue(self, request: "_Request") -> Answer:
        return queue_to_json(self._queue(request))

    def _patch_queue(self, request: "_Request") -> Answer:
        check_queue(request.queue)
        known = self._store.queues().get(request.queue, Queue(request.queue))
        wanted = _masked(queue_to_json(known), request.json(), request.query.get("updateMask", ""))
        queue = replace(
            queue_from_json(wanted), name=known.name, state=known.state, purged=known.purged
        )
        return self._put(queue)

    def _pause(self, request: "_Request") -> Answer:
        return self._put(replace(self._queue(request), state=QueueState.PAUSED))

    def _resume(self, request: "_Request") -> Answer:
        return self._put(replace(self._queue(request), state=QueueState.RUNNING))

    def _purge(self, request: "_Request") -> Answer:
        self._store.purge(self._queue(request), self._clock.now())
        return queue_to_json(self._queue(request))

    def _put(self, queue: Queue) -> Answer:
        self._store.put_queue(queue)
        self._changed()
        return queue_to_json(queue)

    def _queue(self, request: "_Request") -> Queue:
        queue = self._store.queues().get(check_queue(request.queue))
        if queue is None:
            raise Missing("Queue does not exist; create it first.")
        return queue

    # Tasks

    def _create_task(self, request: "_Request") -> Answer:
        queue = self._queue(request)
        data = request.json()
        task = task_from_json(data.get("task"), queue.name, self._clock.now())
        if not self._store.create(task):
            raise AlreadyExists("The task name is in use, or was used within the last 24 hours.")
        self._changed()
        return task_to_json(task, full=str(data.get("responseView")) in _FULL_VIEWS)

    def _list_tasks(self, request: "_Request") -> Answer:
        size = request.page_size()
        tasks = self._store.listing(self._queue(request).name, request.after(), size + 1)
        shown = [task_to_json(task, full=request.full_view()) for task in tasks[:size]]
        return {"tasks": shown} | (_next(tasks[size - 1].name) if len(tasks) > size else {})

    def _get_task(self, request: "_Request") -> Answer:
        return task_to_json(self._task(request), full=request.full_view())

    def _delete_task(self, request: "_Request") -> Answer:
        self._store.delete(self._task(request).name, self._clock.now())
        return {}

    def _run_task(self, request: "_Request") -> Answer:
        task = self._task(request)
        self._store.force(task.name, self._clock.now())
        self._changed()
        return task_to_json(task)

    def _task(self, request: "_Request") -> Task:
        queue = self._queue(request).name
        task = self._store.get(check_task(request.task, queue))
        if task is None:
            raise Missing("The task is unknown, or has succeeded, or was given up.")
        return task


class _Request:
    """A call taken apart: what it addresses and what it brings."""

    def __init__(self, path: str, query: Query, body: bytes) -> None:
        match = _PATH.fullmatch(unquote(path))
        if match is None:
            raise Missing(f"{path} is no address of Cloud Tasks v2.")
        self.location = match["location"]
        self.queue = f"{self.location}/queues/{match['queue']}"
        self.task = f"{self.queue}/tasks/{match['task']}"
        verb = f":{match['verb']}" if match["verb"] else ""
        self.kind = _kind(match) + verb
        self.query = query
        self._body = body

    def json(self) -> dict[str, object]:
        try:
            data = json.loads(self._body)
        except (ValueError, RecursionError) as exc:
            raise InvalidArgument("Invalid JSON payload received.") from exc
        if not isinstance(data, dict):
            raise InvalidArgument("The request body must be a JSON object.")
        return data

    def page_size(self) -> int:
        text = self.query.get("pageSize", "0")
        if not _PAGE_SIZE.fullmatch(text):
            raise InvalidArgument("pageSize must be a number from 0 to 1000.")
        return min(int(text) or _MAX_PAGE, _MAX_PAGE)

    def after(self) -> str:
        """Return the name the wanted page starts behind; empty for the first page."""
        try:
            token = self.query.get("pageToken", "")
            return base64.b64decode(token, altchars=b"-_", validate=True).decode()
        except ValueError as exc:
            raise InvalidArgument("The page token is not one of ours.") from exc

    def full_view(self) -> bool:
        return self.query.get("responseView", "") in _FULL_VIEWS


def _kind(match: re.Match[str]) -> str:
    if match["task"]:
        return "task"
    if match["tasks"]:
        return "tasks"
    return "queue" if match["queue"] else "queues"


def _next(name: str) -> dict[str, object]:
    return {"nextPageToken": base64.urlsafe_b64encode(name.encode()).decode()}


def _masked(known: Answer, wanted: Mapping[str, object], mask: str) -> dict[str, object]:
    """Return `known` with the fields named by `mask` (a.b,c) taken from `wanted`."""
    result = {k: v for k, v in known.items() if k != "name"}
    for path in mask.split(",") if mask else ("rateLimits", "retryConfig"):
        top, _, inner = path.strip().partition(".")
        if top not in {"rateLimits", "retryConfig"}:
            raise InvalidArgument(f'"{path}" cannot be changed; use rateLimits or retryConfig.')
        brought = wanted.get(top, {})
        if not isinstance(brought, Mapping):
            raise InvalidArgument(f'"{top}" must be a JSON object.')
        result[top] = _merged(result[top], brought, inner) if inner else brought
    return result


def _merged(known: object, brought: Mapping[str, object], field: str) -> dict[str, object]:
    kept = dict(known) if isinstance(known, Mapping) else {}
    kept.pop(field, None)
    return kept | ({field: brought[field]} if field in brought else {})
