"""Events for tests of Calendar: made, put there, and refused."""

import json
from typing import Any

import pytest
from googleapiclient.errors import HttpError

START = {"dateTime": "2026-11-24T10:00:00Z"}
END = {"dateTime": "2026-11-24T11:00:00Z"}


def event(**fields: Any) -> dict[str, Any]:
    return {"summary": "Встреча", "start": START, "end": END, **fields}


def refused(request: Any) -> tuple[int, str]:
    with pytest.raises(HttpError) as caught:
        request.execute()
    error = json.loads(caught.value.content)["error"]
    return error["code"], error["errors"][0]["reason"]


def put(service: Any, book: str, **fields: Any) -> Any:
    return service.events().insert(calendarId=book, body=event(**fields)).execute()
