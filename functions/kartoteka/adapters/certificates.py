"""Google's certificates, kept for as long as Google allows.

google-auth downloads them at every verification; behind this transport it does so about once in
some hours. Source: RFC 9111 (`Cache-Control: max-age`), google-auth `transport.Request`.
"""

import re
import threading
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from http import HTTPStatus
from typing import Protocol

SHORTEST_S = 60.0
LONGEST_S = 6 * 3600.0
BOX_KEY = "kartoteka-box"  # the name of the key with which a box stands in for a provider
_TIMEOUT_S = 10.0
_MAX_AGE = re.compile(r"max-age=(\d{1,9})")


class Answer(Protocol):
    """What google-auth reads of an answer."""

    @property
    def status(self) -> int: ...
    @property
    def headers(self) -> Mapping[str, str]: ...
    @property
    def data(self) -> bytes: ...


Fetch = Callable[..., Answer]


@dataclass(frozen=True, slots=True)
class _Kept:
    answer: Answer
    until: float


class KeptCertificates:
    """A transport for google-auth that asks for each address once per lifetime of its answer.

    Threads share it; while one of them asks, the others wait for its answer. A key that the kept
    certificates lack does not make it ask again: nobody can cause downloads with forged tokens,
    and Google publishes a key long before it signs with it.
    """

    def __init__(self, fetch: Fetch, now: Callable[[], float] = time.monotonic) -> None:
        self._fetch = fetch
        self._now = now
        self._lock = threading.Lock()
        self._kept: dict[str, _Kept] = {}

    def __call__(self, url: str, method: str = "GET", **_: object) -> Answer:
        """Return the answer to a GET; only a good one is kept."""
        with self._lock:
            kept = self._kept.get(url)
            if kept is not None and self._now() < kept.until:
                return kept.answer
            answer = self._fetch(url, method=method, timeout=_TIMEOUT_S)
            if answer.status == HTTPStatus.OK:
                self._kept[url] = _Kept(answer, self._now() + lifetime_s(answer.headers))
            return answer


def lifetime_s(headers: Mapping[str, str]) -> float:
    """Return how long an answer may be kept, 1 minute to 6 hours, whatever its header says."""
    named = {name.lower(): value for name, value in headers.items()}
    found = _MAX_AGE.search(named.get("cache-control", ""))
    return min(LONGEST_S, max(SHORTEST_S, float(found[1]) if found else 0.0))


def at_box(url: str, keys_endpoint: str) -> str:
    """Return where a box stands in for this address of a provider."""
    return f"{keys_endpoint}/{url.removeprefix('https://')}"


def from_google() -> KeptCertificates:
    """Return the transport that asks Google over HTTPS."""
    from google.auth.transport.requests import Request

    return KeptCertificates(Request())


def from_box(keys_endpoint: str) -> KeptCertificates:
    """Return the transport that asks the box, which stands in for Google's keys."""
    from google.auth.transport.requests import Request

    ask = Request()
    ask.session.trust_env = False  # no proxy stands before our own machine
    return KeptCertificates(lambda url, **more: ask(at_box(url, keys_endpoint), **more))
