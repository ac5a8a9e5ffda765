"""Keys with which a box stands in for the providers whose own keys we do not have.

Amazon's topics and Google Chat sign with keys that they publish. A box that does not use Google
itself believes one more key, which lies in its folder, and looks up its certificate at its own
address (`Settings.keys_endpoint`). Samples are signed with it; elsewhere they prove nothing.
"""

import json
import os
import time
from base64 import b64encode
from dataclasses import dataclass, replace
from datetime import datetime
from functools import cached_property
from pathlib import Path

import jwt
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric.padding import PKCS1v15
from cryptography.hazmat.primitives.asymmetric.rsa import RSAPrivateKey, generate_private_key
from cryptography.x509.oid import NameOID

from ingest.plain_text import read_object
from kartoteka.adapters.certificates import BOX_KEY
from kartoteka.adapters.sns import signed_text
from kartoteka.domain.errors import ConfigError, Malformed
from kartoteka.http import Call

FILE = "provider_keys.pem"
PATH = "/onebox/keys"
_GOOGLE = "www.googleapis.com/oauth2/v1/certs"
_AMAZON = f"sns.eu-west-1.amazonaws.com/SimpleNotificationService-{BOX_KEY}.pem"
_CHAT = "chat@system.gserviceaccount.com"
_LIFE_S = 600
_VALID = (datetime(2020, 1, 1), datetime(2100, 1, 1))
_OWNER_ONLY = 0o600


@dataclass(frozen=True)
class ProviderKeys:
    """Signs as the providers would, with the key in a box's folder, made at the first need."""

    data: Path

    def published(self, address: str) -> bytes | None:
        """Return what stands at an address of a provider, host and path; None: nothing."""
        if address == _GOOGLE:
            return json.dumps({BOX_KEY: self._certificate.decode()}).encode()
        return self._certificate if address == _AMAZON else None

    def proven(self, call: Call) -> Call:
        """Return a sample's call with its provider's own signature, if that is one of those."""
        if call.method == "POST" and call.path[:1] == ("ses",):
            return self._signed_by_amazon(call)
        if call.method == "POST" and call.path[:1] == ("google_chat",):
            return self._signed_by_google(call)
        return call

    def _signed_by_amazon(self, call: Call) -> Call:
        try:
            told = read_object(call.body)
        except Malformed:
            return call
        told = {**told, "SigningCertURL": f"https://{_AMAZON}", "SignatureVersion": "2"}
        signature = self._key.sign(signed_text(told), PKCS1v15(), hashes.SHA256())
        signed = {**told, "Signature": b64encode(signature).decode()}
        return replace(call, body=json.dumps(signed, ensure_ascii=False).encode())

    def _signed_by_google(self, call: Call) -> Call:
        now = int(time.time())
        claims: dict[str, object] = {
            "iss": "https://accounts.google.com",
            "aud": call.base_url + call.target,
            "email": _CHAT,
            "email_verified": True,
            "iat": now,
            "exp": now + _LIFE_S,
        }
        token = jwt.encode(claims, self._key, algorithm="RS256", headers={"kid": BOX_KEY})
        return replace(call, headers={**call.headers, "authorization": f"Bearer {token}"})

    @cached_property
    def _key(self) -> RSAPrivateKey:
        path = self.data / FILE
        if not path.exists():
            _put(path, _new_key())
        try:
            key = serialization.load_pem_private_key(path.read_bytes(), None)
        except ValueError as exc:
            raise ConfigError(f"{path} is damaged; delete it, and a new one is made") from exc
        if not isinstance(key, RSAPrivateKey):
            raise ConfigError(f"{path} holds a key of another kind; delete it")
        return key

    @cached_property
    def _certificate(self) -> bytes:
        name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, "kartoteka stand-in")])
        draft = x509.CertificateBuilder(name, name, self._key.public_key(), 1, *_VALID)
        made = draft.sign(self._key, hashes.SHA256())
        return made.public_bytes(serialization.Encoding.PEM)


def _new_key() -> bytes:
    return generate_private_key(65_537, 2048).private_bytes(
        serialization.Encoding.PEM,
        serialization.PrivateFormat.PKCS8,
        serialization.NoEncryption(),
    )


def _put(path: Path, content: bytes) -> None:
    """Write the file whole; of two processes that begin at once, the first one's stays."""
    draft = path.with_suffix(f".{os.getpid()}")
    handle = os.open(draft, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, _OWNER_ONLY)
    with os.fdopen(handle, "wb") as file:
        file.write(content)
    try:
        os.link(draft, path)
    except FileExistsError:
        return
    finally:
        draft.unlink()
