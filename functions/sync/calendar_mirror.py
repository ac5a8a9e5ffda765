"""The calendar consumer of the change log: one writer for every calendar of the office; E13.

Every call comes through the queue `calendar`, which runs one at a time: drains bring events out,
looks bring edits back. `sync.calendars` does the work, one calendar after the other.
"""

import math
from collections.abc import Callable, Iterable, Mapping, Sequence
from datetime import timedelta

from kartoteka.calendar_ports import CalendarsOf
from kartoteka.domain.change import Change
from kartoteka.domain.errors import ConfigError, NotAllowed, NotFound
from kartoteka.domain.ids import derived
from kartoteka.i18n import text
from kartoteka.log import log
from kartoteka.ports import QueuedTask
from kartoteka.services.calendar_settings import LOOK_PATH
from kartoteka.services.consume import Drained, pass_over
from kartoteka.services.consume import drain as read_log
from kartoteka.services.office import Desk
from kartoteka.services.wake import CONSUMERS
from kartoteka.wiring import App
from sync import books
from sync.calendars import absences, agendas, appointments, links, poll
from sync.calendars.agendas import Agenda, Memory
from sync.calendars.links import ABSENT
from sync.calendars.writer import Writer

EVERY = timedelta(minutes=10)
_CALENDAR = CONSUMERS["calendar"]
_BATCH = 2_000  # changes read at once
_MOST = 10_000
_TOUCHING = frozenset({"client", "deal", "lead"})


def drain(app: App) -> Drained:
    """Return how many changes were mirrored; what is left gets a drain of its own.

    Raises:
        RateLimited, ProviderDown: Google does not take more now; the queue repeats.
    """
    if not _is_used(app.desk):
        pass_over(app.desk, _CALENDAR.name)
        return Drained(0, more=False)
    mirror = Mirror(app.desk, app.calendars_of)
    mirror.prepare()
    done = read_log(app.desk, _CALENDAR.name, mirror.apply, batch=_BATCH, most=_MOST)
    if done.more:
        app.desk.waker.ask(_CALENDAR)
    return done


def look(app: App) -> dict[str, object]:
    """Return how many events people had changed, calendar by calendar."""
    mirror = Mirror(app.desk, app.calendars_of)
    return {"changed": mirror.look()}


def look_later(app: App) -> None:
    """Ask for a look at the calendars; once in ten minutes, if the office has any."""
    if app.desk.settings().office.calendars.accounts == "off":
        return
    span = math.floor(app.clock.now().timestamp() / EVERY.total_seconds())
    name = derived("look", "calendars", str(span))
    app.tasks.enqueue(QueuedTask(_CALENDAR.queue, name, LOOK_PATH))


class Mirror:
    """All calendars of the office; one that Google refuses does not stop the others."""

    def __init__(self, desk: Desk, calendars_of: CalendarsOf) -> None:
        self._desk = desk
        self._calendars_of = calendars_of
        self._books: Mapping[str, books.Memory] | None = None

    def apply(self, changes: Sequence[Change]) -> None:
        """Make the events of all appointments that these changes touch show what the store says."""
        if agendas.wanted(self._desk.settings()):
            parts = [part for change in changes for part in change.parts]
            touched = appointments.ours(part.id for part in parts)
            about = {change.subject for change in changes if _touches_client(change)}
            touched |= links.of_clients(self._desk.store, sorted(about))
            self.refresh(touched)

    def refresh(self, records: Iterable[str]) -> None:
        """Make the events of these records right, in every calendar that shows or showed them."""
        names, store, settings = sorted(set(records)), self._desk.store, self._desk.settings()
        wanted = agendas.wanted(settings)
        places: dict[str, set[str]] = {}
        for name, keys in links.holders(store, names).items():
            for key in keys:
                places.setdefault(key, set()).add(name)
        of_people = agendas.of_people(wanted.values())
        for name, one in appointments.load(store, names, settings).items():
            agenda = of_people.get(one.staff_id)
            if agenda is not None:
                places.setdefault(agenda.key, set()).add(name)
        found = [wanted[key] for key in sorted(places) if key in wanted]
        self._each(lambda writer: writer.refresh(places[writer.agenda.key]), self._ready(found))

    def prepare(self) -> None:
        """Make calendars that lack, fill those that lack events, empty those that have to go."""
        settings, store = self._desk.settings(), self._desk.store
        wanted = agendas.wanted(settings)
        for key in agendas.known(store):
            if key not in wanted:
                self._retire(key)
        working = [it for it in wanted.values() if not agendas.recall(store, it.key).stuck]
        self._each(_fill, working)

    def look(self) -> dict[str, int]:
        """Return how many events people changed, by calendar, after all of it was taken."""
        found: dict[str, int] = {}
        is_by_absence = self._desk.settings().office.calendars.absences

        def one(writer: Writer) -> None:
            if writer.memory.stuck:
                writer.keep(stuck="", filled=False)
            _fill(writer)
            found[writer.agenda.key] = poll.look(writer)
            if is_by_absence:
                absences.look(writer)

        self._each(one, agendas.wanted(self._desk.settings()).values())
        return found

    def _ready(self, found: Iterable[Agenda]) -> list[Agenda]:
        """Return the calendars that are made; others are filled from the store later."""
        store = self._desk.store
        return [it for it in found if _is_ready(agendas.recall(store, it.key))]

    def _writer(self, agenda: Agenda) -> Writer:
        port = self._calendars_of(agenda.account)
        return Writer(self._desk, port, agenda, self._address(agenda))

    def _address(self, agenda: Agenda) -> str:
        """Return where the person's book is, empty when they have none."""
        if self._books is None:
            self._books = books.known(self._desk.store)
        person = agenda.person
        own = self._books.get(f"mine.{person.id}")
        theirs = [own] if own else [it for it in self._books.values() if person.email in it.shared]
        found = sorted(it.url for it in theirs if it.url.startswith("https://"))
        return found[0] if found else ""

    def _each(self, act: Callable[[Writer], object], found: Iterable[Agenda]) -> None:
        for agenda in list(found):
            writer = self._writer(agenda)
            try:
                act(writer)
            except NotFound:
                self._lost(agenda)
            except (ConfigError, NotAllowed) as refusal:
                if not agenda.is_own:
                    raise
                log("error", event="calendar_refused", account=agenda.key, error=str(refusal))
                stuck = agendas.stuck(writer.memory, str(refusal))
                agendas.remember(self._desk.store, agenda.key, stuck)

    def _lost(self, agenda: Agenda) -> None:
        """Forget a calendar that somebody deleted; it is made and filled again."""
        log("warning", event="calendar_lost", account=agenda.key)
        store = self._desk.store
        links.drop(store, list(links.of_account(store, agenda.key)))
        away = agendas.recall(store, agenda.key).away
        agendas.remember(store, agenda.key, Memory(away=away))
        self._desk.waker.ask(_CALENDAR)

    def _retire(self, key: str) -> None:
        """Take every event of ours out of a calendar, share it with nobody, and forget it."""
        store = self._desk.store
        agenda = agendas.retired(key, self._desk.settings())
        held = [it for it in links.of_account(store, key) if it.state != ABSENT]
        if agenda is not None and agendas.recall(store, key).calendar:
            try:
                writer = self._writer(agenda)
                writer.refresh(link.record for link in held)
                _close(writer)
            except (ConfigError, NotAllowed, NotFound) as refusal:
                log("error", event="calendar_refused", account=key, error=str(refusal))
        links.drop(store, list(links.of_account(store, key)))
        agendas.forget(store, key)


def _is_used(desk: Desk) -> bool:
    """Return whether the office has calendars, or had some that must be emptied."""
    is_on = desk.settings().office.calendars.accounts != "off"
    return is_on or bool(agendas.known(desk.store))


def _is_ready(memory: Memory) -> bool:
    return bool(memory.calendar) and not memory.stuck


def _touches_client(change: Change) -> bool:
    is_client = change.subject.startswith("cl_")
    return is_client and any(part.entity in _TOUCHING for part in change.parts)


def _fill(writer: Writer) -> None:
    """Make a calendar if there is none, and compare all its events when the rules changed."""
    _open(writer)
    agenda, store, memory = writer.agenda, writer.desk.store, writer.memory
    scope = agendas.scope(agenda, writer.desk.settings(), writer.address)
    if memory.filled and memory.scope == scope:
        return
    held = {link.record for link in links.of_account(store, agenda.key)}
    writer.refresh(held | set(appointments.of_person(store, agenda.person.id)))
    writer.keep(scope=scope, filled=True)


def _close(writer: Writer) -> None:
    """Let nobody look at the calendar any more: Google's bin shows what was deleted for a month."""
    memory = writer.memory
    if memory.calendar and memory.shared:
        writer.port.unshare(memory.calendar, memory.shared)


def _open(writer: Writer) -> None:
    """Find or make the calendar, and share it with its person; a crash makes no second one."""
    agenda, memory, port = writer.agenda, writer.memory, writer.port
    office = writer.desk.settings().office
    if not memory.calendar:
        code = "calendar_own" if agenda.is_own else "calendar_of"
        title = text(code, office.locale, name=agenda.person.name)
        found = port.find(agenda.mark) or port.make(title, agenda.mark, office.work.zone)
        writer.keep(calendar=found)
    if not agenda.is_own and memory.shared != agenda.person.email:
        _close(writer)
        port.share(writer.memory.calendar, agenda.person.email)
        writer.keep(shared=agenda.person.email)
