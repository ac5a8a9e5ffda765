"""Making the office of a backup in a folder, and proving that it holds what was backed up."""

import os
import tempfile
from pathlib import Path

from kartoteka.adapters.sqlite_moment import SqliteMoment, rebuild
from kartoteka.domain.errors import ConfigError
from onebox.backups import records
from onebox.backups.archive import BOX, OWNER_ONLY, Manifest
from onebox.backups.unpacking import check_passphrase, refusals, said_of_records, unpack
from onebox.office import STORE_FILE


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
    check_passphrase(source, passphrase)
    with refusals(source):
        data.parent.mkdir(parents=True, exist_ok=True)
        with tempfile.TemporaryDirectory(dir=data.resolve().parent) as folder:
            return _restored(source, data, Path(folder), passphrase)


def _restored(source: Path, data: Path, folder: Path, passphrase: str) -> Manifest:
    parts, office = folder / "parts", folder / "office"
    manifest = unpack(source, parts, passphrase)
    office.mkdir(mode=0o700)
    _build(manifest, parts, office)
    if data.exists():
        data.rmdir()
    office.rename(data)
    return manifest


def _build(manifest: Manifest, parts: Path, office: Path) -> None:
    """Make the files of the office, and read the store again to compare it."""
    said = said_of_records(manifest)
    store = office / STORE_FILE
    os.close(os.open(store, os.O_WRONLY | os.O_CREAT, OWNER_ONLY))
    rebuild(store, ((records.collection_of(n), records.read(parts / n)) for n in said))
    records.check_equal(said, records.describe(SqliteMoment(store)), ordered=True)
    for path in (parts / BOX).iterdir():
        path.rename(office / path.name)
