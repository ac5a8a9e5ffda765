"""Facts behind the figures: what the log says of each request, deal, call and limit of answering.

A fact is folded from the log alone, so the same log gives the same facts however often and in
whatever batches it was read. It holds no name, no number and no words of a client.
"""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import asdict, dataclass, field, replace

from pydantic import JsonValue

from kartoteka.domain.batch import cause_of, is_undo, taken_back
from kartoteka.domain.change import Change, Part
from kartoteka.domain.deal import Deal
from kartoteka.domain.instant import spell
from kartoteka.domain.model import Activity, CallStatus, Lead
from kartoteka.domain.sla_rules import COUNTED, SlaCase

_SALE = ("pipeline", "stage", "state", "owner_id", "created_at")
_TRACKED: Mapping[str, tuple[str, ...]] = {
    Lead.kind: (*_SALE, "first_touch"),
    Deal.kind: (*_SALE, "amount_minor", "currency", "won_at"),
}
_OF_CALL = ("what", "direction", "staff_id", "inbound_id", "lead_id", "at", "call")
_SPOKEN = frozenset({CallStatus.ANSWERED.value, CallStatus.TALKING.value})
_SILENT = frozenset({"note"})  # what nobody outside ever sees
_Known = Mapping[str, JsonValue]


@dataclass(frozen=True, slots=True)
class Visit:
    """A stage that was entered: when (as stored), and by which act."""

    pipeline: str
    stage: str
    at: str
    cause: str


@dataclass(frozen=True, slots=True)
class Fact:
    """What counts of one record.

    Attributes:
        entity: kind of the record; of calls only those nobody has answered yet.
        there: whether the record exists.
        known: its counted fields as they are now.
        visits: stages entered, in order; a stage entered again is kept once.
        answers: of a request: when a person spoke or wrote to the client, by activity.
    """

    entity: str
    there: bool = False
    known: _Known = field(default_factory=dict)
    visits: tuple[Visit, ...] = ()
    answers: Mapping[str, str] = field(default_factory=dict)

    @property
    def waiting_since(self) -> str | None:
        """Return since when a request waits for its first answer, None when it does not."""
        waits = self.entity == Lead.kind and self.there and not self.answers
        return self.spelled("created_at") or None if waits else None

    def spelled(self, name: str) -> str:
        """Return a counted field as text, empty when it is not known."""
        value = self.known.get(name)
        return value if isinstance(value, str) else ""

    def number(self, name: str) -> int:
        """Return a counted field as a number, 0 when it is not known."""
        value = self.known.get(name)
        return value if isinstance(value, int) else 0

    def doc(self) -> dict[str, JsonValue]:
        """Return the stored form."""
        visits: list[JsonValue] = [asdict(visit) for visit in self.visits]
        return {
            "entity": self.entity,
            "there": self.there,
            "known": dict(self.known),
            "visits": visits,
            "answers": dict(self.answers),
            "waiting_since": self.waiting_since,
        }


def key_of(entity: str, record_id: str) -> str:
    """Return under which key the fact of a record is kept."""
    return f"{entity}:{record_id}"


def read_fact(doc: Mapping[str, object]) -> Fact:
    """Return the fact behind its stored form."""
    known, visits, answers = doc.get("known"), doc.get("visits"), doc.get("answers")
    return Fact(
        entity=str(doc.get("entity", "")),
        there=bool(doc.get("there")),
        known=dict(known) if isinstance(known, Mapping) else {},
        visits=tuple(Visit(**visit) for visit in visits) if isinstance(visits, Sequence) else (),
        answers=dict(answers) if isinstance(answers, Mapping) else {},
    )


def concerned(changes: Sequence[Change]) -> list[str]:
    """Return the keys of the facts that these changes name."""
    named = (key for change in changes for part in change.parts for key in _keys(part))
    return list(dict.fromkeys(named))


def led_to(facts: Mapping[str, Fact]) -> list[str]:
    """Return the keys of the requests to which the calls among these facts belong."""
    calls = (fact for fact in facts.values() if fact.entity == Activity.kind)
    return [key_of(Lead.kind, call.spelled("lead_id")) for call in calls]


def fold(facts: dict[str, Fact], change: Change) -> None:
    """Bring the facts up to this change; `facts` holds those that the change concerns."""
    for part in change.parts:
        key = key_of(part.entity, part.id)
        if part.entity in _TRACKED:
            facts[key] = _told(facts.get(key) or Fact(part.entity), part, change)
        elif part.entity == SlaCase.kind:
            facts[key] = _case(part)
        elif part.entity == Activity.kind:
            _happened(facts, part)


def _case(part: Part) -> Fact:
    """Return the fact of a limit at work: the log tells its case whole each time."""
    told = part.after or {}
    known = {name: told[name] for name in COUNTED if name in told}
    return Fact(SlaCase.kind, there=part.after is not None, known=known)


def _keys(part: Part) -> Iterator[str]:
    if part.entity in _TRACKED or part.entity == SlaCase.kind:
        yield key_of(part.entity, part.id)
    elif part.entity == Activity.kind:
        for side in (part.before, part.after):
            lead_id = (side or {}).get("lead_id")
            if isinstance(lead_id, str):
                yield key_of(Lead.kind, lead_id)
        yield key_of(Activity.kind, part.id)


def _told(fact: Fact, part: Part, change: Change) -> Fact:
    """Return the fact after what a change says of its record."""
    if part.after is None:
        return replace(fact, there=False)
    told = {name: part.after[name] for name in _TRACKED[part.entity] if name in part.after}
    touch = told.pop("first_touch", None)
    if isinstance(touch, Mapping):
        told["source"] = touch.get("name", "")
    is_back = fact.there or part.before is None
    return _visited(replace(fact, there=is_back, known={**fact.known, **told}), change)


def _visited(fact: Fact, change: Change) -> Fact:
    """Return the fact with the stage it is on; stages of an act that was undone were not seen."""
    visits = fact.visits
    if is_undo(change.cause):
        undone = cause_of(taken_back(change.cause))
        visits = tuple(visit for visit in visits if visit.cause != undone)
    pipeline, stage = fact.spelled("pipeline"), fact.spelled("stage")
    by_hand = (visit for visit in visits if not visit.cause.startswith(cause_of("")))
    lasting = {(visit.pipeline, visit.stage) for visit in by_hand}
    now = (pipeline, stage)
    is_last = bool(visits) and (visits[-1].pipeline, visits[-1].stage) == now
    if not stage or is_last or now in lasting:
        return replace(fact, visits=visits)
    entered = Visit(pipeline, stage, spell(change.at), change.cause)
    return replace(fact, visits=(*visits, entered))


def _happened(facts: dict[str, Fact], part: Part) -> None:
    """Take what happened with a client: an answer, a call that may be answered yet, or neither."""
    key = key_of(Activity.kind, part.id)
    pending = facts.get(key, Fact(Activity.kind))
    whole = part.before is None or part.after is None
    side: _Known = part.after or part.before or {}
    doc = side if whole else {**pending.known, **side}
    if not isinstance(lead_id := doc.get("lead_id"), str):
        return
    lead_key = key_of(Lead.kind, lead_id)
    lead = facts.get(lead_key) or Fact(Lead.kind)
    answers = {name: at for name, at in lead.answers.items() if name != part.id}
    answered = _answered_at(doc) if part.after is not None else ""
    if answered:
        answers[part.id] = answered
    facts[lead_key] = replace(lead, answers=answers)
    is_call = part.after is not None and doc.get("what") == "call" and not answered
    known = {name: doc.get(name) for name in _OF_CALL} if is_call else {}
    facts[key] = Fact(Activity.kind, there=is_call, known=known)


def _answered_at(doc: _Known) -> str:
    """Return when a person reached out to the client or spoke with them; empty: nobody did.

    What the office's machines send has no author and came from nowhere.
    """
    at = str(doc.get("at") or "")
    if doc.get("what") in _SILENT:
        return ""
    call = doc.get("call")
    if isinstance(call, Mapping) and call.get("robot"):
        return ""
    by_person = bool(doc.get("staff_id") or doc.get("inbound_id"))
    if doc.get("direction") == "out" and by_person:
        return at
    if isinstance(call, Mapping) and call.get("status") in _SPOKEN:
        return str(call.get("answered_at") or at)
    return ""
