"""The office in one file and back: a gzipped tar of consistent copies with a manifest.

Each database is copied with SQLite's backup interface, so the office may be served meanwhile. The
manifest names every file with its SHA-256, its size and the number of records per table; restore
checks all of it before the folder gets its name. The box's own secrets are not copied: a restored
box makes new ones.
"""

import gzip
import hashlib
import io
import json
import os
import sqlite3
import tarfile
import tempfile
from collections.abc import Iterator
from contextlib import closing, contextmanager
from datetime import datetime
from pathlib import Path
from typing import Any

from kartoteka.domain.errors import ConfigError, Invalid
from kartoteka.domain.instant import spell
from onebox.office import CLOCK_FILE, STORE_FILE

MANIFEST = "manifest.json"
VERSION = 1
_CHUNK = 1 << 20
_COUNT = "SELECT count(*) FROM {}"
_COPIED = (CLOCK_FILE,)
_OWNER_ONLY = 0o600
Manifest = dict[str, Any]


def back_up(data: Path, target: Path, now: datetime) -> Manifest:
    """Write the office of a data folder to `target` and return the manifest.

    Raises:
        ConfigError: there is no office, the target exists, or the disk refuses.
    """
    if not (data / STORE_FILE).exists():
        raise ConfigError(f"there is no office in {data}; name another folder with --data")
    if target.exists():
        raise ConfigError(f"{target} exists already; name a new file")
    try:
        with tempfile.TemporaryDirectory(dir=target.resolve().parent) as folder:
            return _written(data, target, Path(folder), now)
    except OSError as exc:
        raise ConfigError(f"the backup {target} cannot be written: {exc.strerror}") from exc


def restore(source: Path, data: Path) -> Manifest:
    """Make the office of a backup in `data`, which must be absent or empty; return the manifest.

    Raises:
        ConfigError: the folder is not empty, or the disk refuses.
        Invalid: the file is no backup, is damaged, or holds something else than it says.
    """
    if data.exists() and any(data.iterdir()):
        raise ConfigError(f"{data} is not empty; restore into a new folder")
    data.parent.mkdir(parents=True, exist_ok=True)
    try:
        with tempfile.TemporaryDirectory(dir=data.resolve().parent) as folder:
            draft = Path(folder) / "office"
            draft.mkdir(mode=0o700)
            manifest = _unpacked(source, draft)
            if data.exists():
                data.rmdir()
            draft.rename(data)
    except (tarfile.TarError, EOFError, gzip.BadGzipFile, KeyError, ValueError) as exc:
        raise Invalid(f"{source} is damaged or no backup: {exc}", code="backup_damaged") from exc
    except OSError as exc:
        raise ConfigError(f"the backup {source} cannot be restored: {exc.strerror}") from exc
    return manifest


def _written(data: Path, target: Path, folder: Path, now: datetime) -> Manifest:
    names = sorted(path.name for path in data.glob("*.sqlite3"))
    for name in names:
        _copy_database(data / name, folder / name)
    for name in _COPIED:
        if (data / name).exists():
            (folder / name).write_bytes((data / name).read_bytes())
            names.append(name)
    manifest: Manifest = {
        "version": VERSION,
        "made_at": spell(now),
        "files": {name: _described(folder / name) for name in names},
    }
    draft = folder / "backup.tar.gz"
    with os.fdopen(os.open(draft, os.O_WRONLY | os.O_CREAT, _OWNER_ONLY), "wb") as file:
        with tarfile.open(fileobj=file, mode="w:gz", compresslevel=6) as tar:
            _add(tar, MANIFEST, json.dumps(manifest, indent=1).encode())
            for name in names:
                tar.add(folder / name, arcname=name, recursive=False)
        file.flush()
        os.fsync(file.fileno())
    os.link(draft, target)  # never over a file that appeared meanwhile
    return manifest


def _copy_database(source: Path, target: Path) -> None:
    with _opened(source) as old, closing(sqlite3.connect(target)) as new:
        old.backup(new)  # in one step: a moment of the file, while others go on writing
        new.execute("PRAGMA journal_mode = DELETE")


@contextmanager
def _opened(path: Path) -> Iterator[sqlite3.Connection]:
    with closing(sqlite3.connect(path, timeout=20)) as connection:
        yield connection


def _described(path: Path) -> dict[str, Any]:
    found: dict[str, Any] = {"sha256": _digest(path), "bytes": path.stat().st_size}
    if path.suffix == ".sqlite3":
        found["records"] = _counts(path)
    return found


def _digest(path: Path) -> str:
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()


def _counts(path: Path) -> dict[str, int]:
    listed = "SELECT name FROM sqlite_master WHERE type = 'table' ORDER BY name"
    with _opened(path) as connection:
        names = [row[0] for row in connection.execute(listed)]
        return {name: _count(connection, name) for name in names}


def _count(connection: sqlite3.Connection, table: str) -> int:
    quoted = '"' + table.replace('"', '""') + '"'
    number: int = connection.execute(_COUNT.format(quoted)).fetchone()[0]
    return number


def _add(tar: tarfile.TarFile, name: str, content: bytes) -> None:
    entry = tarfile.TarInfo(name)
    entry.size, entry.mode = len(content), _OWNER_ONLY
    tar.addfile(entry, io.BytesIO(content))


def _unpacked(source: Path, draft: Path) -> Manifest:
    with tarfile.open(source, "r:gz") as tar:
        first = tar.next()
        opened = tar.extractfile(first) if first is not None and first.name == MANIFEST else None
        if opened is None:
            raise ValueError("the manifest is missing")
        manifest: Manifest = json.loads(opened.read())
        if manifest["version"] != VERSION:
            raise ValueError(f"version {manifest['version']} is unknown here")
        wanted = set(manifest["files"])
        for entry in tar:
            if entry.name in wanted and entry.isfile() and "/" not in entry.name:
                _extract(tar, entry, draft / entry.name)
    _verify(manifest, draft)
    return manifest


def _extract(tar: tarfile.TarFile, entry: tarfile.TarInfo, target: Path) -> None:
    opened = tar.extractfile(entry)
    handle = os.open(target, os.O_WRONLY | os.O_CREAT | os.O_EXCL, _OWNER_ONLY)
    with os.fdopen(handle, "wb") as file:
        while opened is not None and (chunk := opened.read(_CHUNK)):
            file.write(chunk)
        file.flush()
        os.fsync(file.fileno())


def _verify(manifest: Manifest, draft: Path) -> None:
    if STORE_FILE not in manifest["files"]:
        raise ValueError("it holds no office")
    for name, said in manifest["files"].items():
        if not (draft / name).exists():
            raise ValueError(f"{name} is missing")
        if _described(draft / name) != said:
            raise ValueError(f"{name} differs from the manifest")
