"""A file under a passphrase: AES-256-GCM in chunks, its key from scrypt.

A sealed file is MAGIC, 16 bytes of salt, then chunks of 64 KiB, each with its 16 bytes of tag. The
nonce of a chunk is its number, and one byte that says whether it is the last: chunks that are
changed, swapped or cut off do not open. Every file has a key of its own, from its own salt.
"""

import secrets
from collections.abc import Iterator
from pathlib import Path
from typing import BinaryIO

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from cryptography.hazmat.primitives.kdf.scrypt import Scrypt

from kartoteka.domain.errors import Invalid

MAGIC = b"KARTOTEKA SEALED 1\n"
CHUNK = 1 << 16
_SALT = 16
_TAG = 16
_COST = 1 << 15  # with 8 blocks: 32 MiB and about a tenth of a second for each guess


def is_sealed(path: Path) -> bool:
    """Return whether the file is under a passphrase."""
    with path.open("rb") as file:
        return file.read(len(MAGIC)) == MAGIC


def seal(source: BinaryIO, target: BinaryIO, passphrase: str) -> None:
    """Write what `source` holds to `target`, under the passphrase."""
    salt = secrets.token_bytes(_SALT)
    cipher = _cipher(passphrase, salt)
    target.write(MAGIC + salt)
    target.writelines(
        cipher.encrypt(_nonce(number, last=last), chunk, MAGIC)
        for number, chunk, last in _chunks(source, CHUNK)
    )


def unseal(source: BinaryIO, target: BinaryIO, passphrase: str) -> None:
    """Write what is sealed in `source` to `target`.

    Raises:
        Invalid: the passphrase is another one, or the file is damaged.
    """
    if source.read(len(MAGIC)) != MAGIC:
        raise Invalid("the file is not sealed: restore it without a passphrase")
    cipher = _cipher(passphrase, source.read(_SALT))
    try:
        target.writelines(
            cipher.decrypt(_nonce(number, last=last), chunk, MAGIC)
            for number, chunk, last in _chunks(source, CHUNK + _TAG)
        )
    except InvalidTag as exc:
        raise Invalid(
            "the backup does not open: the passphrase is wrong or the file is damaged",
            code="backup_sealed",
        ) from exc


def _chunks(source: BinaryIO, size: int) -> Iterator[tuple[int, bytes, bool]]:
    """Yield each chunk with its number and whether it is the last; an empty file has one."""
    number, chunk = 0, source.read(size)
    while True:
        following = source.read(size)
        yield number, chunk, not following
        if not following:
            return
        number, chunk = number + 1, following


def _cipher(passphrase: str, salt: bytes) -> AESGCM:
    return AESGCM(Scrypt(salt=salt, length=32, n=_COST, r=8, p=1).derive(passphrase.encode()))


def _nonce(number: int, *, last: bool) -> bytes:
    return number.to_bytes(11, "big") + bytes([last])
