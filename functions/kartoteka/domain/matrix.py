"""Who may do what, as data: roles, groups of fields, reach; the table of a new office.

An allow-list: a group that a role's column does not grant is closed. Offices change the columns
of built-in roles and add roles of their own with `RoleSpec`.
"""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from enum import Enum, IntEnum, StrEnum
from typing import Literal

from pydantic import Field

from kartoteka.domain.model import Role, Value

BOOK = "book"  # a person known only by the book they edit: they have the book's rights


class Operation(StrEnum):
    """What may be done with a record."""

    READ = "read"
    ADD = "add"
    CHANGE = "change"
    ASSIGN = "assign"
    DELETE = "delete"
    EXPORT = "export"
    IMPORT = "import"


class Level(IntEnum):
    """What may be done with a field; MARK and PUT show only whether it is filled."""

    NONE = 0
    MARK = 1
    PUT = 2  # may fill it in, sees the mark
    READ = 3
    EDIT = 4


class Scope(IntEnum):
    """Whose records a right reaches: narrow to wide."""

    NONE = 0
    OWN = 1
    PAIR = 2  # and those of the colleague one works in a pair with
    TEAM = 3
    TREE = 4  # and those of the teams below
    ALL = 5


class Group(StrEnum):
    """Fields that are seen together."""

    RECORD = "record"  # ids, links, times
    NAME = "name"
    REACH = "reach"  # telephone, mail, messenger
    FLOW = "flow"  # stage, next action, tags, owner
    NOTES = "notes"  # words of staff, and what a form said beyond its fields
    HISTORY = "history"
    AMOUNT = "amount"
    PAPERS = "papers"  # offers
    INVOICES = "invoices"
    WORKS = "works"  # signed contracts and results
    CONTRACTOR = "contractor"
    COST = "cost"  # and the contractor's price
    PAID = "paid"
    REQUISITES = "requisites"
    SOURCE = "source"
    GOODS = "goods"  # what is sold, without prices
    CATALOGUE = "catalogue"
    TASKS = "tasks"
    PEOPLE = "people"
    INBOX = "inbox"  # raw events
    CUSTOM = "custom"  # fields of the office; each names its own roles
    SETTINGS = "settings"
    SECRETS = "secrets"
    ADS = "ads"
    PLAN = "plan"
    RATING = "rating"
    TEMPLATES = "templates"  # texts that the office sends


MONEY = frozenset(
    {
        Group.AMOUNT,
        Group.PAPERS,
        Group.INVOICES,
        Group.WORKS,
        Group.COST,
        Group.PAID,
        Group.ADS,
        Group.PLAN,
    }
)  # several roles: the narrowest decides; of everything else the widest

# What a narrow role still sees of a deal that its stage gave into other hands.
MINIMAL = frozenset(
    {
        Group.RECORD,
        Group.NAME,
        Group.REACH,
        Group.FLOW,
        Group.NOTES,
        Group.HISTORY,
        Group.PAPERS,
        Group.INVOICES,
        Group.WORKS,
        Group.PAID,
    }
)


class Only(Enum):
    """A narrower reach for one kind of record."""

    NONE = "none"
    OWN = "own"
    NEW = "new"  # requests and clients nobody has worked with
    INVOICED = "invoiced"


@dataclass(frozen=True, slots=True)
class Rights:
    """One role: its level by group, its reach by operation, narrower reaches by kind.

    `role` is the built-in role it is or comes from, `name` its own id.
    `exports` are the kinds it may export; None: every kind that it reaches.
    """

    role: str
    name: str
    levels: Mapping[Group, Level]
    scopes: Mapping[Operation, Scope]
    only: Mapping[str, Only]
    exports: frozenset[str] | None = None

    def scope(self, operation: Operation) -> Scope:
        """Return whose records the operation reaches."""
        return self.scopes.get(operation, Scope.NONE)

    def reaches(self, operation: Operation, kind: str) -> bool:
        """Return whether there is any record of this kind the operation reaches."""
        if operation is Operation.EXPORT and self.exports is not None and kind not in self.exports:
            return False
        return self.scope(operation) is not Scope.NONE and self.only.get(kind) is not Only.NONE

    def level(self, group: Group | None) -> Level:
        """Return the level in a group, NONE when no group is known."""
        return Level.NONE if group is None else self.levels.get(group, Level.NONE)


_LEVELS = {"-": Level.NONE, "m": Level.MARK, "p": Level.PUT, "r": Level.READ, "E": Level.EDIT}

# Columns as in the header; - closed, m mark, p may fill in and sees the mark, r read, E edit.
_GROUPS = """
             admin director head manager executor accountant finance marketing operator book
record       E     E        E    E       E        E          E       E         E        E
name         E     E        E    E       r        r          r       -         E        E
reach        E     E        E    E       r        -          -       -         E        r
flow         E     E        E    E       E        r          r       r         E        E
notes        E     E        E    E       r        -          -       -         E        E
history      r     r        r    r       r        -          -       -         r        r
amount       E     E        E    -       -        r          r       -         -        -
papers       E     E        E    p       -        -          r       -         -        -
invoices     E     E        E    m       -        E          r       -         -        -
works        E     E        E    p       p        r          r       -         -        -
contractor   E     E        E    r       r        r          r       -         -        -
cost         r     r        r    -       -        E          r       -         -        -
paid         r     r        r    m       -        E          E       -         -        -
requisites   E     E        E    -       -        E          r       -         -        -
source       E     r        r    r       -        -          r       r         E        r
goods        E     E        E    E       r        r          r       r         -        -
catalogue    E     E        E    r       r        r          r       r         r        -
tasks        E     E        E    E       E        E          E       E         E        E
people       E     E        r    r       r        r          r       r         r        r
inbox        r     r        r    -       -        -          -       -         r        -
settings     E     E        -    -       -        -          -       -         -        -
secrets      E     E        -    -       -        -          -       -         -        -
ads          E     E        -    -       -        r          E       E         -        -
plan         r     E        E    -       -        -          r       -         -        -
rating       r     r        r    r       -        -          -       -         -        -
templates    E     E        E    r       r        r          r       E         r        -
"""

_REACH = """
             admin director head manager executor accountant finance marketing operator book
read         all   all      tree pair    own      all        all     all       all      all
add          all   all      tree pair    own      own        own     own       all      none
change       all   all      tree pair    own      all        all     own       all      all
assign       all   all      tree pair    own      own        own     own       all      all
delete       all   all      none none    none     none       none    none      none     none
export       all   all      tree none    none     all        none    none      none     none
import       all   all      tree none    none     none       none    none      none     none
"""

# Kinds whose records are not shared by reach; of tasks everybody has at least their own.
_OWN_ONLY = {
    **dict.fromkeys(("chat", "timer", "pair", "order"), Only.NONE),
    **dict.fromkeys(("task", "notice", "approval"), Only.OWN),
}
_OFFICES = ("inbound", "raw_part", "exchange", "order", "paper", "payment")
# In nobody's hands, so whoever reads a team cannot be shown a team's part of them.
_OF_NO_TEAM = ("order", "paper", "payment")
_ONLY: Mapping[str, Mapping[str, Only]] = {
    Role.HEAD: dict.fromkeys(_OF_NO_TEAM, Only.NONE),
    Role.MANAGER: dict.fromkeys(_OFFICES, Only.NONE),
    Role.EXECUTOR: dict.fromkeys(_OFFICES, Only.NONE),
    Role.ACCOUNTANT: {**_OWN_ONLY, "deal": Only.INVOICED, "lead": Only.NONE, "activity": Only.NONE},
    Role.FINANCE: {**_OWN_ONLY, "activity": Only.NONE},
    Role.MARKETING: {**_OWN_ONLY, **dict.fromkeys(("activity", "paper", "payment"), Only.NONE)},
    Role.OPERATOR: {
        **_OWN_ONLY,
        "chat": Only.OWN,
        "pair": Only.NEW,
        "lead": Only.NEW,
        "client": Only.NEW,
        "deal": Only.NONE,
        "company": Only.NONE,
        "activity": Only.OWN,
        "paper": Only.NONE,
        "payment": Only.NONE,
    },
    BOOK: dict.fromkeys(
        ("approval", "chat", "deal", "notice", "timer", "pair", "order", "paper", "payment"),
        Only.NONE,
    ),
}

_EXPORTS = {Role.ACCOUNTANT.value: frozenset({"deal"})}


def _columns(table: str) -> dict[str, dict[str, str]]:
    """Return the cells of a table by column, then by row."""
    header, *lines = table.strip().splitlines()
    found: dict[str, dict[str, str]] = {name: {} for name in header.split()}
    for line in lines:
        row, *cells = line.split()
        for name, cell in zip(found, cells, strict=True):
            found[name][row] = cell
    return found


def _built_in() -> dict[str, Rights]:
    reach = _columns(_REACH)
    return {
        role: Rights(
            role=role,
            name=role,
            levels={Group(row): _LEVELS[cell] for row, cell in cells.items()},
            scopes={Operation(row): Scope[cell.upper()] for row, cell in reach[role].items()},
            only=_ONLY.get(role, {}),
            exports=_EXPORTS.get(role),
        )
        for role, cells in _columns(_GROUPS).items()
    }


BUILT_IN: Mapping[str, Rights] = _built_in()


class RoleSpec(Value):
    """A role as the office wants it: a built-in one changed, or its own made from one."""

    id: str = Field(pattern=r"^[a-z][a-z0-9_]{0,39}$", examples=["trainee"])
    name: str
    name_en: str = ""
    base: Role
    levels: dict[Group, Literal["none", "mark", "put", "read", "edit"]] = Field(
        default_factory=dict
    )
    reach: dict[Operation, Literal["none", "own", "pair", "team", "tree", "all"]] = Field(
        default_factory=dict
    )

    @property
    def rights(self) -> Rights:
        """Return the rights of the base with the office's changes.

        A head keeps to a team; one who reads everybody's records reads what is of no team too.
        Who may not read what is paid has no payments at all: without it they are names of payers.
        """
        base = BUILT_IN[self.base]
        levels = {group: Level[word.upper()] for group, word in self.levels.items()}
        changed = {operation: Scope[word.upper()] for operation, word in self.reach.items()}
        scopes = {**base.scopes, **changed}
        merged = {**base.levels, **levels}
        heads_all = self.base is Role.HEAD and scopes[Operation.READ] is Scope.ALL
        only = {} if heads_all else dict(base.only)
        if merged[Group.PAID] < Level.READ:
            only["payment"] = Only.NONE
        return replace(base, name=self.id, levels=merged, scopes=scopes, only=only)
