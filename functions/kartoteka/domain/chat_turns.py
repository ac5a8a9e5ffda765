"""Whose turn it is to answer in a line: present people in turn, in order, or all at once."""

from datetime import datetime

from kartoteka.domain.chat import Chat
from kartoteka.domain.chat_line import ChatLine
from kartoteka.domain.model import Staff
from kartoteka.domain.office import Account, Settings
from kartoteka.domain.routing import Hands, is_present
from kartoteka.domain.worktime import WorkTime

DEFAULT_LINE = ChatLine(forward_minutes=0)


def line_of(account: Account | None) -> ChatLine:
    """Return the account's line; one that nobody has set up hands nothing on."""
    return account.line or DEFAULT_LINE if account is not None else DEFAULT_LINE


def hours_of(line: ChatLine, settings: Settings) -> WorkTime:
    """Return when the line is answered."""
    return line.hours or settings.office.work


def people_of(line: ChatLine, settings: Settings, now: datetime) -> list[Staff]:
    """Return who may answer at this moment, in the line's order; nobody there: all of them."""
    if line.people:
        named = [settings.person(name) for name in line.people]
        people = [person for person in named if person is not None and person.active]
    else:
        people = [person for person in settings.staff if person.active and person.takes_leads]
    return [person for person in people if is_present(person, settings, now)] or people


def first_turn(account: Account, hands: Hands) -> Staff | None:
    """Return who gets a new conversation; None when all are asked or the office routes itself."""
    line = line_of(account)
    if line.queue == "all" or account.line is None:
        return None
    people = people_of(line, hands.settings, hands.now)
    if not people:
        return None
    if line.queue == "strict":
        return people[0]
    return people[hands.turn(f"line:{account.id}") % len(people)]


def next_turn(chat: Chat, line: ChatLine, settings: Settings, now: datetime) -> Staff | None:
    """Return who comes after those who let the client wait; None when everybody had a turn."""
    had = {*chat.tried, *filter(None, (chat.owner_id,))}
    people = people_of(line, settings, now)
    ids = [person.id for person in people]
    start = ids.index(chat.owner_id) + 1 if chat.owner_id in ids else 0
    rest = [*people[start:], *people[:start]]
    return next((person for person in rest if person.id not in had), None)


def auto_reply(line: ChatLine, settings: Settings, now: datetime) -> str:
    """Return what a new conversation hears at once, empty for nothing."""
    return line.greeting if hours_of(line, settings).is_open(now) else line.away
