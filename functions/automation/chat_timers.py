"""A client waits in a chat: the next colleague gets the turn, at last the heads hear of it; A7."""

from contextlib import suppress

from automation.rules import FORWARD, chat_timer
from kartoteka.domain import chat_turns
from kartoteka.domain.change import Actor
from kartoteka.domain.chat import Chat
from kartoteka.domain.errors import NotFound, Rejected
from kartoteka.domain.ids import StaffId, derived
from kartoteka.domain.model import Client, Lead, Notice, Staff, Timer
from kartoteka.domain.next_step import is_open
from kartoteka.domain.office import Account
from kartoteka.services import handover
from kartoteka.services.office import Desk
from kartoteka.services.unit import Unit, transact


def watch(desk: Desk, chat_id: str, actor: Actor, cause: str) -> list[Timer]:
    """Return the timer of the next turn; a line that asks everybody tells them all at once."""
    doc = desk.store.get(Chat.collection, chat_id)
    chat = Chat.model_validate(doc) if doc is not None else None
    account = _account(desk, chat) if chat is not None else None
    if chat is None or account is None or chat.waiting_since is None:
        return []
    line, settings = chat_turns.line_of(account), desk.settings()
    if line.queue == "all" and chat.owner_id is None:
        people = chat_turns.people_of(line, settings, desk.now())
        transact(
            desk.store,
            actor,
            cause,
            desk.now(),
            work=lambda unit: _tell(unit, chat, people, "notice_chat_waiting"),
        )
        desk.waker.after_commit()
    if not line.forward_minutes:
        return []
    hours = chat_turns.hours_of(line, settings)
    begun = chat.updated_at if chat.tried else chat.waiting_since
    due = hours.add_minutes(begun, line.forward_minutes)
    return [chat_timer(FORWARD, chat.id, due, chat.spell)]


def fire(unit: Unit, desk: Desk, item: Timer) -> tuple[str, list[Timer]]:
    """Return what the timer did; an answered chat, or one whose turn has changed, drops it."""
    current = unit.need(Timer, item.id)
    if current.state != "pending":
        return "done", []
    chat = unit.find(Chat, item.chat_id)
    account = _account(desk, chat) if chat is not None else None
    still = chat is not None and chat.waiting_since is not None and chat.spell == item.version
    if chat is None or account is None or not still:
        unit.keep(current.model_copy(update={"state": "dropped"}))
        return "dropped", []
    unit.keep(current.model_copy(update={"state": "fired"}))
    unit.subject = chat.client_id
    line, settings = chat_turns.line_of(account), desk.settings()
    coming = chat_turns.next_turn(chat, line, settings, unit.now)
    if coming is None or line.queue == "all":
        _nobody(unit, desk, chat, to_head=line.unanswered == "head")
        return "fired", []
    _give(unit, desk, chat, coming, code="notice_chat_given")
    return "fired", []


def _account(desk: Desk, chat: Chat) -> Account | None:
    try:
        return desk.settings().account(chat.channel, chat.account)
    except NotFound:
        return None


def _give(unit: Unit, desk: Desk, chat: Chat, person: Staff, *, code: str) -> None:
    """Give the turn, and the lead too while nobody has worked with it."""
    lead = unit.find(Lead, unit.need(Client, chat.client_id).open_lead_id)
    if lead is not None and is_open(lead) and lead.touched_at is None:
        with suppress(Rejected):  # who cannot have the lead may still answer
            handover.give(unit, desk.settings(), lead, person.id)
    had = tuple(filter(None, (chat.owner_id,)))
    update = {
        "owner_id": person.id,
        "tried": (*chat.tried, *(name for name in had if name not in chat.tried)),
        "spell": chat.spell + 1,
        "updated_at": unit.now,
    }
    unit.save(chat.model_copy(update=update))
    _tell(unit, chat, [person], code)


def _nobody(unit: Unit, desk: Desk, chat: Chat, *, to_head: bool) -> None:
    heads = list(desk.settings().heads())
    if to_head and heads and chat.owner_id != heads[0].id:
        _give(unit, desk, chat, heads[0], code="notice_chat_unanswered")
        return
    _tell(unit, chat, heads, "notice_chat_unanswered")


def _tell(unit: Unit, chat: Chat, people: list[Staff], code: str) -> None:
    client = unit.find(Client, chat.client_id)
    for person in people:
        unit.save(
            Notice(
                id=derived("no", chat.id, person.id, code, str(chat.spell)),
                staff_id=StaffId(person.id),
                code=code,
                lead_id=client.open_lead_id if client is not None else None,
                chat_id=chat.id,
                at=unit.now,
            )
        )
