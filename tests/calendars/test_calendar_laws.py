"""Whatever people, the office, Google and crashes do: calendars are the store, and nothing is lost.

A machine of random acts on four calendars: edits by people, changes by the office, drains and looks
that break before, after or in the middle of any call to Google and before any commit, tokens that
expire, calendars that are deleted or not used any more. In the end every appointment is in its
person's calendar once and nowhere else, says what the store says, every time and title that a
person chose is in the store or in the journal, and the journal holds nothing else.
"""

import json
from collections import Counter, defaultdict
from datetime import timedelta
from functools import cache
from itertools import count
from typing import Any

import pytest
from hypothesis import strategies as st
from hypothesis.stateful import initialize, invariant, precondition, rule
from tests.calendars.calendar_office import ANNA, BORIS, Diary, few
from tests.calendars.fake_calendars import FakeCalendars
from tests.mirrored_office import FULL, STORIES, MirrorMachine, prepared

from kartoteka.calendar_ports import EventSeen
from kartoteka.domain.errors import Conflict, Rejected, Transient
from kartoteka.domain.instant import spell
from kartoteka.domain.model import Task
from kartoteka.domain.tasks_rules import ACTIVE
from kartoteka.ports import Query
from kartoteka.services.office import Desk
from sync.calendars import agendas, faces, links
from sync.calendars.links import OFF
from sync.calendars.writer import Writer

pytestmark = [pytest.mark.fault, pytest.mark.timeout(3600)] if FULL else []

PEOPLE = st.sampled_from([ANNA, BORIS])
PLACES = st.integers(0, 30)
BREAKS = st.sampled_from(["", "lose", "fail", "part", "left"])
RULES = st.sampled_from(["ask", "restore"])
HOURS = st.sampled_from([-100, -1, 1, 2, 9, 24])


@cache
def office(mode: str, deleted: str) -> bytes:
    def change(desk: Desk) -> None:
        few(desk)
        Diary(desk, {}).do("calendar.set", accounts=mode, deleted=deleted)

    return prepared(change)


class CalendarsMachine(MirrorMachine):
    passing = Transient

    @initialize(
        mode=st.sampled_from(["office", "staff"]), deleted=st.sampled_from(["ask", "restore"])
    )
    def open_office(self, mode: str, deleted: str) -> None:
        desk = self.open_desk(office(mode, deleted))
        self.diary = Diary(desk, defaultdict(FakeCalendars))
        self.numbers = count(1)
        self.typed: set[str] = set()
        self.ever: set[str] = set()  # every time and title that a person chose
        self.clients = [
            self.diary.client(number, owner) for number, owner in ((1, ANNA), (2, BORIS))
        ]
        self.deal = self.diary.deal(self.clients[0])
        self.attempt(self.diary.drain)

    # The office.

    @rule(who=PEOPLE, place=PLACES, what=st.sampled_from(["meeting", "call"]), hours=HOURS)
    def task_is_given(self, who: str, place: int, what: str, hours: int) -> None:
        client = self.clients[place % 2]
        given = {"client": client, "assignee": who, "what": what}
        due = self.diary.at(abs(hours)).isoformat()
        self.act("task.create", title=f"Дело {next(self.numbers)}", due=due, **given)

    @rule(place=PLACES, hours=HOURS)
    def task_is_moved(self, place: int, hours: int) -> None:
        self.on_task(place, "task.edit", due=self.diary.at(abs(hours)).isoformat())

    @rule(place=PLACES)
    def task_gets_a_bare_day(self, place: int) -> None:
        day = self.diary.at(48).date().isoformat()
        self.on_task(place, "task.edit", due=day)

    @rule(place=PLACES)
    def task_is_renamed(self, place: int) -> None:
        self.on_task(place, "task.edit", title=f"Дело {next(self.numbers)}")

    @rule(place=PLACES, who=PEOPLE)
    def task_changes_hands(self, place: int, who: str) -> None:
        self.on_task(place, "task.edit", assignee=who)

    @rule(place=PLACES, way=st.sampled_from(["task.finish", "task.cancel", "task.delete"]))
    def task_ends(self, place: int, way: str) -> None:
        self.on_task(place, way, **({} if way == "task.finish" else {"reason": "не нужно"}))

    @rule(place=PLACES)
    def client_is_renamed(self, place: int) -> None:
        self.act("client.edit", client=self.clients[place % 2], name=f"Имя {next(self.numbers)}")

    @rule(what=st.sampled_from(["meeting", "call"]), hours=HOURS)
    def step_of_the_deal_is_chosen(self, what: str, hours: int) -> None:
        due = self.diary.at(abs(hours)).isoformat()
        self.act("deal.next", deal=self.deal, what=what, due_at=due)

    @rule(minutes=st.sampled_from([1, 20, 600]))
    def time_passes(self, minutes: int) -> None:
        self.clock.advance(timedelta(minutes=minutes))

    # People.

    @rule(who=PEOPLE, place=PLACES, hours=HOURS)
    def event_is_moved(self, who: str, place: int, hours: int) -> None:
        found = self.event(who, place)
        if found and found[1].start and not found[1].whole_day:
            self.ever.add(spell(found[1].start + timedelta(hours=hours)))
            found[0].moved(found[1], hours)

    @rule(who=PEOPLE, place=PLACES)
    def event_is_drawn_longer(self, who: str, place: int) -> None:
        found = self.event(who, place)
        if found and not found[1].whole_day:
            found[0].edited(found[1], minutes=found[1].minutes + 15)

    @rule(who=PEOPLE, place=PLACES)
    def event_is_renamed(self, who: str, place: int) -> None:
        found = self.event(who, place)
        if found:
            self.typed.discard(found[1].title)
            token = f"слово{next(self.numbers):05}"
            self.typed.add(token)
            self.ever.add(token)
            found[0].edited(found[1], title=token)

    @rule(who=PEOPLE, place=PLACES)
    def event_is_deleted(self, who: str, place: int) -> None:
        found = self.event(who, place)
        if found:
            self.typed.discard(found[1].title)
            found[0].taken_away(found[1])

    @rule(place=PLACES)
    def event_is_taken_from_the_bin(self, place: int) -> None:
        gone = [
            (account, seen)
            for account in self.diary.accounts.values()
            for book in account.books.values()
            for seen in book.events.values()
            if seen.deleted
        ]
        if gone:
            account, seen = gone[place % len(gone)]
            self.typed.discard(seen.title)
            account.brought_back(seen)

    # Google and we.

    @rule(way=BREAKS, call=st.integers(1, 6))
    def drained(self, way: str, call: int) -> None:
        self.broken(way, call)
        self.attempt(self.diary.drain)

    @rule(way=BREAKS, call=st.integers(1, 6))
    def looked(self, way: str, call: int) -> None:
        self.broken(way, call)
        self.attempt(self.diary.look)

    @rule()
    def tokens_expire(self) -> None:
        for account in self.diary.accounts.values():
            for book in account.books.values():
                book.expired = True

    @precondition(lambda self: hasattr(self, "diary"))
    @rule(who=PEOPLE)
    def calendar_is_deleted(self, who: str) -> None:
        for account in self.diary.accounts.values():
            for name, book in list(account.books.items()):
                if book.mark.endswith(who) and next(self.numbers) % 5 == 0:
                    for seen in book.events.values():
                        self.typed.discard(seen.title)
                    del account.books[name]

    @rule(deleted=RULES, tasks=st.booleans())
    def rules_change(self, deleted: str, tasks: bool) -> None:
        self.act("calendar.set", deleted=deleted, tasks=tasks)

    @rule(mode=st.sampled_from(["office", "staff"]), often=st.integers(0, 2))
    def events_move_to_other_calendars(self, mode: str, often: int) -> None:
        if not often:
            self.act("calendar.set", accounts=mode)

    @precondition(lambda self: hasattr(self, "store"))
    @invariant()
    def no_calendar_is_made_twice(self) -> None:
        for account in self.diary.accounts.values():
            assert max(Counter(it.mark for it in account.books.values()).values(), default=1) == 1

    def everything_settles(self) -> None:
        self.broken("", 0)
        for _ in range(3):
            self.diary.settle()
        wanted = agendas.wanted(self.diary.desk.settings()).values()
        shown = [name for agenda in wanted for name in self.check(agenda)]
        assert max(Counter(shown).values(), default=1) == 1
        self.check_others()
        self.check_tasks(set(shown))
        self.check_words()
        self.diary.forget_calls()
        self.diary.settle()
        assert [it.writes for it in self.diary.accounts.values() if it.writes] == []

    def check(self, agenda: agendas.Agenda) -> list[str]:
        """Compare one calendar with what it should show; return the records it shows."""
        port = self.diary.accounts[agenda.account]
        writer = Writer(self.diary.desk, port, agenda)
        held = {link.record: link for link in links.of_account(self.store, agenda.key)}
        names = [hit.id for kind in ("tasks", "deals") for hit in self.store.query(Query(kind))]
        meant = {
            name: plan
            for name, plan in writer.plans(held, names).items()
            if name not in held or held[name].state != OFF
        }
        seen = {it.id: it for it in port.books[writer.memory.calendar].events.values()}
        living = {name: it for name, it in seen.items() if not it.deleted}
        assert set(living) == {plan.draft.id for plan in meant.values()}
        for plan in meant.values():
            said = faces.said_digests(living[plan.draft.id], faces.meant_digests(plan.draft))
            assert said == faces.meant_digests(plan.draft)
        return list(meant)

    def check_others(self) -> None:
        """Nothing of ours is left in calendars that are not used any more, and nobody sees them."""
        wanted = agendas.wanted(self.diary.desk.settings()).values()
        used = {agendas.recall(self.store, agenda.key).calendar for agenda in wanted}
        left = [
            seen.title
            for account in self.diary.accounts.values()
            for name, book in account.books.items()
            for seen in book.events.values()
            if name not in used and not seen.deleted
        ]
        assert left == []
        for account in self.diary.accounts.values():
            assert {name for name, book in account.books.items() if book.shared} <= used

    def check_tasks(self, shown: set[str]) -> None:
        """An open meeting is in a calendar, unless its event was deleted by its person."""
        away = {
            hit.doc["record"] for hit in self.store.query(Query("calendar_links"))
            if hit.doc["state"] == OFF
        }  # fmt: skip
        for hit in self.store.query(Query("tasks")):
            task = Task.model_validate(hit.doc)
            if task.what == "meeting" and task.state in ACTIVE:
                assert task.id in shown | away

    def check_words(self) -> None:
        kept = json.dumps(
            [entry.doc for entry in self.store.read_log("changes", None, 10_000)]
            + [hit.doc for hit in self.store.query(Query("conflicts"))],
            ensure_ascii=False,
            default=str,
        )
        assert {token for token in self.typed if token not in kept} == set()

        assert {typed for _, _, typed in self.diary.journal()} <= self.ever

    # What a rule works on.

    def act(self, command: str, /, **given: Any) -> None:
        try:
            self.diary.do(command, self.diary.person("st_olga"), **given)
        except (Rejected, Conflict):
            return

    def on_task(self, place: int, command: str, **given: Any) -> None:
        docs = [hit.id for hit in self.store.query(Query("tasks")) if hit.doc["setter_id"]]
        if docs:
            self.act(command, task=docs[place % len(docs)], **given)

    def event(self, who: str, place: int) -> tuple[FakeCalendars, EventSeen] | None:
        seen = self.diary.of(who)
        if not seen:
            return None
        mode = self.diary.desk.settings().office.calendars.accounts
        person = self.diary.desk.settings().person(who)
        assert person is not None
        account = self.diary.accounts[person.email if mode == "staff" else ""]
        return account, seen[place % len(seen)]

    def broken(self, way: str, call: int) -> None:
        for account in self.diary.accounts.values():
            account.lose = account.fail = account.part = 0
            if way and way != "left":
                setattr(account, way, call)
        self.mortal.left = 2 * call if way == "left" else 0


TestCalendars = CalendarsMachine.TestCase
TestCalendars.settings = STORIES
