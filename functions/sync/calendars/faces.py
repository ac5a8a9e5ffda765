"""An appointment as its event says it, with the eyes of the person, and an event read back.

Never money: amounts of the request and the deal are covered in every word. Everything that people
typed is escaped, because a description is HTML. Under the line `---` a person writes what stays.
"""

import html
import re
from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import UTC, datetime, time
from zoneinfo import ZoneInfo

from kartoteka.calendar_ports import EventDraft, EventSeen
from kartoteka.domain.access import Sight
from kartoteka.domain.model import Task
from kartoteka.domain.office import Settings
from kartoteka.domain.shortening import one_line
from kartoteka.domain.visibility import on_phone, without_amounts
from kartoteka.i18n import text
from sync.calendars.appointments import Appointment
from sync.calendars.links import Link
from sync.phones.digest import digest

WHEN, TITLE, WORDS = _FIELDS = ("when", "title", "words")
OVER = "✓ "
DAY = 24 * 60  # minutes
_APART = " · "
_LONGEST_TITLE = 300
_LONGEST_TEXT = 2_000
_LONGEST_TAIL = 4_000
_MOST_REMINDERS = 5
_LONGEST_REMINDER = 40_320
_BREAK = r"\n|<br\s*/?>|</?(?:p|div)>"
_LINE = re.compile(rf"(?:^|{_BREAK})[ \t]*---[ \t]*(?:$|{_BREAK})")
_TAG = re.compile(r"<[^<>]{0,500}>")


@dataclass(frozen=True, slots=True)
class Face:
    """The words of an appointment: its title, whom it is about, our part of the description."""

    title: str
    client: str
    lines: tuple[str, ...]
    covered: bool  # an amount in the title is hidden

    @property
    def whole_title(self) -> str:
        """Return the title with the client's name behind it."""
        extra = self.client and self.client not in self.title
        return f"{self.title}{_APART}{self.client}" if extra else self.title

    def renamed(self, typed: str) -> str:
        """Return what a person made of the title, without what we put around it."""
        bare = " ".join(typed.split()).removeprefix(OVER.strip()).strip()
        return bare.removesuffix(f"{_APART}{self.client}").strip() if self.client else bare


def face(one: Appointment, sight: Sight, locale: str) -> Face:
    """Return the words of an appointment as this person may see them."""
    seen = _seen(one, sight)
    via = one.about[0] if one.about else None
    who = replace(sight, via=via)
    client = on_phone(who, one.client, frozenset({"name", "phones"})) if one.client else {}
    typed = str(seen.get("title") or "") or text(f"task_{_what(one)}", locale)
    title = without_amounts(_flat(typed), one.about)
    name = without_amounts(_flat(str(client.get("name") or "")), one.about)
    phones = client.get("phones")
    lines = [text("calendar_client", locale, name=name)] if name else []
    lines += [text("calendar_phone", locale, number=it) for it in _texts(phones)]
    words = without_amounts(str(seen.get("text") or ""), one.about)[:_LONGEST_TEXT]
    return Face(title, name, (*lines, *words.splitlines()), covered=title != _flat(typed))


def draft(
    one: Appointment, link: Link, settings: Settings, *, sight: Sight, address: str
) -> EventDraft:
    """Return the event that an appointment should have; `address` opens the person's book."""
    shown, zone = face(one, sight, settings.office.locale), settings.office.work.zone
    locale = settings.office.locale
    bare = EventDraft(
        id=link.event,
        record=one.record.id,
        title=_flat(f"{OVER if one.is_over else ''}{shown.whole_title}"),
        start=_start(one, zone),
        minutes=_minutes(link, usual_minutes(one, settings)) if one.has_hour else link.days * DAY,
        zone=zone,
        whole_day=not one.has_hour,
        link=address,
        reminders=_reminders(one),
        busy=one.is_meeting,
    )
    note = link.note if link.note_for.items() <= meant_digests(bare).items() else ""
    lines = [text("calendar_refused", locale, why=note), *shown.lines] if note else shown.lines
    words = "\n".join(html.escape(line, quote=False) for line in lines)
    told = replace(bare, description=words)
    return replace(told, shown=" ".join(meant_digests(told)[name] for name in _FIELDS))


def usual_minutes(one: Appointment, settings: Settings) -> int:
    """Return how long such an appointment is, unless a person drew it otherwise."""
    rules = settings.office.calendars
    return rules.meeting_minutes if one.is_meeting else rules.task_minutes


def _minutes(link: Link, usual: int) -> int:
    return link.minutes if link.minutes >= 0 else usual


def with_tail(meant: EventDraft, tail: str) -> EventDraft:
    """Return the event as it is written: our words, the line, and a person's words under it."""
    if not meant.description and not tail:
        return meant
    return replace(meant, description=f"{meant.description}\n---\n{tail}".strip("\n"))


def fingerprint(meant: EventDraft) -> str:
    """Return a hash of everything that we write; not of how long it is, which people choose."""
    told = (
        _when(meant.start, meant),
        meant.title,
        meant.description,
        meant.link,
        meant.zone,
        repr((meant.reminders, meant.busy, meant.whole_day)),
    )
    return digest("\x1f".join(told))


def meant_digests(meant: EventDraft) -> dict[str, str]:
    """Return what the event says in each field once it is written."""
    return {
        WHEN: digest(_when(meant.start, meant)),
        TITLE: digest(meant.title),
        WORDS: digest(plain(meant.description)),
    }


def shown_digests(seen: EventSeen) -> dict[str, str]:
    """Return what an event said in each field when we last wrote it, as it tells itself."""
    told = seen.shown.split()
    return dict(zip(_FIELDS, told, strict=True)) if len(told) == len(_FIELDS) else {}


def said_digests(seen: EventSeen, base: Mapping[str, str]) -> dict[str, str]:
    """Return what an event says in each field; `base` tells our words without their line."""
    start = seen.start or datetime.min.replace(tzinfo=UTC)
    return {
        WHEN: digest(start.date().isoformat() if seen.whole_day else _spelled(start)),
        TITLE: digest(_flat(seen.title)),
        WORDS: digest(plain(parts(seen, base)[0])),
    }


def parts(seen: EventSeen, base: Mapping[str, str]) -> tuple[str, str]:
    """Return our words and a person's; without the line between them all are the person's."""
    said = seen.description
    line = _LINE.search(said)
    if line is not None:
        return said[: line.start()], said[line.end() :].strip()[:_LONGEST_TAIL]
    if digest(plain(said)) == base.get(WORDS):
        return said, ""
    return "", said.strip()[:_LONGEST_TAIL]


def plain(description: str) -> str:
    """Return the words of a description without what an editor makes of them."""
    lined = re.sub(_BREAK, "\n", description)
    words = html.unescape(_TAG.sub("", lined)).replace("\xa0", " ")
    return "\n".join(filter(None, (" ".join(line.split()) for line in words.splitlines())))


def _seen(one: Appointment, sight: Sight) -> Mapping[str, object]:
    if not isinstance(one.record, Task):
        return {}
    return on_phone(sight, one.record, frozenset({"title", "text"}))


def _what(one: Appointment) -> str:
    return one.record.what if isinstance(one.record, Task) else "meeting"


def _start(one: Appointment, zone: str) -> datetime:
    """Return when the event begins; a whole day at its midnight."""
    if one.has_hour:
        return one.at
    local = one.at.astimezone(ZoneInfo(zone))
    return datetime.combine(local.date(), time(), local.tzinfo)


def _reminders(one: Appointment) -> tuple[int, ...]:
    if not isinstance(one.record, Task) or not one.has_hour:
        return (30,) if one.has_hour else ()
    fitting = [it for it in one.record.reminders if it <= _LONGEST_REMINDER]
    return tuple(sorted(set(fitting))[:_MOST_REMINDERS])


def _when(start: datetime, meant: EventDraft) -> str:
    if meant.whole_day:
        return start.astimezone(ZoneInfo(meant.zone)).date().isoformat()
    return _spelled(start)


def _spelled(moment: datetime) -> str:
    return moment.astimezone(UTC).replace(microsecond=0).isoformat()


def _flat(words: str) -> str:
    return one_line(words, _LONGEST_TITLE)


def _texts(found: object) -> tuple[str, ...]:
    return tuple(str(item) for item in found) if isinstance(found, list) else ()
