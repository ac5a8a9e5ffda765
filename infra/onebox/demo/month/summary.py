"""What the month brought, for a stranger: sentences in Russian or English, or one JSON object."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from onebox.demo.check import shortened
from onebox.demo.month.audit import Audit
from onebox.demo.month.ledger import Ledger
from onebox.demo.playing import Played

_WORDS = {
    "ru": {
        "hello": "Месяц юридической фирмы из десяти человек, {first:%d.%m.%Y}–{last:%d.%m.%Y}:"
        " рабочих дней {days}. Те же события считает на бумаге вторая, независимая программа.",
        "day": "  {day:%d.%m}  заявок {leads:>4}, сделок {deals:>3}, выиграно {won:>6} тыс. ₽",
        "title": "Месяц сыгран за {seconds} с. Что произошло",
        "events": "Событий снаружи",
        "commands": "Действий сотрудников",
        "edits": "Правок в таблице",
        "leads": "Заявок",
        "deals": "Сделок",
        "won": "Выиграно, ₽",
        "tasks": "Задач",
        "firings": "Срабатываний правил",
        "notices": "Уведомлений",
        "calls": "Обращений к Google",
        "ok": "Второй счёт сошёлся: заявки, сделки, деньги, задачи, правила, уведомления, отчёты;"
        " таблица и контакты сверены с базой по ячейкам.",
        "bad": "НЕ СОШЛОСЬ, мест: {count}",
    },
    "en": {
        "hello": "A month of a law office of ten people, {first:%d.%m.%Y}–{last:%d.%m.%Y}:"
        " {days} working days. A second, independent program counts the same events on paper.",
        "day": "  {day:%d.%m}  requests {leads:>4}, deals {deals:>3}, won {won:>6} thousand ₽",
        "title": "The month took {seconds} s. What happened",
        "events": "Events from outside",
        "commands": "Acts of the staff",
        "edits": "Edits in the sheet",
        "leads": "Requests",
        "deals": "Deals",
        "won": "Won, ₽",
        "tasks": "Tasks",
        "firings": "Firings of rules",
        "notices": "Notices",
        "calls": "Google calls",
        "ok": "The second count agrees: requests, deals, money, tasks, rules, notices, figures;"
        " sheet and contacts were compared with the store cell by cell.",
        "bad": "NOT EQUAL in {count} places",
    },
}
LANGUAGES = tuple(_WORDS)
_THOUSAND = 100_000  # minor units


@dataclass(frozen=True, slots=True)
class Outcome:
    """All numbers of a month."""

    days: int
    played: Played
    commands: int
    audit: Audit
    google_calls: int
    seconds: float  # real time of the play
    processor_s: Mapping[str, float]  # by part of the box; "play" is the story and its ledger

    def as_json(self) -> dict[str, Any]:
        """Return the object that `--json` prints last."""
        found = self.audit
        return {
            "ok": found.ok,
            "days": self.days,
            "events_sent": len(self.played.sent),
            "commands": self.commands,
            "edits": len(self.played.edits),
            "leads": found.leads,
            "deals": found.deals,
            "won_minor": found.won_minor,
            "firings": found.firings,
            "tasks": found.tasks,
            "notices": found.notices,
            "google_calls": self.google_calls,
            "seconds": round(self.seconds, 1),
            "processor_s": dict(self.processor_s),
            "differences": shortened(found.differences),
        }


def greeting(days: Sequence[date], lang: str) -> str:
    """Return what the month is about."""
    return _WORDS[lang]["hello"].format(first=days[0], last=days[-1], days=len(days))


def day_line(day: datetime, ledger: Ledger, lang: str) -> str:
    """Return how far the month has come, by the ledger, on the morning of a day."""
    facts = {"leads": len(ledger.requests), "deals": len(ledger.deals)}
    won = ledger.notes.won_minor // _THOUSAND
    return _WORDS[lang]["day"].format(day=day, won=won, **facts)


def summary(outcome: Outcome, lang: str) -> str:
    """Return the numbers as a table, and whether the two counts agree."""
    words, facts = _WORDS[lang], outcome.as_json()
    names = {"events": "events_sent", "won": "won_minor", "calls": "google_calls"}
    codes = (
        *("events", "commands", "edits", "leads", "deals"),
        *("won", "tasks", "firings", "notices", "calls"),
    )
    facts["won_minor"] //= 100
    width = max(len(words[code]) for code in codes)
    lines = [f"  {words[code]:<{width}}  {facts[names.get(code, code)]:>9}" for code in codes]
    title = words["title"].format(seconds=round(outcome.seconds))
    return "\n".join(["", title, "", *lines, "", *_verdict(outcome, lang)])


def _verdict(outcome: Outcome, lang: str) -> list[str]:
    words, differences = _WORDS[lang], outcome.audit.differences
    if not differences:
        return [words["ok"]]
    return [words["bad"].format(count=len(differences)), *shortened(differences)]
