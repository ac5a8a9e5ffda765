"""What people do in the month, as data; each act is about one invented client."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Literal, TypeAlias

Way = Literal["form", "missed", "answered", "telegram"]


@dataclass(frozen=True, slots=True)
class Person:
    """A client: by telephone, or by Telegram alone; `number` makes both."""

    number: int
    name: str
    chats: bool = False

    @property
    def phone(self) -> str:
        """Return the telephone number."""
        return f"+7901{self.number:07d}"

    @property
    def chat_id(self) -> int:
        """Return the Telegram user."""
        return 7_200_000_000 + self.number


@dataclass(frozen=True, slots=True)
class Comes:
    """A request; `times` above one: the provider delivers it again, the visitor clicks twice."""

    who: Person
    way: Way
    words: str
    times: int = 1


@dataclass(frozen=True, slots=True)
class Talks:
    """A colleague calls and they talk."""

    who: Person


@dataclass(frozen=True, slots=True)
class Dials:
    """A colleague calls and nobody answers."""

    who: Person


@dataclass(frozen=True, slots=True)
class Answers:
    """A colleague writes to the client in Telegram."""

    who: Person


@dataclass(frozen=True, slots=True)
class SendsLetter:
    """A colleague notes a letter that went out: to a request, or to a deal."""

    who: Person
    about: Literal["lead", "deal"]


@dataclass(frozen=True, slots=True)
class Converts:
    """A request becomes a deal."""

    who: Person
    service: str


@dataclass(frozen=True, slots=True)
class Drops:
    """A request is not ours; the reason is said."""

    who: Person
    reason: str


@dataclass(frozen=True, slots=True)
class Types:
    """A colleague types a stage or a note into the sheet."""

    who: Person
    column: Literal["stage", "note"]
    value: str
    refused: bool = False


@dataclass(frozen=True, slots=True)
class Moves:
    """A deal goes to another stage, with what proves it; `head`: the head of the office does it."""

    who: Person
    stage: str
    proof: str = ""
    reason: str = ""
    head: bool = False


@dataclass(frozen=True, slots=True)
class Prices:
    """The head says what the deal costs, and who does the work."""

    who: Person
    minor: int


@dataclass(frozen=True, slots=True)
class Bills:
    """The accountant says until when the deal is to be paid."""

    who: Person
    due: datetime


@dataclass(frozen=True, slots=True)
class Pays:
    """Money came for a deal."""

    who: Person
    minor: int


@dataclass(frozen=True, slots=True)
class Knocks:
    """A call event with a wrong signature: the door stays shut."""

    who: Person


Act: TypeAlias = (
    Comes
    | Talks
    | Dials
    | Answers
    | SendsLetter
    | Converts
    | Drops
    | Types
    | Moves
    | Prices
    | Bills
    | Pays
    | Knocks
)
Month: TypeAlias = Mapping[datetime, tuple[Act, ...]]


@dataclass
class Agenda:
    """Acts by their moment, filled in any order."""

    acts: dict[datetime, list[Act]] = field(default_factory=dict)

    def put(self, moment: datetime, act: Act) -> None:
        """Plan an act."""
        self.acts.setdefault(moment, []).append(act)

    def until(self, end: datetime) -> Month:
        """Return what happens before a moment, in its order."""
        return {it: tuple(self.acts[it]) for it in sorted(self.acts) if it < end}
