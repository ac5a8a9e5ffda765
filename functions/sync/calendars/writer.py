"""Make the events of one calendar show what the store says: each change written once, in batches.

A link says what is coming before Google is asked, and the ids of events are ours: after a crash
between two calls or a lost answer the event is read by its id, and nothing is there twice.
"""

from collections.abc import Callable, Iterable, Mapping, Sequence
from contextlib import suppress
from dataclasses import replace

from kartoteka.calendar_ports import Calendars, EventDraft, EventOutcome, EventSeen
from kartoteka.domain.errors import Conflict, KartotekaError, NotAllowed, NotFound, ProviderDown
from kartoteka.ports import SyncExpired
from kartoteka.services.office import Desk
from sync.calendars import agendas, appointments, faces, links
from sync.calendars.agendas import Agenda, Memory
from sync.calendars.coming import Plan, Taker
from sync.calendars.links import ABSENT, CREATING, DELETING, LINKED, OFF, UNSETTLED, WRITING, Link

BATCH = 50  # calls that Google takes as one
_ROUNDS = 6
_Pair = tuple[Link, Plan]


class Writer:
    """The one writer of a calendar; `address` opens the person's book."""

    def __init__(self, desk: Desk, port: Calendars, agenda: Agenda, address: str = "") -> None:
        self.desk = desk
        self.port = port
        self.agenda = agenda
        self._address = address
        self._taker = Taker(desk, agenda)

    @property
    def memory(self) -> Memory:
        """Return what is known of the calendar."""
        return agendas.recall(self.desk.store, self.agenda.key)

    @property
    def address(self) -> str:
        """Return where the person's book is."""
        return self._address

    def keep(self, **known: object) -> None:
        """Remember this of the calendar."""
        store, key = self.desk.store, self.agenda.key
        agendas.remember(store, key, replace(self.memory, **known))  # type: ignore[arg-type]  # named fields

    def refresh(self, records: Iterable[str]) -> None:
        """Make the events of these records right; unchanged ones cost nothing.

        Raises:
            RateLimited, ProviderDown: Google does not take more now; the queue repeats.
            NotFound: the calendar is not there any more.
        """
        waiting = sorted(set(records))
        for _ in range(_ROUNDS):
            parts = links.portions(waiting, BATCH)
            waiting = [name for part in parts for name in self._portion(part)]
            if not waiting:
                return
        raise ProviderDown("the calendar changes faster than it is written")

    def plans(self, held: Mapping[str, Link], records: Sequence[str]) -> dict[str, Plan]:
        """Return what the calendar should show now, by record; what it should not is left out.

        `held` are the links there are: what a calendar shows already stays while it is open.
        """
        if not self.agenda.active:
            return {}
        settings = self.desk.settings()
        sight, locale = agendas.sight(self.agenda, settings), settings.office.locale
        found = {}
        for name, one in appointments.load(self.desk.store, records, settings).items():
            link = held.get(name) or Link(self.agenda.key, name)
            if one.staff_id != self.agenda.person.id:
                continue
            if one.comes_alone or link.state not in {ABSENT, OFF}:
                meant = faces.draft(one, link, settings, sight=sight, address=self._address)
                found[name] = Plan(
                    one, faces.face(one, sight, locale), meant, faces.usual_minutes(one, settings)
                )
        return found

    def look_at(self, found: Sequence[Link]) -> list[str]:
        """Take what became of these events; return their records, to be compared again."""
        for part in links.portions(found, BATCH):
            seen = self.port.get(self.memory.calendar, [link.event for link in part])
            pairs = list(zip(part, seen, strict=True))
            if any(one is None and link.state != CREATING for link, one in pairs):
                self._check_calendar()
            records = [link.record for link in part]
            plans = self.plans({link.record: link for link in part}, records)
            for link, one in pairs:
                self._take(link, one, plans.get(link.record))
        return [link.record for link in found]

    def discard(self, record: str, event: EventSeen) -> None:
        """Delete an event of ours that is there beside the right one; what was typed is kept."""
        self._taker.leave(record, event)
        self.port.delete(self.memory.calendar, [(event.id, event.etag)])

    def _portion(self, records: Sequence[str]) -> list[str]:
        store, key = self.desk.store, self.agenda.key
        held = links.of_records(store, key, records)
        lost = [link for link in held.values() if link.state in UNSETTLED]
        if lost:
            self.look_at(lost)
            held = links.of_records(store, key, records)
        plans = self.plans(held, records)
        new, old = [], []
        for name, plan in plans.items():
            link = held.get(name) or Link(key, name)
            if link.state == LINKED:
                old += [(link, plan)] if link.hash != faces.fingerprint(plan.draft) else []
            elif self._is_due(link, plan):
                new.append((link, plan))
        doomed = [it for name, it in held.items() if name not in plans and it.state == LINKED]
        return self._delete(doomed) + self._create(new) + self._update(old)

    def _is_due(self, link: Link, plan: Plan) -> bool:
        """Return whether an event is made: one that was deleted waits for another time."""
        if link.state != OFF or self.desk.settings().office.calendars.deleted == "restore":
            return True
        return faces.meant_digests(plan.draft)[faces.WHEN] != link.off_for

    def _create(self, pairs: Sequence[_Pair]) -> list[str]:
        told = self._announced(pairs, CREATING)
        return self._done(told, lambda drafts: self.port.insert(self.memory.calendar, drafts))

    def _update(self, pairs: Sequence[_Pair]) -> list[str]:
        told = self._announced(pairs, WRITING)
        etags = [link.etag for link, _ in told]

        def write(drafts: Sequence[EventDraft]) -> list[EventOutcome]:
            return self.port.update(self.memory.calendar, list(zip(drafts, etags, strict=True)))

        return self._done(told, write)

    def _announced(self, pairs: Sequence[_Pair], state: str) -> list[_Pair]:
        """Keep and return the links as they are while Google is asked to show these events."""
        told = [
            (
                replace(
                    link,
                    state=state,
                    client_id=plan.one.client.id if plan.one.client else "",
                    coming=faces.meant_digests(plan.draft),
                    wanted=faces.fingerprint(plan.draft),
                    off_for="",
                ),
                plan,
            )
            for link, plan in pairs
        ]
        links.keep(self.desk.store, (link for link, _ in told))
        return told

    def _done(
        self, told: Sequence[_Pair], write: Callable[[Sequence[EventDraft]], list[EventOutcome]]
    ) -> list[str]:
        """Write; return the records whose events have to be compared again."""
        if not told:
            return []
        outcomes = write([faces.with_tail(plan.draft, link.tail) for link, plan in told])
        pairs = list(zip(told, outcomes, strict=True))
        links.keep(
            self.desk.store,
            (_linked(link, it) for (link, _), it in pairs if isinstance(it, EventSeen)),
        )
        return self._unwritten([(link, it) for (link, _), it in pairs])

    def _unwritten(self, pairs: Sequence[tuple[Link, EventOutcome]]) -> list[str]:
        """Look at the events that were not written; return their records."""
        failed = [(link, it) for link, it in pairs if isinstance(it, KartotekaError)]
        for link, refusal in failed:
            is_passing = isinstance(refusal, Conflict | NotAllowed | NotFound)
            if not is_passing or (link.state == CREATING and not isinstance(refusal, Conflict)):
                raise refusal
        again = self.look_at([link for link, _ in failed])
        held = links.of_records(self.desk.store, self.agenda.key, again)
        for link, refusal in failed:
            after = held.get(link.record)
            same = after is not None and (after.state, after.etag) == (LINKED, link.etag)
            if same and isinstance(refusal, NotAllowed):
                raise refusal
        return again

    def _delete(self, doomed: Sequence[Link]) -> list[str]:
        if not doomed:
            return []
        told = [replace(link, state=DELETING) for link in doomed]
        links.keep(self.desk.store, told)
        outcomes = self.port.delete(
            self.memory.calendar, [(link.event, link.etag) for link in told]
        )
        pairs = list(zip(told, outcomes, strict=True))
        over = (link for link, it in pairs if isinstance(it, EventSeen | NotFound))
        links.keep(self.desk.store, (link.gone() for link in over))
        return self._unwritten([(link, it) for link, it in pairs if not isinstance(it, NotFound)])

    def _check_calendar(self) -> None:
        """Refuse to believe that events are gone when their whole calendar is.

        Raises:
            NotFound: it is.
        """
        memory = self.memory
        with suppress(SyncExpired):
            self.port.page(memory.calendar, memory.token or None, None)

    def _take(self, link: Link, seen: EventSeen | None, plan: Plan | None) -> None:
        store = self.desk.store
        if seen is not None and not seen.deleted:
            links.keep(store, [self._taker.take(link, seen, plan)])
        elif link.state == CREATING and seen is None:
            links.keep(store, [link.unmade()])
        elif link.state in {CREATING, DELETING} or plan is None or self._comes_back:
            links.keep(store, [link.gone()])
        else:
            self._taker.ask(link, plan)

    @property
    def _comes_back(self) -> bool:
        return self.desk.settings().office.calendars.deleted == "restore"


def _linked(link: Link, made: EventSeen) -> Link:
    """Return the link of an event that was just written."""
    return replace(
        link, state=LINKED, etag=made.etag, hash=link.wanted, wanted="", base=link.coming, coming={}
    )
