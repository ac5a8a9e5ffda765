"""Recordings of calls, from the hosts that the office named and from nowhere else."""

import ipaddress
import logging
import socket
from collections.abc import Callable
from urllib.parse import urlsplit

import httpx

from kartoteka.adapters import recording_queries
from kartoteka.adapters.messengers.calls import Calls, check_host
from kartoteka.chat_ports import FileBytes
from kartoteka.domain.errors import NotAllowed, ProviderDown
from kartoteka.domain.office import Account

_TIMEOUT_S = 60.0
Resolve = Callable[[str], list[str]]


class WebRecordings:
    """Fetches by link; a name that leads into a private network is refused."""

    def __init__(self, client: httpx.Client, resolve: Resolve) -> None:
        self._client = client
        self._calls = Calls(client, self._check)
        self._resolve = resolve

    def link(self, account: Account, reference: str) -> str:
        """Return the link of a recording that its exchange names by an id."""
        return recording_queries.link(self._client, account, reference)

    def recording(self, url: str, hosts: tuple[str, ...], largest: int) -> FileBytes:
        """Return the file; every host on the way has to be one that was named.

        Raises:
            NotAllowed: the link leads elsewhere. TooLarge: it is too long.
            ProviderDown: nobody answers.
        """
        return self._calls.file(url, hosts, largest)

    def _check(self, url: str, hosts: tuple[str, ...]) -> None:
        check_host(url, hosts)
        host = urlsplit(url).hostname or ""
        found = [ipaddress.ip_address(address) for address in self._resolve(host)]
        if not found:
            raise ProviderDown("the host has no address")
        if not all(address.is_global for address in found):
            raise NotAllowed("the host lies in a private network", code="file_place")


def resolved(host: str) -> list[str]:
    """Return the addresses of a host; none when nobody knows it."""
    try:
        found = socket.getaddrinfo(host, 443, type=socket.SOCK_STREAM)
    except OSError:
        return []
    return [str(entry[4][0]).partition("%")[0] for entry in found]


def build() -> WebRecordings:
    """Return what asks the web."""
    logging.getLogger("httpx").setLevel(logging.WARNING)  # links of recordings hold keys
    return WebRecordings(httpx.Client(timeout=_TIMEOUT_S, follow_redirects=False), resolved)
