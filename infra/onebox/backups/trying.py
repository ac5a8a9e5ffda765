"""Whether a backup would come back: restored into a temporary folder, compared, and noted."""

import shutil
import tempfile
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path

from kartoteka.domain.errors import ConfigError, KartotekaError
from kartoteka.ports import Store
from kartoteka.services.backups import note_tested
from onebox.backups.restoring import restore
from onebox.backups.rotation import newest

_DRAFT = ".try-"


@dataclass(frozen=True, slots=True)
class Tried:
    """What came of it: the file, the records that came back, and what was wrong, if anything."""

    file: str
    records: int = 0
    problem: str = ""


def try_newest(store: Store, folder: Path, now: datetime, passphrase: str = "") -> Tried:
    """Try the newest backup of the folder and note in the store how it went; health tells it.

    A backup that does not come back is an answer too: it is noted, not raised. Where there is
    none, nothing was tried: health tells a missing backup by itself.
    """
    found = newest(folder)
    if found is None:
        return Tried(str(folder), problem="there is no backup here yet")
    return try_file(store, found, now, passphrase)


def try_file(store: Store, file: Path, now: datetime, passphrase: str = "") -> Tried:
    """Try one backup and note in the store how it went."""
    tried = _tried(file, passphrase)
    note_tested(store, now, str(file), tried.problem)
    return tried


def _tried(file: Path, passphrase: str) -> Tried:
    around = file.resolve().parent
    try:
        for left in around.glob(f"{_DRAFT}*"):  # by a test that was killed
            shutil.rmtree(left)
        with tempfile.TemporaryDirectory(dir=around, prefix=_DRAFT) as folder:
            manifest = restore(file, Path(folder) / "office", passphrase)
    except KartotekaError as exc:
        return Tried(str(file), problem=str(exc))
    except OSError as exc:
        raise ConfigError(f"{file.parent} cannot be used: {exc.strerror}") from exc
    return Tried(str(file), sum(said.get("records", 0) for said in manifest["files"].values()))
