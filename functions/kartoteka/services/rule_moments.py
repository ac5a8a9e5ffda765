"""From which moment a rule of time counts, and when it is due; asked again before it fires."""

from collections.abc import Callable, Mapping
from datetime import date, datetime
from zoneinfo import ZoneInfo

from kartoteka.domain.instant import read
from kartoteka.domain.rules.model import DateField, Since
from kartoteka.domain.rules.vocabulary import Vocabulary
from kartoteka.domain.tasks_rules import ACTIVE
from kartoteka.domain.worktime import WorkTime
from kartoteka.ports import Doc
from kartoteka.services.rule_facts import Around

_OPEN = frozenset({"open", "ongoing"})
_IN, _OUT = "activity.last_in_at", "activity.last_out_at"


def counted_from(
    trigger: Since | DateField, around: Around, vocabulary: Vocabulary, work: WorkTime
) -> datetime | None:
    """Return the moment from which time runs for this record, None when none runs."""
    if isinstance(trigger, DateField):
        return _dated(around.facts((trigger.field,), vocabulary)[trigger.field], work)
    found = _BEGINNINGS.get(trigger.event)
    if found is None or not _is_alive(around.kind, around.doc):
        return None
    return found(trigger, around, vocabulary)


def due(trigger: Since | DateField, since: datetime, work: WorkTime) -> datetime:
    """Return when the rule fires, counted from this moment."""
    if isinstance(trigger, Since):
        return trigger.delay.after(since, work)
    offset = trigger.offset
    return offset.before(since, work) if trigger.before else offset.after(since, work)


def _is_alive(kind: str, doc: Doc) -> bool:
    """Return whether the record is still worked with; a client always is."""
    state = doc.get("state")
    if kind == "task":
        return state in ACTIVE
    return kind not in {"lead", "deal"} or state in _OPEN


def _dated(found: object, work: WorkTime) -> datetime | None:
    """Return the instant of a field; of a day it is the hour at which the office opens."""
    if isinstance(found, datetime):
        return found
    if isinstance(found, date):
        return datetime.combine(found, work.opens, ZoneInfo(work.zone))
    return None


def _silent(_: Since, around: Around, vocabulary: Vocabulary) -> datetime | None:
    """Return our last words, if the client has said nothing since."""
    said = around.facts((_IN, _OUT), vocabulary)
    heard, spoken = said[_IN], said[_OUT]
    if not isinstance(spoken, datetime):
        return None
    return None if isinstance(heard, datetime) and heard >= spoken else spoken


def _idle(_: Since, around: Around, vocabulary: Vocabulary) -> datetime | None:
    said = around.facts((_IN, _OUT), vocabulary).values()
    touches = [at for at in (*said, _moment(around.doc, "created_at")) if isinstance(at, datetime)]
    return max(touches, default=None)


def _unanswered(_: Since, around: Around, __: Vocabulary) -> datetime | None:
    return None if around.doc.get("touched_at") else _moment(around.doc, "created_at")


def _on_stage(trigger: Since, around: Around, _: Vocabulary) -> datetime | None:
    elsewhere = trigger.detail and around.doc.get("stage") != trigger.detail
    return None if elsewhere else _moment(around.doc, "stage_entered_at")


def _overdue(_: Since, around: Around, __: Vocabulary) -> datetime | None:
    return _moment(around.doc, "due_at")


def _moment(doc: Doc, name: str) -> datetime | None:
    found = doc.get(name)
    return read(found) if isinstance(found, str) else None


_BEGINNINGS: Mapping[str, Callable[[Since, Around, Vocabulary], datetime | None]] = {
    "silent": _silent,
    "idle": _idle,
    "unanswered": _unanswered,
    "stage": _on_stage,
    "overdue": _overdue,
}
