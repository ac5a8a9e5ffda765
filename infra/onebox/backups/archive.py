"""Writing a backup: a gzipped tar with a manifest, records as JSON lines, and the box's own files.

`records/<collection>.ndjson` holds a record per line: its id, in a log its position, the document.
`box/` holds what a box keeps beside its store: its queues, the stand-in for Google, the clock. Its
secrets stay behind: a restored box makes new ones. The manifest comes first and names every file
with its SHA-256 and size, files of records with their number and the hash of their content too.

The store is read at one moment, while it is served: SQLite from a copy that SQLite itself makes in
one step, Firestore at one read time. The files of a box are each a moment of their own.
"""

import hashlib
import io
import json
import os
import shutil
import tarfile
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import datetime
from pathlib import Path
from typing import Any

from kartoteka.adapters import sqlite_moment
from kartoteka.adapters.moment import Moment
from kartoteka.domain.errors import ConfigError
from kartoteka.domain.instant import spell
from kartoteka.settings import Settings
from onebox.backups import records
from onebox.backups.places import place
from onebox.backups.sealing import seal
from onebox.office import CLOCK_FILE, STORE_FILE

MANIFEST = "manifest.json"
VERSION = 3
BOX = "box/"
OWNER_ONLY = 0o600
Manifest = dict[str, Any]


def back_up(settings: Settings, target: Path, now: datetime, passphrase: str = "") -> Manifest:
    """Write the office of these settings to `target` and return the manifest.

    Args:
        settings: which store, and where.
        target: the file, which must be absent.
        now: when it is made.
        passphrase: seals the file; empty: anybody who has it can read it.

    Raises:
        ConfigError: there is no office, the target exists, or the disk refuses.
    """
    if settings.store == "sqlite" and not (settings.data / STORE_FILE).exists():
        raise ConfigError(f"there is no office in {settings.data}; name another with --data")
    if target.exists():
        raise ConfigError(f"{target} exists already; name a new file")
    try:
        place = settings.data if settings.store == "sqlite" else target.resolve().parent
        with tempfile.TemporaryDirectory(dir=place, prefix="backup-") as folder:
            manifest = _collected(settings, Path(folder), now)
            _publish(_packed(Path(folder), manifest), target, passphrase)
    except OSError as exc:
        raise ConfigError(f"the backup {target} cannot be written: {exc.strerror}") from exc
    return manifest


def digest(path: Path) -> dict[str, Any]:
    """Return what the manifest says of a file that holds no records."""
    with path.open("rb") as file:
        found = hashlib.file_digest(file, "sha256").hexdigest()
    return {"sha256": found, "bytes": path.stat().st_size}


def _collected(settings: Settings, folder: Path, now: datetime) -> Manifest:
    with _moment(settings, folder) as moment:
        files = records.write(moment, folder)
        kind = moment.kind
    if settings.store == "sqlite":
        files |= _box_files(settings.data, folder)
    return {"version": VERSION, "made_at": spell(now), "store": kind, "files": files}


@contextmanager
def _moment(settings: Settings, folder: Path) -> Iterator[Moment]:
    """Yield the store as it is now."""
    if settings.store == "sqlite":
        copied = folder / STORE_FILE
        sqlite_moment.copy(settings.data / STORE_FILE, copied)
        yield sqlite_moment.SqliteMoment(copied)
        return
    from kartoteka.adapters.firestore_moment import FirestoreMoment  # noqa: PLC0415 - on demand

    moment = FirestoreMoment(settings.project, settings.database, log_shards=settings.log_shards)
    try:
        if not moment.is_whole():
            raise ConfigError(
                f"a restoring into {place(settings)} was broken off: repeat `kartoteka restore`"
            )
        yield moment
    finally:
        moment.close()


def _box_files(data: Path, folder: Path) -> dict[str, dict[str, Any]]:
    (folder / BOX).mkdir(mode=0o700)
    for path in sorted(data.glob("*.sqlite3")):
        if path.name != STORE_FILE:
            sqlite_moment.copy(path, folder / BOX / path.name)
    if (data / CLOCK_FILE).exists():
        shutil.copyfile(data / CLOCK_FILE, folder / BOX / CLOCK_FILE)
    return {BOX + path.name: digest(path) for path in sorted((folder / BOX).iterdir())}


def _packed(folder: Path, manifest: Manifest) -> Path:
    packed = folder / "packed"
    with tarfile.open(packed, "w:gz", compresslevel=6) as tar:
        content = json.dumps(manifest, indent=1).encode()
        entry = tarfile.TarInfo(MANIFEST)
        entry.size, entry.mode = len(content), OWNER_ONLY
        tar.addfile(entry, io.BytesIO(content))
        for name in manifest["files"]:
            tar.add(folder / name, arcname=name, recursive=False)
    return packed


def _publish(packed: Path, target: Path, passphrase: str) -> None:
    """Give the finished file its name, never over one that appeared meanwhile."""
    handle, name = tempfile.mkstemp(dir=target.resolve().parent, prefix=".backup-")
    draft = Path(name)
    try:
        with os.fdopen(handle, "wb") as written, packed.open("rb") as plain:
            if passphrase:
                seal(plain, written, passphrase)
            else:
                shutil.copyfileobj(plain, written)
            written.flush()
            os.fsync(written.fileno())
        os.link(draft, target)
    finally:
        draft.unlink()
