"""Addresses of rows: in the person's own book, within Google's allowance, never in the way."""

from collections.abc import Sequence
from datetime import timedelta
from typing import Any

from tests.fakes import FixedClock

from kartoteka.domain.errors import RateLimited
from kartoteka.ports import Doc, Rows, Store, Tx, WorkbookInfo
from kartoteka.services.book_links import BookLinks

URL = "https://docs.google.com/spreadsheets/d/B/edit"
MINE, TEAM = "anna@office.example", "viktor@office.example"


class Google:
    """Sheets whose tab «Заявки» has the lead in its third row."""

    def __init__(self) -> None:
        self.reads: list[Sequence[str]] = []
        self.infos = 0
        self.fails = False

    def info(self, workbook: str) -> WorkbookInfo:
        self.infos += 1
        tabs = {1001: ("Заявки 'мои'", 10, 5)}
        return WorkbookInfo(id=workbook, url=URL, title="Мои", tabs=tabs)

    def read(self, workbook: str, ranges: Sequence[str]) -> list[Rows]:
        if self.fails:
            raise RateLimited("slow")
        self.reads.append(ranges)
        return [[["id"], ["ld_0"], ["ld_1"], []]]


def books(store: Store) -> None:
    tabs = {"leads": "Заявки 'мои'"}
    mine: Doc = {"spreadsheet_id": "B", "url": URL, "tabs": tabs, "shared": {MINE: "writer|p1"}}
    team: Doc = {"spreadsheet_id": "T", "url": f"{URL}/T", "tabs": tabs,
            "shared": {MINE: "reader|p2", TEAM: "writer|p3"}}  # fmt: skip

    def work(tx: Tx) -> None:
        tx.put("books", "mine.st_anna", mine)
        tx.put("books", "team", team)

    store.run(work)


def ask(links: BookLinks, google: Any, email: str = MINE, record: str = "ld_1") -> str:
    return links.address(lambda: google, email, ("leads", record))


def test_row_is_found_in_the_persons_own_book(store: Store, clock: FixedClock) -> None:
    books(store)
    google = Google()
    links = BookLinks(store, clock)

    assert ask(links, google) == f"{URL}#gid=1001&range=A3"
    assert ask(links, google, record="ld_9") == f"{URL}#gid=1001"
    assert google.reads[0] == ["'Заявки ''мои'''!A:A"]
    assert google.infos == 1
    assert ask(links, google, TEAM).startswith(f"{URL}/T#")
    assert ask(links, google, "dina@office.example") == ""


def test_google_that_is_slow_costs_the_row_and_not_the_notice(
    store: Store, clock: FixedClock
) -> None:
    books(store)
    google = Google()
    google.fails = True

    assert ask(BookLinks(store, clock), google) == URL


def test_burst_leaves_googles_allowance_to_the_mirror(store: Store, clock: FixedClock) -> None:
    books(store)
    google = Google()
    links = BookLinks(store, clock)
    told = [ask(links, google) for _ in range(15)]
    clock.advance(timedelta(minutes=1))

    assert [address == URL for address in told] == [False] * 10 + [True] * 5
    assert ask(links, google) != URL
