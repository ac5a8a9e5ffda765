"""What a book is made of, as data: columns, tabs, the rows they show and for whose eyes."""

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from functools import cached_property
from typing import TypeAlias

from kartoteka.domain.access import BOOK, Level, Sight, level_of
from kartoteka.domain.catalogue import Company
from kartoteka.domain.change import Actor, ActorKind
from kartoteka.domain.deal import Deal
from kartoteka.domain.ids import StaffId
from kartoteka.domain.inbound import Inbound
from kartoteka.domain.model import Client, Entity, Lead, Pair, Staff, Task
from kartoteka.domain.office import Settings
from kartoteka.domain.payment import PaymentFact
from kartoteka.domain.pipeline import Stage
from kartoteka.domain.sales_paper import SalesPaper
from kartoteka.i18n import text
from kartoteka.ports import CellValue, Store
from sync.cells import is_cut, serial, shown
from sync.merge import Winner

ID, BASE = "id", "base"
ACTION, OUTCOME = "action", "outcome"  # what a person asks for in a row, and how it ended
FILED = "📎"  # behind words that lead to a client's files
FIGURES = "figures"  # instead of a kind of record: a tab that is drawn, not listed
PASTED = "pasted"  # the same: a tab into which people paste lists
ANYBODY = Actor(kind=ActorKind.STAFF, id="book", role=BOOK)  # whoever opens the team's book
Cells: TypeAlias = Mapping[str, CellValue]  # by column key
Filed: TypeAlias = Callable[[Actor, Settings, Entity], str]  # where a reader opens files of whom


class Kind(StrEnum):
    """What a column holds."""

    TEXT = "text"
    CHOICE = "choice"
    DATE = "date"
    MONEY = "money"
    NUMBER = "number"
    LINES = "lines"  # text of several lines, shown whole


@dataclass(frozen=True, slots=True)
class Entry:
    """One line of the journal, in the office's language."""

    id: str
    at: datetime
    who: str
    what: str
    about: str
    change: str = ""


@dataclass(frozen=True, slots=True)
class Setting:
    """One row of the office's settings, as people see it.

    `key` is what commands call it by; `version` is what a change of it names as `expected`, and
    `by` who made that version. `link` is where the text of a column with a link leads.
    """

    id: str
    key: tuple[str, ...]
    cells: Cells
    version: datetime | None = None
    by: str = ""
    link: str = ""


@dataclass(frozen=True, slots=True)
class View:
    """Everything one row is made of; each record as far as it exists and may be seen.

    Of a pair `client` is the left one and `other` the right one.
    """

    id: str
    lead: Lead | None = None
    client: Client | None = None
    task: Task | None = None
    entry: Entry | None = None
    deal: Deal | None = None
    company: Company | None = None
    pair: Pair | None = None
    other: Client | None = None
    inbound: Inbound | None = None
    payment: PaymentFact | None = None
    paper: SalesPaper | None = None
    staff: Staff | None = None
    setting: Setting | None = None
    counts: Mapping[str, int] | None = None  # of a person: today, overdue, unplanned

    @property
    def way(self) -> Entity | None:
        """Return the record that leads to the client of this row."""
        return self.deal or self.lead or self.task


@dataclass(frozen=True)
class Frame:
    """For whom a row is shown and in which office: its settings, people's labels, zone, language.

    `now` is the moment of the flush; without it nobody reads on what was once theirs. `files`
    makes the addresses of files; `intake_url` is what forms of the site are behind.
    """

    settings: Settings
    reader: Actor = ANYBODY
    now: datetime | None = None
    files: Filed | None = None
    intake_url: str = ""

    @property
    def locale(self) -> str:
        """Return the office's language."""
        return self.settings.office.locale

    @cached_property
    def is_for_all(self) -> bool:
        """Return whether it is the team's book, which holds only what everybody may read."""
        return self.reader == ANYBODY

    @cached_property
    def _labels(self) -> Mapping[str, str]:
        return {person.id: label(person, self.settings) for person in self.settings.staff}

    @cached_property
    def _stages(self) -> Mapping[tuple[str, str], str]:
        """Return the names of stages by pipeline and id; without a pipeline, of the first one."""
        named: dict[tuple[str, str], str] = {}
        for pipeline in self.settings.office.pipelines:
            for stage in pipeline.stages:
                named.setdefault((pipeline.id, stage.id), self.named(stage))
                named.setdefault(("", stage.id), self.named(stage))
        return named

    @cached_property
    def circle(self) -> frozenset[str]:
        """Return the reader and those who work in a pair with them."""
        me = self.reader.id
        person = self.settings.person(me)
        named = {person.pair} if person is not None and person.pair else set()
        return frozenset({me} | named | {p.id for p in self.settings.staff if p.pair == me})

    def sight(self, via: Entity | None = None) -> Sight:
        """Return how the reader sees records that `via` leads to."""
        return Sight(self.reader, self.settings, self.now, via)

    def lets(self, view: View, reads: tuple[str, ...]) -> bool:
        """Return whether the reader may read these fields (`kind.field`) of the row's records.

        The team's book holds only what everybody may read of every record; a test proves it, so
        its thousands of rows are not asked about one by one.
        """
        if self.is_for_all:
            return True
        for path in reads:
            kind, _, field = path.partition(".")
            record = getattr(view, kind)
            if record is None:
                continue
            via = view.way if isinstance(record, Client) else None
            if level_of(self.sight(via), record, field) < Level.READ:
                return False
        return True

    def date(self, moment: datetime | None) -> CellValue:
        """Return an instant as a cell, empty for none."""
        return "" if moment is None else serial(moment, self.settings.office.work.zone)

    def say(self, code: str, **facts: object) -> str:
        """Return a text in the office's language."""
        return text(code, self.locale, **facts)

    def person(self, staff_id: StaffId | None) -> str:
        """Return the label of a person, empty for nobody."""
        return self._labels.get(staff_id or "", "")

    def stage(self, stage_id: str, pipeline_id: str = "") -> str:
        """Return a stage's name in the office's language, its id if the office dropped it."""
        return self._stages.get((pipeline_id, stage_id), stage_id)

    def named(self, stage: Stage) -> str:
        """Return a stage's name in the office's language."""
        return stage.name_en if self.locale == "en" else stage.name


def label(person: Staff, settings: Settings) -> str:
    """Return the name of a person, with the address where two people share a name."""
    namesakes = sum(other.name.casefold() == person.name.casefold() for other in settings.staff)
    return person.name if namesakes == 1 else f"{person.name} ({person.email})"


@dataclass(frozen=True, slots=True)
class Span:
    """Time from `since` to before `until`; in the archive `name` is that of its book."""

    since: datetime
    until: datetime
    name: str = ""


@dataclass(frozen=True, slots=True)
class Column:
    """One column: its header is the text `col_<header>`; `winner` is its conflict rule.

    `reads` names the fields it shows (`kind.field`): who may not read them has no such column.
    `choices` gives the dropdown of a CHOICE column, `link` where its text leads. Width is in
    pixels; a hidden one has none.
    """

    key: str
    header: str
    width: int
    show: Callable[[View, Frame], CellValue]
    kind: Kind = Kind.TEXT
    editable: bool = False
    winner: Winner = Winner.STORE
    choices: Callable[[Frame], list[str]] | None = None
    reads: tuple[str, ...] = ()
    link: Callable[[View, Frame], str] | None = None

    @property
    def is_hidden(self) -> bool:
        """Return whether people do not see it: it serves colours."""
        return self.width == 0


def _everything(_view: View, _frame: Frame) -> bool:
    return True


@dataclass(frozen=True, slots=True)
class Tab:
    """One tab: rows of one kind of record; column A is the record id.

    A two-way tab has the base in its last column; a one-way tab is ours alone. `holds` says which
    of the records that the reader may read belong here; `adds` is the command that a row typed by
    hand becomes; `counted` is the column whose header shows the reader's counters; `actions` names
    what may be chosen in its column of actions; `lists` makes the rows of a tab of settings.
    `closed` gives the span of whose closed records the tab holds rows, `opens` says whether it
    holds open ones beside them.
    """

    key: str
    title: str
    sheet_id: int
    columns: tuple[Column, ...]
    two_way: bool = True
    entity: str = ""
    holds: Callable[[View, Frame], bool] = _everything
    adds: str = ""
    counted: str = ""
    actions: str = ""
    lists: Callable[[Frame, Store], Iterable[Setting]] | None = None
    closed: Callable[[Frame], Span] | None = None
    opens: bool = True

    @property
    def keys(self) -> tuple[str, ...]:
        """Return the keys of all columns in declared order, id first, base last."""
        named = (ID, *(column.key for column in self.columns))
        return (*named, BASE) if self.two_way else named

    @property
    def acts(self) -> bool:
        """Return whether its rows take actions."""
        return bool(self.actions)

    def column(self, key: str) -> Column | None:
        """Return the declared column with this key."""
        return next((column for column in self.columns if column.key == key), None)

    def row(self, view: View, frame: Frame) -> dict[str, CellValue]:
        """Return the row of a record by column key, as the store wants it and the reader may."""
        lets_all = frame.is_for_all
        return {
            column.key: _cell(column.show(view, frame))
            if lets_all or frame.lets(view, column.reads)
            else ""
            for column in self.columns
        }

    def links(self, view: View, frame: Frame) -> dict[str, str]:
        """Return where the cells of a record lead, by the keys of the columns that have links."""
        return {column.key: column.link(view, frame) for column in self.columns if column.link}


def _cell(value: CellValue) -> CellValue:
    return shown(value) if isinstance(value, str) else value


def name_of(view: View, _frame: Frame) -> CellValue:
    """Return whom the row is about."""
    if view.lead is not None:
        return view.lead.name
    if view.client is not None:
        return view.client.name
    if view.setting is not None:
        return next(iter(view.setting.cells.values()), "")
    if view.payment is not None:
        return view.payment.external
    return view.company.name if view.company is not None else ""


def is_too_long(view: View, key: str) -> bool:
    """Return whether the sheet shows only the beginning of this text."""
    record = view.deal or view.lead or view.client
    return is_cut(str(getattr(record, key, ""))) if record is not None else False


def people(frame: Frame) -> list[str]:
    """Return the labels of the active staff."""
    return [label(person, frame.settings) for person in frame.settings.staff if person.active]
