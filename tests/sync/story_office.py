"""The office in which stories over books play: made once in a process, then copied for each story.

`told` is the whole of a run: a story of operations, its end, and what is wrong then.
"""

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import timedelta
from functools import cache
from pathlib import Path
from tempfile import TemporaryDirectory

from hypothesis import HealthCheck, given, seed, settings
from tests.fakes import FakeTasks, FixedClock
from tests.furnished import furnish
from tests.sync.books_office import Shelf, shelf
from tests.sync.fakes_sheets import Workbook
from tests.sync.many_books import World
from tests.sync.many_hands import ONE_PLACE, PLACES, TEAM, Place, Troubled, stories

from kartoteka.adapters.sqlite import SqliteStore
from kartoteka.services.office import Desk, SettingsCache
from kartoteka.services.wake import Waker
from sync.sheets_mirror import drain

_QUICK = "/dev/shm" if Path("/dev/shm").is_dir() else None  # noqa: S108 - memory instead of a disk
# Fewer books make a quick run.
_AWAY = ("st_gleb", "st_vera", "st_dina", "st_egor", "st_inna", "st_olga")
_SETTLED = timedelta(minutes=2)  # the minute in which the books were made is over


@dataclass(frozen=True)
class Start:
    """An office with its books and three requests, as every story finds it."""

    store: bytes
    sheets: dict[str, Workbook]
    ids: list[str]


@cache
def _start(places: tuple[Place, ...]) -> Start:
    """Return the office, made once for all runs of this process."""
    with TemporaryDirectory(dir=_QUICK) as folder:
        path = Path(folder) / "office.sqlite3"
        furnish(path)
        store, sheets, clock = SqliteStore(path), Troubled(), FixedClock()
        for person in _AWAY:
            doc = {**(store.get("staff", person) or {}), "active": False}
            store.run(lambda tx, person=person, doc=doc: tx.put("staff", person, doc))  # type: ignore[misc]  # run at once
        office = _opened(store, sheets, clock, places)
        drain(office.app)
        clock.advance(_SETTLED)
        ids = [office.request(owner=who) for who in ("st_anna", "st_boris", "st_anna")]
        drain(office.app)
        store.close()
        return Start(path.read_bytes(), sheets.books, ids)


def _opened(
    store: SqliteStore, sheets: Troubled, clock: FixedClock, places: tuple[Place, ...]
) -> Shelf:
    queue = FakeTasks()
    desk = Desk(store, queue, clock, SettingsCache(store, ttl_s=3600), Waker(queue, clock))
    return shelf(desk, clock, queue, sheets, books=TEAM if places == ONE_PLACE else "auto")


@contextmanager
def world(places: tuple[Place, ...] = PLACES) -> Iterator[World]:
    """Yield an office of its own: three people, books, and three requests."""
    start = _start(places)
    with TemporaryDirectory(dir=_QUICK) as folder:
        path = Path(folder) / "office.sqlite3"
        path.write_bytes(start.store)
        store, sheets, clock = SqliteStore(path), Troubled(), FixedClock()
        sheets.books = copied(start.sheets)
        clock.advance(_SETTLED)
        office = _opened(store, sheets, clock, places)
        office.made = len(start.ids)
        try:
            yield World(office, sheets, [*start.ids], places)
        finally:
            store.close()


def copied(books: dict[str, Workbook]) -> dict[str, Workbook]:
    """Return workbooks that may be edited without touching these."""
    return {key: book.copied() for key, book in books.items()}


def told(story: Sequence[tuple[object, ...]], places: tuple[Place, ...] = PLACES) -> list[str]:
    """Play a story to its end; return what is wrong then."""
    with world(places) as there:
        for name, *facts in story:
            there.play(str(name), *facts)
        there.settle()
        return list(there.faults())


def told_all(
    runs: int,
    part: int,
    *,
    longest: int,
    places: tuple[Place, ...] = PLACES,
    chance: int | str | None = None,
) -> int:
    """Play so many stories, of this part of all there are; return how many were played.

    They are the same ones each time, but others for each `chance`.
    """
    played = []

    @seed(part if chance is None else f"{chance}/{part}")
    @settings(
        max_examples=runs,
        deadline=None,
        database=None,
        suppress_health_check=[HealthCheck.too_slow],
        print_blob=True,
    )
    @given(stories(longest, places))
    def any_story(story: list[tuple[object, ...]]) -> None:
        played.append(len(story))
        assert told(story, places) == []

    any_story()
    return len(played)
