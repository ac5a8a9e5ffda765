"""Messages of Amazon SNS: whether Amazon signed them, and the answer to its question.

Source: Amazon SNS, "Verifying the signatures of Amazon SNS messages": the fields in alphabetical
order, each name and value on a line; SignatureVersion 1 is SHA-1, 2 is SHA-256, both with RSA.
Addresses in a message are asked only on hosts of Amazon SNS itself.
"""

import binascii
import re
import threading
from base64 import b64decode
from collections.abc import Callable, Mapping
from functools import lru_cache

from kartoteka.adapters.certificates import BOX_KEY, at_box
from kartoteka.domain.errors import NotAuthentic, ProviderDown
from kartoteka.ports import Topics

_HOST = r"https://sns\.[a-z0-9-]{4,30}\.amazonaws\.com(?:\.cn)?"
_CERTIFICATE = re.compile(_HOST + r"/SimpleNotificationService-[0-9a-zA-Z_-]{1,100}\.pem")
_QUESTION = re.compile(_HOST + r"/\?Action=ConfirmSubscription&[!-~]{1,2000}")
_NOTICE = ("Message", "MessageId", "Subject", "Timestamp", "TopicArn", "Type")
_HANDSHAKE = ("Message", "MessageId", "SubscribeURL", "Timestamp", "Token", "TopicArn", "Type")
_TIMEOUT_S = 5.0
_LONGEST = 100_000  # bytes of a certificate
_MOST_KEPT = 20  # certificates
_OK = 200

Fetch = Callable[[str], tuple[int, bytes]]


def build(keys_endpoint: str = "") -> Topics:
    """Return the judge that asks Amazon over HTTPS; a box also knows the key it stands in with."""

    def fetch(url: str) -> tuple[int, bytes]:
        own = bool(keys_endpoint) and url.endswith(f"-{BOX_KEY}.pem")
        return _fetch(at_box(url, keys_endpoint) if own else url, trust_env=not own)

    return SnsTopics(fetch)


class SnsTopics:
    """The Topics port; certificates are kept by their address, which changes with them."""

    def __init__(self, fetch: Fetch) -> None:
        self._fetch = fetch
        self._lock = threading.Lock()
        self._kept: dict[str, bytes] = {}

    def check(self, envelope: Mapping[str, object]) -> None:
        """Refuse a message that Amazon did not sign."""
        url = str(envelope.get("SigningCertURL") or envelope.get("SigningCertUrl") or "")
        if not _CERTIFICATE.fullmatch(url):
            raise NotAuthentic("the certificate is not Amazon's", code="bad_signature")
        signature = _bytes(str(envelope.get("Signature", "")))
        version = str(envelope.get("SignatureVersion", ""))
        _verify(self._certificate(url), signature, signed_text(envelope), version)

    def confirm(self, envelope: Mapping[str, object]) -> None:
        """Answer the question whether a topic may send here."""
        url = str(envelope.get("SubscribeURL", ""))
        if not _QUESTION.fullmatch(url):
            raise NotAuthentic("the question is not Amazon's", code="bad_signature")
        status, _ = self._fetch(url)
        if status != _OK:
            raise ProviderDown(f"Amazon answered {status} to a confirmation")

    def _certificate(self, url: str) -> bytes:
        with self._lock:
            if url not in self._kept:
                status, content = self._fetch(url)
                if status != _OK:
                    raise ProviderDown(f"Amazon answered {status} instead of a certificate")
                if len(self._kept) >= _MOST_KEPT:
                    self._kept.clear()
                self._kept[url] = content
            return self._kept[url]


def signed_text(envelope: Mapping[str, object]) -> bytes:
    """Return what Amazon signs of a message."""
    names = _NOTICE if envelope.get("Type") == "Notification" else _HANDSHAKE
    told = [(name, envelope[name]) for name in names if envelope.get(name) is not None]
    return "".join(f"{name}\n{value}\n" for name, value in told).encode("utf-8", "replace")


@lru_cache(maxsize=_MOST_KEPT)
def _key(certificate: bytes) -> object:
    from cryptography.x509 import load_pem_x509_certificate

    return load_pem_x509_certificate(certificate).public_key()


def _verify(certificate: bytes, signature: bytes, text: bytes, version: str) -> None:
    from cryptography.exceptions import InvalidSignature
    from cryptography.hazmat.primitives import hashes
    from cryptography.hazmat.primitives.asymmetric.padding import PKCS1v15
    from cryptography.hazmat.primitives.asymmetric.rsa import RSAPublicKey

    digests = {"1": hashes.SHA1(), "2": hashes.SHA256()}  # noqa: S303 - Amazon's version 1 is SHA-1
    try:
        key = _key(certificate)
        if not isinstance(key, RSAPublicKey) or version not in digests:
            raise NotAuthentic("the signature is of no known kind", code="bad_signature")
        key.verify(signature, text, PKCS1v15(), digests[version])
    except (InvalidSignature, ValueError) as exc:
        raise NotAuthentic("the signature is not Amazon's", code="bad_signature") from exc


def _bytes(text: str) -> bytes:
    try:
        return b64decode(text.encode("latin-1", "replace"), validate=True)
    except binascii.Error:
        return b""


def _fetch(url: str, *, trust_env: bool) -> tuple[int, bytes]:
    import httpx

    try:
        with httpx.Client(timeout=_TIMEOUT_S, trust_env=trust_env) as client:
            answer = client.get(url)
            return answer.status_code, answer.content[:_LONGEST]
    except httpx.HTTPError as exc:
        raise ProviderDown("Amazon does not answer") from exc
