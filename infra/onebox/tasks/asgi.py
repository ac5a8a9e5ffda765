"""The task API as an ASGI application, to be mounted where paths begin with /v2/projects/."""

import asyncio
import json
from collections.abc import Awaitable, Callable, Mapping, MutableMapping
from typing import Any
from urllib.parse import parse_qsl

from onebox.tasks.api import TasksApi
from onebox.tasks.errors import InvalidArgument
from onebox.tasks.wire import MAX_TASK_BYTES

# base64 makes a body a third longer; the rest of a task is small beside it.
MAX_REQUEST_BYTES = 2 * MAX_TASK_BYTES

Scope = MutableMapping[str, Any]
Receive = Callable[[], Awaitable[MutableMapping[str, Any]]]
Send = Callable[[MutableMapping[str, Any]], Awaitable[None]]


class TasksApp:
    """Serves a `TasksApi` over HTTP."""

    def __init__(self, api: TasksApi) -> None:
        self._api = api

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer one HTTP request; other kinds of connection are not ours."""
        if scope["type"] != "http":
            return
        body = await _body(receive)
        if body is None:
            refusal = InvalidArgument("Task size too large: a task may have 1 MB.")
            await _answer(send, refusal.http, refusal.body)
            return
        query = dict(parse_qsl(scope["query_string"].decode("latin-1")))
        status, answer = await asyncio.to_thread(
            self._api.handle, scope["method"], scope["path"], query, body
        )
        await _answer(send, status, answer)


async def _body(receive: Receive) -> bytes | None:
    """Return the whole body, None when it is too large."""
    body = bytearray()
    while True:
        part = await receive()
        body += part.get("body", b"")
        if len(body) > MAX_REQUEST_BYTES:
            return None
        if not part.get("more_body", False):
            return bytes(body)


async def _answer(send: Send, status: int, answer: Mapping[str, object]) -> None:
    body = json.dumps(answer).encode()
    headers = [
        (b"content-type", b"application/json; charset=UTF-8"),
        (b"content-length", str(len(body)).encode()),
    ]
    await send({"type": "http.response.start", "status": status, "headers": headers})
    await send({"type": "http.response.body", "body": body})
