"""The audience becomes recipients: page by page, each page one transaction with the place reached.

A crash loses at most a page that was not kept; a repeated call goes on where the last page ended.
"""

from functools import partial

from kartoteka.domain.ids import ClientId
from kartoteka.domain.mailing import Campaign, Recipient, recipient_id
from kartoteka.domain.segment import Member
from kartoteka.ports import Query, Where
from kartoteka.services.office import Desk
from kartoteka.services.postings import ACTOR
from kartoteka.services.unit import Unit, transact

_PAGE = 400  # a transaction of Firestore holds 500 writes
PLANNED = "end"  # the place behind the last client


def plan(desk: Desk, campaign: Campaign, *, most: int) -> Campaign:
    """Return the campaign with at most `most` clients more planned; all planned, it is running."""
    done = 0
    while campaign.state == "planning" and done < most:
        ids, cursor = page(desk, campaign)
        keep = partial(_kept, seen=campaign, ids=ids, cursor=cursor)
        campaign = transact(desk.store, ACTOR, "plan", desk.now(), work=keep)
        done += len(ids)
    return campaign


def page(desk: Desk, campaign: Campaign, size: int = _PAGE) -> tuple[list[str], str]:
    """Return the next clients of the audience, and the place behind them."""
    if not campaign.segment:
        begin = int(campaign.cursor or 0)
        ids = list(dict.fromkeys(campaign.clients))[begin : begin + size]
        return list(ids), str(begin + len(ids)) if len(ids) == size else PLANNED
    where = (Where("segment_id", "==", campaign.segment),)
    query = Query(Member.collection, where, limit=size, after=campaign.cursor or None)
    hits = list(desk.store.query(query))
    cursor = hits[-1].cursor if len(hits) == size else PLANNED
    return [str(hit.doc["client_id"]) for hit in hits], cursor


def _kept(unit: Unit, *, seen: Campaign, ids: list[str], cursor: str) -> Campaign:
    """Keep a page of recipients, unless somebody else planned it meanwhile."""
    now = unit.need(Campaign, seen.id)
    if now.state != "planning" or now.cursor != seen.cursor:
        return now
    names = [recipient_id(now.secret, client) for client in ids]
    known = unit.find_many(Recipient, names) if names else {}
    for name, client in zip(names, ids, strict=True):
        if name not in known:
            unit.keep(_recipient(unit, now, name, client))
    update = {"cursor": cursor, "planned": now.planned + len(ids) - len(known)}
    update |= {"state": "running"} if cursor == PLANNED else {}
    moved = now.model_copy(update=update)
    unit.keep(moved)
    return moved


def _recipient(unit: Unit, campaign: Campaign, name: str, client: str) -> Recipient:
    return Recipient.model_construct(
        id=name,
        campaign_id=campaign.id,
        client_id=ClientId(client),
        medium=campaign.words.medium,
        due_at=unit.now,
    )
