"""How a posting ended, and what is heard of it later: reports, bounces, complaints, answers."""

from datetime import datetime

from kartoteka.domain.chat import MessageMark, mark_id
from kartoteka.domain.delivery_words import meaning
from kartoteka.domain.ids import ActivityId, ClientId, derived
from kartoteka.domain.inbound import Message
from kartoteka.domain.mail import MailLink, letter_link, token_link
from kartoteka.domain.mailing import (
    BOUNCED,
    UNSUBSCRIBED,
    Recipient,
    SeriesMember,
    series_member_id,
)
from kartoteka.domain.model import Activity, ChatMessage
from kartoteka.domain.office import Account
from kartoteka.outgoing_ports import DEAD, Posting
from kartoteka.ports import Query, Where
from kartoteka.services import consents, lost_letters
from kartoteka.services.merge import still_known
from kartoteka.services.posting_checks import Ready
from kartoteka.services.unit import Unit

_CAME_BACK = {"state": "failed", "why": BOUNCED, "delivered_at": None}
_SHOWN = ("client_id", "state", "why")


def sent(
    unit: Unit, recipient: Recipient, account: Account, told: tuple[str, Posting], *, locale: str
) -> None:
    """Keep that a posting went out; what its provider reported before we knew the id counts."""
    external, posting = told
    now = recipient.model_copy(update={"sent_at": unit.now, "external_id": external})
    if recipient.why != BOUNCED:  # a server may send a letter back before we know that it went
        now = now.model_copy(update={"state": "sent", "why": ""})
    if account.id:
        name = mark_id(account.channel, account.id, external)
        mark = unit.find(MessageMark, name) or MessageMark(id=name)
        if mark.state:
            now = _reached(unit, now, mark.state, mark.said)
        unit.keep(mark.model_copy(update={"recipient_id": recipient.id}))
    unit.keep(now)
    activity = unit.add(_activity(unit, now, _without_proof(posting)))
    if now.state == "failed":
        lost_letters.tell(unit, activity.id, locale)


def failed(unit: Unit, recipient: Recipient, why: str) -> None:
    """Keep that a posting was refused; an address that is dead for good is written to no more."""
    unit.keep(recipient.model_copy(update={"state": "failed", "why": why}), shown=_SHOWN)
    if why in {DEAD, UNSUBSCRIBED}:
        _stop(unit, recipient, BOUNCED if why == DEAD else why)


def into_chat(unit: Unit, recipient: Recipient, ready: Ready, text: str) -> None:
    """Put a message into the client's chat, where it goes its usual way; nobody was answered."""
    chat = ready.chat
    if chat is None:
        return
    update = {"state": "sent", "sent_at": unit.now}
    unit.keep(recipient.model_copy(update=update))
    activity = _activity(unit, recipient, text)
    message = ChatMessage(chat_id=chat.id, state="queued")
    unit.add(activity.model_copy(update={"message": message}))
    unit.save(chat.model_copy(update={"sending": (*chat.sending, activity.id)}))


def tie(unit: Unit, recipient: Recipient, posting: Posting) -> None:
    """Keep by what an answer or a bounce of this letter is recognised."""
    for name in (letter_link(posting.message_id), token_link(posting.reply_token)):
        unit.keep(
            MailLink(
                id=name,
                client_id=ClientId(recipient.client_id),
                activity_id=activity_id(recipient.id),
                direction="out",
                recipient_id=recipient.id,
            )
        )


def reported(unit: Unit, recipient_id: str, message: Message, locale: str) -> str:
    """Return whose posting it is, after what its provider reports of it is kept."""
    recipient = unit.find(Recipient, recipient_id)
    if recipient is None:
        return ""
    now = _reached(unit, recipient, message.state, message.said)
    if now != recipient:
        unit.keep(now)
    if now.state == "failed" != recipient.state:
        lost_letters.tell(unit, activity_id(recipient.id), locale)
    return recipient.client_id


def bounced(unit: Unit, recipient_id: str, locale: str, *, dead: bool) -> None:
    """Keep that a letter came back for good; an address that is dead is written to no more."""
    recipient = unit.find(Recipient, recipient_id)
    if recipient is None:
        return
    unit.keep(recipient.model_copy(update=_CAME_BACK), shown=_SHOWN)
    lost_letters.tell(unit, activity_id(recipient.id), locale)
    if dead:
        _stop(unit, recipient, BOUNCED)


def unsubscribed(unit: Unit, recipient: Recipient, why: str, at: datetime) -> Recipient:
    """Return the recipient as one who wants no more; the address is written to no more."""
    now = recipient.model_copy(update={"unsubscribed_at": recipient.unsubscribed_at or at})
    unit.subject = recipient.client_id
    unit.keep(now, shown=_SHOWN)
    _stop(unit, now, why)
    return now


def leave_series(unit: Unit, recipient: Recipient, why: str) -> None:
    """Take the client out of the series that this recipient is a step of."""
    name = series_member_id(recipient.campaign_id, recipient.client_id)
    member = unit.find(SeriesMember, name)
    if member is not None:
        _leave(unit, member, why)


def activity_id(recipient_id: str) -> ActivityId:
    """Return the id of the entry in the client's history."""
    return ActivityId(derived("ac", "posting", recipient_id))


def _activity(unit: Unit, recipient: Recipient, text: str) -> Activity:
    return Activity(
        id=activity_id(recipient.id),
        what="mail" if recipient.medium == "mail" else "message",
        direction="out",
        client_id=ClientId(unit.subject or recipient.client_id),
        at=unit.now,
        text=text,
    )


def _without_proof(posting: Posting) -> str:
    """Return the text for the history, which colleagues read: only its reader may unsubscribe."""
    _, _, token = posting.unsubscribe.rpartition("/")
    return posting.text.replace(token, "…") if token else posting.text


def _reached(unit: Unit, recipient: Recipient, state: str, said: str) -> Recipient:
    """Return the recipient as far as it got; a report that comes late or twice changes nothing.

    Only a server that took a letter and sends it back for good is heard also afterwards.
    """
    why = meaning(said)
    if why:
        _stop(unit, recipient, why)
    if why == BOUNCED:
        return recipient.model_copy(update=_CAME_BACK)
    if why:
        update = {"unsubscribed_at": recipient.unsubscribed_at or unit.now}
        recipient = recipient.model_copy(update=update)
    if state == "failed" and recipient.delivered_at is None:
        return recipient.model_copy(update={"state": "failed", "why": "posting_refused"})
    return _arrived(unit, recipient, state)


def _arrived(unit: Unit, recipient: Recipient, state: str) -> Recipient:
    """Return the recipient as reached; what came back for good did so after it was taken."""
    update: dict[str, object] = {}
    if state in {"delivered", "read"} and recipient.why != BOUNCED:
        update["delivered_at"] = recipient.delivered_at or unit.now
        update |= {"state": "sent", "why": ""} if recipient.state in {"failed", "unknown"} else {}
    if state == "read":
        update["opened_at"] = recipient.opened_at or unit.now
    return recipient.model_copy(update=update)


def _stop(unit: Unit, recipient: Recipient, why: str) -> None:
    """Write to the address no more, and take its client out of the series at once.

    A refusal is the person's, not the address's: it ends every series, and their other addresses
    of this kind are written to no more either.
    """
    if recipient.address:
        consents.refuse(unit, (recipient.medium, recipient.address), why, unit.now)
    if why != BOUNCED:
        _refused(unit, recipient, why)
    elif recipient.source == "series":
        leave_series(unit, recipient, why)


def _refused(unit: Unit, recipient: Recipient, why: str) -> None:
    client = still_known(unit, recipient.client_id)
    addresses = consents.addresses_of(client, recipient.medium) if client is not None else ()
    for address in (it for it in addresses if it != recipient.address):
        consents.refuse(unit, (recipient.medium, address), UNSUBSCRIBED, unit.now)
    names = {recipient.client_id, client.id if client is not None else recipient.client_id}
    where = (Where("client_id", "in", tuple(sorted(names))), Where("state", "==", "active"))
    for member in unit.search(SeriesMember, Query(SeriesMember.collection, where)):
        _leave(unit, member, why)


def _leave(unit: Unit, member: SeriesMember, why: str) -> None:
    if member.state == "active":
        unit.keep(member.ended("left", why, unit.now), shown=("series_id", "state", "why"))
