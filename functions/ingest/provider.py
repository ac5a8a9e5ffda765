"""The address of one account of a channel: the provider's events and questions come here."""

from ingest.channel import Asking, Challenging, Channel, Confirming, Context, Manner, Mannered
from ingest.intake import Address, check_size, take
from kartoteka.domain.errors import NotFound
from kartoteka.http import Call, Reply, json_reply
from kartoteka.services.lookup import Directory
from kartoteka.services.office import Desk

_USUAL = Manner()


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
    manner = channel.manner if isinstance(channel, Mannered) else _USUAL
    if rest and not manner.subpaths:
        raise NotFound("there is no such address", code="address_unknown")
    address = _address(desk, channel, token, manner.limit)
    check_size(call, manner.limit)
    told = _trial(call, channel, address)
    if told is not None:
        return told
    if call.method in {"GET", "HEAD"} and not (call.query and call.method in manner.methods):
        return json_reply({"ok": True, "channel": channel.name})
    if call.method not in manner.methods:
        return Reply(405, headers={"allow": ", ".join(sorted({"GET", "HEAD", *manner.methods}))})
    if isinstance(channel, Asking) and channel.asks(call):
        channel.verify(call, address.secrets)
        return channel.reply_to(call, Directory(desk, address.context.region))
    return channel.answer(call, take(desk, channel, call, address))


def _trial(call: Call, channel: Channel, address: Address) -> Reply | None:
    """Return what a provider wants to hear that tries the address out, None when it does not."""
    if isinstance(channel, Challenging):
        told = channel.challenge(call, address.secrets)
        if told is not None:
            return told
    return channel.confirmation(call, address.context) if isinstance(channel, Confirming) else None


def _address(desk: Desk, channel: Channel, token: str, limit: int) -> Address:
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
    )
    return Address(context, account.secrets, account.owner_id, limit)
