"""The channels there are, one line each, in alphabetical order."""

from collections.abc import Mapping

from ingest.channel import Channel
from ingest.channels import call, form, telegram

CHANNELS: Mapping[str, Channel] = {
    "call": call,
    "form": form,
    "telegram": telegram,
}
