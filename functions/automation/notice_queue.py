"""A new notice is handed to the queue that brings it to its person."""

from automation.rules import Deliver
from kartoteka.domain.change import Actor
from kartoteka.domain.model import Notice
from kartoteka.services import notice_delivery
from kartoteka.services.office import Desk


def deliver(desk: Desk, plan: Deliver, _actor: Actor, _cause: str) -> None:
    """Ask for the delivery of a notice that is there still and has a way to its person.

    Raises:
        Transient: the queue does not answer; the drain is repeated.
    """
    doc = desk.store.get(Notice.collection, plan.notice_id)
    notice = Notice.model_validate(doc) if doc is not None else None
    if notice is not None and notice_delivery.may_go_out(desk, notice):
        notice_delivery.hand_over(desk, notice)
