"""Who calls: internal tokens of one box, and Google's identity tokens in the cloud.

Source: RFC 7519 (JWT) through PyJWT; Google's certificates through google-auth.
"""

from collections.abc import Collection

import jwt

from kartoteka.domain.errors import NotAuthentic

ISSUER = "kartoteka-onebox"


class SharedSecret:
    """Verifies the tokens that one box signs with its own secret (HS256)."""

    def __init__(self, secret: str, audience: str) -> None:
        self._secret = secret
        self._audience = audience

    def email(self, bearer: str) -> str:
        """Return the account named in the token; `NotAuthentic` for any other token."""
        try:
            claims = jwt.decode(
                bearer,
                self._secret,
                algorithms=["HS256"],
                audience=self._audience,
                issuer=ISSUER,
                options={"require": ["exp", "aud", "iss", "email"]},
                leeway=10,
            )
        except jwt.PyJWTError as exc:
            raise NotAuthentic("the token is not valid here") from exc
        return str(claims["email"])


class GoogleIdentity:
    """Verifies Google's identity tokens against the audiences of this installation."""

    def __init__(self, audiences: Collection[str]) -> None:
        self._audiences = [audience for audience in audiences if audience]

    def email(self, bearer: str) -> str:
        """Return the verified e-mail; `NotAuthentic` for a foreign, old or unsigned token."""
        from google.auth import exceptions
        from google.auth.transport.requests import Request
        from google.oauth2 import id_token

        if not self._audiences:
            raise NotAuthentic("no audience is configured")
        try:
            claims = id_token.verify_oauth2_token(
                bearer, Request(), audience=self._audiences, clock_skew_in_seconds=10
            )
        except (ValueError, exceptions.GoogleAuthError) as exc:
            raise NotAuthentic("the token is not valid here") from exc
        if not claims.get("email_verified"):
            raise NotAuthentic("the token carries no verified e-mail")
        return str(claims["email"])
