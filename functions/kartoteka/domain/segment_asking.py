"""Everything an office asks of its clients at one moment, and whom a change of the log touches."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from functools import cached_property

from kartoteka.domain.change import Change, Part
from kartoteka.domain.deal import Deal
from kartoteka.domain.ids import derived
from kartoteka.domain.inbound import Inbound
from kartoteka.domain.mailing import AddressWish
from kartoteka.domain.model import Client, Lead
from kartoteka.domain.office import Office
from kartoteka.domain.portrait import Measures, Portrait
from kartoteka.domain.segment_questions import Question
from kartoteka.domain.segment_ready import READY, segments_of

_STATIC, UNCLEAR = "static", "unclear"
_BY_FORM = "form:"
_OF_CLIENT = frozenset({Lead.kind, Deal.kind})


@dataclass(frozen=True)
class Asking:
    """The questions of an office that are switched on.

    Attributes:
        office: the office.
        own: the office's own questions that are understood, by segment.
        unclear: segments whose question is not understood any more: who is in them stays.
    """

    office: Office
    own: Mapping[str, Question] = field(default_factory=dict)
    unclear: frozenset[str] = frozenset()

    @cached_property
    def measures(self) -> Measures:
        """Return how clients are seen."""
        return Measures(self.office)

    @cached_property
    def questions(self) -> Mapping[str, Question]:
        """Return the question of each segment that is counted, by its id."""
        rows = (row for row in segments_of(self.office) if row.on and row.kind == "ready")
        return {**{row.id: READY[row.id] for row in rows}, **self.own}

    @cached_property
    def prints(self) -> Mapping[str, str]:
        """Return by segment what differs when its question does; static ones never differ."""
        static = (row.id for row in self.office.segments if row.kind == _STATIC)
        seen = self.measures.print
        asked = {name: derived("qu", repr(it), seen) for name, it in self.questions.items()}
        unclear = dict.fromkeys(self.unclear, UNCLEAR)
        return {**dict.fromkeys(static, _STATIC), **unclear, **asked}

    @cached_property
    def held(self) -> frozenset[str]:
        """Return the segments that are not asked: who is in them stays."""
        return frozenset(self.prints) - frozenset(self.questions)

    @cached_property
    def asks_consent(self) -> bool:
        """Return whether some question asks who agreed to be written to."""
        return any("client.consent" in asked.asks for asked in self.questions.values())

    def answered(self, seen: Portrait) -> set[str]:
        """Return the segments whose question holds."""
        return {name for name, asked in self.questions.items() if asked.holds(seen)}

    def turns(self, seen: Portrait) -> datetime | None:
        """Return until when all answers stay, None: for ever unless something happens."""
        found = (asked.turns(seen) for asked in self.questions.values())
        return min(filter(None, found), default=None)


@dataclass(frozen=True)
class Touched:
    """Whom changes touch: clients, and records whose client they do not tell, each with why.

    `wishers` are those who agreed to something or took it back: so did who shares their address.
    """

    clients: dict[str, str] = field(default_factory=dict)
    wishers: dict[str, str] = field(default_factory=dict)
    records: dict[tuple[str, str], str] = field(default_factory=dict)  # by kind and id

    def named(self, kind: str) -> list[str]:
        """Return the ids of the records of one kind whose client has to be looked up."""
        return [record_id for known, record_id in self.records if known == kind]


def touched(changes: Iterable[Change]) -> Touched:
    """Return whom these changes touch; the last cause of each stands: `change:<id>`."""
    found = Touched()
    for change in changes:
        for part in change.parts:
            if part.entity == Client.kind:
                found.clients[part.id] = f"change:{change.id}"
            elif part.entity in _OF_CLIENT:
                _touch(found, part, f"change:{change.id}")
            elif part.entity == AddressWish.kind:
                _agreed(found, part, change)
    return found


def _touch(found: Touched, part: Part, cause: str) -> None:
    told = [side["client_id"] for side in (part.before, part.after) if side and "client_id" in side]
    if not told:
        found.records[part.entity, part.id] = cause
    for client_id in told:
        if isinstance(client_id, str):
            found.clients[client_id] = cause


def _agreed(found: Touched, part: Part, change: Change) -> None:
    """Touch whose wish it is: the record does not tell, the act or the form it came in does."""
    found.wishers[change.subject] = f"change:{change.id}"
    said = str((part.after or {}).get("evidence") or "")
    if said.startswith(_BY_FORM):
        found.records[Inbound.kind, said.removeprefix(_BY_FORM)] = f"change:{change.id}"


def settled(client_id: str, merged: Mapping[str, str], longest: int = 20) -> str:
    """Return the client that this one became, itself when it was never merged away."""
    for _ in range(longest):
        if client_id not in merged:
            break
        client_id = merged[client_id]
    return client_id


def chunks(ids: Sequence[str], size: int) -> list[Sequence[str]]:
    """Return the ids in portions."""
    return [ids[at : at + size] for at in range(0, len(ids), size)]
