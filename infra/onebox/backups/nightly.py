"""A dated backup in a folder, and the old ones there taken away."""

from datetime import datetime
from pathlib import Path
from typing import Any

from kartoteka.domain.errors import ConfigError
from kartoteka.settings import Settings
from onebox.backups.archive import back_up
from onebox.backups.rotation import file_name, outdated

FOLDER = "backups"


def keep(settings: Settings, folder: Path, now: datetime, passphrase: str = "") -> dict[str, Any]:
    """Back up into the folder, then remove what is outdated; return file, removed and manifest.

    Nothing is removed unless the new backup is whole.

    Raises:
        ConfigError: there is no office, or the disk refuses.
    """
    target = folder / file_name(now)
    try:
        folder.mkdir(mode=0o700, parents=True, exist_ok=True)
        manifest = back_up(settings, target, now, passphrase)
        removed = outdated(folder)
        for path in removed:
            path.unlink()
    except OSError as exc:
        raise ConfigError(f"the folder {folder} cannot be used: {exc.strerror}") from exc
    return {"file": str(target), "removed": [path.name for path in removed], **manifest}
