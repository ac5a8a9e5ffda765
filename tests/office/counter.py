"""A fresh office behind the command line, in either language, on a clock that a story moves."""

import json
import re
from collections.abc import Callable
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from importlib.resources import files
from pathlib import Path
from typing import Any

import pytest

from automation import engine, nightly, timers
from kartoteka.domain.instant import spell
from kartoteka.i18n import catalogue
from kartoteka.services.office import Desk, read_settings
from onebox.cli import REFUSED, run
from onebox.clock import BoxClock
from onebox.commands.waking import Silent, silenced
from onebox.office import CLOCK_FILE, open_app

_CYRILLIC = re.compile("[А-Яа-яЁё]+")
START = datetime.fromisoformat("2026-11-23T09:00:00+03:00")  # a Monday


@dataclass
class Counter:
    """Runs commands as people type them; what is refused is told in the office's language."""

    data: Path
    locale: str
    read: Callable[[], tuple[str, str]]

    def run(self, *words: str) -> tuple[int, str, str]:
        """Return exit code, output and errors of one command line."""
        self.read()
        code = run([*words, "--data", str(self.data)])
        return (code, *self.read())

    def do(self, who: str, name: str, /, **given: Any) -> Any:
        """Return what a command answers."""
        code, told, wrong = self._ask(who, name, given)
        assert code == 0, wrong
        return json.loads(told)

    def refused(self, who: str, name: str, code: str, /, **given: Any) -> str:
        """Return the refusal of a command: the office's text of this code, and no other."""
        status, _, wrong = self._ask(who, name, given)
        said = " ".join(wrong.split()).removeprefix("kartoteka: ")
        assert status == REFUSED, "it was not refused"
        head = catalogue(self.locale)[code].split("{", maxsplit=1)[0].strip()
        assert said.startswith(head), said
        if self.locale == "en":
            own = json.dumps([given, self._own_words()], ensure_ascii=False)
            foreign = [word for word in self.cyrillic(said) if word not in own]
            assert not foreign, said
        return said

    def cyrillic(self, said: str) -> list[str]:
        """Return the Russian words of a text."""
        return _CYRILLIC.findall(said)

    def rows(self, what: str, who: str = "") -> list[dict[str, Any]]:
        """Return what `kartoteka list` prints, as somebody sees it."""
        seen = ["--as", f"{who}@office.example"] if who else []
        code, told, wrong = self.run("list", what, "--json", *seen)
        assert code == 0, wrong
        found: list[dict[str, Any]] = json.loads(told)
        return found

    def row(self, what: str, record: str) -> dict[str, Any]:
        """Return one of the records that a list prints."""
        return next(row for row in self.rows(what) if row["id"] == record)

    def now(self) -> datetime:
        """Return the office's time."""
        return BoxClock(saved=self.data / CLOCK_FILE).now()

    def after(self, **time: float) -> str:
        """Return the moment so much later, as a command takes it."""
        return spell(self.now() + timedelta(**time))

    def passes(self, **time: float) -> None:
        """Let time pass at once, then let the rules do what fell due."""
        self.rules()
        BoxClock(saved=self.data / CLOCK_FILE).advance(timedelta(**time))
        self.rules()

    def rules(self) -> None:
        """Drain the log and fire what is late, as the served box does by itself."""
        desk = self._desk()
        engine.run(desk)
        timers.fire_late(desk)
        engine.run(desk)

    def night(self) -> dict[str, int]:
        """Return what the nightly check found."""
        return nightly.run(self._desk())

    def damage(self, collection: str, record: str, **update: Any) -> None:
        """Change a stored record behind everybody's back, as no command can."""
        store = self._app().store
        doc = {**(store.get(collection, record) or {}), **update}
        store.run(lambda tx: tx.put(collection, record, doc))

    def _app(self) -> Any:
        return open_app(self.data, BoxClock(saved=self.data / CLOCK_FILE))

    def _own_words(self) -> list[object]:
        """Return what the office calls in one language only: people and sources."""
        settings = read_settings(self._app().store)
        return [[person.name for person in settings.staff], settings.office.sources]

    def _desk(self) -> Desk:
        return replace(silenced(self._app().desk), tasks=Silent())

    def _ask(self, who: str, name: str, given: dict[str, Any]) -> tuple[int, str, str]:
        fields = json.dumps(given, ensure_ascii=False)
        return self.run("do", name, "--as", f"{who}@office.example", "--json", fields)


def opened(folder: Path, locale: str, capsys: pytest.CaptureFixture[str]) -> Counter:
    """Return a fresh office; the English one is the same law firm in English."""
    folder.mkdir()
    preset = folder.parent / f"{locale}.yaml"
    source = files("kartoteka.presets").joinpath("law_firm.yaml").read_text("utf-8")
    preset.write_text(source.replace("\nlocale: ru\n", f"\nlocale: {locale}\n"), "utf-8")
    assert run(["init", "--preset", str(preset), "--data", str(folder)]) == 0
    BoxClock(START, folder / CLOCK_FILE)

    def read() -> tuple[str, str]:
        printed = capsys.readouterr()
        return printed.out, printed.err

    return Counter(folder, locale, read)
