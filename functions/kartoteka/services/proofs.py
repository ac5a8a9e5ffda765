"""Addresses that prove themselves: nobody makes one without the office's secret."""

import hmac
import secrets

LENGTH = 32  # hexadecimal digits of a proof
_SECRET_BYTES = 32


def new_secret() -> str:
    """Return a secret that nobody guesses."""
    return secrets.token_urlsafe(_SECRET_BYTES)


def proof(secret: str, text: str) -> str:
    """Return what shows that the holder of the secret wrote the text."""
    return hmac.digest(secret.encode(), text.encode(), "sha256").hex()[:LENGTH]


def is_proved(secret: str, text: str, shown: str) -> bool:
    """Return whether this is the proof of the text; it takes as long whatever is shown."""
    return hmac.compare_digest(shown, proof(secret, text))
