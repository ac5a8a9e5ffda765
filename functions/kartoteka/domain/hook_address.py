"""Where a webhook may go, as far as its address alone tells: https, and into the open internet.

What a name leads to is asked when the webhook is posted; see the port of webhooks.
"""

from ipaddress import IPv4Address, IPv6Address, ip_address
from urllib.parse import SplitResult, urlsplit

_HTTPS = 443
_INSIDE = frozenset({"localhost", "local", "localdomain", "internal", "intranet", "lan", "home"})
_ARPA = "home.arpa"


def host_of(url: str) -> str:
    """Return the host of an https address without a user or another port; empty of any other."""
    try:
        parts = urlsplit(url)
        return (parts.hostname or "") if _is_plain(parts) else ""
    except ValueError:
        return ""


def is_public(address: IPv4Address | IPv6Address) -> bool:
    """Return whether the address is one of the open internet, and of one machine."""
    return address.is_global and not address.is_multicast


def is_open(url: str) -> bool:
    """Return whether a webhook may go there, unless its name turns out to lead inside."""
    host = host_of(url).rstrip(".")
    if not host:
        return False
    try:
        return is_public(ip_address(host))
    except ValueError:
        return _is_outside(host)


def _is_outside(host: str) -> bool:
    """Return whether a name may be one of the internet; what ends with a number is no name."""
    labels = host.split(".")
    ends = labels[-1]
    numeric = ends.isdecimal() or ends.startswith("0x")
    inside = ends in _INSIDE or host.endswith(_ARPA)
    return len(labels) > 1 and all(labels) and not numeric and not inside


def _is_plain(parts: SplitResult) -> bool:
    return parts.scheme == "https" and parts.port in {None, _HTTPS} and not parts.username
