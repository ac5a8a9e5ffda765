"""Proof by a name and password in the address, as providers without signatures give it.

Source: RFC 7617. The password is the secret; `name:password` as a secret binds the name too.
"""

import binascii
import hmac
from base64 import b64decode, b64encode
from collections.abc import Sequence

from kartoteka.domain.errors import NotAuthentic
from kartoteka.http import Call

_NAME = "kartoteka"


def check_basic(call: Call, secrets: Sequence[str]) -> None:
    """Refuse a call without one of the secrets: `NotAuthentic`."""
    scheme, _, given = call.header("authorization").partition(" ")
    pair = _decoded(given) if scheme.lower() == "basic" else b""
    wanted = [_pair(secret).encode() for secret in secrets if secret]
    fits = [hmac.compare_digest(pair, text) for text in wanted]
    if not any(fits):
        raise NotAuthentic("name and password are not this address's", code="bad_signature")


def basic_headers(secret: str) -> dict[str, str]:
    """Return the header with which a provider would prove this secret."""
    return {"authorization": "Basic " + b64encode(_pair(secret).encode()).decode()}


def _pair(secret: str) -> str:
    return secret if ":" in secret else f"{_NAME}:{secret}"


def _decoded(given: str) -> bytes:
    try:
        return b64decode(given.strip().encode("latin-1", "replace"), validate=True)
    except binascii.Error:
        return b""
