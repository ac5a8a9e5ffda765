"""What somebody of the team said in the room: words for the client, a note, or a command."""

import re
from dataclasses import dataclass
from enum import StrEnum

from kartoteka.domain.errors import Invalid
from kartoteka.domain.model import Staff
from kartoteka.domain.office import Settings

_NOTE = "//"
_COMMAND = re.compile(r"/([\w]{1,30})(?:@\w+)?(?:\s+(.*))?", re.DOTALL)
_WORDS_OF_NAME = 2  # without @: «анна», «анна белова»
_NAMED = re.compile(r"@([\w.\-]{1,60})")


class Wish(StrEnum):
    """What is wanted."""

    SAY = "say"
    NOTE = "note"
    INVITE = "invite"
    HAND_ON = "pass"
    CLOSE = "close"
    TASK = "task"
    ROOM = "room"
    MINE = "mine"
    FIND = "find"
    REPORT = "report"
    ASSIGN = "assign"
    INVOICE = "invoice"
    HELP = "help"
    UNKNOWN = "unknown"


_COMMANDS = {
    "assign": Wish.ASSIGN,
    "close": Wish.CLOSE,
    "find": Wish.FIND,
    "help": Wish.HELP,
    "invite": Wish.INVITE,
    "invoice": Wish.INVOICE,
    "my": Wish.MINE,
    "pass": Wish.HAND_ON,
    "report": Wish.REPORT,
    "start": Wish.HELP,
    "task": Wish.TASK,
    "team": Wish.ROOM,
    "закрыть": Wish.CLOSE,
    "задача": Wish.TASK,
    "команда": Wish.ROOM,
    "мои": Wish.MINE,
    "назначить": Wish.ASSIGN,
    "найти": Wish.FIND,
    "отчет": Wish.REPORT,
    "отчёт": Wish.REPORT,
    "передать": Wish.HAND_ON,
    "позвать": Wish.INVITE,
    "помощь": Wish.HELP,
    "счет": Wish.INVOICE,
    "счёт": Wish.INVOICE,
}


@dataclass(frozen=True, slots=True)
class Said:
    """One saying: the wish, the colleagues it names, the other words."""

    wish: Wish
    text: str
    named: tuple[str, ...] = ()


def read(text: str) -> Said:
    """Return what the words mean; names are taken out of the words of commands only."""
    words = text.strip()
    if words.startswith(_NOTE):
        return Said(Wish.NOTE, words.removeprefix(_NOTE).strip())
    found = _COMMAND.fullmatch(words)
    if found is None:
        return Said(Wish.SAY, text)
    rest = found[2] or ""
    wish = _COMMANDS.get(found[1].casefold(), Wish.UNKNOWN)
    left = re.sub(r"[ \t]{2,}", " ", _NAMED.sub(" ", rest)).strip()
    return Said(wish, left, tuple(_NAMED.findall(rest)))


def named_first(said: Said, settings: Settings) -> Said:
    """Return the saying with its first words taken for a name, if nobody is named with @.

    Words that are nobody's name, or the name of several, stay words.
    """
    words = said.text.split(" ", _WORDS_OF_NAME)
    for count in range(min(_WORDS_OF_NAME, len(words)), 0, -1):
        name = "_".join(words[:count]).strip(".,:;")
        if not said.named and name and len(_found(name, settings)) == 1:
            return Said(said.wish, " ".join(words[count:]).strip(), (name,))
    return said


def person_of(name: str, settings: Settings) -> Staff:
    """Return the one colleague whose name, part of a name or mailbox this is, in any case.

    Raises:
        Invalid: there is none, or there are several; names them.
    """
    found = _found(name, settings)
    if len(found) == 1:
        return found[0]
    active = [person for person in settings.staff if person.active]
    known = ", ".join(person.name for person in found or active)
    code = "team_many" if found else "team_nobody"
    raise Invalid(f"{name!r} is one of: {known}", fields={"person": code}, code=code, known=known)


def _found(name: str, settings: Settings) -> list[Staff]:
    wanted = name.replace("_", " ").strip().casefold()
    active = [person for person in settings.staff if person.active]
    return [it for it in active if it.name.casefold() == wanted] or [
        it
        for it in active
        if wanted in {*it.name.casefold().split(), it.email.partition("@")[0].casefold()}
    ]
