"""What a served box turned away because the provider's secret is not the office's.

Source: the lines `unproven` of the box's own log; nothing is stored for a call that proves nothing.
"""

import json
from collections.abc import Iterator, Mapping
from contextlib import suppress
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path

from kartoteka.log import nickname
from onebox.logfile import FILE

_MARK = '"unproven"'


@dataclass(frozen=True, slots=True)
class Refusals:
    """How many calls of an account were turned away, and when the last one was."""

    count: int
    last_at: datetime


def refused(data: Path, since: Mapping[str, datetime | None]) -> dict[str, Refusals]:
    """Return by account what was turned away after its last event; None: there was no event."""
    found: dict[str, Refusals] = {}
    accounts = {nickname(account): account for account in since}
    for named, at in _lines(data):
        account = accounts.get(named, "")
        heard = since.get(account)
        if account and (heard is None or at > heard):
            before = found.get(account, Refusals(0, at))
            found[account] = Refusals(before.count + 1, max(before.last_at, at))
    return found


def _lines(data: Path) -> Iterator[tuple[str, datetime]]:
    """Yield nickname and moment of every refusal in the log, the older file first."""
    for path in (data / f"{FILE}.1", data / FILE):
        with suppress(FileNotFoundError), path.open(encoding="utf-8", errors="replace") as lines:
            for line in lines:
                if _MARK in line:
                    yield from _told(line)


def _told(line: str) -> Iterator[tuple[str, datetime]]:
    with suppress(ValueError, KeyError):  # a line that a power cut left half written
        told = json.loads(line)
        yield str(told["account"]), datetime.fromisoformat(told["at"])
