"""A ZIP of a session becomes its files, in steps, within bounds.

Sizes that the archive names are not believed: bytes are counted as they come out.
"""

import zipfile
import zlib
from collections.abc import Callable

from ingest.commerceml.names import kind_of, plain_name
from kartoteka.domain.errors import Invalid, Malformed
from kartoteka.domain.exchange import ExchangeSession, FileState
from kartoteka.services import exchange_sessions as sessions
from kartoteka.services.exchange_files import LARGEST, PART, StoredFile, append
from kartoteka.services.office import Desk
from kartoteka.services.unit import Unit

_MOST_ENTRIES = 20_000
_MOST_TIMES = 400  # larger than packed: XML with one word repeated shrinks a hundred times
_SMALL = 4 * 1024 * 1024
_PORTION = 4 * PART
_ENCRYPTED = 0x1


def unpack(desk: Desk, session: ExchangeSession, name: str, over: Callable[[], bool]) -> bool:
    """Return whether every XML of the archive lies in the session now.

    Raises:
        Malformed: it is no archive, is encrypted, or grows beyond every measure.
    """
    packed = session.files[name]
    try:
        with zipfile.ZipFile(StoredFile(desk.store, session.id, packed)) as archive:
            for entry in _entries(archive):
                session = _extract(desk, session, (archive, entry, packed.size), over)
                if over():
                    return False
    except (zipfile.BadZipFile, NotImplementedError, EOFError, RuntimeError, zlib.error) as exc:
        raise Malformed("the archive cannot be read", code="zip_broken") from exc
    return True


def _entries(archive: zipfile.ZipFile) -> list[zipfile.ZipInfo]:
    entries = archive.infolist()
    if len(entries) > _MOST_ENTRIES:
        raise Malformed("too many files", code="zip_bomb")
    found = [entry for entry in entries if kind_of(entry.filename) == "xml"]
    if any(entry.flag_bits & _ENCRYPTED for entry in found):
        raise Malformed("the archive is encrypted", code="zip_encrypted")
    return found


def _extract(
    desk: Desk,
    session: ExchangeSession,
    source: tuple[zipfile.ZipFile, zipfile.ZipInfo, int],
    over: Callable[[], bool],
) -> ExchangeSession:
    """Return the session with the entry, or with as much of it as time allowed."""
    archive, entry, packed = source
    name = _name(entry)
    had = session.files.get(name, FileState(name=name))
    if had.done or had.unpacked:
        return session
    with archive.open(entry) as stream:
        stream.seek(had.size)
        while True:
            body = stream.read(_PORTION)
            session = _grown(desk, session, name, body)
            total = sum(file.size for file in session.files.values())
            if total > LARGEST or total > max(_SMALL, packed * _MOST_TIMES):
                raise Malformed("the archive grows beyond measure", code="zip_bomb")
            if not body or over():
                return session


def _name(entry: zipfile.ZipInfo) -> str:
    try:
        return plain_name(entry.filename)
    except Invalid as exc:
        raise Malformed("a name in the archive leads elsewhere", code="zip_name") from exc


def _grown(desk: Desk, session: ExchangeSession, name: str, body: bytes) -> ExchangeSession:
    def act(unit: Unit, current: ExchangeSession) -> ExchangeSession:
        file = current.files.get(name, FileState(name=name))
        grown = append(unit, current, file, body)
        return sessions.with_file(current, grown.model_copy(update={"unpacked": not body}))

    return sessions.change(desk, session.id, act)
