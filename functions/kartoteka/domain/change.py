"""The change log: journal, history, outbox and undo in one."""

from enum import StrEnum

from pydantic import Field, JsonValue

from kartoteka.domain.ids import fresh
from kartoteka.domain.instant import Instant
from kartoteka.domain.model import Value


class ActorKind(StrEnum):
    """Who may act."""

    STAFF = "staff"
    CHANNEL = "channel"
    RULE = "rule"
    SYSTEM = "system"
    IMPORT = "import"


class Actor(Value):
    """Who did it: a person, a channel, a rule or the system itself."""

    kind: ActorKind
    id: str
    role: str = ""  # of a person

    @property
    def is_person(self) -> bool:
        """Return whether a member of staff acts."""
        return self.kind is ActorKind.STAFF

    @property
    def is_backed(self) -> bool:
        """Return whether a judge approved what the actor does; see `Backed`."""
        return False


class Backed(Actor):
    """A person whose act a judge approved before: it passes what a head's word may pass, once."""

    approval_id: str

    @property
    def is_backed(self) -> bool:
        """Return that somebody approved the act."""
        return True


SYSTEM = Actor(kind=ActorKind.SYSTEM, id="system")


class Part(Value):
    """What changed in one record: only the changed fields; `before` is None for a new record."""

    entity: str
    id: str
    before: dict[str, JsonValue] | None
    after: dict[str, JsonValue] | None


class Change(Value):
    """One commit: everything that one act changed, together or not at all."""

    id: str = Field(default_factory=lambda: fresh("ch"))
    at: Instant
    actor: Actor
    cause: str  # what led to it: inbound:<id>, sheet:<book>, timer:<id>, command:<name>
    evidence: str = ""  # call, payment or task that allowed it
    reason: str = ""  # words of a person who overrode a guard
    subject: str  # client id, or the id of the record itself when there is no client
    parts: tuple[Part, ...]
