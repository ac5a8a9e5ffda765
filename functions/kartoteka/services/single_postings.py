"""A text to one client outside their chats: what a rule writes by mail or SMS, sent once.

It goes the way of texts to many, so unsubscribed and dead addresses, limits and quiet hours count
for it too. It needs no consent when it is about the client's own business.
"""

from kartoteka.domain.errors import Transient
from kartoteka.domain.ids import ClientId, derived
from kartoteka.domain.instant import spell
from kartoteka.domain.mailing import SINGLE, Recipient, Words
from kartoteka.log import log
from kartoteka.ports import Query, Where
from kartoteka.services.campaign_running import hand_over_one
from kartoteka.services.office import Desk
from kartoteka.services.postings import LEASE
from kartoteka.services.unit import Unit

_MOST = 100


def write(unit: Unit, client_id: str, words: Words, key: str) -> Recipient:
    """Return the text on its way; the same key is one text. Hand it over after the commit."""
    name = derived("rc", SINGLE, client_id, key)
    known = unit.find(Recipient, name)
    if known is not None:
        return known
    recipient = Recipient(
        id=name,
        source="single",
        campaign_id=SINGLE,
        words=words,
        client_id=ClientId(client_id),
        medium=words.medium,
        due_at=unit.now,
    )
    unit.keep(recipient)
    return recipient


def hand_over(desk: Desk, recipient: Recipient, *, again: str = "") -> None:
    """Ask the queue to send it; asked twice it is one task. The tick asks for what was lost."""
    try:
        hand_over_one(desk, recipient.id, recipient.due_at, again=again)
    except Transient:
        log("warning", event="posting_waits", recipient=recipient.id)


def hand_over_late(desk: Desk) -> int:
    """Ask again for texts whose task was lost; returns how many."""
    where = (
        Where("campaign_id", "==", SINGLE),
        Where("state", "==", "planned"),
        Where("due_at", "<=", spell(desk.now() - LEASE)),
    )
    found = list(desk.store.query(Query(Recipient.collection, where, limit=_MOST)))
    for hit in found:
        hand_over(desk, Recipient.model_validate(hit.doc), again=f"{desk.now():%Y-%m-%d %H}")
    return len(found)
