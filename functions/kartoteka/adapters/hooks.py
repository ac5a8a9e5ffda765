"""Posts to addresses that people of the office typed: only into the open internet, never inside.

The name is looked up once and the connection goes to the address found, so a name that means
another address a moment later leads nowhere else. Redirects are not followed.
"""

import ipaddress
import socket
from collections.abc import Callable, Mapping, Sequence
from urllib.parse import urlsplit, urlunsplit

import httpx

from kartoteka.domain.errors import NotAllowed, ProviderDown, RateLimited
from kartoteka.domain.hook_address import host_of, is_public

TIMEOUT_S = 10.0
_TOO_MANY, _SERVER, _REFUSED = 429, 500, 300
_Resolve = Callable[[str], Sequence[str]]


def build() -> "OpenInternet":
    """Return posts into the internet as it is."""
    client = httpx.Client(timeout=TIMEOUT_S, follow_redirects=False, trust_env=False)
    return OpenInternet(client, _addresses)


class OpenInternet:
    """The Hooks port."""

    def __init__(self, client: httpx.Client, resolve: _Resolve) -> None:
        self._client, self._resolve = client, resolve

    def post(self, url: str, body: bytes, headers: Mapping[str, str]) -> None:
        """Post a body; see the port."""
        host = host_of(url)
        if not host:
            raise _closed()
        address = self._public(host)
        at = f"[{address}]" if ":" in address else address
        pinned = urlunsplit(urlsplit(url)._replace(netloc=at))
        try:
            with self._client.stream(
                "POST",
                pinned,
                content=body,
                headers={**headers, "host": host},
                extensions={"sni_hostname": host},
            ) as answer:
                status = answer.status_code
        except httpx.HTTPError as exc:
            raise ProviderDown("the webhook's address does not answer") from exc
        _check_taken(status)

    def _public(self, host: str) -> str:
        """Return the address behind a name, if every one it has is in the open internet."""
        found = [ipaddress.ip_address(it.partition("%")[0]) for it in self._resolve(host)]
        if not found:
            raise ProviderDown("the webhook's name leads nowhere")
        if not all(map(is_public, found)):
            raise _closed()
        return str(found[0])


def _closed() -> NotAllowed:
    return NotAllowed("a webhook goes to https and into the open internet", code="hook_address")


def _check_taken(status: int) -> None:
    if status == _TOO_MANY:
        raise RateLimited("the webhook's address asks to slow down")
    if status >= _SERVER:
        raise ProviderDown(f"the webhook's address answered {status}")
    if status >= _REFUSED:
        raise NotAllowed(
            f"the webhook's address answered {status}", code="hook_refused", status=status
        )


def _addresses(host: str) -> list[str]:
    try:
        found = socket.getaddrinfo(host, 443, type=socket.SOCK_STREAM)
    except (OSError, UnicodeError):
        return []
    return [str(item[4][0]) for item in found]
