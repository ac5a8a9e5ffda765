"""What a shop told of an order, behind its taking in: who works on it hears, its day counts; A11.

The order's bond keeps what nobody was told of yet, so that the intake neither writes notices nor
the line of the day, which all orders of a shop would share. Whoever empties it tells and counts in
the same transaction: once, however often it is asked.
"""

from collections.abc import Mapping, Sequence
from datetime import datetime
from zoneinfo import ZoneInfo

from kartoteka.domain.change import Actor
from kartoteka.domain.deal import Deal
from kartoteka.domain.errors import NotFound
from kartoteka.domain.exchange import BY_FILES, Exchange
from kartoteka.domain.ids import derived
from kartoteka.domain.office import Settings
from kartoteka.domain.order import Order, Telling
from kartoteka.domain.shop_rules import ShopRules
from kartoteka.services.exchange_sessions import counted
from kartoteka.services.notices import tell
from kartoteka.services.office import Desk
from kartoteka.services.unit import Unit, transact

USUAL = ShopRules()


def spread(desk: Desk, actor: Actor, name: str, cause: str) -> bool:
    """Return whether there was news of the order: told and counted, it is none any more."""
    settings = desk.settings()

    def work(unit: Unit) -> bool:
        bond = unit.find(Order, name)
        if bond is None or not bond.untold:
            return False
        deal = unit.find(Deal, bond.deal_id)
        if deal is not None:
            unit.subject = deal.client_id or deal.id
            _tell(unit, settings, bond, deal)
        if bond.channel != BY_FILES:  # of those the file is counted
            _count(unit, settings, bond)
        unit.save(bond.model_copy(update={"untold": ()}))
        return True

    done = transact(desk.store, actor, cause, desk.now(), work=work)
    if done:
        desk.waker.after_commit()
    return done


def rules_of_account(settings: Settings, channel: str, account: str) -> ShopRules:
    """Return what the office wants of the orders of this account."""
    try:
        return settings.account(channel, account).shop or USUAL
    except NotFound:  # of an account that is gone
        return USUAL


def day_of(settings: Settings, at: datetime) -> str:
    """Return the office's day of a moment."""
    return at.astimezone(ZoneInfo(settings.office.work.zone)).date().isoformat()


def count_day(
    unit: Unit,
    place: tuple[str, str],
    day: str,
    *,
    counts: Mapping[str, int],
    faults: Sequence[str] = (),
) -> None:
    """Add to the line of «Обмены» of a channel's account on a day of the office.

    Once per unit: what is kept here it does not read again. What changed nothing is no news for
    the books.
    """
    channel, account = place
    name = derived("xc", channel, account, day)
    line = unit.find(Exchange, name) or Exchange(
        id=name, channel=channel, account=account, what="orders", file=day, at=unit.now
    )
    turned = counted(line, counts, faults)
    shown = ("received",) if counts.keys() - {"received", "unchanged"} else ()
    unit.keep(turned.model_copy(update={"state": "done", "done_at": unit.now}), shown=shown)


def _tell(unit: Unit, settings: Settings, bond: Order, deal: Deal) -> None:
    """Keep the notices for whoever works on the deal, and for the team told of orders."""
    team, owner = rules_of_account(settings, bond.channel, bond.account).notify_team, deal.owner_id
    people = {p.id for p in settings.staff if team and p.team == team and p.active}
    for staff_id in sorted(people | ({owner} if owner else set())):
        for telling in bond.untold:
            for code in telling.news:
                tell(unit, staff_id, code, deal, at=telling.at)


def _count(unit: Unit, settings: Settings, bond: Order) -> None:
    place = (bond.channel, bond.account)
    days: dict[str, list[Telling]] = {}
    for telling in bond.untold:
        days.setdefault(day_of(settings, telling.at), []).append(telling)
    for day, told in days.items():
        made = sum(telling.first for telling in told)
        counts = {"received": len(told), "created": made, "updated": len(told) - made}
        count_day(unit, place, day, counts=counts)
