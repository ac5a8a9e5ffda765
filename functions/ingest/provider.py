"""The address of one account of a channel: the provider's events and questions come here."""

from collections.abc import Hashable
from dataclasses import dataclass
from functools import cache
from typing import cast

from ingest.channel import Asking, Challenging, Channel, Confirming, Context, Manner, Mannered
from ingest.intake import Address, check_size, take
from kartoteka.domain.errors import NotAuthentic, NotFound
from kartoteka.domain.office import Settings
from kartoteka.http import Call, Reply, json_reply
from kartoteka.services.lookup import Directory
from kartoteka.services.office import Desk, SettingsCache

_USUAL = Manner()
_LATELY_S = 300


@dataclass(frozen=True, slots=True)
class _Ways:
    """What a channel can do besides taking events; None: it cannot."""

    manner: Manner
    asking: Asking | None
    challenging: Challenging | None
    confirming: Confirming | None


@cache
def _ways(channel: Hashable) -> _Ways:
    """Return the same for the same channel: asking a module by protocol takes its time."""
    return _Ways(
        manner=channel.manner if isinstance(channel, Mannered) else _USUAL,
        asking=channel if isinstance(channel, Asking) else None,
        challenging=channel if isinstance(channel, Challenging) else None,
        confirming=channel if isinstance(channel, Confirming) else None,
    )


def serve(
    call: Call, desk: Desk, channel: Channel, token: str, *, rest: tuple[str, ...] = ()
) -> Reply:
    """Return what the provider expects to hear; to a bare look, whether the address lives.

    Args:
        call: the request.
        desk: the office.
        channel: whose address it is.
        token: names the account.
        rest: what follows the token in the path.

    Raises:
        NotFound: there is no such account, or nothing may follow its token.
        TooLarge, NotAuthentic, Transient: as the intake says.
    """
    ways = _ways(cast("Hashable", channel))  # a module
    manner = ways.manner
    if rest and not manner.subpaths:
        raise NotFound("there is no such address", code="address_unknown")
    check_size(call, manner.limit)
    if ways.asking and _comes(call, manner) and ways.asking.asks(call):
        return _answered(call, desk, ways.asking, token)
    address = address_of(desk, channel, token, manner.limit)
    told = _trial(call, ways, address)
    if told is not None:
        return told
    if call.method in {"GET", "HEAD"} and not (call.query and call.method in manner.methods):
        return json_reply({"ok": True, "channel": channel.name})
    if call.method not in manner.methods:
        return Reply(405, headers={"allow": ", ".join(sorted({"GET", "HEAD", *manner.methods}))})
    return channel.answer(call, take(desk, channel, call, address))


def _comes(call: Call, manner: Manner) -> bool:
    """Return whether the call brings something, as this provider does it."""
    return call.method in manner.methods and (call.method != "GET" or bool(call.query))


def _answered(call: Call, desk: Desk, channel: Asking, token: str) -> Reply:
    """Return the answer to a question, by settings a few minutes old if they let the caller in.

    Reading them takes longer than the answer; an account or a secret they do not know is looked
    for in the settings as they are.
    """
    cache = desk.settings
    known = cache.lately(_LATELY_S) if isinstance(cache, SettingsCache) else cache()
    try:
        return _told(call, desk, channel, token, settings=known)
    except (NotAuthentic, NotFound):
        return _told(call, desk, channel, token, settings=desk.settings())


def _told(call: Call, desk: Desk, channel: Asking, token: str, *, settings: Settings) -> Reply:
    channel.verify(call, settings.account(channel.name, token).secrets)
    return channel.reply_to(call, Directory(desk.store, settings, desk.now()))


def _trial(call: Call, ways: _Ways, address: Address) -> Reply | None:
    """Return what a provider wants to hear that tries the address out, None when it does not."""
    if ways.challenging:
        told = ways.challenging.challenge(call, address.secrets)
        if told is not None:
            return told
    return ways.confirming.confirmation(call, address.context) if ways.confirming else None


def address_of(desk: Desk, channel: Channel, token: str, limit: int) -> Address:
    """Return the office's address of this channel and token.

    Raises:
        NotFound: there is no such account.
    """
    settings = desk.settings()
    account = settings.account(channel.name, token)
    office, owner = settings.office, settings.person(account.owner_id)
    context = Context(
        account.id,
        account.source,
        office.region,
        desk.now(),
        zone=office.work.zone,
        api=account.api,
        staff=owner.email if owner else "",
        ignored=frozenset(account.ignored),
        mapping=account.mapping,
    )
    return Address(context, account.secrets, account.owner_id, limit)
