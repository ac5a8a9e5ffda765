"""Tell people of the office; the text is made when it is shown, in their language."""

from datetime import datetime

from kartoteka.domain.change import Actor
from kartoteka.domain.deal import Deal
from kartoteka.domain.errors import NotAllowed
from kartoteka.domain.ids import StaffId, derived
from kartoteka.domain.instant import spell
from kartoteka.domain.model import Lead, Notice, Task
from kartoteka.services.office import Desk
from kartoteka.services.unit import Unit, transact


def tell(
    unit: Unit,
    staff_id: str,
    code: str,
    about: Lead | Deal | Task,
    *,
    at: datetime | None = None,
    proposal: str | None = None,
) -> Notice:
    """Keep a notice for a person in the same transaction; one of each kind per act.

    Whoever acts is not told of their own act: check that before. `at`: when it happened, if that
    is told later. `proposal`: what the person is asked to accept.
    """
    at = at or unit.now
    return unit.save(
        Notice(
            id=derived("no", about.id, staff_id, code, spell(at)),
            staff_id=StaffId(staff_id),
            code=code,
            lead_id=about.id if isinstance(about, Lead) else getattr(about, "lead_id", None),
            deal_id=about.id if isinstance(about, Deal) else getattr(about, "deal_id", None),
            task_id=about.id if isinstance(about, Task) else None,
            proposal_id=proposal,
            at=at,
        )
    )


def mark_seen(desk: Desk, actor: Actor, notice_id: str, *, cause: str) -> Notice:
    """Return the notice as seen by the person it is for; seen twice is seen once.

    Raises:
        NotAllowed: it is for somebody else.
    """

    def work(unit: Unit) -> Notice:
        notice = unit.need(Notice, notice_id)
        if actor.is_person and actor.id != notice.staff_id:
            raise NotAllowed("the notice is for somebody else", code="notice_foreign")
        if notice.seen_at is not None:
            return notice
        return unit.save(notice.model_copy(update={"seen_at": unit.now}))

    notice = transact(desk.store, actor, cause, desk.now(), work=work)
    desk.waker.after_commit()
    return notice
