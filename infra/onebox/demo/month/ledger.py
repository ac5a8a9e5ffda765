"""The month counted by hand: what the office promises, in the simplest words.

Nothing here comes from the office's own code. A request or a deal has one thing to do next and a
time for it; when the time comes and nobody acted, a task appears. Deadlines ring like alarms.
"""

import heapq
from collections import Counter
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from functools import partial
from itertools import count

from onebox.demo.month import acts
from onebox.demo.month.acts import Act, Person
from onebox.demo.month.notes import Notes
from onebox.demo.month.promises import (
    AFTER_CALL,
    AFTER_DIAL,
    AFTER_SILENCE,
    BIG,
    DEAL_STEPS,
    HEADS,
    PAY_REMINDERS,
    PEOPLE,
    REQUEST_STEPS,
    REQUEST_TASKS,
    SOURCES,
    STAGE_TASKS,
    Wait,
)
from onebox.demo.month.working import Calendar

_CLOSED = {"qual", "junk", "won", "lost"}


@dataclass
class Case:
    """A request or a deal: its stage, what is next and when; `task` says there is a task for it."""

    who: Person
    source: str
    is_deal: bool = False
    stage: str = ""
    entered: int = 0
    what: str = ""
    due: datetime | None = None
    task: bool = False
    touched: bool = False
    open_tasks: Counter[str] = field(default_factory=Counter)
    minor: int = 0
    paid: int = 0
    paid_by: datetime | None = None

    @property
    def is_open(self) -> bool:
        """Return whether somebody still works on it."""
        return self.stage not in _CLOSED


@dataclass
class Ledger:
    """What must be there at the end, brought up to date act by act."""

    calendar: Calendar
    notes: Notes = field(default_factory=Notes)
    requests: list[Case] = field(default_factory=list)
    deals: list[Case] = field(default_factory=list)
    _alarms: list[tuple[datetime, int, Callable[[], None]]] = field(default_factory=list)
    _turn: Iterator[int] = field(default_factory=count)
    _said: dict[int, datetime] = field(default_factory=dict)
    _now: datetime | None = None

    def until(self, moment: datetime) -> None:
        """Let every alarm before this moment ring, in order."""
        while self._alarms and self._alarms[0][0] <= moment:
            self._now, _, ring = heapq.heappop(self._alarms)
            ring()
        self._now = moment

    def work_day(self) -> None:
        """Note that a working day passed: a plan in the morning, a summary in the evening."""
        self.notes.digests["notice_morning"].update(PEOPLE)
        self.notes.digests["notice_evening"].update(HEADS)

    def by_source(self) -> Counter[str]:
        """Return how many requests each source brought."""
        return Counter(it.source for it in self.requests)

    def hear(self, act: Act) -> None:
        """Note what somebody did at the present moment."""
        match act:
            case acts.Comes():
                self._came(act)
            case acts.Talks(who):
                self._talked(who)
            case acts.Dials(who):
                self._dialled(self._request(who))
            case acts.Answers(who):
                self._dialled(self._request(who))
                self._spoke(who)
            case acts.SendsLetter(who, about):
                self._wrote(who, about)
            case _:
                self._judged(act)

    def _judged(self, act: Act) -> None:
        match act:
            case acts.Types():
                self._typed(act)
            case acts.Drops(who):
                self._enter(self._request(who), "junk")
            case acts.Converts(who):
                self._converted(who)
            case acts.Knocks():
                self.notes.shut_out += 1
            case _:
                self._of_deal(act)

    def _of_deal(self, act: Act) -> None:
        match act:
            case acts.Moves(who, stage):
                self._enter(self._deal(who), stage)
            case acts.Prices(who, minor):
                self._priced(self._deal(who), minor)
            case acts.Bills(who, due):
                self._billed(self._deal(who), due)
            case acts.Pays(who, minor):
                self._paid(self._deal(who), minor)

    # Clients

    def _came(self, act: acts.Comes) -> None:
        self._heard(act.who)
        deal, request = self._open_of(self.deals, act.who), self._open_of(self.requests, act.who)
        if deal is not None:
            self._hurry(deal, task=deal.task)
            return
        if request is not None:
            self._wrote_again(request)
            return
        request = Case(act.who, SOURCES[act.way])
        self.requests.append(request)
        self._enter(request, "new")
        if act.way == "answered":
            request.touched = True
            self._enter(request, AFTER_CALL["new"])
            return
        self._watch_first_answer(request)
        if act.way == "missed":
            self._task(request, "callback", self.calendar.minutes_later(self.now, 15))

    def _wrote_again(self, request: Case) -> None:
        """A client who cannot be called is reached when they answer; others want an act at once."""
        if request.who.chats and request.touched and request.stage in AFTER_CALL:
            self._enter(request, AFTER_CALL[request.stage])
        else:
            self._hurry(request, task=False)

    def _hurry(self, case: Case, *, task: bool) -> None:
        """The client came by: what is next is to be done at once."""
        moment = self.calendar.minutes_later(self.now, 0)
        if case.due is not None and moment < case.due:
            self._expect(case, case.what, moment, task=task)

    def _talked(self, who: Person) -> None:
        self._heard(who)
        self._spoke(who)
        request = self._open_of(self.requests, who)
        if request is None:
            return
        request.touched = True
        self._close(request, {"callback"})
        if request.stage in AFTER_CALL:
            self._enter(request, AFTER_CALL[request.stage])

    def _dialled(self, request: Case) -> None:
        request.touched = True
        if request.stage in AFTER_DIAL:
            self._enter(request, AFTER_DIAL[request.stage])

    def _heard(self, who: Person) -> None:
        self._said.pop(who.number, None)

    def _spoke(self, who: Person) -> None:
        """Our words: a talk is theirs too, a message waits for an answer."""
        if not who.chats:
            return
        self._wait_for_words(who)

    def _wrote(self, who: Person, about: str) -> None:
        self._wait_for_words(who)
        if about == "lead":
            self._request(who).touched = True

    def _wait_for_words(self, who: Person) -> None:
        since = self._said[who.number] = self.now
        self._alarm(self.calendar.days_later(since, 3), partial(self._silent, who, since))

    def _silent(self, who: Person, since: datetime) -> None:
        """Three working days without a word: whoever has the client is given a task."""
        if self._said.get(who.number) != since:
            return
        request, deal = self._open_of(self.requests, who), self._open_of(self.deals, who)
        for case, rule in ((request, "silent_lead"), (deal, "silent_deal")):
            if case is not None and case.stage != AFTER_SILENCE:
                self.notes.firings[rule] += 1
                self._task(case, "letter", self.calendar.days_later(self.now, 1))

    # Requests

    def _watch_first_answer(self, request: Case) -> None:
        """Tell the owner at once, again after five minutes; the head after fifteen."""
        self.notes.told["notice_new_lead"] += 1
        for minutes, codes in (
            (5, ("notice_again",)),
            (10, ("notice_sla_first_soon",)),
            (15, ("notice_sla_first_late",)),
        ):
            moment = self.calendar.minutes_later(self.now, minutes)
            self._alarm(moment, partial(self._untouched, request, codes))

    def _untouched(self, request: Case, codes: tuple[str, ...]) -> None:
        if not request.touched and request.is_open:
            self.notes.told.update(codes)

    def _typed(self, act: acts.Types) -> None:
        if act.refused:
            self.notes.refused += 1
        elif act.column == "stage":
            self._enter(self._request(act.who), "def")

    def _converted(self, who: Person) -> None:
        request = self._request(who)
        request.touched = True
        deal = Case(who, request.source, is_deal=True)
        self._enter(request, "qual")
        self.deals.append(deal)
        self._enter(deal, "kp")

    # Deals

    def _priced(self, deal: Case, minor: int) -> None:
        if deal.minor < BIG <= minor:
            self.notes.firings["large_deal"] += 1
        deal.minor = minor

    def _billed(self, deal: Case, due: datetime) -> None:
        deal.paid_by = due
        for rule, days in PAY_REMINDERS.items():
            moment = due + timedelta(days=days)
            if moment > self.now:
                self._alarm(moment, partial(self._remind_to_pay, deal, due, rule))

    def _remind_to_pay(self, deal: Case, due: datetime, rule: str) -> None:
        if deal.is_open and deal.paid_by == due and deal.paid < deal.minor:
            self.notes.firings[rule] += 1
            self._task(deal, "other", self.calendar.days_later(self.now, 1))

    def _paid(self, deal: Case, minor: int) -> None:
        deal.paid += minor
        if deal.stage == "pay" and 0 < deal.minor <= deal.paid:
            self._enter(deal, "won")
            self.notes.firings["repeat_sale"] += 1
            self.notes.told["notice_repeat_offer"] += 1
            self.notes.won_minor += deal.minor

    # The one thing that is next

    def _enter(self, case: Case, stage: str) -> None:
        """Take a case to a stage: what the last one asked for is done, the new one asks."""
        steps = DEAL_STEPS if case.is_deal else REQUEST_STEPS
        if case.stage:
            own = {steps[case.stage][0]}
            self._close(case, own if case.is_deal else REQUEST_TASKS)
        case.stage, case.task, case.due, case.what = stage, False, None, ""
        case.entered += 1
        if stage not in steps:
            return
        what, wait = steps[stage]
        self._expect(case, what, self._when(wait), task=False)
        if case.is_deal and stage in STAGE_TASKS:
            self._come_due(case, case.entered, case.due)

    def _when(self, wait: Wait) -> datetime:
        match wait:
            case ("minutes", number):
                return self.calendar.minutes_later(self.now, number)
            case ("days", number):
                return self.calendar.days_later(self.now, number)
            case ("week", _):
                return self.calendar.week_later(self.now)
            case ("sleep", number):
                return self.calendar.minutes_later(self.now + timedelta(days=number), 0)
            case _:
                return self.calendar.close_of(self.now)

    def _expect(self, case: Case, what: str, due: datetime, *, task: bool) -> None:
        case.what, case.due, case.task = what, due, task
        self._alarm(due, partial(self._come_due, case, case.entered, due))

    def _come_due(self, case: Case, entered: int, due: datetime | None) -> None:
        """Nobody acted in time: there is a task now, if there was none."""
        if case.entered != entered or case.due != due or case.task or not case.is_open:
            return
        case.task = True
        case.open_tasks[case.what] += 1
        self.notes.made[case.what] += 1

    def _task(self, case: Case, what: str, due: datetime) -> None:
        """Give a task; it is what is next unless something comes before it."""
        self.notes.made[what] += 1
        case.open_tasks[what] += 1
        if case.due is None or due <= case.due:
            self._expect(case, what, due, task=True)

    def _close(self, case: Case, kinds: set[str]) -> None:
        for what in kinds & case.open_tasks.keys():
            self.notes.done[what] += case.open_tasks.pop(what)

    # Books

    @property
    def now(self) -> datetime:
        """Return the present moment of the ledger."""
        if self._now is None:
            raise ValueError("call `until` before the first act")
        return self._now

    def _alarm(self, moment: datetime, ring: Callable[[], None]) -> None:
        heapq.heappush(self._alarms, (moment, next(self._turn), ring))

    def _request(self, who: Person) -> Case:
        return self._need(self.requests, who)

    def _deal(self, who: Person) -> Case:
        return self._need(self.deals, who)

    def _need(self, cases: list[Case], who: Person) -> Case:
        found = self._open_of(cases, who)
        if found is None:
            raise ValueError(f"client {who.number} has nothing open here")
        return found

    def _open_of(self, cases: list[Case], who: Person) -> Case | None:
        return next((it for it in reversed(cases) if it.who == who and it.is_open), None)
