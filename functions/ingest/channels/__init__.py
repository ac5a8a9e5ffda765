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
        cf7,
        cloudpayments,
        commerceml,
        elementor,
        exolve,
        form,
        gmail,
        google_chat,
        google_forms,
        insales,
        mailgun,
        mango,
        marquiz,
        max,
        megafon,
        messenger,
        opencart,
        phone_log,
        postmark,
        robokassa,
        sendgrid,
        sendpulse,
        ses,
        sipuni,
        site,
        smsaero,
        smsc,
        smsru,
        stripe,
        tbank,
        telegram,
        telphin,
        tilda,
        twilio,
        twilio_sms,
        typeform,
        uis,
        unisender,
        viber,
        vk,
        whatsapp,
        woocommerce,
        yandex_forms,
        yookassa,
        zadarma,
    )

    _CHECKED: tuple[Signs | Sends, ...] = (
        asterisk,
        avito,
        beeline,
        call,
        cf7,
        cloudpayments,
        commerceml,
        elementor,
        exolve,
        form,
        gmail,
        google_chat,
        google_forms,
        insales,
        mailgun,
        mango,
        marquiz,
        max,
        megafon,
        messenger,
        opencart,
        phone_log,
        postmark,
        robokassa,
        sendgrid,
        sendpulse,
        ses,
        sipuni,
        site,
        smsaero,
        smsc,
        smsru,
        stripe,
        tbank,
        telegram,
        telphin,
        tilda,
        twilio,
        twilio_sms,
        typeform,
        uis,
        unisender,
        viber,
        vk,
        whatsapp,
        woocommerce,
        yandex_forms,
        yookassa,
        zadarma,
    )


class Channels(Mapping[str, "Channel"]):
    """Channels by name; looking one up loads its module."""

    def __init__(self, names: tuple[str, ...]) -> None:
        self._modules = {name: f"ingest.channels.{name}" for name in names}

    def __getitem__(self, name: str) -> "Channel":
        return cast("Channel", import_module(self._modules[name]))

    def __contains__(self, name: object) -> bool:
        return name in self._modules

    def __iter__(self) -> Iterator[str]:
        return iter(self._modules)

    def __len__(self) -> int:
        return len(self._modules)


CHANNELS: Mapping[str, "Channel"] = Channels(CHANNEL_NAMES)
