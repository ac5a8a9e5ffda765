"""A campaign goes in portions: each a task of the queue, as long as its sender may send.

The task of the next portion is named by when it is due, so it is one task whoever asks. The tick
asks again for what a crash has lost.
"""

from collections.abc import Iterator
from datetime import datetime, timedelta

from kartoteka.domain.errors import NotFound
from kartoteka.domain.ids import StaffId, derived
from kartoteka.domain.instant import spell
from kartoteka.domain.mailing import RUNNING, Campaign, Recipient
from kartoteka.domain.model import Notice
from kartoteka.ports import Order, Query, QueuedTask, Where
from kartoteka.services import allowances, campaign_planning
from kartoteka.services.office import Desk
from kartoteka.services.posting_texts import account_of
from kartoteka.services.postings import ACTOR, LEASE, Outcome, Outlet, deliver
from kartoteka.services.unit import Unit, transact

QUEUE = "messages"
_CAMPAIGN, _POSTING = "/automation/task/campaign", "/automation/task/posting"
_PLANNED_AT_ONCE = 10_000
_LOOKED_AT = 1_000  # recipients of one portion, those not written to included
_LONGEST = timedelta(minutes=4)  # of a portion
_MINUTE = timedelta(minutes=1)
_HORIZON = timedelta(days=29)  # the queue takes tasks at most 30 days ahead; the tick asks later
_LATE = timedelta(minutes=2)
_MOST = 100


def hand_over(desk: Desk, campaign: Campaign, *, again: str = "") -> None:
    """Ask the queue for the next portion; asked twice it is one task."""
    if campaign.next_at is None or campaign.next_at - desk.now() > _HORIZON:
        return
    name = derived("campaign", campaign.id, spell(campaign.next_at), again)
    payload = {"campaign": campaign.id}
    desk.tasks.enqueue(QueuedTask(QUEUE, name, _CAMPAIGN, payload, campaign.next_at))


def hand_over_one(desk: Desk, recipient_id: str, at: datetime, *, again: str = "") -> None:
    """Ask the queue for one recipient: a step of a series, or one that was left behind."""
    name = derived("posting", recipient_id, spell(at), again)
    desk.tasks.enqueue(QueuedTask(QUEUE, name, _POSTING, {"recipient": recipient_id}, at))


def portion(desk: Desk, outlet: Outlet, campaign_id: str) -> str:
    """Return what the portion did: planned, waits, done or stopped.

    Raises:
        Transient: the store or the queue does not answer; the queue repeats.
    """
    doc = desk.store.get(Campaign.collection, campaign_id)
    campaign = Campaign.model_validate(doc) if doc else None
    if campaign is None or campaign.state not in RUNNING:
        return "stopped"
    if campaign.state == "planning":
        campaign = campaign_planning.plan(desk, campaign, most=_PLANNED_AT_ONCE)
        return _moved(desk, campaign.id, desk.now(), "planned")
    ended = _sent_all(desk, outlet, campaign)
    if ended == "closed":
        return _closed(desk, campaign.id)
    return _next(desk, campaign, desk.now() + (_MINUTE if ended == "pause" else timedelta()))


def one(desk: Desk, outlet: Outlet, recipient_id: str) -> Outcome:
    """Return how far one recipient is; it comes again when it has to wait."""
    outcome = deliver(desk, outlet, recipient_id)
    doc = desk.store.get(Recipient.collection, recipient_id)
    if doc is not None and outcome in {"later", "pause", "busy", "closed"}:
        due = Recipient.model_validate(doc).due_at
        soonest = desk.now() + (LEASE if outcome in {"busy", "closed"} else _MINUTE)
        hand_over_one(desk, recipient_id, max(due, soonest))
    return outcome


def heal(desk: Desk) -> int:
    """Ask again for portions and recipients whose task was lost; returns how many."""
    before, again = spell(desk.now() - _LATE), f"{desk.now():%Y-%m-%d %H:%M}"
    where = (Where("state", "in", tuple(sorted(RUNNING))), Where("next_at", "<=", before))
    late = [
        Campaign.model_validate(hit.doc)
        for hit in desk.store.query(Query(Campaign.collection, where, limit=_MOST))
    ]
    for campaign in late:
        hand_over(desk, campaign, again=again)
    broken = list(_left_behind(desk))
    for recipient_id in broken:
        hand_over_one(desk, recipient_id, desk.now(), again=again[:-1])
    return len(late) + len(broken)


def _left_behind(desk: Desk) -> Iterator[str]:
    before = spell(desk.now() - LEASE)
    where = (Where("state", "==", "sending"), Where("sending_at", "<=", before))
    return (hit.id for hit in desk.store.query(Query(Recipient.collection, where, limit=_MOST)))


def _sent_all(desk: Desk, outlet: Outlet, campaign: Campaign) -> Outcome:
    """Return why the portion ended: `closed`, `pause`, or `done` with those who were due."""
    until = desk.now() + _LONGEST
    for recipient_id in _due(desk, campaign):
        outcome = deliver(desk, outlet, recipient_id)
        if outcome in {"closed", "pause", "stopped"}:
            return outcome
        if desk.now() > until:
            break
    return "done"


def _due(desk: Desk, campaign: Campaign) -> list[str]:
    where = (
        Where("campaign_id", "==", campaign.id),
        Where("state", "==", "planned"),
        Where("due_at", "<=", spell(desk.now())),
    )
    query = Query(Recipient.collection, where, limit=_LOOKED_AT)
    return [hit.id for hit in desk.store.query(query)]


def _next(desk: Desk, campaign: Campaign, soonest: datetime) -> str:
    """Plan the next portion, or end the campaign when nobody is left."""
    planned = _first(desk, campaign, "planned")
    if planned is not None:
        chance = max(planned.due_at, soonest, _chance(desk, campaign))
        return _moved(desk, campaign.id, chance, "waits")
    if _first(desk, campaign, "sending") is not None:
        return _moved(desk, campaign.id, desk.now() + LEASE, "waits")
    return _moved(desk, campaign.id, None, "done")


def _first(desk: Desk, campaign: Campaign, state: str) -> Recipient | None:
    where = (Where("campaign_id", "==", campaign.id), Where("state", "==", state))
    query = Query(Recipient.collection, where, (Order("due_at"),), limit=1)
    return next((Recipient.model_validate(hit.doc) for hit in desk.store.query(query)), None)


def _chance(desk: Desk, campaign: Campaign) -> datetime:
    """Return when its sender may send again; a chat has no sender of its own."""
    settings = desk.settings()
    if campaign.words.medium == "chat":
        return desk.now()
    try:
        account = account_of(settings, campaign.words)
    except NotFound:
        return desk.now()

    def work(unit: Unit) -> datetime:
        return allowances.next_chance(unit, settings, account)

    return transact(desk.store, ACTOR, "portion", desk.now(), work=work)


def _moved(desk: Desk, campaign_id: str, at: datetime | None, outcome: str) -> str:
    def work(unit: Unit) -> Campaign | None:
        now = unit.need(Campaign, campaign_id)
        if now.state not in RUNNING:
            return None
        update: dict[str, object] = {"next_at": at}
        update |= {"state": "done", "ended_at": unit.now} if at is None else {}
        moved = now.model_copy(update=update)
        unit.keep(moved, shown=("name", "state") if at is None else ())
        return moved

    campaign = transact(desk.store, ACTOR, "portion", desk.now(), work=work)
    if campaign is None:
        return "stopped"
    hand_over(desk, campaign)
    return outcome


def _closed(desk: Desk, campaign_id: str) -> str:
    """Stop a campaign whose sender is not connected, and tell its author."""

    def work(unit: Unit) -> None:
        now = unit.need(Campaign, campaign_id)
        if now.state not in RUNNING:
            return
        update = {"state": "stopped", "why": "posting_no_key", "next_at": None}
        unit.keep(now.model_copy(update=update), shown=("name", "state", "why"))
        name = derived("no", "campaign", now.id, spell(unit.now))
        staff = StaffId(now.author_id)
        unit.save(Notice(id=name, staff_id=staff, code="notice_campaign_stopped", at=unit.now))

    transact(desk.store, ACTOR, "portion", desk.now(), work=work)
    desk.waker.after_commit()
    return "stopped"
