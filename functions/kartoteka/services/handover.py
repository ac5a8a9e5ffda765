"""A lead changes hands: taken from the free ones, or given with its tasks; B9, B11."""

from datetime import timedelta

from kartoteka.domain.access import Operation, can
from kartoteka.domain.deal import Deal
from kartoteka.domain.errors import Invalid, NotAllowed
from kartoteka.domain.ids import StaffId
from kartoteka.domain.model import Client, Lead, Reader, Staff
from kartoteka.domain.next_step import OPEN
from kartoteka.domain.office import Settings
from kartoteka.ports import Query, Where
from kartoteka.services.next_step import open_tasks
from kartoteka.services.notices import tell
from kartoteka.services.people import actor
from kartoteka.services.unit import Unit

READS_ON = timedelta(days=7)
MOST_WAITING = 5  # leads a person may have taken without having called
MOST_TASKS = 200  # move in one transaction


def give(unit: Unit, settings: Settings, lead: Lead, staff_id: str) -> Lead:
    """Return the lead with its new owner; client and open tasks follow in the same transaction.

    The old owner is told and reads on for seven days. Who gives a free lead to themselves takes
    it, with the limit that holds for taking.

    Raises:
        Invalid: the person is unknown, has left or works with no leads, or there are too many
            tasks to move.
        NotAllowed: five leads wait for a first call already.
    """
    person = settings.person(staff_id)
    if person is None or not person.active:
        raise Invalid(
            f"nobody here is {staff_id!r}",
            fields={"owner": "staff_unknown"},
            code="staff_unknown",
        )
    if lead.owner_id == person.id:
        return lead
    _check_fit(settings, lead, person)
    if lead.owner_id is None and unit.actor.id == person.id:
        check_limit(unit, person)
    move_tasks(unit, lead, person.id)
    if lead.owner_id is not None and lead.owner_id != unit.actor.id:
        tell(unit, lead.owner_id, "notice_lead_gone", lead)
    update = {"owner_id": person.id, "readers": readers_after(unit, lead), "updated_at": unit.now}
    client = unit.need(Client, lead.client_id)
    unit.save(client.model_copy(update={"owner_id": person.id, "updated_at": unit.now}))
    return unit.save(lead.model_copy(update=update))


def _check_fit(settings: Settings, lead: Lead, person: Staff) -> None:
    """Refuse an owner whose role could not work with the lead: it would lie there for ever."""
    theirs = lead.model_copy(update={"owner_id": person.id})
    hands = actor(person, settings)
    if not can(hands, Operation.CHANGE, theirs, field="stage", within=settings):
        raise Invalid(
            f"{person.id} works with no leads",
            fields={"owner": "owner_unfit"},
            code="owner_unfit",
            name=person.name,
        )


def take(unit: Unit, settings: Settings, lead: Lead) -> Lead:
    """Return the free lead in the actor's hands; who comes second hears who was first.

    Raises:
        NotAllowed: somebody has it, or five leads of yours wait for a first call.
    """
    if lead.owner_id is not None and lead.owner_id != unit.actor.id:
        owner = settings.person(lead.owner_id)
        name = owner.name if owner else lead.owner_id
        raise NotAllowed(f"{name} was first", code="already_taken", name=name)
    return give(unit, settings, lead, unit.actor.id)


def check_limit(unit: Unit, person: Staff) -> None:
    """Refuse one more lead to a person who has not called those they have.

    Raises:
        NotAllowed: says how many wait.
    """
    where = (
        Where("owner_id", "==", person.id),
        Where("state", "in", tuple(sorted(OPEN))),
        Where("touched_at", "==", None),
    )
    waiting = unit.search(Lead, Query("leads", where, limit=MOST_WAITING))
    if len(waiting) >= MOST_WAITING:
        raise NotAllowed(
            f"{MOST_WAITING} leads wait for a first call", code="take_limit", count=MOST_WAITING
        )


def move_tasks(unit: Unit, record: Lead | Deal, owner: StaffId) -> None:
    """Give the owner's open tasks of the record to its next owner.

    Raises:
        Invalid: there are too many for one transaction.
    """
    found = open_tasks(unit, record, MOST_TASKS + 1)
    if len(found) > MOST_TASKS:
        raise Invalid(
            f"more than {MOST_TASKS} open tasks: close some of them first",
            fields={record.kind: "tasks"},
            code="handover_tasks",
            count=MOST_TASKS,
        )
    for task in found:
        if task.assignee_id == record.owner_id:
            update = {"assignee_id": owner, "updated_at": unit.now}
            unit.save(task.model_copy(update=update))


def readers_after(unit: Unit, record: Lead | Deal) -> tuple[Reader, ...]:
    """Return who reads on when the record leaves its owner: the owner too, for seven days."""
    kept = tuple(item for item in record.readers if item.until > unit.now)
    if record.owner_id is None:
        return kept
    others = tuple(item for item in kept if item.staff_id != record.owner_id)
    return (*others, Reader(staff_id=record.owner_id, until=unit.now + READS_ON))
