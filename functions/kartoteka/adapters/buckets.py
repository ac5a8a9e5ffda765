"""Letters that Amazon SES put into the office's bucket.

Source: Amazon S3 API, `GetObject`; AWS Signature Version 4, checked with the examples of the S3
documentation. Only the bucket that the office named is asked, at Amazon's own hosts.
"""

import hashlib
import hmac
import logging
import re
from collections.abc import Mapping
from datetime import datetime
from urllib.parse import quote

import httpx

from kartoteka.adapters.clock import SystemClock
from kartoteka.adapters.messengers.calls import Calls
from kartoteka.domain.errors import ConfigError, NotAllowed
from kartoteka.domain.office import Account
from kartoteka.ports import Clock

_HOST = "amazonaws.com"
_TIMEOUT_S = 60.0
_EMPTY = hashlib.sha256(b"").hexdigest()
_BUCKET = re.compile(r"[a-z0-9][a-z0-9.-]{1,61}[a-z0-9]")
_REGION = re.compile(r"[a-z]{2}(?:-[a-z]{1,10}){1,3}-\d")
_LONGEST_KEY = 1_024
_ALGORITHM = "AWS4-HMAC-SHA256"


class AmazonBuckets:
    """The Buckets port over S3's HTTP interface."""

    def __init__(self, client: httpx.Client, clock: Clock | None = None) -> None:
        self._calls = Calls(client)
        self._clock = clock or SystemClock()

    def content(self, account: Account, bucket: str, key: str, largest: int) -> bytes:
        """Return an object of the office's own bucket.

        Raises:
            ConfigError: the account has no keys of Amazon.
            NotAllowed: it is another bucket, or Amazon refuses. TooLarge: the object is.
            ProviderDown: Amazon does not answer.
        """
        keys, region = _keys(account), account.api.get("region", "")
        if bucket != account.api.get("bucket") or not _BUCKET.fullmatch(bucket):
            raise NotAllowed("not the bucket of this account", code="file_place")
        if not _REGION.fullmatch(region) or not 0 < len(key) <= _LONGEST_KEY:
            raise NotAllowed("no place in a bucket", code="file_place")
        host, path = _place(bucket, region, key)
        headers = signed(("GET", host, path), {}, keys, (region, self._clock.now()))
        found = self._calls.file(f"https://{host}{path}", (_HOST,), largest, headers=headers)
        return found.content


def signed(
    asked: tuple[str, str, str],
    more: Mapping[str, str],
    keys: tuple[str, str],
    place: tuple[str, datetime],
    *,
    query: str = "",
) -> dict[str, str]:
    """Return the headers with which Amazon takes a call without a body.

    Args:
        asked: method, host, and path as it travels, percent-encoded.
        more: further headers to sign, by their names in lower case.
        keys: id and secret.
        place: region, and the moment in UTC.
        query: as it travels, sorted.
    """
    (method, host, path), (key_id, secret), (region, at) = asked, keys, place
    stamp = f"{at:%Y%m%dT%H%M%SZ}"
    scope = f"{stamp[:8]}/{region}/s3/aws4_request"
    told = {**more, "host": host, "x-amz-content-sha256": _EMPTY, "x-amz-date": stamp}
    names = ";".join(sorted(told))
    lines = "".join(f"{name}:{told[name]}\n" for name in sorted(told))
    canonical = f"{method}\n{path}\n{query}\n{lines}\n{names}\n{_EMPTY}"
    text = f"{_ALGORITHM}\n{stamp}\n{scope}\n{hashlib.sha256(canonical.encode()).hexdigest()}"
    signer = f"AWS4{secret}".encode()
    for part in scope.split("/"):
        signer = hmac.new(signer, part.encode(), hashlib.sha256).digest()
    proof = hmac.new(signer, text.encode(), hashlib.sha256).hexdigest()
    credential = f"Credential={key_id}/{scope}"
    said = f"{_ALGORITHM} {credential}, SignedHeaders={names}, Signature={proof}"
    return {**told, "authorization": said}


def _place(bucket: str, region: str, key: str) -> tuple[str, str]:
    """Return host and path; a name with dots is no part of a host that a certificate covers."""
    path = quote(key, safe="/-_.~")
    if "." in bucket:
        return f"s3.{region}.{_HOST}", f"/{bucket}/{path}"
    return f"{bucket}.s3.{region}.{_HOST}", f"/{path}"


def _keys(account: Account) -> tuple[str, str]:
    found = account.api.get("access_key_id", ""), account.api.get("secret_access_key", "")
    if not all(found):
        raise ConfigError(f"{account.channel}: connect the account with account.connect")
    return found


def build() -> AmazonBuckets:
    """Return the buckets at Amazon."""
    logging.getLogger("httpx").setLevel(logging.WARNING)  # names of objects are nobody's business
    return AmazonBuckets(httpx.Client(timeout=_TIMEOUT_S, follow_redirects=False))
