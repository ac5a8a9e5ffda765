"""One wish by three ways: chosen in a row, sent to the API, run as `kartoteka do` runs it."""

from collections.abc import Callable

import pytest
from tests.api.api_office import Api, api_of
from tests.sync.books_office import ANNA_BOOK, Shelf
from tests.sync.sheets_office import ANNA

from kartoteka.domain.errors import KartotekaError
from kartoteka.i18n import text
from kartoteka.services.unit import LOG
from sync.shelf import tabs

MOMENTS = ("_at", "_by", "_id", "id", "at")
Way = Callable[[Shelf, Api, str, str], str]


def in_row(shelf: Shelf, _api: Api, lead: str, command: str) -> str:
    action, tab = {
        "lead.take": ("Взять", tabs.FREE),
        "lead.convert": ("В сделку", tabs.MY_REQUESTS),
    }[command]
    said = shelf.picks(ANNA_BOOK, ANNA, lead, action, tab=tab)
    return said.partition("✗ ")[2]


def by_api(_shelf: Shelf, api: Api, lead: str, command: str) -> str:
    answer = api.person("anna").command(command, lead=lead)
    return "" if answer.status == 200 else str(answer.body["error"]["message"])


def by_terminal(shelf: Shelf, _api: Api, lead: str, command: str) -> str:
    try:
        shelf.do(command, ANNA, lead=lead)
    except KartotekaError as refused:
        return text(refused.code, "ru", **refused.facts)
    return ""


WAYS: tuple[Way, ...] = (in_row, by_api, by_terminal)


def told(shelf: Shelf, lead: str, since: int) -> list[object]:
    """What the log tells of this request since then, without ids and moments."""
    parts = [
        (entry.doc["actor"]["id"], part["entity"], plain(part["before"]), plain(part["after"]))
        for entry in shelf.app.store.read_log(LOG, None, 1000)[since:]
        for part in entry.doc["parts"]
        if lead in (part["id"], (part["after"] or {}).get("lead_id"))
    ]
    return sorted(parts, key=repr)


def plain(side: dict[str, object] | None) -> dict[str, object]:
    kept = {name: value for name, value in (side or {}).items() if not name.endswith(MOMENTS)}
    return {name: value for name, value in kept.items() if name != "next_action"}


@pytest.mark.parametrize("command", ["lead.take", "lead.convert"])
def test_a_wish_ends_alike_whichever_way_it_comes(shelf: Shelf, command: str) -> None:
    """The free request is taken; the one that nobody called about is refused, in the same words."""
    free = command == "lead.take"
    api = api_of(shelf.app.desk)
    ends, words = [], []
    leads = [shelf.free("Ирина") if free else shelf.request("Ирина") for _ in WAYS]
    shelf.drain()
    for way, lead in zip(WAYS, leads, strict=True):
        since = len(shelf.app.store.read_log(LOG, None, 1000))
        words.append(way(shelf, api, lead, command))
        ends.append(told(shelf, lead, since))

    assert words[0] == words[1] == words[2]
    assert ends[0] == ends[1] == ends[2]
    assert bool(words[0]) is not free
    assert bool(ends[0]) is free
