"""One firing of an office's rule: why it fired, what it saw, what came of each action; J2."""

from collections.abc import Iterable, Mapping
from datetime import datetime, timedelta
from typing import ClassVar

from pydantic import Field, JsonValue

from kartoteka.domain.ids import ClientId, StaffId, derived
from kartoteka.domain.instant import Instant
from kartoteka.domain.model import Entity, Value

DEEPEST = 8  # firings that may lead to each other
MOST_MOVES = 5  # of one record by rules within an hour
MOVES_WITHIN = timedelta(hours=1)
MOST_TRIES = 6  # of one firing, until it is parked
_CAUSE = "firing"
# Facts whose words are the office's own. Whatever a client typed stays out of a firing, so that
# forgetting a person has nothing to look for there.
_OWN_WORDS = frozenset(
    ("stage", "pipeline", "state", "owner", "owner_id", "segment", "sign", "source", "channel")
)


class Outcome(Value):
    """How one action ended."""

    number: int  # place of the action in its rule
    act: str
    state: str  # done, skipped (there was nothing to do), refused
    why: str = ""  # code of a text: why it was refused or skipped
    said: str = ""  # the same in words, as far as they are the office's own
    record: str = ""  # what it made or changed


class Firing(Entity):
    """One firing; its id follows from rule, version and cause, so that it happens once."""

    kind: ClassVar[str] = "firing"
    collection: ClassVar[str] = "firings"
    id: str
    rule_id: str
    version: int
    cause: str  # change:<id>, timer:<id>, slot:<moment>
    about: str  # kind of the record that it acts on; empty: the office
    record_id: str = ""
    client_id: ClientId | None = None
    owner_id: StaffId | None = None  # of the rule: hears when it stops
    facts: dict[str, JsonValue] = Field(default_factory=dict)
    depth: int = 0  # firings that led to this one
    state: str = "planned"  # waiting (for its delay), planned, done, skipped, parked
    why: str = ""  # code of a text: why it was skipped or parked
    outcomes: tuple[Outcome, ...] = ()  # of its actions, as far as they are done
    tries: int = 0
    at: Instant
    due_at: Instant | None = None
    updated_at: Instant

    @property
    def cause_of_effects(self) -> str:
        """Return what the changes name as their cause that this firing makes."""
        return f"{_CAUSE}:{self.depth}:{self.id}"

    def is_settled(self, number: int) -> bool:
        """Return whether this action was done, or had nothing to do."""
        return any(it.number == number and it.state != "refused" for it in self.outcomes)

    def with_outcome(self, outcome: Outcome) -> "Firing":
        """Return the firing with how one action ended, instead of an earlier end of it."""
        others = tuple(it for it in self.outcomes if it.number != outcome.number)
        return self.model_copy(update={"outcomes": (*others, outcome)})


class Pace(Entity):
    """When rules moved one record lately; bookkeeping of the guard against loops."""

    kind: ClassVar[str] = "rule_pace"
    collection: ClassVar[str] = "rule_paces"
    id: str
    moves: tuple[Instant, ...] = ()

    def moved(self, now: datetime) -> "Pace":
        """Return the pace with one more move; older ones than an hour are forgotten."""
        return self.model_copy(update={"moves": (*self.lately(now), now)})

    def lately(self, now: datetime) -> tuple[datetime, ...]:
        """Return the moves within the last hour."""
        return tuple(at for at in self.moves if now - at < MOVES_WITHIN)


def firing_id(rule_id: str, version: int, cause: str, record_id: str) -> str:
    """Return the same id for the same rule, version and cause: what fires twice fires once."""
    return derived("fr", rule_id, str(version), cause, record_id)


def depth_behind(cause: str) -> int | None:
    """Return how deep a firing is that a change with this cause leads to; None: not of a rule."""
    parts = cause.split(":")
    if parts[0] != _CAUSE or not parts[1:2] or not parts[1].isdigit():
        return None
    return int(parts[1]) + 1


def firing_behind(cause: str) -> str:
    """Return which firing made a change with this cause, empty when none did."""
    return cause.split(":", 2)[2] if depth_behind(cause) is not None else ""


def kept_facts(facts: Mapping[str, object], names: Iterable[str]) -> dict[str, JsonValue]:
    """Return what a firing remembers of the facts that its rule asked for."""
    return {name: _kept(name, facts.get(name)) for name in sorted(names)}


def _kept(name: str, value: object) -> JsonValue:
    if value is None or isinstance(value, bool | int):
        return value
    if isinstance(value, datetime):
        return value.isoformat()
    own = name.rpartition(".")[2] in _OWN_WORDS
    if isinstance(value, str):
        return value if own else "…" if value else ""
    if isinstance(value, tuple | list | frozenset):
        return len(value)
    return str(value)
