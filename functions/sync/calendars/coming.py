"""What people change in their calendars: commands in their name; what is refused is explained."""

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, replace
from datetime import date, datetime

from kartoteka.calendar_ports import EventDraft, EventSeen
from kartoteka.domain.errors import Conflict, Invalid, Rejected
from kartoteka.domain.ids import derived
from kartoteka.domain.instant import spell
from kartoteka.domain.model import Lead, Task
from kartoteka.domain.tasks_rules import deadline
from kartoteka.domain.visibility import HIDDEN
from kartoteka.i18n import text
from kartoteka.ports import Tx
from kartoteka.services import next_commands, task_making
from kartoteka.services.next_commands import NextOfDeal, NextOfLead
from kartoteka.services.notices import tell
from kartoteka.services.office import Desk
from kartoteka.services.task_forms import EditTask
from kartoteka.services.unit import Unit
from sync.calendars import faces, links
from sync.calendars.agendas import Agenda
from sync.calendars.appointments import Appointment
from sync.calendars.faces import DAY, TITLE, WHEN, WORDS, Face
from sync.calendars.links import LINKED, OFF, Link

_CONFLICTS = "conflicts"
_LONGEST_TITLE = 1_000


@dataclass(frozen=True, slots=True)
class Plan:
    """What one calendar should show of one record."""

    one: Appointment
    face: Face
    draft: EventDraft
    usual: int  # minutes, unless a person drew it otherwise


class Taker:
    """Carries out what was changed in one calendar, with its person's rights."""

    def __init__(self, desk: Desk, agenda: Agenda) -> None:
        self._desk = desk
        self._agenda = agenda
        self._cause = f"calendar:{agenda.person.id}"

    def take(self, link: Link, seen: EventSeen, plan: Plan | None) -> Link:
        """Return the link that knows this version of the event, after all edits were taken.

        Taken again after a crash they change nothing more. `plan` None: it should not be there.

        Raises:
            Transient: the store does not answer; nothing is lost.
        """
        words = link.coming or link.base
        said = faces.said_digests(seen, words)
        meant = faces.meant_digests(plan.draft) if plan else {}
        moved = moved_fields(link, said, meant)
        after = replace(
            link,
            state=LINKED,
            etag=seen.etag,
            hash=_hash(link, said, moved),
            wanted="",
            base=said,
            coming={},
            minutes=_minutes(link, seen, plan),
            days=max(1, seen.minutes // DAY) if seen.whole_day else 1,
            tail=faces.parts(seen, words)[1],
        )
        for name, typed in _lost(seen, said, moved, is_due=plan is not None, words=words):
            self._journal(link.record, name, typed)
        if plan is None:
            return after
        raced = frozenset(name for name in meant if _is_raced(link, name, meant))
        refused = dict(self._carry_out(plan, seen, moved, raced=raced))
        if not refused:
            return after
        note_for = {name: meant[name] for name in refused}
        return replace(after, note="; ".join(refused.values()), note_for=note_for)

    def leave(self, record: str, seen: EventSeen) -> None:
        """Write down what was typed into an event that goes, as far as it tells what we wrote."""
        shown = faces.shown_digests(seen)
        said = faces.said_digests(seen, shown) if shown else {}
        moved = frozenset(name for name, value in said.items() if value != shown[name])
        for name, typed in _lost(seen, said, moved, is_due=False, words=shown):
            self._journal(record, name, typed)

    def ask(self, link: Link, plan: Plan) -> None:
        """Let the event stay away, and ask its people what becomes of the appointment."""
        record = plan.one.record
        off = replace(link.gone(), state=OFF, off_for=faces.meant_digests(plan.draft)[WHEN])
        people = {str(self._agenda.person.id)}
        if isinstance(record, Task) and record.setter_id is not None:
            people.add(record.setter_id)

        def work(tx: Tx) -> None:
            unit = Unit(tx, self._agenda.who, self._cause, self._desk.now())
            unit.subject = record.client_id or record.id
            for person in sorted(people):
                tell(unit, person, "notice_calendar_gone", record)
            unit.close()
            links.put(tx, off)

        self._desk.store.run(work)
        self._desk.waker.after_commit()

    def _carry_out(
        self, plan: Plan, seen: EventSeen, moved: frozenset[str], *, raced: frozenset[str]
    ) -> Iterator[tuple[str, str]]:
        """Do what was changed; yield which field was refused, and why."""
        acts: tuple[tuple[str, str, Callable[[], object]], ...] = (
            (WHEN, spell(seen.start) if seen.start else "", lambda: self._move(plan.one, seen)),
            (TITLE, seen.title, lambda: self._rename(plan, seen.title)),
        )
        for name, typed, act in acts:
            if name not in moved:
                continue
            if name in raced:
                self._journal(plan.one.record.id, name, typed)
                continue
            why = self._attempt(act)
            if why:
                self._journal(plan.one.record.id, name, typed)
                yield name, why

    def _attempt(self, act: Callable[[], object]) -> str:
        """Return why a command was refused, in the office's language; empty when it was not."""
        locale = self._desk.settings().office.locale
        try:
            act()
        except (Rejected, Conflict) as exc:
            return text(exc.code or "sheet_refused", locale, **exc.facts)
        return ""

    def _move(self, one: Appointment, seen: EventSeen) -> None:
        if seen.start is None:
            return
        due: datetime | date = seen.start.date() if seen.whole_day else seen.start
        record, who = one.record, self._agenda.who
        if isinstance(record, Task):
            form = EditTask(task=record.id, due=due)
            task_making.edit(self._desk, who, form, cause=self._cause)
            return
        hours = self._desk.settings().office.work
        at = due if isinstance(due, datetime) else deadline(due, hours)
        if isinstance(record, Lead):
            step = NextOfLead(lead=record.id, what="meeting", due_at=at)
            next_commands.next_of_lead(self._desk, who, step, self._cause)
        else:
            other = NextOfDeal(deal=record.id, what="meeting", due_at=at)
            next_commands.next_of_deal(self._desk, who, other, self._cause)

    def _rename(self, plan: Plan, typed: str) -> None:
        title = plan.face.renamed(typed)[:_LONGEST_TITLE]
        record = plan.one.record
        if title == plan.face.title:
            return
        if not title or not isinstance(record, Task):
            raise Invalid("this title is ours", code="calendar_title_ours")
        if plan.face.covered and HIDDEN in title:
            raise Invalid("an amount is covered in the title", code="calendar_covered")
        form = EditTask(task=record.id, title=title)
        task_making.edit(self._desk, self._agenda.who, form, cause=self._cause)

    def _journal(self, record: str, column: str, typed: str) -> None:
        """Write down what was typed and does not stand; written again it is still one line."""
        doc = {
            "record": record,
            "book": self._cause,
            "column": column,
            "typed": typed,
            "who": str(self._agenda.person.id),
            "at": spell(self._desk.now()),
        }
        name = derived("cf", self._cause, record, column, typed)
        self._desk.store.run(lambda tx: tx.put(_CONFLICTS, name, doc))


def moved_fields(link: Link, said: Mapping[str, str], meant: Mapping[str, str]) -> frozenset[str]:
    """Return the fields that a person changed: what neither we wrote nor the office wants now."""
    return frozenset(
        name
        for name, value in said.items()
        if value not in {link.base.get(name), link.coming.get(name), meant.get(name)}
    )


def _is_raced(link: Link, name: str, meant: Mapping[str, str]) -> bool:
    """Return whether the store changed a field too since we wrote the event."""
    return meant[name] not in {link.base.get(name), link.coming.get(name)}


def _hash(link: Link, said: Mapping[str, str], moved: frozenset[str]) -> str:
    """Return the hash of what the event shows, empty when it has to be written again."""
    if moved:
        return ""
    if link.coming:
        return link.wanted if said == link.coming else ""
    return link.hash if said == link.base else ""


def _minutes(link: Link, seen: EventSeen, plan: Plan | None) -> int:
    """Return how long people want it; what is as usual stays as the rules say."""
    if plan is None or seen.whole_day:
        return link.minutes
    return -1 if link.minutes < 0 and seen.minutes == plan.usual else seen.minutes


def _lost(
    seen: EventSeen,
    said: Mapping[str, str],
    moved: frozenset[str],
    *,
    is_due: bool,
    words: Mapping[str, str],
) -> Iterator[tuple[str, str]]:
    """Yield what cannot become a record: our words rewritten, edits of what has to go."""
    if WORDS in moved:
        typed = faces.plain(faces.parts(seen, words)[0])
        if typed:
            yield WORDS, typed
    if is_due:
        return
    if WHEN in moved and seen.start is not None:
        yield WHEN, spell(seen.start)
    if TITLE in moved and said:
        yield TITLE, seen.title
