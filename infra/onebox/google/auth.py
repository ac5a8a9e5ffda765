"""Who is calling: access tokens, refresh tokens and signed identity tokens of the stand-in.

Access tokens are opaque, live an hour of real time and are kept by their hash. While
`open_tokens` is on (the default: the stand-in is for trying things out) `Bearer stand-in:<e-mail>`
is accepted as that user with every scope; an office on the open internet must switch it off.
"""

import hashlib
import json
import secrets
import time
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from typing import Any

import jwt
from cryptography.hazmat.primitives import serialization
from cryptography.hazmat.primitives.asymmetric import rsa
from jwt.algorithms import RSAAlgorithm

from onebox.google.errors import SCOPE_INSUFFICIENT, GoogleError, canonical, forbidden
from onebox.google.methods import Method
from onebox.google.storage import Vault

OPEN_PREFIX = "stand-in:"
ISSUER = "https://accounts.google.com"
TOKEN_LIFE_S = 3599
ALL_SCOPES = "*"
_NOBODY = (
    "Method doesn't allow unregistered callers (callers without established identity)."
    " Please use API Key or other form of API consumer identity to call this API."
)
_INVALID = (
    "Request had invalid authentication credentials."
    " Expected OAuth 2 access token, login cookie or other valid authentication credential."
    " See https://developers.google.com/identity/sign-in/web/devconsole-project."
)
_KEY_BITS = 2048
_PREFIXES = {"access-token": "ya29.", "refresh-token": "1//"}


@dataclass(frozen=True)
class Caller:
    """The user behind a request and what their token allows; ALL_SCOPES allows everything."""

    email: str
    scopes: frozenset[str]


class Auth:
    """Issues tokens and recognises them.

    Args:
        vault: where tokens and the signing key are kept.
        open_tokens: accept `stand-in:<e-mail>` without having issued it.
        seconds: real time since the epoch; token life has nothing to do with the office clock.
    """

    def __init__(
        self, vault: Vault, open_tokens: bool = True, seconds: Callable[[], float] = time.time
    ) -> None:
        self._vault = vault
        self._open = open_tokens
        self._seconds = seconds

    def issue(self, email: str, scopes: Iterable[str] = (ALL_SCOPES,)) -> str:
        """Return a new access token of this user, valid for an hour."""
        expires = self._seconds() + TOKEN_LIFE_S
        return self._keep("access-token", email, scopes, expires)

    def issue_refresh(self, email: str, scopes: Iterable[str] = (ALL_SCOPES,)) -> str:
        """Return a new refresh token of this user, valid until the vault is deleted."""
        return self._keep("refresh-token", email, scopes, None)

    def caller(self, header: str) -> Caller:
        """Return who sends this Authorization header.

        Raises:
            GoogleError: 403 when there is no token, 401 when it is unknown or too old.
        """
        scheme, _, token = header.strip().partition(" ")
        if scheme.lower() != "bearer" or not token:
            raise forbidden(_NOBODY)
        token = token.strip()
        if self._open and token.startswith(OPEN_PREFIX) and "@" in token:
            return Caller(token.removeprefix(OPEN_PREFIX).lower(), frozenset({ALL_SCOPES}))
        kept = self._vault.get("access-token", _digest(token))
        if kept is None:
            raise _unauthenticated("ACCESS_TOKEN_TYPE_UNSUPPORTED")
        if kept["expires"] <= self._seconds():
            raise _unauthenticated("ACCESS_TOKEN_EXPIRED")
        return Caller(kept["email"], frozenset(kept["scopes"]))

    def refresh(self, form: dict[str, str]) -> dict[str, Any]:
        """Return the answer of Google's token endpoint to a refresh.

        Args:
            form: grant_type, refresh_token; client_id and client_secret are not looked at.

        Raises:
            OAuthError: the grant type is another one, or the token is unknown.
        """
        if form.get("grant_type") != "refresh_token":
            raise OAuthError("unsupported_grant_type", "Invalid grant_type: refresh_token only")
        kept = self._vault.get("refresh-token", _digest(form.get("refresh_token", "")))
        if kept is None:
            raise OAuthError("invalid_grant", "Bad Request")
        return {
            "access_token": self.issue(kept["email"], kept["scopes"]),
            "expires_in": TOKEN_LIFE_S,
            "scope": " ".join(kept["scopes"]),
            "token_type": "Bearer",
        }

    def identity_token(self, email: str, audience: str) -> str:
        """Return an RS256 identity token, as Apps Script's ScriptApp.getIdentityToken gives.

        It is checked with the keys of `certs`; its hour is real time.
        """
        now = int(self._seconds())
        claims = {
            "iss": ISSUER,
            "aud": audience,
            "sub": account_id(email),
            "email": email,
            "email_verified": True,
            "iat": now,
            "exp": now + TOKEN_LIFE_S,
        }
        kept = self._signing_key()
        return jwt.encode(claims, kept["pem"], algorithm="RS256", headers={"kid": kept["kid"]})

    def certs(self) -> dict[str, Any]:
        """Return the public signing keys as a JSON Web Key Set."""
        kept = self._signing_key()
        key = serialization.load_pem_private_key(kept["pem"].encode(), None)
        if not isinstance(key, rsa.RSAPrivateKey):
            raise TypeError("the vault holds a signing key of another kind; delete the vault")
        public = json.loads(RSAAlgorithm.to_jwk(key.public_key()))
        return {"keys": [{**public, "alg": "RS256", "use": "sig", "kid": kept["kid"]}]}

    def _keep(self, kind: str, email: str, scopes: Iterable[str], expires: float | None) -> str:
        token = _PREFIXES[kind] + secrets.token_urlsafe(48)
        body = {"email": email.lower(), "scopes": sorted(scopes), "expires": expires}
        self._vault.put(kind, _digest(token), body)
        return token

    def _signing_key(self) -> dict[str, Any]:
        with self._vault.transaction():
            kept = self._vault.get("signing-key", "current")
            if kept is None:
                kept = {"kid": secrets.token_hex(20), "pem": _new_key()}
                self._vault.put("signing-key", "current", kept)
        return kept


class OAuthError(Exception):
    """A refusal of the token endpoint, whose shape is not that of the other services."""

    def __init__(self, error: str, description: str) -> None:
        super().__init__(description)
        self.body = {"error": error, "error_description": description}


def require_scope(caller: Caller, method: Method) -> None:
    """Check that the token may be used for this method.

    Raises:
        GoogleError: 403 ACCESS_TOKEN_SCOPE_INSUFFICIENT.
    """
    if ALL_SCOPES in caller.scopes or caller.scopes & method.scopes:
        return
    detail = {
        "@type": "type.googleapis.com/google.rpc.ErrorInfo",
        "reason": SCOPE_INSUFFICIENT,
        "domain": "googleapis.com",
        "metadata": {"method": _inner_name(method), "service": f"{method.service}.googleapis.com"},
    }
    raise canonical(
        "PERMISSION_DENIED", "Request had insufficient authentication scopes.", [detail]
    )


def _inner_name(method: Method) -> str:
    """Return what Google calls the method inside, as far as the services have told it."""
    if method.service != "drive":
        return method.id
    resource, _, verb = method.name.rpartition(".")
    return f"google.apps.drive.v3.Drive{resource.title()}.{verb[0].upper()}{verb[1:]}"


def account_id(email: str) -> str:
    """Return the 21-digit number of a Google account, the same for the same address."""
    number = int(hashlib.sha256(email.lower().encode()).hexdigest(), 16) % 10**20
    return f"1{number:020d}"


def _unauthenticated(reason: str) -> GoogleError:
    detail = {
        "@type": "type.googleapis.com/google.rpc.ErrorInfo",
        "reason": reason,
        "domain": "googleapis.com",
    }
    return canonical("UNAUTHENTICATED", _INVALID, [detail])


def _digest(token: str) -> str:
    return hashlib.sha256(token.encode()).hexdigest()


def _new_key() -> str:
    key = rsa.generate_private_key(public_exponent=65537, key_size=_KEY_BITS)
    return key.private_bytes(
        serialization.Encoding.PEM,
        serialization.PrivateFormat.PKCS8,
        serialization.NoEncryption(),
    ).decode()
