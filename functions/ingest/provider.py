"""The address of one account of a channel: the provider's events come here."""

from ingest.channel import Channel, Context
from ingest.intake import Address, take
from kartoteka.http import Call, Reply, json_reply
from kartoteka.services.office import Desk


def serve(call: Call, desk: Desk, channel: Channel, token: str) -> Reply:
    """Return what the provider expects to hear; to a look by GET, whether the address lives.

    Raises:
        NotFound: there is no such account.
    """
    address = _address(desk, channel, token)
    if call.method in {"GET", "HEAD"}:
        return json_reply({"ok": True, "channel": channel.name})
    if call.method != "POST":
        return Reply(405, headers={"allow": "GET, HEAD, POST"})
    return channel.answer(call, take(desk, channel, call, address))


def _address(desk: Desk, channel: Channel, token: str) -> Address:
    settings = desk.settings()
    account = settings.account(channel.name, token)
    context = Context(account.id, account.source, settings.office.region, desk.now())
    return Address(context, account.secrets, account.owner_id)
