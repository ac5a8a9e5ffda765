"""What belongs in a calendar: tasks that people gave, and meetings; read with what they are about.

A meeting is a task, or the next step of a request or deal. A deadline that names a day only is
18:00 of that day: such a task comes into no calendar by itself, but one that a person moved to a
whole day there stays.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from typing import TypeAlias, TypeVar
from zoneinfo import ZoneInfo

from kartoteka.domain.calendar_rules import CalendarRules
from kartoteka.domain.deal import Deal
from kartoteka.domain.ids import StaffId
from kartoteka.domain.model import Client, Entity, Lead, Task
from kartoteka.domain.next_step import is_open
from kartoteka.domain.office import Settings
from kartoteka.domain.tasks_rules import ACTIVE, END_OF_DAY
from kartoteka.ports import Found, Order, Query, Store, Where

E = TypeVar("E", bound=Entity)
Record: TypeAlias = Task | Lead | Deal

MEETING = "meeting"
_KINDS: dict[str, type[Task] | type[Lead] | type[Deal]] = {"tk": Task, "ld": Lead, "dl": Deal}
_OPEN = ("ongoing", "open")


@dataclass(frozen=True, slots=True)
class Appointment:
    """Something that a person does at a time.

    Attributes:
        record: the task, or the request or deal whose next step it is.
        staff_id: whose calendar shows it.
        at: when it is; without an hour the end of that day.
        has_hour: False: a day only.
        is_over: it was done at its time or later: its event stays as what happened.
        client: whom it is about.
        about: request and deal, for the words that must not be shown.
    """

    record: Record
    staff_id: StaffId
    at: datetime
    has_hour: bool
    is_over: bool = False
    client: Client | None = None
    about: tuple[Lead | Deal, ...] = ()

    @property
    def is_meeting(self) -> bool:
        """Return whether people meet, or only something is to be done."""
        return not isinstance(self.record, Task) or self.record.what == MEETING

    @property
    def comes_alone(self) -> bool:
        """Return whether it is put into a calendar that does not show it yet."""
        return self.has_hour and not self.is_over


def ours(names: Iterable[str]) -> set[str]:
    """Return those ids that are of records which may be appointments."""
    return {name for name in names if name.partition("_")[0] in _KINDS}


def load(store: Store, names: Sequence[str], settings: Settings) -> dict[str, Appointment]:
    """Return the appointments among these records, by id of the record."""
    records: dict[str, Record] = {}
    for prefix, kind in _KINDS.items():
        records |= _many(store, kind, [it for it in names if it.startswith(f"{prefix}_")])
    found = {name: _appointment(record, settings) for name, record in records.items()}
    return _furnished(store, {name: one for name, one in found.items() if one is not None})


def of_person(store: Store, staff_id: StaffId) -> list[str]:
    """Return the open records in a person's hands that may be appointments."""
    places = (
        (Task.collection, "assignee_id", tuple(sorted(ACTIVE)), "due_at"),
        (Lead.collection, "owner_id", _OPEN, "next_at"),
        (Deal.collection, "owner_id", _OPEN, "next_at"),
    )
    found: list[Found] = []
    for collection, field, states, order in places:
        where = (Where(field, "==", staff_id), Where("state", "in", states))
        found += store.query(Query(collection, where, (Order(order),)))
    return [hit.id for hit in found]


def _many(store: Store, kind: type[E], names: Sequence[str]) -> dict[str, E]:
    docs = store.get_many(kind.collection, list(dict.fromkeys(names))) if names else {}
    return {name: kind.model_validate(doc) for name, doc in docs.items()}


def _appointment(record: Record, settings: Settings) -> Appointment | None:
    if isinstance(record, Task):
        return _of_task(record, settings)
    step = record.next_action
    if not is_open(record) or step is None or step.what != MEETING or step.task_id is not None:
        return None
    if record.owner_id is None:
        return None
    return Appointment(record, record.owner_id, step.due_at, has_hour=True)


def _of_task(task: Task, settings: Settings) -> Appointment | None:
    rules = settings.office.calendars
    is_over = task.state == "done" and task.done_at is not None and task.done_at >= task.due_at
    if task.assignee_id is None or not (task.state in ACTIVE or is_over):
        return None
    if not _is_shown(task, rules):
        return None
    local = task.due_at.astimezone(ZoneInfo(settings.office.work.zone))
    has_hour = task.what == MEETING or local.time() != END_OF_DAY
    return Appointment(task, task.assignee_id, task.due_at, has_hour, is_over)


def _is_shown(task: Task, rules: CalendarRules) -> bool:
    """Return whether such a task is shown: what machines give is no appointment.

    A personal task is nobody else's business: the office's account must not have it.
    """
    if task.personal and rules.accounts != "staff":
        return False
    return task.what == MEETING or (rules.tasks and task.setter_id is not None)


def _furnished(store: Store, found: dict[str, Appointment]) -> dict[str, Appointment]:
    """Return the appointments with the client, request and deal that each is about."""
    records = [one.record for one in found.values()]
    tasks = [record for record in records if isinstance(record, Task)]
    leads = _many(store, Lead, [it.lead_id for it in tasks if it.lead_id])
    deals = _many(store, Deal, [it.deal_id for it in tasks if it.deal_id])
    clients = _many(store, Client, [it.client_id for it in records if it.client_id])
    return {
        name: replace(
            one,
            client=clients.get(one.record.client_id or ""),
            about=_about(one.record, leads, deals),
        )
        for name, one in found.items()
    }


def _about(
    record: Record, leads: Mapping[str, Lead], deals: Mapping[str, Deal]
) -> tuple[Lead | Deal, ...]:
    if not isinstance(record, Task):
        return (record,)
    lead, deal = leads.get(record.lead_id or ""), deals.get(record.deal_id or "")
    return tuple(it for it in (lead, deal) if it is not None)
