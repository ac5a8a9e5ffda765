"""What WhatsApp, Messenger and Instagram have in common: Meta's signature and its trial."""

import hashlib
import hmac
from collections.abc import Sequence

from kartoteka.domain.errors import NotAuthentic
from kartoteka.http import Call, Reply

HEADER = "x-hub-signature-256"
_PREFIX = "sha256="


def verify(call: Call, secrets: Sequence[str]) -> None:
    """Refuse a body that none of the application's secrets has signed."""
    given = call.header(HEADER).encode("utf-8", "replace")
    right = [signature(call.body, secret).encode() for secret in secrets if secret]
    fits = [hmac.compare_digest(given, wanted) for wanted in right]
    if not any(fits):
        raise NotAuthentic(f"{HEADER} does not fit the body", code="bad_signature")


def sign(body: bytes, secret: str) -> dict[str, str]:
    """Return the headers with which Meta would send this body."""
    return {HEADER: signature(body, secret)}


def signature(body: bytes, secret: str) -> str:
    """Return what the header holds for this body: HMAC-SHA256 over the raw bytes, in hex."""
    return _PREFIX + hmac.new(secret.encode(), body, hashlib.sha256).hexdigest()


def challenge(call: Call, secrets: Sequence[str]) -> Reply | None:
    """Return Meta's number when the token fits: the last part of the address, or a secret."""
    if call.method != "GET" or call.param("hub.mode") != "subscribe":
        return None
    given = call.param("hub.verify_token").encode("utf-8", "replace")
    known = [secret.encode() for secret in (*call.path[1:2], *secrets) if secret]
    fits = [hmac.compare_digest(given, wanted) for wanted in known]
    if not any(fits):
        raise NotAuthentic("hub.verify_token is not this account's", code="bad_signature")
    number = call.param("hub.challenge")[:200]
    return Reply(200, number.encode(), {"content-type": "text/plain"})
