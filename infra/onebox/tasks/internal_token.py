"""The box's own identity tokens: what Google's OIDC tokens are in the cloud.

Source: RFC 7519 (JWT) through PyJWT, HS256.
"""

import time
from dataclasses import dataclass, field
from datetime import timedelta
from functools import lru_cache

import jwt

from kartoteka.adapters.tokens import ISSUER, SharedSecret
from kartoteka.domain.errors import ConfigError

LIFE = timedelta(minutes=10)
SHORTEST_SECRET = 32
_MOMENT_S = 4  # in which the same caller has the same token


@dataclass(frozen=True, slots=True)
class InternalTokens:
    """Signs and checks tokens with the secret of the box, at least 32 characters.

    Life is counted in real time, whatever the clock of the box shows.

    Raises:
        ConfigError: the secret is too short.
    """

    secret: str = field(repr=False)

    def __post_init__(self) -> None:
        if len(self.secret) < SHORTEST_SECRET:
            raise ConfigError(f"The secret of the box needs {SHORTEST_SECRET} characters or more.")

    def sign(self, email: str, audience: str) -> str:
        """Return a token that says who calls (`email`) and whom (`audience`), good for ten minutes.

        Those of one moment are the same: a box calls itself many times a second.
        """
        moment = int(time.time()) // _MOMENT_S * _MOMENT_S
        return _signed(self.secret, email, audience, moment)

    def verify(self, token: str, audience: str) -> str:
        """Return the e-mail of the caller.

        Raises:
            NotAuthentic: the token is not ours, is for another audience, or is too old.
        """
        return SharedSecret(self.secret, audience).email(token)


@lru_cache(maxsize=8)
def _signed(secret: str, email: str, audience: str, since: int) -> str:
    claims = {
        "iss": ISSUER,
        "aud": audience,
        "email": email,
        "email_verified": True,
        "iat": since,
        "exp": since + int(LIFE.total_seconds()),
    }
    return jwt.encode(claims, secret, algorithm="HS256")
