"""The channels there are, in alphabetical order; each module is loaded on first use.

Nobody who calls one address waits for what the others need (D13). A channel is added twice: its
name to `kartoteka.domain.channels`, and its module to what the type checker compares here with
the protocols; a test says when the two differ.
"""

from collections.abc import Iterator, Mapping
from importlib import import_module
from typing import TYPE_CHECKING, cast

from kartoteka.domain.channels import CHANNEL_NAMES

if TYPE_CHECKING:
    from ingest.channel import Channel, Sends, Signs
    from ingest.channels import (
        asterisk,
        avito,
        beeline,
        call,
        exolve,
        form,
        gmail,
        mailgun,
        mango,
        max,
        megafon,
        messenger,
        phone_log,
        postmark,
        sendgrid,
        ses,
        sipuni,
        telegram,
        telphin,
        twilio,
        uis,
        viber,
        vk,
        whatsapp,
        zadarma,
    )

    _CHECKED: tuple[Signs | Sends, ...] = (
        asterisk,
        avito,
        beeline,
        call,
        exolve,
        form,
        gmail,
        mailgun,
        mango,
        max,
        megafon,
        messenger,
        phone_log,
        postmark,
        sendgrid,
        ses,
        sipuni,
        telegram,
        telphin,
        twilio,
        uis,
        viber,
        vk,
        whatsapp,
        zadarma,
    )


class Channels(Mapping[str, "Channel"]):
    """Channels by name; looking one up loads its module."""

    def __init__(self, names: tuple[str, ...]) -> None:
        self._names = names

    def __getitem__(self, name: str) -> "Channel":
        if name not in self._names:
            raise KeyError(name)
        return cast("Channel", import_module(f"ingest.channels.{name}"))

    def __contains__(self, name: object) -> bool:
        return name in self._names

    def __iter__(self) -> Iterator[str]:
        return iter(self._names)

    def __len__(self) -> int:
        return len(self._names)


CHANNELS: Mapping[str, "Channel"] = Channels(CHANNEL_NAMES)
