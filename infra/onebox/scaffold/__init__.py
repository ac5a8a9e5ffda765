"""A new channel from templates: module, page, samples, test, and its lines in the tables."""

import json
import keyword
import os
import re
import subprocess
import sys
from collections.abc import Iterator
from importlib.resources import files
from pathlib import Path

from kartoteka.domain.channels import CHANNEL_NAMES
from kartoteka.domain.errors import ConfigError, Invalid
from kartoteka.i18n import LOCALES

_NAME = re.compile(r"[a-z][a-z0-9]*(?:_[a-z0-9]+)*")
_SAMPLES = {
    "request": {
        "id": "n1",
        "event": "request",
        "at": "2026-11-20T09:15:00Z",
        "name": "Нина",
        "phone": "+79165550161",
        "text": "Нужна консультация",
    },
    "email_only": {"id": "n2", "event": "request", "email": "Nina@Example.RU"},
    "no_contact": {"id": "n3", "event": "request", "text": "Перезвоните"},
    "other_spelling": {"id": "n5", "event": "request", "phone": "8 (916) 555-01-62", "more": [1]},
    "unknown": {"id": "n4", "event": "invented"},
}
_TABLE = re.compile(r"(CHANNEL_NAMES: [^\n]*\(\n)(.*?)(\n\))", re.DOTALL)
_IMPORTS = re.compile(r"(    from ingest\.channels import \(\n)(.*?)(\n    \))", re.DOTALL)
_CHECKED = re.compile(r"(    _CHECKED: [^\n]*\(\n)(.*?)(\n    \))", re.DOTALL)
_TO_THE_ROW = re.compile(r"(REQUESTS = \{\n)(.*?)(\n\})", re.DOTALL)
_NAMES = re.compile(r'(\n)(  "channel_[^\n]*(?:\n  "channel_[^\n]*)*)(\n)')
_ADDED = "### Added\n\n"


def make(name: str, root: Path) -> list[Path]:
    """Return the files of a new channel, made in a checkout; the contract tests run over it.

    Raises:
        Invalid: the name is taken or no name of a module.
        ConfigError: this is no checkout.
    """
    _check(name, root)
    made = [_written(root / path, text) for path, text in _files(name)]
    for path, pattern, spelled in (
        (root / "functions/kartoteka/domain/channels.py", _TABLE, '    "{}",'),
        (root / "functions/ingest/channels/__init__.py", _IMPORTS, "        {},"),
        (root / "functions/ingest/channels/__init__.py", _CHECKED, "        {},"),
        (root / "tests/onebox/test_every_channel_e2e.py", _TO_THE_ROW, '    "{}": "request",'),
    ):
        _enlist(path, pattern, spelled.format(name))
    for locale in LOCALES:
        texts = root / f"functions/kartoteka/i18n/{locale}.json"
        _enlist(texts, _NAMES, f'  "channel_{name}": "{_title(name)}",')
    _announce(root / "CHANGELOG.md", name)
    _accept(name, root)
    return [*made, *sorted(_shelf(root, name).glob("*.expected.json"))]


def _check(name: str, root: Path) -> None:
    if name in CHANNEL_NAMES or not _NAME.fullmatch(name) or keyword.iskeyword(name):
        raise Invalid(
            f"{name!r} is taken or no name of a module: use a-z, 0-9 and _",
            fields={"name": "name"},
        )
    if not (root / "functions/ingest/channels").is_dir() or not (root / "tests").is_dir():
        raise ConfigError(f"{root} is no checkout of the sources: clone them first")


def _files(name: str) -> Iterator[tuple[str, str]]:
    yield f"functions/ingest/channels/{name}.py", _filled("module.txt", name)
    yield f"functions/ingest/channels/{name}.md", _filled("page.txt", name)
    yield f"tests/ingest/channels/test_{name}.py", _filled("test.txt", name)
    for sample, body in _SAMPLES.items():
        text = json.dumps(body, ensure_ascii=False, indent=2) + "\n"
        yield f"infra/onebox/fixtures/{name}/{sample}.json", text


def _filled(template: str, name: str) -> str:
    text = files("onebox.scaffold").joinpath(template).read_text("utf-8")
    title = _title(name)
    words = {"NEW_TITLE": title, "NEW_HEADER": title.replace(" ", "-")}
    words |= {"NEW_HYPHENS": name.replace("_", "-"), "NEW_NAME": name}
    return re.sub("|".join(words), lambda found: words[found[0]], text)


def _title(name: str) -> str:
    return name.replace("_", " ").title()


def _written(path: Path, text: str) -> Path:
    path.parent.mkdir(parents=True, exist_ok=True)
    with path.open("x", encoding="utf-8") as file:
        file.write(text)
    return path


def _enlist(path: Path, pattern: re.Pattern[str], line: str) -> None:
    """Put a line into a table, in its alphabetical place."""
    text = path.read_text("utf-8")
    found = pattern.search(text)
    if found is None:
        raise ConfigError(f"{path} has no table of channels any more")
    lines = sorted({*found[2].split("\n"), line})
    whole = found[1] + "\n".join(lines) + found[3]
    path.write_text(text[: found.start()] + whole + text[found.end() :], "utf-8")


def _announce(path: Path, name: str) -> None:
    text = path.read_text("utf-8")
    line = f"- **{name.capitalize()}:** (what the office notices).\n"
    path.write_text(text.replace(_ADDED, _ADDED + line, 1), "utf-8")


def _accept(name: str, root: Path) -> None:
    """Have the samples' meaning written beside them, by the sources as they are now."""
    command = [sys.executable, "-m", "tests.ingest.channels.samples", name]
    sources = os.pathsep.join(str(root / part) for part in ("functions", "infra", "."))
    around = {**os.environ, "PYTHONPATH": sources}
    subprocess.run(command, cwd=root, env=around, check=True)  # noqa: S603 - our own module


def _shelf(root: Path, name: str) -> Path:
    return root / "infra/onebox/fixtures" / name
