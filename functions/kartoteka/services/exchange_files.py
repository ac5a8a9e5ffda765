"""Files of an exchange: they come in parts, lie in the store, are read as one.

They are records and not files of the office's account on purpose. A part and the count of parts
are written together, so a call that failed half way leaves nothing; an office without a connected
account exchanges too; a catalogue of fifty thousand goods needs no six hundred calls to Google.
A part is compressed: XML shrinks about ten times, and half a megabyte of anything fits a record.
"""

import base64
import io
import zlib
from collections.abc import Iterator, Sequence
from functools import partial

from kartoteka.domain.errors import NotFound
from kartoteka.domain.exchange import ExchangePart, ExchangeSession, FileState, part_id
from kartoteka.ports import Store, Tx
from kartoteka.services.unit import Unit

PART = 512 * 1024  # bytes before compression
LARGEST = 400 * 1024 * 1024  # bytes of one file
MOST_FILES = 2_000
_DISCARDED = 200  # parts of a transaction


def append(unit: Unit, session: ExchangeSession, file: FileState, body: bytes) -> FileState:
    """Return the file with this body behind what came before; its parts are kept in the unit."""
    sizes = list(file.sizes)
    for at in range(0, len(body), PART):
        piece = body[at : at + PART]
        told = base64.b64encode(zlib.compress(piece, 1)).decode()
        unit.keep(ExchangePart(id=part_id(session.id, file.name, len(sizes)), data=told))
        sizes.append(len(piece))
    return file.model_copy(update={"sizes": tuple(sizes)})


def pieces(store: Store, session_id: str, file: FileState, place: int = 0) -> Iterator[bytes]:
    """Yield the bytes of a file from a place on, a part at a time.

    Raises:
        NotFound: a part is gone; the exchange begins anew.
    """
    at = 0
    for number, size in enumerate(file.sizes):
        if at + size > place:
            yield _part(store, session_id, file.name, number)[max(0, place - at) :]
        at += size


def tail(store: Store, session_id: str, file: FileState) -> bytes:
    """Return the last part of a file, empty when there is none."""
    last = len(file.sizes) - 1
    return _part(store, session_id, file.name, last) if last >= 0 else b""


class StoredFile(io.RawIOBase):
    """A file of a session that can be read anywhere, with one part in memory."""

    def __init__(self, store: Store, session_id: str, file: FileState) -> None:
        super().__init__()
        self._store, self._session_id, self._file = store, session_id, file
        self._at = 0
        self._held: tuple[int, bytes] = (-1, b"")

    def readable(self) -> bool:
        return True

    def seekable(self) -> bool:
        return True

    def tell(self) -> int:
        return self._at

    def seek(self, offset: int, whence: int = io.SEEK_SET) -> int:
        base = {io.SEEK_SET: 0, io.SEEK_CUR: self._at, io.SEEK_END: self._file.size}[whence]
        self._at = max(0, base + offset)
        return self._at

    def read(self, size: int = -1, /) -> bytes:
        """Return up to `size` bytes from the place on; all that is left for -1."""
        left = self._file.size - self._at if size < 0 else size
        found = []
        while left > 0 and (piece := self._piece(left)):
            found.append(piece)
            left -= len(piece)
            self._at += len(piece)
        return b"".join(found)

    def _piece(self, most: int) -> bytes:
        at = 0
        for number, size in enumerate(self._file.sizes):
            if self._at < at + size:
                start = self._at - at
                return self._load(number)[start : start + most]
            at += size
        return b""

    def _load(self, number: int) -> bytes:
        if self._held[0] != number:
            part = _part(self._store, self._session_id, self._file.name, number)
            self._held = (number, part)
        return self._held[1]


def discard(store: Store, session_id: str, file: FileState) -> None:
    """Delete the parts of a file; repeating it is harmless."""
    names = [part_id(session_id, file.name, number) for number in range(len(file.sizes))]
    for at in range(0, len(names), _DISCARDED):
        store.run(partial(_delete, names=names[at : at + _DISCARDED]))


def _delete(tx: Tx, names: Sequence[str]) -> None:
    for name in names:
        tx.delete(ExchangePart.collection, name)


def _part(store: Store, session_id: str, name: str, number: int) -> bytes:
    doc = store.get(ExchangePart.collection, part_id(session_id, name, number))
    if doc is None:
        raise NotFound("a part of the file is gone", code="exchange_part_gone")
    return zlib.decompress(base64.b64decode(str(doc["data"])))
