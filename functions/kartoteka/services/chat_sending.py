"""Give our messages to their providers: in order, once as far as the provider can tell.

A message is queued with the act that wrote it. Its task takes a lease, calls the provider and
keeps how it ended. A call that may or may not have arrived is repeated where the provider knows
repeats by our own number; elsewhere it is not, and the people are told that nobody knows.
"""

from dataclasses import dataclass
from datetime import datetime, timedelta

from kartoteka.chat_ports import MAYBE_SENT, FileBytes, Letter, Messengers
from kartoteka.domain.change import Actor, ActorKind
from kartoteka.domain.chat import Chat, Sending
from kartoteka.domain.chat_line import is_shut
from kartoteka.domain.errors import ConfigError, NotFound, Rejected, Transient
from kartoteka.domain.ids import StaffId, derived
from kartoteka.domain.instant import spell
from kartoteka.domain.model import Activity, Attachment, Notice
from kartoteka.domain.office import Account
from kartoteka.log import log
from kartoteka.ports import QueuedTask
from kartoteka.services import chat_letters, lost_letters
from kartoteka.services.office import Desk
from kartoteka.services.paper_links import with_addresses
from kartoteka.services.unit import Unit, transact

QUEUE = "messages"
PATH = "/automation/task/message"
LARGEST_FILE = 20 * 1024 * 1024
_LEASE = timedelta(seconds=90)  # longer than a call of a provider may take
_MOST_UNSURE = 20
_GIVE_UP = timedelta(hours=12)  # the queue tries for a day
_ACTOR = Actor(kind=ActorKind.SYSTEM, id="messages")


@dataclass(frozen=True, slots=True)
class _Job:
    activity: Activity
    chat: Chat
    account: Account


def hand_over(desk: Desk, activity_id: str) -> None:
    """Ask the queue to send a message; asked twice it is one task."""
    payload = {"message": activity_id}
    desk.tasks.enqueue(QueuedTask(QUEUE, derived("send", activity_id), PATH, payload))


def deliver(desk: Desk, messengers: Messengers, activity_id: str) -> str:
    """Return how far the message is now: sent, failed, unsure, or done before.

    Raises:
        Transient: the provider does not answer, or an earlier message goes first; the queue
            repeats.
    """

    def claim(unit: Unit) -> _Job | str:
        return _claimed(unit, desk, messengers, activity_id)

    job = transact(desk.store, _ACTOR, "send", desk.now(), work=claim)
    if isinstance(job, str):
        desk.waker.after_commit()
        return job
    try:
        external = messengers.send(job.account, _letter(desk, messengers, job))
    except (Rejected, ConfigError) as exc:
        return _ended(desk, job, "failed", why=exc.code or "send_refused")
    except Transient as exc:
        if exc.code == MAYBE_SENT and not messengers.knows_repeats(job.chat.channel):
            return _ended(desk, job, "unsure", why="send_unsure")
        transact(desk.store, _ACTOR, "send", desk.now(), work=lambda it: _released(it, job))
        raise
    return _sent(desk, job, external)


def _claimed(unit: Unit, desk: Desk, messengers: Messengers, activity_id: str) -> _Job | str:
    """Return the message to send, with its lease; or how it ended before."""
    activity = unit.find(Activity, activity_id)
    if activity is None or activity.message is None or activity.message.state != "queued":
        return "done"
    chat = _in_turn(unit, desk, activity, activity.message.chat_id)
    lease = unit.find(Sending, activity.id) or Sending(id=activity.id)
    if lease.at is not None and unit.now - lease.at < _LEASE:
        raise Transient("the message is just being sent", retry_after=_LEASE)
    if lease.at is not None and not messengers.knows_repeats(chat.channel):
        return _kept(unit, desk, (chat, activity), "unsure", why="send_unsure")
    if unit.now - activity.at > _GIVE_UP:
        return _kept(unit, desk, (chat, activity), "failed", why="send_gave_up")
    try:
        account = desk.settings().account(chat.channel, chat.account)
    except NotFound:
        return _kept(unit, desk, (chat, activity), "failed", why="send_no_account")
    unit.keep(lease.model_copy(update={"at": unit.now, "attempts": lease.attempts + 1}))
    return _Job(activity, chat, account)


def _in_turn(unit: Unit, desk: Desk, activity: Activity, chat_id: str) -> Chat:
    """Return the chat in which the message is the first to go.

    One that waits longer than the queue tries is lost and holds nobody up.

    Raises:
        Transient: an earlier message goes first.
    """
    chat = unit.need(Chat, chat_id)
    unit.subject = chat.client_id
    while chat.sending[:1] not in {(), (activity.id,)}:
        first = unit.find(Activity, chat.sending[0])
        waits = first is not None and first.message is not None and first.message.state == "queued"
        if first is not None and waits and unit.now - first.at <= _GIVE_UP:
            raise Transient("an earlier message of the chat goes first")
        if first is not None and waits:
            _kept(unit, desk, (chat, first), "failed", why="send_gave_up")
        else:
            unit.save(chat.model_copy(update={"sending": chat.sending[1:]}))
        chat = unit.need(Chat, chat_id)
    return chat


def _letter(desk: Desk, messengers: Messengers, job: _Job) -> Letter:
    file = next(iter(job.activity.files), None)
    return Letter(
        peer=job.chat.peer,
        text=with_addresses(desk, job.activity.text, job.chat.client_id),
        tag=chat_letters.tag_of(job.activity.id),
        template=_template(desk, job),
        file=fetched(desk, messengers, file) if file else None,
    )


def _template(desk: Desk, job: _Job) -> tuple[str, str] | None:
    """Return name and language of the template that the words have to go in, if they have to."""
    found, chat = job.account.template, job.chat
    if found is None or not is_shut(chat.channel, chat.heard_at or chat.created_at, desk.now()):
        return None
    return found.name, found.language


def fetched(desk: Desk, messengers: Messengers, file: Attachment) -> FileBytes:
    """Return a file whose `ref` names its place: channel:account:the provider's own ref.

    Raises:
        NotFound: the account is not there any more. TooLarge: it is over 20 MB.
        NotAllowed: the address is none of the provider's.
    """
    channel, _, rest = file.ref.partition(":")
    token, _, ref = rest.partition(":")
    account = desk.settings().account(channel, token)
    found = messengers.fetch(account, ref, LARGEST_FILE)
    return FileBytes(file.name, file.media_type or found.media_type, found.content)


def _sent(desk: Desk, job: _Job, external_id: str) -> str:
    def work(unit: Unit) -> None:
        activity, chat = _now(unit, job)
        unit.subject = chat.client_id
        known = chat_letters.settle(unit, chat, activity, external_id=external_id)
        lost_letters.tell_of_chat(unit, known, desk.settings().office.locale)
        _released(unit, job)

    transact(desk.store, _ACTOR, "send", desk.now(), work=work)
    desk.waker.after_commit()
    return "sent"


def _ended(desk: Desk, job: _Job, state: str, *, why: str) -> str:
    log("warning", event="message", outcome=state, why=why, activity=job.activity.id)

    def work(unit: Unit) -> str:
        activity, chat = _now(unit, job)
        unit.subject = chat.client_id
        return _kept(unit, desk, (chat, activity), state, why=why)

    done = transact(desk.store, _ACTOR, "send", desk.now(), work=work)
    desk.waker.after_commit()
    return done


def _now(unit: Unit, job: _Job) -> tuple[Activity, Chat]:
    return unit.need(Activity, job.activity.id), unit.need(Chat, job.chat.id)


def _kept(unit: Unit, desk: Desk, place: tuple[Chat, Activity], state: str, *, why: str) -> str:
    """Keep that a message did not get through, and tell who wrote it or has the chat."""
    chat, activity = place
    ended = chat_letters.settle(unit, chat, activity, why=why)
    if ended.message is not None:
        told = ended.message.model_copy(update={"state": state})
        ended = unit.save(ended.model_copy(update={"message": told}))
        lost_letters.tell_of_chat(unit, ended, desk.settings().office.locale)
    if state == "unsure":
        later = unit.need(Chat, chat.id)
        unit.save(later.model_copy(update={"unsure": (*later.unsure, activity.id)[-_MOST_UNSURE:]}))
    person = activity.staff_id or chat.owner_id
    if person is not None:
        unit.save(_notice(person, activity, at=unit.now))
    return state


def _notice(person: StaffId, activity: Activity, *, at: datetime) -> Notice:
    return Notice(
        id=derived("no", activity.id, person, spell(at)),
        staff_id=person,
        code="notice_message_failed",
        lead_id=activity.lead_id,
        deal_id=activity.deal_id,
        chat_id=activity.message.chat_id if activity.message else None,
        at=at,
    )


def _released(unit: Unit, job: _Job) -> None:
    lease = unit.need(Sending, job.activity.id)
    unit.keep(lease.model_copy(update={"at": None}))
