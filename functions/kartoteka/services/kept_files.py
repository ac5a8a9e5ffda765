"""Files that came with an event: their keys, and deleting them when a person is forgotten."""

from collections.abc import Iterable

from kartoteka.domain.errors import ConfigError, NotAllowed
from kartoteka.domain.ids import derived
from kartoteka.domain.model import Attachment
from kartoteka.log import log
from kartoteka.ports import Files

_PREFIX = "fl"


def file_key(event: str, name: str, digest: str) -> str:
    """Return the key of a file of an event; the same when the event is repeated."""
    return derived(_PREFIX, event, name, digest)


def folder_key(record: str) -> str:
    """Return the key of the folder in which the papers of a record are."""
    return derived(_PREFIX, "folder", record)


def is_kept(file: Attachment) -> bool:
    """Return whether the office keeps the file itself."""
    return file.ref.startswith(f"{_PREFIX}_")


def discard_all(files: Files | None, attachments: Iterable[Attachment]) -> None:
    """Delete the files that the office keeps itself, for good; repeating it is harmless.

    Raises:
        Transient: they cannot be deleted now; the act is repeated.
    """
    keys = {item.ref for item in attachments if is_kept(item)}
    if files is None:
        return
    for key in sorted(keys):
        try:
            files.discard(key)
        except (ConfigError, NotAllowed) as exc:
            log("error", event="file_not_deleted", file=key, code=exc.code)
            return
