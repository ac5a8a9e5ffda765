"""What a person has before them, each with the buttons of a notice; nothing of it is stored."""

from kartoteka.domain.deal import Deal
from kartoteka.domain.ids import DealId, LeadId, StaffId, TaskId
from kartoteka.domain.model import Lead, Notice, Task
from kartoteka.domain.notice_rules import MINE
from kartoteka.services import digests
from kartoteka.services.notice_settings import heard
from kartoteka.services.notice_words import Words, words
from kartoteka.services.office import Desk
from kartoteka.services.people import actor
from kartoteka.services.read import Look

_MOST = 5  # messages of one answer


def mine(desk: Desk, person: StaffId) -> tuple[Words, ...]:
    """Return the first things of a person's plan, as notices of them would read."""
    settings = heard(desk, person)
    staff = settings.person(person)
    if staff is None:
        return ()
    look = Look(desk.store, settings, actor(staff, settings), desk.now())
    found = (about(desk, name, person) for name in digests.first_things(look, _MOST))
    return tuple(words(desk, it, staff, settings) for it in found if it is not None)


def about(desk: Desk, record_id: str, person: StaffId) -> Notice | None:
    """Return what stands for a notice of this record, None when there is no such record.

    What may be read and pressed follows from the person's rights, as with any notice.
    """
    task = desk.store.get(Task.collection, record_id)
    lead = desk.store.get(Lead.collection, record_id) if task is None else None
    deal = desk.store.get(Deal.collection, record_id) if task is None and lead is None else None
    if task is None and lead is None and deal is None:
        return None
    return Notice(
        id=record_id,
        staff_id=person,
        code=MINE,
        task_id=TaskId(record_id) if task is not None else None,
        lead_id=LeadId(record_id) if lead is not None else None,
        deal_id=DealId(record_id) if deal is not None else None,
        at=desk.now(),
    )
