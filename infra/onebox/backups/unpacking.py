"""Opening a backup: unsealed, unpacked, and each file compared with the manifest."""

import gzip
import json
import os
import re
import shutil
import sqlite3
import tarfile
import zlib
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from kartoteka.domain.errors import ConfigError, Invalid
from onebox.backups import records
from onebox.backups.archive import BOX, MANIFEST, OWNER_ONLY, VERSION, Manifest, digest
from onebox.backups.sealing import is_sealed, unseal

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


@contextmanager
def refusals(source: Path) -> Iterator[None]:
    """Say of what goes wrong inside the block whether the file or the disk is to blame.

    Raises:
        Invalid: the file is damaged or no backup.
        ConfigError: the disk refuses.
    """
    try:
        yield
    except _DAMAGE as exc:
        raise Invalid(f"{source} is damaged or no backup: {exc}", code="backup_damaged") from exc
    except OSError as exc:
        raise ConfigError(f"the backup {source} cannot be restored: {exc.strerror}") from exc


def check_passphrase(source: Path, passphrase: str) -> None:
    """Refuse a sealed file without its passphrase."""
    if is_sealed(source) and not passphrase:
        raise ConfigError(f"{source} is sealed; give its passphrase with --passphrase")


def unpack(source: Path, parts: Path, passphrase: str) -> Manifest:
    """Write the files of a backup below the new folder `parts` and return the manifest.

    Raises:
        ValueError: a file is missing or differs from the manifest; see `refusals`.
    """
    for made in (parts, parts / records.FOLDER, parts / BOX):
        made.mkdir(mode=0o700)
    if not is_sealed(source):
        return _unpacked(source, parts)
    plain = parts / "plain"
    with source.open("rb") as sealed, plain.open("xb") as opened:
        unseal(sealed, opened, passphrase)
    manifest = _unpacked(plain, parts)
    plain.unlink()
    return manifest


def said_of_records(manifest: Manifest) -> records.Described:
    """Return what the manifest says of the files of records; `ValueError` if there are none."""
    said = {n: d for n, d in manifest["files"].items() if n.startswith(records.FOLDER)}
    if not said:
        raise ValueError("it holds no office")
    return said


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
