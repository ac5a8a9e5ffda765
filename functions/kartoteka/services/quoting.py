"""Which message a client's answer is about: its first words, found by its id if need be."""

from kartoteka.domain.chat import MessageMark, chat_id, mark_id
from kartoteka.domain.inbound import Inbound, Message
from kartoteka.domain.model import Activity
from kartoteka.domain.shortening import one_line
from kartoteka.services.decide import activity_id
from kartoteka.services.unit import Unit

_LONGEST = 200  # characters of a quotation


def with_quotation(unit: Unit, inbound: Inbound, message: Message) -> Inbound:
    """Return the event with the words of the message that it answers; none if nobody knows them.

    A message of another chat is never quoted, whatever id the client's program names.
    """
    if not message.quoted and not message.quoted_id:
        return inbound
    said = message.quoted or _found(unit, inbound, message)
    quoted = {"quoted": one_line(said, _LONGEST)}
    return inbound.model_copy(update={"message": message.model_copy(update=quoted)})


def _found(unit: Unit, inbound: Inbound, message: Message) -> str:
    """Return the words of the client's own message with this id, or of one of ours."""
    place = (inbound.channel, inbound.account)
    theirs = message.model_copy(update={"id": message.quoted_id})
    name = activity_id(inbound.model_copy(update={"message": theirs}))
    activity = unit.find(Activity, name)
    if activity is None:
        mark = unit.find(MessageMark, mark_id(*place, message.quoted_id))
        activity = unit.find(Activity, mark.activity_id) if mark is not None else None
    if activity is None or activity.message is None:
        return ""
    if activity.message.chat_id != chat_id(*place, message.peer):
        return ""
    return activity.text or ", ".join(file.name for file in activity.files)
