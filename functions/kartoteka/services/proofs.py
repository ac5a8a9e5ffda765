"""Addresses that prove themselves: nobody makes one without the office's secret."""

import hmac
import secrets
from datetime import UTC, datetime

LENGTH = 32  # hexadecimal digits of a proof
UNTIL = "[0-9a-f]{8}"  # an end as `until` spells it
_SECRET_BYTES = 32


def new_secret() -> str:
    """Return a secret that nobody guesses."""
    return secrets.token_urlsafe(_SECRET_BYTES)


def proof(secret: str, text: str) -> str:
    """Return what shows that the holder of the secret wrote the text."""
    return hmac.digest(secret.encode(), text.encode(), "sha256").hex()[:LENGTH]


def until(end: datetime) -> str:
    """Return the end of an address as it stands in it, to the second."""
    return f"{int(end.timestamp()):08x}"


def is_over(spelled: str, now: datetime) -> bool:
    """Return whether the end that `until` spelled is past."""
    return now >= datetime.fromtimestamp(int(spelled, 16), UTC)


def is_proved(secret: str, text: str, shown: str) -> bool:
    """Return whether this is the proof of the text; it takes as long whatever is shown."""
    return hmac.compare_digest(shown, proof(secret, text))
