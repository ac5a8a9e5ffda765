"""A message of ours in a chat: what it does to chat, client, lead and deals, and how it ends."""

from kartoteka.domain.access import Operation, can
from kartoteka.domain.chat import Chat, MessageMark, mark_id, reached
from kartoteka.domain.deal_flow import touched as touched_deal
from kartoteka.domain.errors import NotAllowed
from kartoteka.domain.ids import send_number
from kartoteka.domain.model import Activity, ChatMessage, Client, Lead, Touch
from kartoteka.domain.next_step import is_open
from kartoteka.domain.office import Settings
from kartoteka.services import contact, deal_touch, handover
from kartoteka.services.merge import follow
from kartoteka.services.next_step import ensure_next
from kartoteka.services.unit import Unit


def tag_of(activity_id: str) -> str:
    """Return the number by which a provider knows a message twice sent; the same for one id."""
    return send_number(activity_id)


def has_template(settings: Settings, chat: Chat) -> bool:
    """Return whether the chat's account has a template in which words go after a day."""
    place = (chat.channel, chat.account)
    found = (it for it in settings.accounts if (it.channel, it.id) == place)
    return any(account.template is not None for account in found)


def written(unit: Unit, settings: Settings, chat: Chat, activity: Activity) -> Activity:
    """Return the saved message of a person: an act on the lead, a touch of the deals; 4.3.

    Nobody waits any more. A lead that nobody has is taken by who answers first.
    """
    client = follow(unit, chat.client_id)
    unit.subject = client.id
    lead = _lead(unit, settings, client)
    deals = deal_touch.open_deals(unit, client)
    selling = deal_touch.selling(deals, settings)
    update = {
        "client_id": client.id,
        "lead_id": lead.id if lead else None,
        "deal_id": selling.id if selling and lead is None else None,
    }
    activity = unit.add(activity.model_copy(update=update))
    for deal in deals:
        after = touched_deal(deal, activity.at)
        if after is not deal:
            unit.save(after)
    _touch(unit, unit.need(Client, client.id), activity)
    if lead is not None:
        after_it = contact.after_letter(unit, settings, lead, activity, client=client)
        unit.save(ensure_next(unit, settings, after_it))
    _answered(unit, chat, activity)
    return activity


def check_writer(unit: Unit, settings: Settings, chat: Chat) -> None:
    """Refuse who may neither work with the chat nor with its client or open lead.

    Raises:
        NotAllowed: the chat is somebody else's.
    """
    client = follow(unit, chat.client_id)
    records = (chat, client, unit.find(Lead, client.open_lead_id))
    if not any(
        record is not None and can(unit.actor, Operation.CHANGE, record, within=settings)
        for record in records
    ):
        raise NotAllowed(f"chat {chat.id} is somebody else's", code="not_yours")


def settle(
    unit: Unit, chat: Chat, activity: Activity, *, external_id: str = "", why: str = ""
) -> Activity:
    """Return our message as given to the provider, or as refused; the next one may go.

    What the provider reported before we knew its id counts now.
    """
    message = activity.message or ChatMessage(chat_id=chat.id)
    told = message.model_copy(update={"external_id": external_id or message.external_id})
    if external_id:
        name = mark_id(chat.channel, chat.account, external_id)
        mark = unit.find(MessageMark, name) or MessageMark(id=name)
        told = reached(told, "sent")
        told = reached(told, mark.state, mark.said) if mark.state else told
        unit.keep(mark.model_copy(update={"activity_id": activity.id}))
    if why:
        told = told.model_copy(update={"state": "failed", "why": why})
    left = {
        name: tuple(other for other in getattr(chat, name) if other != activity.id)
        for name in ("sending", "unsure")
    }
    unit.save(chat.model_copy(update=left))
    return unit.save(activity.model_copy(update={"message": told}))


def _lead(unit: Unit, settings: Settings, client: Client) -> Lead | None:
    lead = unit.find(Lead, client.open_lead_id)
    if lead is None or not is_open(lead):
        return None
    if lead.owner_id is None and unit.actor.is_person:
        return handover.take(unit, settings, lead)
    return lead


def _touch(unit: Unit, client: Client, activity: Activity) -> None:
    if client.last_touch is not None and client.last_touch.at > activity.at:
        return
    touch = Touch(at=activity.at, kind="message", direction="out", staff_id=activity.staff_id)
    unit.save(client.model_copy(update={"last_touch": touch, "updated_at": unit.now}))


def _answered(unit: Unit, chat: Chat, activity: Activity) -> None:
    queued = activity.message is not None and activity.message.state == "queued"
    update = {
        "client_id": activity.client_id,
        "owner_id": chat.owner_id or activity.staff_id,
        "state": "open",
        "waiting_since": None,
        "tried": (),
        "sending": (*chat.sending, activity.id) if queued else chat.sending,
        "answer_id": activity.id,
        "updated_at": unit.now,
    }
    unit.save(chat.model_copy(update=update))
