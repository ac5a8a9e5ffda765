"""Rules as people wrote them and as they are understood.

A row keeps words; `language.parse_rule` makes a `Rule` of it, and `spelling` makes words again.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime, time
from decimal import Decimal
from enum import StrEnum
from typing import Literal, TypeAlias

from pydantic import Field

from kartoteka.domain.ids import StaffId
from kartoteka.domain.model import Value
from kartoteka.domain.rules.spans import Span

LONGEST = 2_000  # characters of one cell
NO_TIME = Span()
Column: TypeAlias = Literal["when", "condition", "then", "after"]


class RuleRow(Value):
    """One row of «Правила»: the words people typed; `version` counts changes of the words."""

    id: str = Field(pattern=r"^[a-z][a-z0-9_]{0,39}$", examples=["big_deals"])
    name: str = Field(min_length=1, max_length=200)
    when: str = Field(min_length=1, max_length=LONGEST)
    condition: str = Field(default="", max_length=LONGEST)
    then: str = Field(min_length=1, max_length=LONGEST)
    after: str = Field(default="", max_length=LONGEST)
    on: bool = True
    owner_id: StaffId | None = None  # who is told when it fails
    version: int = Field(default=1, ge=1)
    note: str = Field(default="", max_length=LONGEST)
    share: int = Field(default=0, ge=0)  # per cent of records, when so many kept it off


@dataclass(frozen=True, slots=True)
class Happened:
    """Something happened with a record: `events.EVENTS` names what there is.

    `detail` narrows it: id of a stage, canonical name of a field, a tag, a category, a form;
    empty: any.
    """

    entity: str
    event: str
    detail: str = ""


@dataclass(frozen=True, slots=True)
class Since:
    """So long since something, and it is still so.

    Events: `silent` (our last words to the client, and nothing came since), `idle` (the last
    touch), `unanswered` (a request nobody has answered), `stage` (entered, and still there),
    `overdue` (a task past its time); or any event of `events.EVENTS`, which does not end.
    """

    entity: str
    event: str
    delay: Span
    detail: str = ""


@dataclass(frozen=True, slots=True)
class DateField:
    """So long before or after the moment that a field holds; `field` is canonical."""

    entity: str
    field: str
    offset: Span
    before: bool


@dataclass(frozen=True, slots=True)
class Crossed:
    """A number grew past a threshold: fires once per crossing, upward only.

    `threshold` is in minor units for money. `strictly`: reaching it exactly is not enough.
    """

    entity: str
    field: str
    threshold: int | Decimal
    strictly: bool = False

    def by(self, before: float | Decimal | None, after: float | Decimal | None) -> bool:
        """Return whether going from `before` to `after` crosses it; None is nothing yet."""
        if after is None or not self._is_past(after):
            return False
        return before is None or not self._is_past(before)

    def _is_past(self, value: float | Decimal) -> bool:
        return value > self.threshold if self.strictly else value >= self.threshold


@dataclass(frozen=True, slots=True)
class Segment:
    """A client came into a segment, or left it; `name` as the office calls it."""

    name: str
    entered: bool = True


@dataclass(frozen=True, slots=True)
class Visited:
    """A known client opened a page of the site; a path that ends with `*` is a beginning."""

    path: str


@dataclass(frozen=True, slots=True)
class Daily:
    """Every day at a local time; `entity`: for each open record of this kind, empty: once."""

    at: time
    entity: str = ""
    working: bool = False  # only on working days


@dataclass(frozen=True, slots=True)
class Weekly:
    """Every week on a day, 0 is Monday, at a local time; `entity` as of `Daily`."""

    day: int
    at: time
    entity: str = ""


Trigger: TypeAlias = Happened | Since | DateField | Crossed | Segment | Visited | Daily | Weekly


@dataclass(frozen=True, slots=True)
class Relative:
    """A moment counted from the one of deciding; `day`: from that day, and to a day exactly."""

    day: bool = False
    span: Span = NO_TIME
    back: bool = False


@dataclass(frozen=True, slots=True)
class Ref:
    """The value of another field."""

    field: str


Operand: TypeAlias = str | int | Decimal | bool | date | datetime | Relative | Ref


class Op(StrEnum):
    """How two values are compared."""

    EQ = "="
    NE = "≠"
    LT = "<"
    LE = "≤"
    GT = ">"
    GE = "≥"


@dataclass(frozen=True, slots=True)
class Compared:
    """A field against a value: money is minor units, a stage or person is an id."""

    field: str
    op: Op
    value: Operand


@dataclass(frozen=True, slots=True)
class Contains:
    """A text, or one of a list, has these words in it, in any case."""

    field: str
    text: str


@dataclass(frozen=True, slots=True)
class Among:
    """A field is one of these values."""

    field: str
    values: tuple[Operand, ...]


@dataclass(frozen=True, slots=True)
class Blank:
    """A field has no value."""

    field: str


@dataclass(frozen=True, slots=True)
class Negated:
    """The other way round."""

    part: "Condition"


@dataclass(frozen=True, slots=True)
class All:
    """Every part holds."""

    parts: "tuple[Condition, ...]"


@dataclass(frozen=True, slots=True)
class Some:
    """At least one part holds."""

    parts: "tuple[Condition, ...]"


Condition: TypeAlias = Compared | Contains | Among | Blank | Negated | All | Some

ArgValue: TypeAlias = Operand | Span


@dataclass(frozen=True, slots=True)
class Act:
    """One action of a rule; `catalogue.ACTIONS` says which arguments it has.

    A receiver is `owner`, `author`, `head`, `role:<id>`, `staff:<id>` or `team:<name>`.
    """

    name: str
    args: Mapping[str, ArgValue]


@dataclass(frozen=True, slots=True)
class Rule:
    """A row that was understood; `delay` is waited between the trigger and the actions."""

    row: RuleRow
    trigger: Trigger
    condition: Condition | None
    delay: Span | None
    actions: tuple[Act, ...]
