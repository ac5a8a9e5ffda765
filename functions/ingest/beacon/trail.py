"""What a page tells of a visit: where the visitor came from, and which pages were looked at."""

from collections.abc import Mapping
from typing import Any

from pydantic import Field, ValidationError

from ingest.chat_event import Part
from ingest.plain_text import read_object
from kartoteka.domain.errors import Malformed
from kartoteka.domain.visit import Came as Arrival
from kartoteka.domain.visit import Page, Trail
from kartoteka.http import Call

_MOST_PAGES = 30
_MOST_TAGS = 30
_LONGEST_PLACE = 2_000
_LONGEST_TITLE = 200
_LONGEST_TAG = 500
_LONGEST_NAME = 100


class _Came(Part):
    page: str = ""
    referrer: str = ""
    tags: dict[str, str] = Field(default_factory=dict)


class _Page(Part):
    page: str = ""
    title: str = ""


class _Trail(Part):
    visit: str = Field(pattern=r"^[0-9a-f]{16}$")
    first: _Came = _Came()
    last: _Came = _Came()
    pages: tuple[_Page, ...] = Field(default=(), max_length=_MOST_PAGES)


def wants_privacy(call: Call) -> bool:
    """Return whether the browser says that its user does not want to be watched."""
    return call.header("dnt") == "1" or call.header("sec-gpc") == "1"


def of_call(call: Call) -> Trail | None:
    """Return the trail that came along; none when there is none or nobody wants to be watched."""
    told = read_object(call.body).get("trail") if not wants_privacy(call) else None
    if not isinstance(told, Mapping):
        return None
    try:
        return read(told)
    except Malformed:
        return None


def read(told: Mapping[str, Any]) -> Trail:
    """Return a trail as told.

    Raises:
        Malformed: not what our script tells.
    """
    try:
        found = _Trail.model_validate(told)
    except ValidationError as exc:
        raise Malformed("the trail is impossible", code="bad_field", field="trail") from exc
    return Trail(
        visit=found.visit,
        first=_came(found.first),
        last=_came(found.last),
        pages=tuple(
            Page(page=it.page[:_LONGEST_PLACE], title=it.title[:_LONGEST_TITLE])
            for it in found.pages
        ),
    )


def _came(told: _Came) -> Arrival:
    tags = list(told.tags.items())[:_MOST_TAGS]
    return Arrival(
        page=told.page[:_LONGEST_PLACE],
        referrer=told.referrer[:_LONGEST_PLACE],
        tags={key[:_LONGEST_NAME]: value[:_LONGEST_TAG] for key, value in tags},
    )
