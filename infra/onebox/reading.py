"""How the box's own pages and commands look into the office: as whom, and at which books."""

from collections.abc import Mapping
from typing import Any

from kartoteka.domain.change import SYSTEM
from kartoteka.ports import Json, Query, Store
from kartoteka.services.office import read_settings
from kartoteka.services.people import actor_by_email
from kartoteka.services.read import Look
from kartoteka.wiring import App

Row = dict[str, Any]
_TEAM = "team"  # the role of the book for everybody who may see everything


def look_of(app: App, email: str) -> Look:
    """Return how the person with this address sees the office; how its operator does, for none.

    Raises:
        NotAllowed: nobody of the office has this address.
    """
    settings = read_settings(app.store)
    actor = actor_by_email(settings, email) if email else SYSTEM
    return Look(app.store, settings, actor, app.clock.now())


def books(store: Store) -> list[Row]:
    """Return the office's spreadsheets, the team's first: title, role, spreadsheet_id, url, people.

    `people` are the addresses that have access; a book that nobody may open any more is left out.
    """
    found = [
        {
            "title": book.doc.get("title", ""),
            "role": book.doc.get("role", book.id),
            "spreadsheet_id": book.doc.get("spreadsheet_id", ""),
            "url": book.doc.get("url", ""),
            "people": sorted(_map(book.doc.get("shared"))),
        }
        for book in store.query(Query("books"))
    ]
    return sorted((it for it in found if it["people"]), key=lambda it: it["role"] != _TEAM)


def _map(value: Json) -> Mapping[str, Json]:
    return value if isinstance(value, Mapping) else {}
