"""`kartoteka demo month`: serve a box, play a month day by day, count it twice, tell, leave."""

import argparse
import json
import os
import tempfile
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import date
from pathlib import Path
from random import Random

import click
from pydantic import JsonValue

from kartoteka import wiring
from kartoteka.domain.errors import Transient
from kartoteka.services.commands import execute
from kartoteka.services.office import read_settings
from kartoteka.services.people import actor_by_email
from kartoteka.services.registry import COMMANDS
from onebox import office
from onebox.clock import BoxClock
from onebox.commands.waking import silenced
from onebox.demo.box import Box, free_port, served
from onebox.demo.cast import BORIS
from onebox.demo.month.audit import Audit, audit
from onebox.demo.month.doing import Doer
from onebox.demo.month.ledger import Ledger
from onebox.demo.month.plot import Plot
from onebox.demo.month.summary import LANGUAGES, Outcome, day_line, greeting, summary
from onebox.demo.month.working import Calendar, at
from onebox.demo.playing import Played
from onebox.demo.sending import Sender
from onebox.demo.sheet import open_book

FIRST = date(2026, 11, 2)
HOLIDAY = date(2026, 11, 4)
_OPENS, _ENDS = "08:30", "20:00"
_BOOK_S = 20.0
OLGA = "olga@office.example"
_BOOKS = "KARTOTEKA_BOOKS"
_MOST_DAYS = 20  # working days of this month


@dataclass(frozen=True, slots=True)
class Wish:
    """What the command line asks for."""

    json: bool
    data: Path | None
    seed: int
    days: int
    lang: str


def main(arguments: Sequence[str]) -> int:
    """Return 0 if office and ledger agreed, 1 if not."""
    wish = _wish(arguments)
    started = time.monotonic()
    with tempfile.TemporaryDirectory(prefix="kartoteka-month-", ignore_cleanup_errors=True) as new:
        data = wish.data or Path(new) / "office"
        _make(data)
        with _one_book(), served(data, free_port(0), at(FIRST, _OPENS), page=False) as box:
            outcome = _play(wish, box, data, started)
    if wish.json:
        click.echo(json.dumps(outcome.as_json(), ensure_ascii=False))
    else:
        click.echo(summary(outcome, wish.lang))
    return 0 if outcome.audit.ok else 1


def _wish(arguments: Sequence[str]) -> Wish:
    reader = argparse.ArgumentParser(
        "kartoteka demo month",
        description="Play a month of a law office on a virtual clock and count it a second time.",
    )
    add = reader.add_argument
    add("--json", action="store_true", help="print one JSON object as the last line")
    add("--data", type=Path, help="a new folder to keep the office in; temporary by default")
    add("--seed", type=int, default=1, help="another number is another month (%(default)s)")
    add("--days", type=int, default=_MOST_DAYS, help="working days to play (%(default)s)")
    add("--lang", choices=LANGUAGES, default="ru", help="language of what is told (%(default)s)")
    add("--once", action="store_true", help="said for `make demo`: a month always ends by itself")
    told = vars(reader.parse_args(arguments))
    if told["data"] is not None and (told["data"] / office.STORE_FILE).exists():
        reader.error(f"there is an office in {told['data']} already; name a new folder")
    if not 1 <= told["days"] <= _MOST_DAYS:
        reader.error(f"--days: 1 to {_MOST_DAYS}")
    return Wish(**{name: value for name, value in told.items() if name != "once"})


@contextmanager
def _one_book() -> Iterator[None]:
    """Serve with one book for everybody: eleven would take most of the time and show the same."""
    before = os.environ.get(_BOOKS)
    os.environ[_BOOKS] = "team"
    try:
        yield
    finally:
        if before is None:
            del os.environ[_BOOKS]
        else:
            os.environ[_BOOKS] = before


def _play(wish: Wish, box: Box, data: Path, started: float) -> Outcome:
    clock = BoxClock(box.now())
    app = office.open_app(data, clock)
    doer = _doer(box, app, clock, data)
    _prepare(doer)
    try:
        ledger = _played(wish, doer)
        found = _settled(ledger, doer)
        stats = box.stats()
    finally:
        doer.book.close()
        app.store.close()
    return Outcome(
        days=wish.days,
        played=doer.played,
        commands=doer.commands,
        audit=found,
        google_calls=int(stats["google_calls"]) - doer.book.calls,
        seconds=time.monotonic() - started,
        processor_s={**stats["processor_s"], "play": round(time.process_time(), 1)},
    )


def _doer(box: Box, app: wiring.App, clock: BoxClock, data: Path) -> Doer:
    settings = read_settings(app.store)
    sender = Sender(box.base_url, box.client, settings, f"{FIRST:%y%m%d}", box.now)
    book = open_book(box.base_url, app.store, (), _BOOK_S)
    return Doer(box, app, clock, sender, book, data / "month.log", Played(box.now()))


def _make(data: Path) -> None:
    """Make the office and its day off before anybody works by the calendar."""
    office.keys(data)
    app = wiring.build(office.settings(data, office.address(0)), BoxClock(at(FIRST, _OPENS)))
    director = actor_by_email(office.make_office(app, office.DEFAULT_PRESET), OLGA)
    given: dict[str, JsonValue] = {"days": [HOLIDAY.isoformat()]}
    execute(COMMANDS, silenced(app.desk), director, "holiday.add", given=given, cause="month")
    app.store.close()


def _prepare(doer: Doer) -> None:
    """Let letters about notices go to one colleague: the others need none."""
    for person in doer.sender.settings.staff:
        if person.email != BORIS:
            doer.command(person.email, "notice.set", kind="all", ways=[])


def _played(wish: Wish, doer: Doer) -> Ledger:
    """Return the ledger after every act was done and noted."""
    calendar = Calendar(frozenset({HOLIDAY}))
    days = calendar.month(FIRST)[: wish.days]
    ledger = Ledger(calendar)
    month = Plot(calendar, days, Random(wish.seed)).write()  # noqa: S311 - a story, no secret
    click.echo(greeting(days, wish.lang) + "\n")
    told = -1
    for moment, acts in month.items():
        if moment.date() != days[told] and moment.date() in days:
            told += 1
            click.echo(day_line(moment, ledger, wish.lang))
        doer.go_to(moment)
        ledger.until(moment)
        for act in acts:
            doer.do(act)
            ledger.hear(act)
    for _ in days:
        ledger.work_day()
    end = at(days[-1], _ENDS)
    doer.go_to(end)
    ledger.until(end)
    return ledger


def _settled(ledger: Ledger, doer: Doer) -> Audit:
    """Return the comparison, made when nobody has anything left to read.

    Raises:
        Transient: somebody lags behind.
    """
    stats = doer.box.stats()
    if any(lag["changes"] for lag in stats["lag"].values()):
        raise Transient(f"the office did not come to rest: {json.dumps(stats)}")
    return audit(ledger, doer)
