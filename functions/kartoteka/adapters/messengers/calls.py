"""Calls to the providers: what fails becomes our errors, files come from listed hosts only."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import timedelta
from typing import Any
from urllib.parse import urljoin, urlsplit

import httpx

from kartoteka.chat_ports import MAYBE_SENT, FileBytes
from kartoteka.domain.errors import (
    ConfigError,
    KartotekaError,
    NotAllowed,
    ProviderDown,
    RateLimited,
    TooLarge,
)
from kartoteka.domain.office import Account

TIMEOUT_S = 20.0
_SERVER, _TOO_MANY = 500, 429
_REDIRECTS = range(300, 400)
_MOST_REDIRECTS = 3
_BEFORE_SENDING = (httpx.ConnectError, httpx.ConnectTimeout, httpx.PoolTimeout)


@dataclass(frozen=True, slots=True)
class Answer:
    """What a provider said: a status and a JSON object, empty when it was none.

    `items` are those of a JSON list, None when it was none.
    """

    status: int
    body: Mapping[str, Any]
    items: list[Any] | None = None

    def number(self, name: str, part: str = "") -> int | None:
        """Return a number inside, or inside a part; None when there is none."""
        found = (self.part(part) if part else self.body).get(name)
        return found if isinstance(found, int) else None

    def part(self, name: str) -> Mapping[str, Any]:
        """Return an object inside, empty when there is none."""
        found = self.body.get(name)
        return found if isinstance(found, Mapping) else {}


class Calls:
    """HTTP to the providers; nothing of an address or a key ever is part of an error."""

    def __init__(
        self, client: httpx.Client, check: Callable[[str, tuple[str, ...]], None] | None = None
    ) -> None:
        self._client = client
        self._check = check or check_host

    def ask(self, method: str, url: str, **given: Any) -> Answer:
        """Return the answer, whatever its status below 500.

        Raises:
            RateLimited: 429. ProviderDown: nobody answered, or 5xx; with the code `maybe_sent`
                when the request may have arrived.
        """
        try:
            answer = self._client.request(method, url, **given)
        except _BEFORE_SENDING as exc:
            raise ProviderDown("the messenger cannot be reached") from exc
        except httpx.HTTPError as exc:
            raise ProviderDown("the messenger did not answer", code=MAYBE_SENT) from exc
        found = _json(answer)
        if answer.status_code == _TOO_MANY:
            raise too_many(answer.headers.get("retry-after"))
        if answer.status_code >= _SERVER:
            raise ProviderDown(f"the messenger answered {answer.status_code}")
        body = found if isinstance(found, Mapping) else {}
        return Answer(answer.status_code, body, found if isinstance(found, list) else None)

    def file(
        self,
        url: str,
        hosts: tuple[str, ...],
        largest: int,
        *,
        headers: Mapping[str, str] | None = None,
    ) -> FileBytes:
        """Return a file from one of the provider's hosts, or from a host below one.

        Raises:
            NotAllowed: the address is none of the provider's, or it gives nothing.
            TooLarge: there are more bytes than allowed.
        """
        for _ in range(_MOST_REDIRECTS):
            self._check(url, hosts)
            try:
                with self._client.stream("GET", url, headers=dict(headers or {})) as answer:
                    if answer.status_code in _REDIRECTS:
                        url = urljoin(url, answer.headers.get("location", ""))
                        continue
                    return _loaded(answer, largest)
            except httpx.HTTPError as exc:
                raise ProviderDown("the file did not come") from exc
        raise NotAllowed("the file is passed on too often", code="file_place")


def check_host(url: str, hosts: tuple[str, ...]) -> None:
    """Refuse an address outside the provider's own hosts, and any that is not https.

    Raises:
        NotAllowed: with the code `file_place`.
    """
    try:
        parts = urlsplit(url)
        host, port = (parts.hostname or "").lower(), parts.port
    except ValueError as exc:
        raise NotAllowed("not an address", code="file_place") from exc
    listed = any(host == name or host.endswith(f".{name}") for name in hosts)
    if parts.scheme != "https" or port not in {None, 443} or parts.username or not listed:
        raise NotAllowed("the file lies elsewhere", code="file_place")


def key(account: Account, name: str = "token") -> str:
    """Return what the provider issued; `ConfigError` when nobody has given it to the office."""
    found = account.api.get(name, "")
    if not found:
        raise no_key(account.channel)
    return found


def no_key(channel: str) -> ConfigError:
    """Return that the account is not connected, or its key is not valid."""
    return ConfigError(f"{channel}: connect the account with account.connect", code="send_no_key")


def too_many(seconds: Any) -> RateLimited:
    """Return that the provider asks to slow down, for as long as it says."""
    text = str(seconds or "")
    pause = timedelta(seconds=int(text)) if text.isdecimal() and len(text) < len("10000") else None
    return RateLimited("the messenger asks to slow down", retry_after=pause)


def refused(*, blocked: bool = False) -> NotAllowed:
    """Return that the provider, or the client, does not take the message."""
    code = "send_blocked" if blocked else "send_refused"
    return NotAllowed("the messenger refused the message", code=code)


def sent_id(value: Any) -> str:
    """Return the provider's id of what was sent; an answer without one may mean anything."""
    if not isinstance(value, str | int) or isinstance(value, bool) or value == "":
        raise ProviderDown("the messenger named no id", code=MAYBE_SENT)
    return str(value)


def no_files(channel: str) -> KartotekaError:
    """Return that this provider takes no files."""
    return NotAllowed(f"{channel} takes no files", code="send_no_files")


def _json(answer: httpx.Response) -> Any:
    try:
        return answer.json()
    except ValueError:
        return None


def _loaded(answer: httpx.Response, largest: int) -> FileBytes:
    if answer.status_code >= _SERVER:
        raise ProviderDown(f"the file is not given: {answer.status_code}")
    if not answer.is_success:
        raise NotAllowed(f"the file is not given: {answer.status_code}", code="file_place")
    chunks, size = [], 0
    for chunk in answer.iter_bytes():
        size += len(chunk)
        if size > largest:
            raise TooLarge("the file is too large", code="file_large")
        chunks.append(chunk)
    kind = answer.headers.get("content-type", "").partition(";")[0]
    return FileBytes("", kind, b"".join(chunks))
