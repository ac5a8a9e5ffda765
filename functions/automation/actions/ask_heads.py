"""Ask the heads who leads a deal whose amount has grown; nobody takes it silently; B6."""

from automation.rules import AskHeads
from kartoteka.domain.change import Actor
from kartoteka.domain.deal import Deal
from kartoteka.domain.guards import is_open
from kartoteka.domain.ids import StaffId, derived
from kartoteka.domain.model import Notice
from kartoteka.services.office import Desk
from kartoteka.services.unit import Unit, transact


def ask_heads(desk: Desk, plan: AskHeads, actor: Actor, cause: str) -> None:
    """Give each head one notice per threshold and deal, however often the amount passes it."""

    def work(unit: Unit) -> None:
        deal = unit.find(Deal, plan.deal_id)
        if deal is None or not is_open(deal):
            return
        unit.subject = deal.client_id or deal.id
        for head in desk.settings().heads():
            name = derived("no", deal.id, plan.rule_id, head.id)
            if unit.find(Notice, name) is None:
                unit.add(_notice(name, head.id, deal, unit))

    transact(desk.store, actor, cause, desk.now(), work=work)
    desk.waker.after_commit()


def _notice(name: str, staff_id: StaffId, deal: Deal, unit: Unit) -> Notice:
    return Notice(id=name, staff_id=staff_id, code="notice_amount", deal_id=deal.id, at=unit.now)
