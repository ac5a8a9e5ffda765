"""Files on their way into a session, part by part."""

import hashlib
from collections.abc import Iterable

from ingest.commerceml.names import is_read, kind_of
from kartoteka.domain.errors import Invalid
from kartoteka.domain.exchange import ExchangeSession, FileState
from kartoteka.services import exchange_sessions as sessions
from kartoteka.services.exchange_files import LARGEST, MOST_FILES, append, discard, tail
from kartoteka.services.office import Desk
from kartoteka.services.unit import Unit

_END = "</коммерческаяинформация>"
_TAIL = 400  # bytes in which the end of a document stands


def added(desk: Desk, session: ExchangeSession, name: str, body: bytes) -> ExchangeSession:
    """Return the session with this body behind what came of the file before.

    Pictures are taken and not kept. The same body twice in a row is a call that 1C repeated. A file
    that was worked off and comes again begins anew.

    Raises:
        Invalid: too many files, or too many bytes.
    """
    if not is_read(name) or not body:
        return session
    last = hashlib.sha256(body).hexdigest()[:32]

    def act(unit: Unit, current: ExchangeSession) -> ExchangeSession:
        known = current.files.get(name, FileState(name=name))
        file = FileState(name=name) if known.done else known
        if file.last == last:
            return current
        _check(current.files.values(), len(body))
        grown = append(unit, current, file, body)
        return sessions.with_file(current, grown.model_copy(update={"last": last}))

    return sessions.change(desk, session.id, act)


def dropped(desk: Desk, session: ExchangeSession) -> None:
    """Throw away every file of a session that was not worked off; their lines stay."""
    found: list[FileState] = []

    def act(_: Unit, current: ExchangeSession) -> ExchangeSession:
        found[:] = [file for file in current.files.values() if file.sizes]
        gone = {it.name: it.model_copy(update={"sizes": (), "done": True}) for it in found}
        return current.model_copy(update={"files": {**current.files, **gone}})

    sessions.change(desk, session.id, act)
    for file in found:
        discard(desk.store, session.id, file)


def _check(files: Iterable[FileState], more: int) -> None:
    known = list(files)
    if len(known) >= MOST_FILES or sum(file.size for file in known) + more > LARGEST:
        raise Invalid("the exchange is too large", fields={"file": "size"}, code="exchange_size")


def is_whole(desk: Desk, session: ExchangeSession, name: str) -> bool:
    """Return whether the last byte of a document came."""
    end = tail(desk.store, session.id, session.files[name])[-_TAIL:]
    spelled = (end.decode(name, "replace").casefold() for name in ("utf-8", "cp1251"))
    return any(_END in text for text in spelled)


def archives(session: ExchangeSession) -> list[str]:
    """Return the archives of the session that are not unpacked yet."""
    return [name for name, file in session.files.items() if kind_of(name) == "zip" and file.sizes]


def emptied(desk: Desk, session: ExchangeSession, name: str) -> ExchangeSession:
    """Return the session with the parts of an archive gone: what was in it lies beside."""
    packed = session.files[name]

    def act(_: Unit, current: ExchangeSession) -> ExchangeSession:
        file = current.files[name].model_copy(update={"sizes": (), "done": True})
        return sessions.with_file(current, file)

    turned = sessions.change(desk, session.id, act)
    discard(desk.store, session.id, packed)
    return turned


def waits(file: FileState) -> bool:
    """Return whether a file with records was not worked off yet."""
    return kind_of(file.name) == "xml" and not file.done
