"""What an event of a messenger does to its chat: heard, reworded, taken back, reported, echoed."""

from collections.abc import Callable, Mapping
from datetime import timedelta

from kartoteka.domain import chat_turns
from kartoteka.domain.chat import Chat, MessageMark, chat_id, mark_id, reached
from kartoteka.domain.delivery_words import graver
from kartoteka.domain.ids import ActivityId, derived
from kartoteka.domain.inbound import Inbound, Kind, Message
from kartoteka.domain.model import Activity, ChatMessage, Client, Lead, Wording
from kartoteka.domain.office import Account, Settings
from kartoteka.domain.press import MARK, read
from kartoteka.domain.sales_paper import without_addresses
from kartoteka.services import chat_letters, lost_letters
from kartoteka.services.beside_words import with_words
from kartoteka.services.decide import Decision, Wish, activity_id, decide
from kartoteka.services.quoting import with_quotation
from kartoteka.services.unit import Unit

TEAM = "team"  # why an event makes no request: somebody of the office said it
LINK = "team_"  # how a one-time code begins
_START = f"/start {LINK}"
_PAUSE = timedelta(days=1)  # of silence; what comes then is a new conversation
_DEALT = {"queue", "key"}  # reasons of the routing that a line may overrule


def decide_message(unit: Unit, inbound: Inbound, message: Message, wish: Wish) -> Decision:
    """Return what the event became; chats, activities and marks are saved in the unit."""
    if is_team(inbound, wish.settings):
        return Decision("done", TEAM)
    if inbound.what is Kind.TEAM:
        return Decision("done", inbound.why)
    told = with_words(inbound, wish.settings.office.locale)
    return _ACTS[inbound.what](unit, told, message, wish)


def is_team(inbound: Inbound, settings: Settings) -> bool:
    """Return whether somebody of the office wrote it, or is about to say who they are."""
    if inbound.what is Kind.MESSAGE and (inbound.text.startswith(_START) or _presses(inbound)):
        return True
    if inbound.what not in {Kind.MESSAGE, Kind.CONTACT, Kind.EDIT, Kind.TEAM}:
        return False
    return any(settings.by_messenger(team_name(name)) for name in inbound.sender.messengers)


def _presses(inbound: Inbound) -> bool:
    """Return whether a button of a notice was pressed: whoever it was, it is no request."""
    message = inbound.message
    return message is not None and message.id.startswith(MARK) and read(inbound.text) is not None


def team_name(messenger: str) -> str:
    """Return `channel:user id` of a `channel:account:user id`: people are the same everywhere."""
    channel, _, rest = messenger.partition(":")
    return f"{channel}:{rest.rpartition(':')[2]}"


def _said(unit: Unit, inbound: Inbound, message: Message, wish: Wish) -> Decision:
    earlier = unit.find(Activity, activity_id(inbound))
    if earlier is not None and earlier.message is not None:
        return _overtaken(unit, earlier, earlier.message, inbound)
    inbound = with_quotation(unit, inbound, message)
    account = _account(wish.settings, inbound)
    chat = unit.find(Chat, chat_id(inbound.channel, inbound.account, message.peer))
    decision = decide(unit, inbound, _with_turn(wish, account) if chat is None else wish)
    if decision.client is None:
        return decision
    decision = _for_all(unit, decision, account, wish)
    _heard(unit, chat, decision, (inbound, message), wish=wish)
    return decision


def _with_turn(wish: Wish, account: Account | None) -> Wish:
    """Return the wish with the person whose turn it is in the account's line."""
    if account is None or wish.owner_id is not None:
        return wish
    person = chat_turns.first_turn(account, wish.hands)
    return Wish(wish.hands, person.id) if person is not None else wish


def _for_all(unit: Unit, decision: Decision, account: Account | None, wish: Wish) -> Decision:
    """Return the decision with its new lead free, if the line asks everybody at once."""
    lead, client = decision.lead, decision.client
    if lead is None or client is None or chat_turns.line_of(account).queue != "all":
        return decision
    if lead.created_at != wish.now or lead.routed_by not in _DEALT:
        return decision
    lead = unit.save(lead.model_copy(update={"owner_id": None, "routed_by": "line"}))
    if client.created_at == wish.now:
        client = unit.save(client.model_copy(update={"owner_id": None}))
    return Decision(decision.state, client=client, lead=lead)


def _heard(
    unit: Unit, chat: Chat | None, decision: Decision, event: tuple[Inbound, Message], *, wish: Wish
) -> None:
    """Keep that the client waits for an answer; a new conversation hears the line's reply."""
    (inbound, message), client = event, decision.client
    if client is None:
        return
    known = chat or _new(inbound, message, client, wish)
    talk_is_new = chat is None or _is_over(chat, wish)
    waits = known.waiting_since is not None and not talk_is_new
    update = {
        "client_id": client.id,
        "peer": message.peer,
        "owner_id": _owner(known, client, decision.lead),
        "helpers": () if talk_is_new else known.helpers,
        "state": "open",
        "waiting_since": known.waiting_since if waits else wish.now,
        "spell": known.spell if waits else known.spell + 1,
        "tried": known.tried if waits else (),
        "heard_at": wish.now,
        "updated_at": wish.now,
    }
    heard = known.model_copy(update=update)
    if talk_is_new:
        heard = _greeted(unit, heard, decision, inbound, wish=wish)
    unit.save(heard)


def _new(inbound: Inbound, message: Message, client: Client, wish: Wish) -> Chat:
    return Chat(
        id=chat_id(inbound.channel, inbound.account, message.peer),
        channel=inbound.channel,
        account=inbound.account,
        peer=message.peer,
        client_id=client.id,
        created_at=wish.now,
        updated_at=wish.now,
    )


def _is_over(chat: Chat, wish: Wish) -> bool:
    return chat.state == "closed" or wish.now - (chat.heard_at or chat.created_at) > _PAUSE


def _owner(chat: Chat, client: Client, lead: Lead | None) -> str | None:
    of_lead = lead.owner_id if lead is not None else client.owner_id
    if chat.waiting_since is not None and chat.tried:
        return chat.owner_id  # the turn was handed on
    return of_lead or chat.owner_id


def _greeted(unit: Unit, chat: Chat, decision: Decision, inbound: Inbound, *, wish: Wish) -> Chat:
    """Return the chat with the line's automatic reply on its way, once per conversation."""
    line = chat_turns.line_of(_account(wish.settings, inbound))
    words = chat_turns.auto_reply(line, wish.settings, wish.now)
    if not words:
        return chat.model_copy(update={"greeted_at": None})
    reply = unit.add(
        Activity(
            id=ActivityId(derived("ac", inbound.id, "reply")),
            what="message",
            direction="out",
            client_id=chat.client_id,
            lead_id=decision.lead.id if decision.lead else None,
            at=wish.now,
            text=words,
            message=ChatMessage(chat_id=chat.id, state="queued"),
        )
    )
    sending = (*chat.sending, reply.id)
    update = {"greeted_at": wish.now, "sending": sending, "answer_id": reply.id}
    return chat.model_copy(update=update)


def _reworded(unit: Unit, inbound: Inbound, message: Message, wish: Wish) -> Decision:
    """Keep the new wording and the one before; an edit that comes first is the message."""
    activity = unit.find(Activity, activity_id(inbound))
    if activity is None or activity.message is None:
        return _said(unit, inbound.model_copy(update={"what": Kind.MESSAGE}), message, wish)
    if activity.text != inbound.text or inbound.attachments:
        old = Wording(at=inbound.at, text=activity.text)
        told = activity.message.model_copy(
            update={"wordings": (*activity.message.wordings, old)},
        )
        files = inbound.attachments or activity.files
        update = {"text": inbound.text, "files": files, "message": told}
        unit.save(activity.model_copy(update=update))
    return _about(unit, activity)


def _overtaken(unit: Unit, activity: Activity, known: ChatMessage, inbound: Inbound) -> Decision:
    """Keep the first wording of a message whose edit was delivered before it."""
    if inbound.text not in {activity.text, *(it.text for it in known.wordings)}:
        first = Wording(at=activity.at, text=inbound.text)
        told = known.model_copy(update={"wordings": (first, *known.wordings)})
        unit.save(activity.model_copy(update={"at": inbound.at, "message": told}))
    return _about(unit, activity)


def _deleted(unit: Unit, inbound: Inbound, _: Message, __: Wish) -> Decision:
    """Mark what the client took back; the words stay."""
    activity = unit.find(Activity, activity_id(inbound))
    if activity is None or activity.message is None:
        return Decision("done", "message_unknown")
    if activity.message.deleted_at is None:
        told = activity.message.model_copy(update={"deleted_at": inbound.at})
        unit.save(activity.model_copy(update={"message": told}))
    return _about(unit, activity)


def _reported(unit: Unit, inbound: Inbound, message: Message, wish: Wish) -> Decision:
    """Keep how far a message of ours got, also when the report comes before our own record."""
    name = mark_id(inbound.channel, inbound.account, message.id)
    mark = unit.find(MessageMark, name) or MessageMark(id=name)
    if mark.recipient_id:
        return _of_many(unit, mark.recipient_id, message, wish)
    activity = unit.find(Activity, mark.activity_id)
    if activity is None or activity.message is None:
        so_far = reached(ChatMessage(chat_id="", state=mark.state), message.state, message.said)
        update = {"state": so_far.state, "said": graver(mark.said, message.said)}
        unit.keep(mark.model_copy(update=update))
        return Decision("done", "receipt")
    told = reached(activity.message, message.state, message.said)
    if told != activity.message:
        saved = unit.save(activity.model_copy(update={"message": told}))
        lost_letters.tell_of_chat(unit, saved, wish.settings.office.locale)
    return _about(unit, activity)


def _of_many(unit: Unit, recipient_id: str, message: Message, wish: Wish) -> Decision:
    """Keep how far a text to many got with one of its readers."""
    from kartoteka.services import posting_ends

    locale = wish.settings.office.locale
    client_id = posting_ends.reported(unit, recipient_id, message, locale)
    return Decision("done", "receipt", client=unit.find(Client, client_id))


def _echoed(unit: Unit, inbound: Inbound, message: Message, wish: Wish) -> Decision:
    """Recognise a message of ours; one written in the provider's own app is recorded."""
    name = mark_id(inbound.channel, inbound.account, message.id)
    mark = unit.find(MessageMark, name) or MessageMark(id=name)
    if mark.activity_id:
        return Decision("done", "own_message")
    chat = unit.find(Chat, chat_id(inbound.channel, inbound.account, message.peer))
    if chat is None:
        return Decision("done", "chat_unknown")
    inbound = inbound.model_copy(update={"text": without_addresses(inbound.text)})
    ours = _on_its_way(unit, chat, inbound, message)
    if ours is not None and ours.message is not None:
        known = chat_letters.settle(unit, chat, ours, external_id=message.id)
        lost_letters.tell_of_chat(unit, known, wish.settings.office.locale)
        return _about(unit, ours)
    activity = Activity(
        id=activity_id(inbound),
        what="message",
        direction="out",
        client_id=chat.client_id,
        at=inbound.at,
        text=inbound.text,
        files=inbound.attachments,
        message=ChatMessage(chat_id=chat.id, external_id=message.id, state="sent"),
        inbound_id=inbound.id,
    )
    unit.keep(mark.model_copy(update={"activity_id": activity.id}))
    return _about(unit, chat_letters.written(unit, wish.settings, chat, activity))


def _on_its_way(unit: Unit, chat: Chat, inbound: Inbound, message: Message) -> Activity | None:
    """Return the message of ours that this echo is of: by the id we chose, else by its words."""
    names = (*chat.sending, *chat.unsure)
    waiting = unit.find_many(Activity, names) if names else {}
    if message.tag in {chat_letters.tag_of(name) for name in waiting}:
        return next(it for name, it in waiting.items() if chat_letters.tag_of(name) == message.tag)
    same = (it for it in waiting.values() if it.text.strip() == inbound.text.strip())
    return next(same, None)


def _about(unit: Unit, activity: Activity) -> Decision:
    return Decision("done", client=unit.find(Client, activity.client_id))


def _account(settings: Settings, inbound: Inbound) -> Account | None:
    found = (it for it in settings.accounts if it.id == inbound.account)
    return next((it for it in found if it.channel == inbound.channel), None)


_Act = Callable[[Unit, Inbound, Message, Wish], Decision]
_ACTS: Mapping[Kind, _Act] = {
    Kind.MESSAGE: _said,
    Kind.CONTACT: _said,
    Kind.EDIT: _reworded,
    Kind.DELETION: _deleted,
    Kind.RECEIPT: _reported,
    Kind.ECHO: _echoed,
}
