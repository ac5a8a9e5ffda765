"""Making the office of a backup, and proving that it holds what was backed up."""

import gzip
import json
import os
import re
import shutil
import sqlite3
import tarfile
import tempfile
import zlib
from pathlib import Path

from kartoteka.adapters.sqlite_moment import SqliteMoment, rebuild
from kartoteka.domain.errors import ConfigError, Invalid
from onebox.backups import records
from onebox.backups.archive import BOX, MANIFEST, OWNER_ONLY, VERSION, Manifest, digest
from onebox.backups.sealing import is_sealed, unseal
from onebox.office import STORE_FILE

_NAME = re.compile(
    r"records/[a-z][a-z0-9_]*\.ndjson|box/(?!office\.)[a-z]+\.sqlite3|box/clock\.json"
)
_DAMAGE = (
    tarfile.TarError,
    EOFError,
    gzip.BadGzipFile,
    KeyError,
    TypeError,
    ValueError,
    AttributeError,
    RecursionError,
    sqlite3.Error,
    zlib.error,
)


def restore(source: Path, data: Path, passphrase: str = "") -> Manifest:
    """Make the office of a backup in `data`, which must be absent or empty; return the manifest.

    The store is rebuilt in SQLite, logs in the order of their commits. Then it is read again:
    every collection must have the number of records and the SHA-256 that the manifest names, or
    the folder does not get its name.

    Raises:
        ConfigError: the folder is not empty, the disk refuses, or the passphrase is missing.
        Invalid: the passphrase is wrong, or the file is damaged or no backup.
    """
    if data.exists() and any(data.iterdir()):
        raise ConfigError(f"{data} is not empty; restore into a new folder")
    if is_sealed(source) and not passphrase:
        raise ConfigError(f"{source} is sealed; give its passphrase with --passphrase")
    try:
        data.parent.mkdir(parents=True, exist_ok=True)
        with tempfile.TemporaryDirectory(dir=data.resolve().parent) as folder:
            return _restored(source, data, Path(folder), passphrase)
    except _DAMAGE as exc:
        raise Invalid(f"{source} is damaged or no backup: {exc}", code="backup_damaged") from exc
    except OSError as exc:
        raise ConfigError(f"the backup {source} cannot be restored: {exc.strerror}") from exc


def _restored(source: Path, data: Path, folder: Path, passphrase: str) -> Manifest:
    plain, parts, office = folder / "plain", folder / "parts", folder / "office"
    for made in (parts, parts / records.FOLDER, parts / BOX, office):
        made.mkdir(mode=0o700)
    if is_sealed(source):
        with source.open("rb") as sealed, plain.open("xb") as opened:
            unseal(sealed, opened, passphrase)
    manifest = _unpacked(plain if plain.exists() else source, parts)
    _build(manifest, parts, office)
    if data.exists():
        data.rmdir()
    office.rename(data)
    return manifest


def _unpacked(source: Path, parts: Path) -> Manifest:
    with tarfile.open(source, "r:gz") as tar:
        first = tar.next()
        opened = tar.extractfile(first) if first is not None and first.name == MANIFEST else None
        if opened is None:
            raise ValueError("the manifest is missing")
        manifest: Manifest = json.loads(opened.read())
        if manifest["version"] != VERSION:
            raise ValueError(f"version {manifest['version']} is unknown here")
        for entry in tar:
            if _named(entry.name) and entry.name in manifest["files"] and entry.isfile():
                _extract(tar, entry, parts / entry.name)
    for name, said in manifest["files"].items():
        if not _named(name) or not (parts / name).exists():
            raise ValueError(f"{name} is missing")
        if digest(parts / name) != {"sha256": said["sha256"], "bytes": said["bytes"]}:
            raise ValueError(f"{name} differs from the manifest")
    return manifest


def _named(name: str) -> bool:
    return _NAME.fullmatch(name) is not None


def _extract(tar: tarfile.TarFile, entry: tarfile.TarInfo, target: Path) -> None:
    opened = tar.extractfile(entry)
    handle = os.open(target, os.O_WRONLY | os.O_CREAT | os.O_EXCL, OWNER_ONLY)
    with os.fdopen(handle, "wb") as file:
        if opened is not None:
            shutil.copyfileobj(opened, file)
        file.flush()
        os.fsync(file.fileno())


def _build(manifest: Manifest, parts: Path, office: Path) -> None:
    """Make the files of the office, and read the store again to compare it."""
    said = {n: d for n, d in manifest["files"].items() if n.startswith(records.FOLDER)}
    if not said:
        raise ValueError("it holds no office")
    store = office / STORE_FILE
    os.close(os.open(store, os.O_WRONLY | os.O_CREAT, OWNER_ONLY))
    rebuild(store, ((records.collection_of(n), records.read(parts / n)) for n in said))
    found = records.describe(SqliteMoment(store))
    for name in sorted(said.keys() | found.keys()):
        if said.get(name) != found.get(name):
            raise ValueError(f"the restored {name} differs from the manifest")
    for path in (parts / BOX).iterdir():
        path.rename(office / path.name)
