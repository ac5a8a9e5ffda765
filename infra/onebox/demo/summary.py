"""What happened, for a stranger: sentences in Russian or English, or one JSON object."""

import math
from collections.abc import Mapping
from dataclasses import asdict, dataclass
from typing import Any

from kartoteka.domain.office import Settings
from onebox.demo.check import Verdict, refused, shortened
from onebox.demo.playing import Played

_WORDS = {
    "ru": {
        "title": "День сыгран. Что произошло",
        "events": "Пришло событий",
        "events_more": "{recorded} разных; повторов узнано: {repeats}; за дверью оставлено: {shut}",
        "leads": "Заявок (лидов)",
        "leads_more": "от {clients} клиентов; никто не записан дважды",
        "leads_twice": "от {clients} клиентов; ЗАПИСАНО ДВАЖДЫ: {twice}",
        "lost": "Потеряно",
        "follow_ups": "Напоминаний сработало",
        "follow_ups_more": "задач для сотрудников: {tasks}",
        "edits": "Правок в таблице",
        "edits_more": "возвращено с объяснением: {refused}",
        "rows": "Строк в таблице",
        "rows_more": "контактов на телефонах: {contacts}",
        "calls": "Обращений к Google",
        "calls_more": "за весь день",
        "wait": "Дольше всего от события до строки",
        "wait_more": "{p95} с в 95 случаях из 100",
        "seconds": "{value} с",
        "ok": "Сверено по ячейкам: база, таблица и контакты совпадают.",
        "bad": "НЕ СОВПАЛО, мест: {count}",
        "note": "Возвращённая правка: «{note}»",
        "open": "Посмотреть самому",
        "page": "таблица, телефон, лента",
        "form": "форма на сайте",
        "queue": "очередь напоминаний",
        "files": "файлы этого дня",
        "stop": "Ctrl-C останавливает.",
    },
    "en": {
        "title": "The day is played. What happened",
        "events": "Events that came in",
        "events_more": "{recorded} different; repeats recognised: {repeats}; refused: {shut}",
        "leads": "Leads",
        "leads_more": "of {clients} clients; nobody is there twice",
        "leads_twice": "of {clients} clients; THERE TWICE: {twice}",
        "lost": "Lost",
        "follow_ups": "Follow-ups fired",
        "follow_ups_more": "tasks for people: {tasks}",
        "edits": "Edits in the sheet",
        "edits_more": "taken back with a reason: {refused}",
        "rows": "Rows in the sheet",
        "rows_more": "contacts on the phones: {contacts}",
        "calls": "Google calls used",
        "calls_more": "in the whole day",
        "wait": "Longest wait from event to row",
        "wait_more": "{p95} s in 95 of 100 cases",
        "seconds": "{value} s",
        "ok": "Compared cell by cell: store, sheet and contacts are equal.",
        "bad": "NOT EQUAL in {count} places",
        "note": "The edit that was taken back: «{note}»",
        "open": "Look for yourself",
        "page": "sheet, phone, live feed",
        "form": "form on the site",
        "queue": "queued follow-ups",
        "files": "files of this day",
        "stop": "Ctrl-C stops it.",
    },
}
LANGUAGES = tuple(_WORDS)


@dataclass(frozen=True, slots=True)
class Outcome:
    """All numbers of a play."""

    played: Played
    verdict: Verdict
    follow_ups: int
    google_calls: int
    seconds: float  # real time of the play

    @property
    def p95_s(self) -> float:
        """Return the wait from event to row that 95 of 100 leads do not exceed."""
        waits = sorted(self.played.waits.values())
        return waits[math.ceil(0.95 * len(waits)) - 1] if waits else 0.0

    def as_json(self) -> dict[str, Any]:
        """Return the object that `--json` prints last."""
        played, verdict = self.played, self.verdict
        taken = sum(one.stored for one in played.sent)
        return {
            "ok": verdict.ok,
            "events_sent": len(played.sent),
            **asdict(verdict.counts),
            "repeats_recognised": taken - verdict.counts.events_recorded,
            "refused_at_the_door": len(played.sent) - taken,
            "follow_ups": self.follow_ups,
            "edits": len(played.edits),
            "refused_edits": len(refused(played)),
            "google_calls": self.google_calls,
            "p95_event_to_row_s": round(self.p95_s, 3),
            "longest_event_to_row_s": round(max(played.waits.values(), default=0.0), 3),
            "seconds": round(self.seconds, 1),
            "differences": shortened(verdict.differences),
        }


def summary(outcome: Outcome, lang: str) -> str:
    """Return the numbers as a table of sentences."""
    words, facts = _WORDS[lang], outcome.as_json()
    wait = words["seconds"].format(value=_number(facts["longest_event_to_row_s"], lang))
    leads_more = "leads_twice" if facts["duplicates_created"] else "leads_more"
    lines = [
        ("events", facts["events_sent"], "events_more"),
        ("leads", facts["leads"], leads_more),
        ("lost", facts["lost"], ""),
        ("follow_ups", facts["follow_ups"], "follow_ups_more"),
        ("edits", facts["edits"], "edits_more"),
        ("rows", facts["sheet_rows"], "rows_more"),
        ("calls", facts["google_calls"], "calls_more"),
        ("wait", wait, "wait_more"),
    ]
    known = _facts(facts, lang)
    width = max(len(words[code]) for code, _, _ in lines)
    told = [
        f"  {words[code]:<{width}}  {value!s:>6}   {words[more].format_map(known) if more else ''}"
        for code, value, more in lines
    ]
    return "\n".join(
        ["", words["title"], "", *map(str.rstrip, told), "", *_verdict(outcome, words)]
    )


def addresses(base_url: str, settings: Settings, data: str, lang: str) -> str:
    """Return where to look, and how to stop."""
    words = _WORDS[lang]
    places = [
        (f"{base_url}/", "page"),
        (f"{base_url}/ingest/form/{settings.forms[0].id}", "form"),
        (f"{base_url}/onebox/tasks", "queue"),
        (data, "files"),
    ]
    width = max(len(address) for address, _ in places)
    lines = [f"  {address:<{width}}  {words[code]}" for address, code in places]
    return "\n".join([words["open"] + ":", *lines, words["stop"]])


def _facts(facts: Mapping[str, Any], lang: str) -> dict[str, Any]:
    return {
        **facts,
        "recorded": facts["events_recorded"],
        "repeats": facts["repeats_recognised"],
        "shut": facts["refused_at_the_door"],
        "twice": facts["duplicates_created"],
        "refused": facts["refused_edits"],
        "p95": _number(facts["p95_event_to_row_s"], lang),
    }


def _verdict(outcome: Outcome, words: Mapping[str, str]) -> list[str]:
    notes = [one.note for one in outcome.played.edits if one.edit.refused and one.note]
    said = [words["note"].format(note=note) for note in notes]
    differences = outcome.verdict.differences
    if not differences:
        return [*said, words["ok"], ""]
    return [*said, words["bad"].format(count=len(differences)), *shortened(differences), ""]


def _number(value: float, lang: str) -> str:
    text = f"{value:.1f}"
    return text if lang == "en" else text.replace(".", ",")
