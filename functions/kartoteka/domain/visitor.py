"""The visitor of a site: a random name, and the proof that it was we who gave it.

Nothing of a visitor is stored before the first message: the browser keeps the name with its
proof, an HMAC-SHA256 with a secret of the site. Any of the site's secrets is valid: rotation.
"""

import base64
import hashlib
import hmac
import re
from collections.abc import Sequence

from kartoteka.domain.errors import NotAuthentic
from kartoteka.domain.ids import derived, unguessable

CHANNEL = "site"
_PREFIX = "v"
_NAME = re.compile(r"v_[0-9a-z]{16}")
_PROOF_BYTES = 18


def fresh_visitor() -> str:
    """Return a new name that nobody finds by trying."""
    return unguessable(_PREFIX)


def is_visitor(name: str) -> bool:
    """Return whether the name is spelled as we spell them."""
    return _NAME.fullmatch(name) is not None


def token(visitor: str, secret: str) -> str:
    """Return the name with its proof, as the browser keeps it."""
    digest = hmac.new(secret.encode(), f"visitor\x1f{visitor}".encode(), hashlib.sha256).digest()
    return f"{visitor}.{base64.urlsafe_b64encode(digest[:_PROOF_BYTES]).decode()}"


def visitor_of(given: str, secrets: Sequence[str]) -> str:
    """Return whose token it is.

    Raises:
        NotAuthentic: none of the secrets made it.
    """
    visitor = given.partition(".")[0]
    told = given.encode("utf-8", "replace")
    fits = [
        hmac.compare_digest(told, token(visitor, secret).encode("utf-8", "replace"))
        for secret in secrets
        if secret
    ]
    if not is_visitor(visitor) or not any(fits):
        raise NotAuthentic("not a visitor of this site", code="bad_signature")
    return visitor


def receipt_id(visitor: str, tag: str) -> str:
    """Return what an answer is called in a report that this visitor read it."""
    return derived("rc", visitor, tag)


def guest_number(messenger: str) -> str:
    """Return what tells nameless visitors apart, of `site:account:visitor`; else nothing."""
    channel, _, rest = messenger.partition(":")
    visitor = rest.rpartition(":")[2]
    return visitor[-4:].upper() if channel == CHANNEL and is_visitor(visitor) else ""
