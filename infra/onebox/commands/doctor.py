"""`kartoteka doctor`: what this machine has, and what each thing is for."""

import os
import shutil
import socket
import sys
from collections.abc import Callable
from dataclasses import asdict, dataclass
from pathlib import Path

import click

from onebox.commands.options import data_option, json_option
from onebox.commands.output import print_json, print_rows
from onebox.office import DEFAULT_PORT, STORE_FILE

_OLDEST = (3, 11)
_BROWSERS = ("chromium", "chromium-browser", "google-chrome")
_ROOM = 1 << 30  # bytes


@dataclass(frozen=True, slots=True)
class Finding:
    """One thing looked at; `needed` ones must be right for the office to run."""

    what: str
    ok: bool
    needed: bool
    found: str
    why: str


@click.command("doctor")
@click.option("--port", type=click.IntRange(1, 65535), default=DEFAULT_PORT, show_default=True)
@json_option
@data_option
def doctor_command(port: int, as_json: bool, data: Path) -> None:
    """Look at this machine and say what is missing and what it is for."""
    findings = examine(port, data, shutil.which)
    if as_json:
        print_json([asdict(finding) for finding in findings])
    else:
        rows = [{**asdict(finding), "": _mark(finding)} for finding in findings]
        print_rows(rows, ("", "what", "found", "why"), "")
    if any(finding.needed and not finding.ok for finding in findings):
        raise click.exceptions.Exit(1)


def examine(port: int, data: Path, which: Callable[[str], str | None]) -> list[Finding]:
    """Return what was found; `which` finds a program by its name."""
    return [
        _python(),
        _folder(data),
        _room(data),
        _port(port),
        _program("Node.js", ("node",), which, "tests of the sheets add-on"),
        _program("Java", ("java",), which, "Google's Firestore emulator in tests"),
        _program("Chromium", _BROWSERS, which, "browser tests"),
    ]


def _mark(finding: Finding) -> str:
    if finding.ok:
        return "ok"
    return "NO" if finding.needed else "--"


def _python() -> Finding:
    version = ".".join(map(str, sys.version_info[:3]))
    return Finding("Python", sys.version_info >= _OLDEST, True, version, "3.11 or newer runs all")


def _folder(data: Path) -> Finding:
    nearest = next(path for path in (data, *data.absolute().parents) if path.exists())
    writable = os.access(nearest, os.W_OK)
    state = "an office is here" if (data / STORE_FILE).exists() else "new"
    found = f"{data}: {state}" if writable else f"{nearest} cannot be written"
    return Finding("data folder", writable, True, found, "the office's files; another: --data")


def _room(data: Path) -> Finding:
    nearest = next(path for path in (data, *data.absolute().parents) if path.exists())
    free = shutil.disk_usage(nearest).free
    return Finding("disk", free > _ROOM, True, f"{free >> 20} MiB free", "1 GiB for the files")


def _port(port: int) -> Finding:
    with socket.socket() as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind(("127.0.0.1", port))
        except OSError:
            return Finding("port", False, False, f"{port} is taken", "perhaps by a served office")
    return Finding("port", True, False, f"{port} is free", "the page and the webhooks")


def _program(
    what: str, names: tuple[str, ...], which: Callable[[str], str | None], why: str
) -> Finding:
    found = next((path for name in names if (path := which(name))), None)
    return Finding(what, found is not None, False, found or "absent", why)
