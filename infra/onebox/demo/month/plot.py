"""Who comes in the month, and what people do about it: the same seed tells the same month."""

from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta
from itertools import count
from random import Random

from onebox.demo.month.acts import (
    Act,
    Agenda,
    Answers,
    Bills,
    Comes,
    Converts,
    Dials,
    Drops,
    Knocks,
    Month,
    Moves,
    Pays,
    Person,
    Prices,
    SendsLetter,
    Talks,
    Types,
    Way,
)
from onebox.demo.month.working import Calendar, at

# When requests come, when a quick colleague answers and when a slow one does.
SITTINGS = (
    ("08:40", "09:08", "09:45"),
    ("10:20", "10:28", "11:05"),
    ("16:20", "16:28", "17:05"),
)
NIGHT = "21:30"
WEEKEND = "12:10"
DESK_HOURS = ("11:05", "14:15", "17:05")  # when deals are worked at
DEFERRED = "Отложенный спрос"
WON_STAGE = "Качественный → сделка"
_NAMES = ("Алексей", "Мария", "Игорь", "Ольга", "Тимур", "Софья", "Павел", "Лейла", "Роман", "Нина")
_SURNAMES = ("Кузнецов", "Литвин", "Гаврилюк", "Шевчук", "Мороз", "Черных", "Дорош", "Ткач")
_TROUBLES = ("развод", "наследство", "залив", "увольнение", "ДТП", "договор", "алименты", "кредит")
_SERVICES = ("Консультация", "Суд", "Договор", "Наследство")
_WAYS: tuple[tuple[Way, int], ...] = (
    ("form", 45),
    ("missed", 22),
    ("answered", 15),
    ("telegram", 18),
)
_PER_SITTING = (3, 5)
_SPAM = "спам"
_REASONS = ("не наша услуга", "передумал", "уже решили")
# Chances in a hundred, each above the one before.
_TALKED, _DIALLED, _LATE = 62, 74, 95  # the first answer; the rest never gets one
_SOLD, _JUNK, _DEFERRED, _LETTER, _NOTE = 40, 62, 72, 80, 88  # after a talk
_BIG, _LATE_PAYER, _REGULAR, _LOST = 12, 24, 60, 78  # of deals; the rest falls silent
_AT_NIGHT, _AGAIN, _TWICE, _BACK, _KNOCK = 40, 30, 12, 70, 30  # what happens now and then
_FRIDAY = 4
_WEEK = 7  # working days after which nobody waits any more


@dataclass
class Plot:
    """Writes the agenda of a month, person by person."""

    calendar: Calendar
    days: list[date]
    dice: Random
    agenda: Agenda = field(default_factory=Agenda)
    prices: dict[int, int] = field(default_factory=dict)
    _numbers: Iterator[int] = field(default_factory=lambda: count(1))

    def write(self) -> Month:
        """Return everything that happens, until the last evening."""
        for day in self.days:
            for sitting in SITTINGS:
                for _ in range(self.dice.randint(*_PER_SITTING)):
                    self._request(day, sitting)
            if self._is(_AT_NIGHT):
                self._at_night(day)
            self._mischief(day)
        for saturday in _saturdays(self.days):
            self._at_weekend(saturday)
        return self.agenda.until(at(self.days[-1], "17:10"))

    # Requests

    def _request(self, day: date, sitting: tuple[str, str, str]) -> None:
        comes, quick, slow = (at(day, clock) for clock in sitting)
        who = self._comes(comes, self.dice.choices(*zip(*_WAYS, strict=True))[0])
        if who is None:
            return
        self._is_answered(who, quick, slow)

    def _comes(self, moment: datetime, way: Way) -> Person | None:
        """Plan a request; a call that was answered needs nobody to call back."""
        who = self._person(chats=way == "telegram")
        times = 2 if way != "missed" and self._is(_TWICE) else 1
        words = f"{self.dice.choice(_TROUBLES)}, вопрос {who.number}"
        self.agenda.put(moment, Comes(who, way, words, times))
        if way != "answered":
            return who
        self._is_judged(who, self._desk(moment))
        return None

    def _is_answered(self, who: Person, quick: datetime, slow: datetime) -> None:
        """Plan the first answer: at once, after a call in vain, late, or never."""
        chance = self.dice.randrange(100)
        if who.chats:
            self._is_written_to(who, quick if chance < _DIALLED else slow)
        elif chance < _TALKED:
            self._is_called(who, quick)
        elif chance < _DIALLED:
            self.agenda.put(quick, Dials(who))
            self._is_called(who, slow)
        elif chance < _LATE:
            self._is_called(who, slow)
        elif chance % 2:
            self.agenda.put(slow, Types(who, "stage", WON_STAGE, refused=True))
        else:
            self.agenda.put(slow, Drops(who, _SPAM))

    def _is_called(self, who: Person, moment: datetime) -> None:
        self.agenda.put(moment, Talks(who))
        self._is_judged(who, self._desk(moment))

    def _is_written_to(self, who: Person, moment: datetime) -> None:
        """Plan the answer to who has no telephone; most of them write back."""
        self.agenda.put(moment, Answers(who))
        if self._is(_BACK):
            back = self._desk(moment)
            self.agenda.put(back, Comes(who, "telegram", f"спасибо, номер {who.number}"))
            self._is_judged(who, self._desk(back))

    def _is_judged(self, who: Person, moment: datetime) -> None:
        """Plan what becomes of a request that was talked about."""
        chance = self.dice.randrange(100)
        if chance < _SOLD:
            self.agenda.put(moment, Converts(who, self.dice.choice(_SERVICES)))
            self._is_sold(who, moment)
        elif chance < _JUNK:
            self.agenda.put(moment, Drops(who, self.dice.choice(_REASONS)))
        elif chance < _DEFERRED:
            self.agenda.put(moment, Types(who, "stage", DEFERRED))
        elif chance < _LETTER:
            self.agenda.put(moment, SendsLetter(who, "lead"))
        elif chance < _NOTE:
            self.agenda.put(moment, Types(who, "note", f"ждём документы, {who.number}"))

    # Deals

    def _is_sold(self, who: Person, moment: datetime) -> None:
        chance = self.dice.randrange(100)
        if chance >= _LOST:
            self._is_silent(who, moment)
            return
        moment = self._desk(moment)
        self.agenda.put(moment, Moves(who, "wait", "offer_file"))
        moment = self._tomorrow(moment)
        self._reaches(who, moment)
        moment = self._desk(moment)
        if chance >= _REGULAR:
            self.agenda.put(moment, Moves(who, "lost", reason="Дорого"))
            return
        self._is_agreed(who, moment, big=chance < _BIG)
        self._is_done(who, self._tomorrow(self._desk(moment)), late=_BIG <= chance < _LATE_PAYER)

    def _is_silent(self, who: Person, moment: datetime) -> None:
        """Plan a letter that nobody answers; a week later the deal is lost."""
        self.agenda.put(self._desk(moment), SendsLetter(who, "deal"))
        end = self._desk(moment)
        for _ in range(_WEEK):
            end = self._tomorrow(end)
        if self._is(_AGAIN):
            self.agenda.put(self._tomorrow(moment), self._calls_in(who))
        self.agenda.put(self._desk(end), Moves(who, "lost", reason="Не выходит на связь"))

    def _calls_in(self, who: Person) -> Comes:
        way: Way = "telegram" if who.chats else "form"
        return Comes(who, way, f"ещё вопрос {who.number}")

    def _reaches(self, who: Person, moment: datetime) -> None:
        if not who.chats:
            self.agenda.put(moment, Talks(who))

    def _is_agreed(self, who: Person, moment: datetime, *, big: bool) -> None:
        """Plan the price and the contract; of a big one the price grows over the threshold."""
        price = self.dice.randrange(20, 400) * 100_000
        self.agenda.put(moment, Prices(who, price))
        if big:
            price = self.dice.randrange(510, 900) * 100_000
            self.agenda.put(moment, Prices(who, price))
        self.agenda.put(moment, Moves(who, "contract"))
        self.prices[who.number] = price

    def _is_done(self, who: Person, moment: datetime, *, late: bool) -> None:
        """Plan the work, the invoice and the money."""
        for stage, proof in (("work", "signed_file"), ("report", "result_file")):
            self.agenda.put(moment, Moves(who, stage, proof, head=stage != "work"))
            moment = self._tomorrow(self._desk(moment))
        self.agenda.put(moment, Moves(who, "pay", "invoice", head=True))
        due = at(moment.date() + timedelta(days=5), "12:00")
        self.agenda.put(moment, Bills(who, due))
        price = self.prices[who.number]
        if late:
            self.agenda.put(self._tomorrow(self._desk(moment)), Pays(who, price // 2))
            price -= price // 2
            for _ in range(_WEEK):
                moment = self._tomorrow(moment)
        self.agenda.put(self._tomorrow(self._desk(moment)), Pays(who, price))

    # Nights, weekends, mischief

    def _at_night(self, day: date) -> None:
        """Plan a request after hours: it is answered when the office opens next."""
        self._comes_outside(at(day, NIGHT), self.dice.choice(("form", "telegram")))

    def _at_weekend(self, saturday: date) -> None:
        for way in ("form", "missed", "telegram"):
            self._comes_outside(at(saturday, WEEKEND), way)

    def _comes_outside(self, moment: datetime, way: Way) -> None:
        who = self._comes(moment, way)
        morning = self.calendar.minutes_later(moment, 0).date()
        if who is not None:
            quick, slow = at(morning, SITTINGS[0][1]), at(morning, SITTINGS[0][2])
            self._is_answered(who, quick, slow)

    def _mischief(self, day: date) -> None:
        if self._is(_KNOCK):
            self.agenda.put(at(day, SITTINGS[1][0]), Knocks(self._person(chats=False)))

    # Time and chance

    def _is(self, chance: int) -> bool:
        return self.dice.randrange(100) < chance

    def _desk(self, moment: datetime) -> datetime:
        """Return the next hour of the same or the next working day at which deals are worked at.

        The next one, so that an act never meets a deadline that began at the same hour.
        """
        for clock in DESK_HOURS:
            if at(moment.date(), clock) > moment and self.calendar.works(moment.date()):
                return at(moment.date(), clock)
        return at(self._day_after(moment), DESK_HOURS[0])

    def _tomorrow(self, moment: datetime) -> datetime:
        return datetime.combine(self._day_after(moment), moment.timetz())

    def _day_after(self, moment: datetime) -> date:
        return self.calendar.days_later(moment, 1).date()

    def _person(self, *, chats: bool) -> Person:
        number = next(self._numbers)
        name = f"{self.dice.choice(_NAMES)} {self.dice.choice(_SURNAMES)} {number}"
        return Person(number, name, chats)


def _saturdays(days: list[date]) -> list[date]:
    """Return the Saturdays between these days."""
    found = (day + timedelta(days=1) for day in days[:-1] if day.weekday() == _FRIDAY)
    return [day for day in found if day < days[-1]]


def acts_of(month: Month) -> list[Act]:
    """Return all acts of a month in their order."""
    return [act for moment in month.values() for act in moment]
