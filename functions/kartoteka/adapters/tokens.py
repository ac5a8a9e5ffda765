"""Who calls: internal tokens of one box, and Google's identity tokens in the cloud.

Source: RFC 7519 (JWT) through PyJWT; Google's identity tokens through google-auth.
"""

from collections.abc import Callable, Collection, Mapping

import jwt

from kartoteka.adapters.certificates import BOX_KEY, KeptCertificates
from kartoteka.domain.errors import NotAuthentic, ProviderDown
from kartoteka.ports import TokenVerifier

ISSUER = "kartoteka-onebox"

_Verify = Callable[..., Mapping[str, object]]  # google-auth does not say so itself

# What a parser of hostile tokens may raise besides its own errors.
_GARBAGE = (ValueError, KeyError, TypeError, AttributeError)


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

    def __init__(self, audiences: Collection[str], certificates: KeptCertificates) -> None:
        self._audiences = [audience for audience in audiences if audience]
        self._certificates = certificates

    def email(self, bearer: str) -> str:
        """Return the verified e-mail.

        Raises:
            NotAuthentic: the token is foreign, old, unsigned or garbage.
            ProviderDown: Google's certificates cannot be had; the caller repeats.
        """
        from google.auth import exceptions
        from google.oauth2 import id_token

        if not self._audiences:
            raise NotAuthentic("no audience is configured")
        verify: _Verify = id_token.verify_oauth2_token
        try:
            claims = verify(
                bearer, self._certificates, audience=self._audiences, clock_skew_in_seconds=10
            )
        except exceptions.TransportError as exc:
            raise ProviderDown("Google's certificates cannot be had") from exc
        except (*_GARBAGE, exceptions.GoogleAuthError) as exc:
            raise NotAuthentic("the token is not valid here") from exc
        email = claims.get("email")
        if not email or claims.get("email_verified") is not True:
            raise NotAuthentic("the token carries no verified e-mail")
        return str(email)


class BoxOrGoogle:
    """Verifies Google's tokens, and those with which a box stands in for Google."""

    def __init__(self, google: TokenVerifier, box: TokenVerifier) -> None:
        self._google = google
        self._box = box

    def email(self, bearer: str) -> str:
        """Return the verified e-mail; each signer's tokens are checked with its own keys alone.

        Raises:
            NotAuthentic: neither of them signed it.
        """
        try:
            named = jwt.get_unverified_header(bearer).get("kid")
        except jwt.PyJWTError as exc:
            raise NotAuthentic("the token is not valid here") from exc
        return (self._box if named == BOX_KEY else self._google).email(bearer)
