"""Which address leads where."""

from ingest import website
from ingest.channel import Channel, Context
from ingest.channels import CHANNELS
from ingest.intake import Address, take
from kartoteka.domain.errors import NotFound
from kartoteka.http import Call, Reply, json_reply
from kartoteka.services.office import Desk
from kartoteka.wiring import App


def receive(call: Call, app: App) -> Reply:
    """Return the answer of the form or channel behind the address.

    Raises:
        NotFound: there is no such form, channel or account.
    """
    match call.path:
        case ("form", form_id, *rest):
            limit = app.settings.form_posts_per_minute
            return website.serve(call, app.desk, form_id, rest=tuple(rest), limit=limit)
        case (name, token) if name in CHANNELS:
            return _provider(call, app.desk, CHANNELS[name], token)
    raise NotFound("there is no such address", code="address_unknown")


def _provider(call: Call, desk: Desk, channel: Channel, token: str) -> Reply:
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
