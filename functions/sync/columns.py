"""The columns of the office's books, as data: the only place that knows their names."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from typing import TypeAlias

from kartoteka.domain.ids import StaffId
from kartoteka.domain.model import Client, Lead, Staff, Task
from kartoteka.domain.office import Settings
from kartoteka.i18n import text
from kartoteka.ports import CellValue
from sync.cells import is_cut, serial, shown
from sync.merge import Winner

ID, BASE = "id", "base"
Cells: TypeAlias = Mapping[str, CellValue]  # by column key


class Kind(StrEnum):
    """What a column holds."""

    TEXT = "text"
    CHOICE = "choice"
    DATE = "date"


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
class View:
    """Everything one row is made of; `client` and `lead` as far as they exist."""

    id: str
    lead: Lead | None = None
    client: Client | None = None
    task: Task | None = None
    entry: Entry | None = None


@dataclass(frozen=True)
class Frame:
    """The office in which a row is shown: its settings, people's labels, zone and language."""

    settings: Settings

    @property
    def locale(self) -> str:
        """Return the office's language."""
        return self.settings.office.locale

    def date(self, moment: datetime | None) -> CellValue:
        """Return an instant as a cell, empty for none."""
        return "" if moment is None else serial(moment, self.settings.office.work.zone)

    def say(self, code: str, **facts: object) -> str:
        """Return a text in the office's language."""
        return text(code, self.locale, **facts)

    def person(self, staff_id: StaffId | None) -> str:
        """Return the label of a person, empty for nobody."""
        person = self.settings.person(staff_id)
        return "" if person is None else label(person, self.settings)

    def stage(self, stage_id: str) -> str:
        """Return a stage's name in the office's language, its id if the office dropped it."""
        for pipeline in self.settings.office.pipelines:
            for stage in pipeline.stages:
                if stage.id == stage_id:
                    return stage.name_en if self.locale == "en" else stage.name
        return stage_id


def label(person: Staff, settings: Settings) -> str:
    """Return the name of a person, with the address where two people share a name."""
    namesakes = sum(other.name.casefold() == person.name.casefold() for other in settings.staff)
    return person.name if namesakes == 1 else f"{person.name} ({person.email})"


@dataclass(frozen=True, slots=True)
class Column:
    """One column: its header is the text `col_<header>`; `winner` is its conflict rule.

    `choices` gives the dropdown of a CHOICE column. Width is in pixels.
    """

    key: str
    header: str
    width: int
    show: Callable[[View, Frame], CellValue]
    kind: Kind = Kind.TEXT
    editable: bool = False
    winner: Winner = Winner.STORE
    choices: Callable[[Frame], list[str]] | None = None


@dataclass(frozen=True, slots=True)
class Tab:
    """One tab: rows of one kind of record; column A is the record id.

    A two-way tab has the base in its last column; a one-way tab is ours alone.
    """

    key: str
    title: str
    sheet_id: int
    columns: tuple[Column, ...]
    two_way: bool = True

    @property
    def keys(self) -> tuple[str, ...]:
        """Return the keys of all columns in declared order, id first, base last."""
        named = (ID, *(column.key for column in self.columns))
        return (*named, BASE) if self.two_way else named

    def column(self, key: str) -> Column | None:
        """Return the declared column with this key."""
        return next((column for column in self.columns if column.key == key), None)

    def row(self, view: View, frame: Frame) -> dict[str, CellValue]:
        """Return the row of a record by column key, as the store wants it."""
        return {column.key: _cell(column.show(view, frame)) for column in self.columns}


def _cell(value: CellValue) -> CellValue:
    return shown(value) if isinstance(value, str) else value


def name_of(view: View, _frame: Frame) -> CellValue:
    """Return whom the row is about."""
    if view.lead is not None:
        return view.lead.name
    return view.client.name if view.client is not None else ""


def reach_of(view: View, _frame: Frame) -> CellValue:
    """Return how the client is reached: telephone numbers, or else addresses."""
    if view.task is not None and view.task.phone:
        return view.task.phone
    if view.client is None:
        return ""
    return ", ".join(view.client.phones or view.client.emails)


def is_too_long(view: View, key: str) -> bool:
    """Return whether the sheet shows only the beginning of this text."""
    whole = {"name": view.lead.name, "note": view.lead.note} if view.lead is not None else {}
    return is_cut(whole.get(key, ""))


def _stage(view: View, frame: Frame) -> CellValue:
    return frame.stage(view.lead.stage) if view.lead is not None else ""


def _owner(view: View, frame: Frame) -> CellValue:
    return frame.person(view.lead.owner_id) if view.lead is not None else ""


def _next_step(view: View, frame: Frame) -> CellValue:
    action = view.lead.next_action if view.lead is not None else None
    return frame.say(f"task_{action.what}") if action is not None else ""


def _next_due(view: View, frame: Frame) -> CellValue:
    return frame.date(view.lead.next_at if view.lead is not None else None)


def _source(view: View, _frame: Frame) -> CellValue:
    return view.lead.first_touch.name if view.lead is not None else ""


def _note(view: View, _frame: Frame) -> CellValue:
    return view.lead.note if view.lead is not None else ""


def _created(view: View, frame: Frame) -> CellValue:
    return frame.date(view.lead.created_at if view.lead is not None else None)


def _title(view: View, _frame: Frame) -> CellValue:
    return view.task.title if view.task is not None else ""


def _assignee(view: View, frame: Frame) -> CellValue:
    return frame.person(view.task.assignee_id) if view.task is not None else ""


def _task_due(view: View, frame: Frame) -> CellValue:
    return frame.date(view.task.due_at if view.task is not None else None)


def _state(view: View, frame: Frame) -> CellValue:
    return frame.say(f"state_{view.task.state}") if view.task is not None else ""


def stages(frame: Frame) -> list[str]:
    """Return the names of the stages in their order."""
    found = frame.settings.office.leads.stages
    return [stage.name_en if frame.locale == "en" else stage.name for stage in found]


def people(frame: Frame) -> list[str]:
    """Return the labels of the active staff."""
    return [label(person, frame.settings) for person in frame.settings.staff if person.active]


def states(frame: Frame) -> list[str]:
    """Return what a person may choose as the state of a task."""
    return [frame.say("state_open"), frame.say("state_done")]


LEADS = Tab(
    key="leads",
    title="tab_leads",
    sheet_id=1001,
    columns=(
        Column("name", "name", 190, name_of, editable=True, winner=Winner.SHEET),
        Column("phone", "phone", 130, reach_of),
        Column("stage", "stage", 205, _stage, Kind.CHOICE, editable=True, choices=stages),
        Column(
            "owner", "owner", 150, _owner, Kind.CHOICE,
            editable=True, winner=Winner.SHEET, choices=people,
        ),
        Column("next", "next", 190, _next_step),
        Column("due", "due", 125, _next_due, Kind.DATE),
        Column("source", "source", 110, _source),
        Column("note", "note", 260, _note, editable=True, winner=Winner.SHEET),
        Column("created", "created", 125, _created, Kind.DATE),
    ),
)  # fmt: skip

TASKS = Tab(
    key="tasks",
    title="tab_tasks",
    sheet_id=1002,
    columns=(
        Column("what", "what", 260, _title),
        Column("client", "client", 190, name_of),
        Column("phone", "phone", 130, reach_of),
        Column("who", "who", 150, _assignee),
        Column("due", "due", 125, _task_due, Kind.DATE),
        Column("state", "state", 110, _state, Kind.CHOICE, editable=True, choices=states),
    ),
)


def _entry(view: View) -> Entry:
    if view.entry is None:
        raise TypeError("a row of the journal is made of an entry")
    return view.entry


JOURNAL = Tab(
    key="journal",
    title="tab_journal",
    sheet_id=1003,
    columns=(
        Column("at", "at", 125, lambda view, frame: frame.date(_entry(view).at), Kind.DATE),
        Column("by", "by", 150, lambda view, _: _entry(view).who),
        Column("did", "did", 190, lambda view, _: _entry(view).what),
        Column("about", "about", 190, lambda view, _: _entry(view).about),
        Column("change", "change", 420, lambda view, _: _entry(view).change),
    ),
    two_way=False,
)

TWO_WAY: tuple[Tab, ...] = (LEADS, TASKS)
TABS: tuple[Tab, ...] = (*TWO_WAY, JOURNAL)
