"""Making the office of a backup in an empty Firestore database, and proving that it is equal."""

import hashlib
import json
import tempfile
from collections.abc import Callable, Mapping
from contextlib import closing
from pathlib import Path

from kartoteka.adapters.firestore_moment import FirestoreMoment
from kartoteka.adapters.firestore_rebuild import FirestoreRebuild, is_number
from kartoteka.adapters.moment import CHECKPOINTS
from kartoteka.domain.errors import ConfigError
from kartoteka.indexes import LOGS
from kartoteka.settings import Settings
from onebox.backups import records
from onebox.backups.archive import Manifest
from onebox.backups.places import place
from onebox.backups.unpacking import check_passphrase, refusals, said_of_records, unpack

# An office exists when its settings do: they come last, behind what they need, and these behind
# the logs, so that whoever is already called there finds no office rather than half of one.
_LAST = "settings"
_LATE = ("checkpoints", *sorted(LOGS), "accounts", "forms", "staff")


def restore_in_cloud(source: Path, target: Settings, passphrase: str = "") -> Manifest:
    """Make the office of a backup in the target's database; return the manifest.

    The database must be empty, or hold what an earlier restoring of the same backup left there:
    then it goes on. Before the office is opened every collection is read again and compared with
    the manifest, logs in the order of their commits. The files of a box stay behind.

    Raises:
        ConfigError: the database is not empty, or the passphrase is missing; or somebody else
            writes to the database.
        Invalid: the passphrase is wrong, or the file is damaged or no backup.
        Transient: Firestore does not answer; repeat the restoring to go on.
    """
    check_passphrase(source, passphrase)
    with tempfile.TemporaryDirectory(prefix="restore-") as folder:
        parts = Path(folder) / "parts"
        with refusals(source):
            manifest = unpack(source, parts, passphrase)
            said = said_of_records(manifest)
            if records.file_of(_LAST) not in said:
                raise ValueError("it holds no office")
            names = _checkpointed(parts)
        with closing(_rebuild(target)) as office:
            office.begin(identity(manifest))
            _fill(office, parts, said, names)
            _compare(target, said, lambda collection: collection != _LAST)
            office.finish(_LAST, records.read(parts / records.file_of(_LAST)))
    _compare(target, said, lambda collection: collection == _LAST)
    return manifest


def identity(manifest: Manifest) -> str:
    """Return what no other backup has."""
    return hashlib.sha256(json.dumps(manifest).encode()).hexdigest()


def _rebuild(target: Settings) -> FirestoreRebuild:
    return FirestoreRebuild(target.project, target.database, log_shards=target.log_shards)


def _fill(
    office: FirestoreRebuild, parts: Path, said: records.Described, names: Mapping[int, str]
) -> None:
    there = {records.collection_of(name) for name in said} - {_LAST}
    early = sorted(there - set(_LATE))
    for collection in (*early, *(name for name in _LATE if name in there)):
        office.fill(collection, records.read(parts / records.file_of(collection)), names)


def _checkpointed(parts: Path) -> dict[int, str]:
    """Return the ids of the log entries that checkpoints point at, by number."""
    checkpoints = parts / records.file_of(CHECKPOINTS)
    if not checkpoints.exists():
        return {}
    said = (kept.doc.get("position") for kept in records.read(checkpoints))
    wanted = {int(str(position)) for position in said if is_number(position)}
    logs = (parts / records.file_of(log) for log in sorted(LOGS))
    entries = (kept for path in logs if path.exists() for kept in records.read(path))
    numbered = ((int(kept.position or 0), kept.id) for kept in entries)
    return {number: name for number, name in numbered if number in wanted}


def _compare(target: Settings, said: records.Described, wanted: Callable[[str], bool]) -> None:
    """Refuse a database that does not hold what the manifest says of the wanted collections."""
    expected = {name: it for name, it in said.items() if wanted(records.collection_of(name))}
    moment = FirestoreMoment(target.project, target.database, log_shards=target.log_shards)
    with closing(moment):
        try:
            records.check_equal(expected, records.describe(moment, wanted), ordered=False)
        except ValueError as exc:
            raise ConfigError(
                f"{place(target)}: {exc}. Somebody else writes to this database: delete it and"
                " restore into a new one that nobody uses yet"
            ) from exc
