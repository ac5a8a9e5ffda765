"""After a won sale: its owner is asked when to sell again, further offers are planned."""

from datetime import timedelta

from automation.rules import CROSS_SELL, AfterWin, deal_timer
from kartoteka.domain.change import Actor
from kartoteka.domain.deal import Deal
from kartoteka.domain.ids import StaffId, derived
from kartoteka.domain.model import Notice, Timer
from kartoteka.services import cross_sell
from kartoteka.services.office import Desk
from kartoteka.services.unit import Unit, transact


def after_win(desk: Desk, plan: AfterWin, actor: Actor, cause: str) -> list[Timer]:
    """Return the timers of the offers that follow; done twice it is done once."""

    def work(unit: Unit) -> list[Timer]:
        deal = unit.find(Deal, plan.deal_id)
        settings = desk.settings()
        if deal is None or deal.state != "won" or deal.pipeline not in settings.office.sales:
            return []
        unit.subject = deal.client_id or deal.id
        _ask_to_repeat(unit, desk, deal)
        cross_sell.accept(unit, deal)
        return [
            _offer(desk, deal, row.id, row.after_days)
            for row in cross_sell.rows_for(settings, deal)
        ]

    planned = transact(desk.store, actor, cause, desk.now(), work=work)
    desk.waker.after_commit()
    return planned


def _offer(desk: Desk, deal: Deal, row_id: str, days: int) -> Timer:
    since = (deal.won_at or deal.updated_at) + timedelta(days=days)
    due = desk.settings().office.work.add_minutes(since, 0)
    return deal_timer(f"{CROSS_SELL}:{row_id}", deal.id, due, None)


def _ask_to_repeat(unit: Unit, desk: Desk, deal: Deal) -> None:
    owner = desk.settings().person(deal.owner_id)
    if owner is None or not owner.active or deal.repeat_at is not None:
        return
    name = derived("no", deal.id, str(deal.stage_version), "repeat_offer")
    if unit.find(Notice, name) is None:
        notice = Notice(
            id=name,
            staff_id=StaffId(owner.id),
            code="notice_repeat_offer",
            deal_id=deal.id,
            at=unit.now,
        )
        unit.add(notice)
