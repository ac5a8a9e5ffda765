"""Samples sent to a running box, as their providers would send them."""

from datetime import datetime
from pathlib import Path

import httpx

from ingest.channel import Mannered, as_sent
from ingest.channels import CHANNELS
from kartoteka.domain.errors import ConfigError, NotFound
from kartoteka.domain.office import Account, Settings
from kartoteka.http import Call
from onebox.office import DEFAULT_PORT, address, serving
from onebox.samples import at_address

_TIMEOUT_S = 30.0


def base_url(data: Path, port: int | None = None) -> str:
    """Return where the box of this folder is served, or was last."""
    if port is not None:
        return address(port)
    place = serving(data)
    return place.base_url if place else address(DEFAULT_PORT)


def account_of(channel: str, settings: Settings, wanted: str = "") -> Account:
    """Return the first active account of a channel, or the one of this token.

    Raises:
        NotFound: the office has none.
    """
    for account in settings.accounts:
        if account.channel == channel and account.active and wanted in {"", account.id}:
            return account
    raise NotFound(
        f"the office has no account of the channel {channel!r}: add one with account.add"
    )


def addressed(
    call: Call, channel: str, settings: Settings, wanted: str = "", *, now: datetime
) -> Call:
    """Return the call as the provider would make it, at one of the office's addresses."""
    if channel == "form":
        return at_address(call, ("form", wanted or settings.forms[0].id))
    account = account_of(channel, settings, wanted)
    called = at_address(call, (channel, account.id))
    secret = account.secrets[0] if account.secrets else ""
    return as_sent(CHANNELS[channel], called, secret, now)


def address_to_paste(channel: str, name: str, settings: Settings, base: str) -> str:
    """Return the address that a provider calls; of one that cannot sign, with the secret."""
    bare = at_address(Call("POST", ()), (channel, name))
    if channel == "form" or not isinstance(CHANNELS[channel], Mannered):
        return base + bare.target
    account = next(one for one in settings.accounts if one.id == name)
    secret = account.secrets[0] if account.secrets else ""
    return base + as_sent(CHANNELS[channel], bare, secret).target


def delivered(call: Call) -> httpx.Response:
    """Return the box's answer.

    Raises:
        ConfigError: nobody answers there.
    """
    url = call.base_url + call.target
    headers = dict(call.headers)
    try:
        with httpx.Client(trust_env=False, timeout=_TIMEOUT_S) as client:
            return client.request(call.method, url, content=call.body, headers=headers)
    except httpx.HTTPError as exc:
        raise ConfigError(
            f"nobody answers at {call.base_url}: start `kartoteka serve`"
            " or name its port with --port"
        ) from exc
