"""What webhooks of the office need from the world: an address outside that takes a post."""

from collections.abc import Mapping
from typing import Protocol


class Hooks(Protocol):
    """Addresses of other systems that the office named.

    Raises:
        RateLimited, ProviderDown: the queue repeats. NotAllowed: the address is none of the open
            internet, or the other side refuses the post.
    """

    def post(self, url: str, body: bytes, headers: Mapping[str, str]) -> None:
        """Post a body; returns when the other side has taken it."""
