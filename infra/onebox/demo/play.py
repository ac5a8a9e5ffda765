"""`kartoteka demo`: serve a box, play the day, compare, tell, go on serving; or a month."""

import argparse
import json
import signal
import tempfile
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import datetime
from functools import partial
from pathlib import Path
from zoneinfo import ZoneInfo

import click
import httpx

from kartoteka.domain.errors import KartotekaError, Transient
from kartoteka.services.office import read_settings
from kartoteka.wiring import App
from onebox import office
from onebox.demo.box import Box, free_port, served
from onebox.demo.check import compare
from onebox.demo.day import DAY
from onebox.demo.month import run as month
from onebox.demo.playing import Player, fired, first_day
from onebox.demo.sending import Sender
from onebox.demo.sheet import open_book
from onebox.demo.summary import LANGUAGES, Outcome, addresses, summary

START = datetime(2026, 11, 23, 8, 30, tzinfo=ZoneInfo("Europe/Moscow"))
_INTERRUPTED = 130
_PAUSE_S = 0.25  # so that a person can follow the lines
_SETTLE_S = 30.0
_LOOK_S = 0.3
_BOOK_S = 20.0
_HELLO = {
    "ru": "Рабочий день юридической фирмы из десяти человек: {day}. Время офиса слева.",
    "en": "A working day of a law office of ten people: {day}. The office's time is on the left.",
}
_OTHER_PORT = {
    "ru": "Порт {wanted} занят другой программой: беру {port}.",
    "en": "Port {wanted} is taken by another program: using {port}.",
}


@dataclass(frozen=True, slots=True)
class Wish:
    """What the command line asks for."""

    once: bool
    json: bool
    fast: bool
    port: int
    data: Path | None
    lang: str


def main(arguments: Sequence[str]) -> int:
    """Return 0 if everything agreed, 1 if not, 2 if the box could not be served.

    The word `month` in front asks for a month instead of a day.
    """
    wants_month = arguments[:1] == ["month"]
    play: Callable[[], int] = (
        partial(month.main, arguments[1:]) if wants_month else partial(_play, _wish(arguments))
    )
    for number in (signal.SIGINT, signal.SIGTERM):  # a script's child begins with the first ignored
        signal.signal(number, _stop)
    try:
        return play()
    except KeyboardInterrupt:
        return _INTERRUPTED
    except httpx.HTTPStatusError as exc:
        said = f"{exc.request.url.path} answered {exc.response.status_code}: {exc.response.text}"
        click.echo(f"kartoteka demo: {said}", err=True)
        return 1
    except httpx.HTTPError as exc:
        why = f"the box stopped answering ({type(exc).__name__}); its log is kept with --data DIR"
        click.echo(f"kartoteka demo: {why}", err=True)
        return 1
    except KartotekaError as exc:
        click.echo(f"kartoteka demo: {exc}", err=True)
        return 2


def _wish(arguments: Sequence[str]) -> Wish:
    reader = argparse.ArgumentParser(
        "kartoteka demo",
        description="Play a working day of a law office on this machine.",
        epilog="kartoteka demo month: a month of it, counted twice (--help lists its options).",
    )
    add = reader.add_argument
    add("--once", action="store_true", help="play, compare, tell, leave with 0 (all agrees) or 1")
    add("--json", action="store_true", help="print one JSON object as the last line")
    add("--fast", action="store_true", help="do not pause between the stories")
    add("--port", type=int, default=office.DEFAULT_PORT, help="port to serve on (%(default)s)")
    add("--data", type=Path, help="folder of the office; a fresh temporary one by default")
    add("--lang", choices=LANGUAGES, default="ru", help="language of the stories (%(default)s)")
    return Wish(**vars(reader.parse_args(arguments)))


def _stop(_number: int, _frame: object) -> None:
    raise KeyboardInterrupt


def _play(wish: Wish) -> int:
    started = time.monotonic()
    port = free_port(wish.port)
    if port != wish.port and wish.port:
        click.echo(_OTHER_PORT[wish.lang].format(wanted=wish.port, port=port))
    with tempfile.TemporaryDirectory(prefix="kartoteka-demo-", ignore_cleanup_errors=True) as fresh:
        data = wish.data or Path(fresh) / "office"
        with served(data, port, START, page=not wish.once) as box:
            app = office.open_app(data)
            settings = read_settings(app.store)
            outcome = _played(wish, box, app, started)
            _report(wish, outcome)
            app.store.close()
            if not wish.once:
                click.echo(addresses(box.base_url, settings, str(data), wish.lang))
                _serve_on(box)
        return 0 if outcome.verdict.ok else 1


def _played(wish: Wish, box: Box, app: App, started: float) -> Outcome:
    settings = read_settings(app.store)
    zone = ZoneInfo(settings.office.work.zone)
    day = first_day(box.now(), zone)
    click.echo(_HELLO[wish.lang].format(day=f"{day:%d.%m.%Y}") + "\n")
    earlier = fired(app.store)
    sender = Sender(box.base_url, box.client, settings, f"{day:%y%m%d}", box.now)
    book = open_book(box.base_url, app.store, (), _BOOK_S)
    player = Player(box, app.store, sender, book, tell=_line)
    pause_s = 0.0 if wish.fast or wish.json else _PAUSE_S
    played = player.play(DAY, day, wish.lang, pause_s)
    _settle(box)
    google_calls = int(box.stats()["google_calls"]) - book.calls
    return Outcome(
        played=played,
        verdict=compare(app.store, book, app.contacts_of(""), played),
        follow_ups=fired(app.store) - earlier,
        google_calls=google_calls,
        seconds=time.monotonic() - started,
    )


def _settle(box: Box) -> None:
    """Wait until every consumer has read everything and nothing is being done.

    Raises:
        Transient: something lags all the time.
    """
    deadline = time.monotonic() + _SETTLE_S
    while time.monotonic() < deadline:
        stats = box.stats()
        lagging = any(lag["changes"] for lag in stats["lag"].values())
        if not lagging and not any(stats["queues"][name] for name in ("sheets", "contacts")):
            return
        time.sleep(_LOOK_S)
    raise Transient(f"the mirrors did not come to rest: {json.dumps(stats)}")


def _report(wish: Wish, outcome: Outcome) -> None:
    if wish.json:
        click.echo(json.dumps(outcome.as_json(), ensure_ascii=False))
    else:
        click.echo(summary(outcome, wish.lang))


def _serve_on(box: Box) -> None:
    """Return when the child has ended or Ctrl-C was pressed."""
    try:
        box.process.wait()
    except KeyboardInterrupt:
        return


def _line(at: str, words: str) -> None:
    click.echo(f"  {at}  {words}")
