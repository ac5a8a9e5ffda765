"""What a tab of settings is made of, and what a person's cell or row becomes: a command."""

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from functools import partial
from typing import TypeAlias

from pydantic import JsonValue

from kartoteka.domain.ids import derived
from kartoteka.domain.model import Staff
from kartoteka.domain.office import Account, Form, Office
from kartoteka.domain.plan import Plan
from kartoteka.domain.template import Template
from kartoteka.ports import CellValue, Store
from sync.actions.offering import Asked, Command, Offer
from sync.columns import Cells, Column, Frame, Kind, Setting, View

Given: TypeAlias = Mapping[str, JsonValue]
Choices: TypeAlias = Callable[[Frame], list[str]]
_ID_LETTERS = 12


@dataclass(frozen=True, slots=True)
class Edited:
    """One cell that a person typed into a row of settings; `frame` has them as they are now."""

    setting: Setting
    column: str
    typed: str
    frame: Frame

    @property
    def expected(self) -> Given:
        """Return the version that the change is made on, as commands take it."""
        return expected(self.setting)


@dataclass(frozen=True, slots=True)
class New:
    """The command that a typed row becomes, and the row it will be; empty: known only then."""

    command: Command
    row: str = ""


@dataclass(frozen=True, slots=True)
class Page:
    """One tab of settings: its columns, rows, and what edits, new rows and removals become."""

    code: str
    columns: tuple[Column, ...]
    rows: Callable[[Frame, Store], Iterable[Setting]]
    change: Callable[[Edited], Command] | None = None
    add: Callable[[Mapping[str, str], Frame], New] | None = None
    drop: Callable[[Asked], Command] | None = None
    drops_to: Choices | None = None  # where the records of what is removed may go
    offers: tuple[Offer, ...] = ()  # what else a row can be told


def expected(row: Setting) -> Given:
    """Return the version of a row as commands take it."""
    return {} if row.version is None else {"expected": row.version.isoformat()}


def setting(
    row: str,
    key: tuple[str, ...],
    cells: Cells,
    record: Account | Form | Office | Plan | Staff | Template,
) -> Setting:
    """Return a row with the version of the record that it is a part of."""
    return Setting(row, key, cells, record.updated_at, record.updated_by)


def asked_for(asked: Asked) -> Setting:
    """Return the row that an action is about."""
    if asked.view.setting is None:
        raise TypeError("an action on settings needs a row of settings")
    return asked.view.setting


def shown(
    key: str,
    width: int,
    *,
    header: str = "",
    kind: Kind = Kind.TEXT,
    choices: Choices | None = None,
) -> Column:
    """Return a column that people read; in a new row they fill it in."""
    kind = Kind.CHOICE if choices is not None else kind
    return Column(key, header or key, width, partial(_cell, key), kind, choices=choices)


def typed(
    key: str,
    width: int,
    *,
    header: str = "",
    kind: Kind = Kind.TEXT,
    choices: Choices | None = None,
) -> Column:
    """Return a column that people change."""
    kind = Kind.CHOICE if choices is not None else kind
    show = partial(_cell, key)
    return Column(key, header or key, width, show, kind, editable=True, choices=choices)


def _cell(key: str, view: View, _frame: Frame) -> CellValue:
    if view.setting is None:
        raise TypeError("a row of settings is made of a setting")
    return view.setting.cells[key]


def named_id(prefix: str, *words: str) -> str:
    """Return an id for what a person named: small letters and digits, the same for one name."""
    return derived(prefix, *(word.strip().casefold() for word in words))[
        : len(prefix) + 1 + _ID_LETTERS
    ]


def yes_no(frame: Frame) -> list[str]:
    """Return the two words of a switch."""
    return [frame.say("setting_yes"), frame.say("setting_no")]
