"""The channels there are, one line each, in alphabetical order; each is loaded on first use.

Nobody who calls one address waits for what the others need (D13). Every loader returns its module
as a `Channel`, so the type checker refuses a module that lacks a function.
"""

from collections.abc import Callable, Iterator, Mapping
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from ingest.channel import Channel

Loader = Callable[[], "Channel"]


def _call() -> "Channel":
    from ingest.channels import call

    return call


def _form() -> "Channel":
    from ingest.channels import form

    return form


def _telegram() -> "Channel":
    from ingest.channels import telegram

    return telegram


class Channels(Mapping[str, "Channel"]):
    """Channels by name; looking one up loads its module."""

    def __init__(self, loaders: Mapping[str, Loader]) -> None:
        self._loaders = loaders

    def __getitem__(self, name: str) -> "Channel":
        return self._loaders[name]()

    def __contains__(self, name: object) -> bool:
        return name in self._loaders

    def __iter__(self) -> Iterator[str]:
        return iter(self._loaders)

    def __len__(self) -> int:
        return len(self._loaders)


CHANNELS: Mapping[str, "Channel"] = Channels(
    {
        "call": _call,
        "form": _form,
        "telegram": _telegram,
    }
)
