"""What is kept for a caller, readable with what the caller shows and with nothing else.

AES-256-GCM under the SHA-256 of the caller's secret and the name of the request. Both are random
texts of the caller's, so no slow derivation is needed; the office keeps neither.
"""

import base64
import hashlib
import secrets

from cryptography.hazmat.primitives.ciphers.aead import AESGCM

_PURPOSE = b"kartoteka api answer\x00"
_NONCE = 12


def seal(plain: bytes, secret: str, name: str) -> str:
    """Return the sealed text."""
    nonce = secrets.token_bytes(_NONCE)
    return base64.b64encode(nonce + _cipher(secret, name).encrypt(nonce, plain, _PURPOSE)).decode()


def unseal(sealed: str, secret: str, name: str) -> bytes:
    """Return what was sealed with the same secret and name."""
    packed = base64.b64decode(sealed)
    return _cipher(secret, name).decrypt(packed[:_NONCE], packed[_NONCE:], _PURPOSE)


def _cipher(secret: str, name: str) -> AESGCM:
    return AESGCM(hashlib.sha256(b"\x00".join((_PURPOSE, secret.encode(), name.encode()))).digest())
