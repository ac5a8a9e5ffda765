"""A text to one client outside their chats: what a rule writes by mail or SMS, sent once.

It goes the way of texts to many, so unsubscribed and dead addresses, limits and quiet hours count
for it too. It needs no consent when it is about the client's own business.
"""

from kartoteka.domain.change import Actor
from kartoteka.domain.errors import Invalid, Transient
from kartoteka.domain.ids import ClientId, derived
from kartoteka.domain.instant import spell
from kartoteka.domain.mailing import SENDERS, SINGLE, Recipient, Words
from kartoteka.log import log
from kartoteka.ports import Query, Where
from kartoteka.services.campaign_running import hand_over_one
from kartoteka.services.office import Desk
from kartoteka.services.postings import LEASE
from kartoteka.services.unit import Unit, transact

_MOST = 100
_NO_BRACES = str.maketrans("{}", "()")


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


def sms(desk: Desk, actor: Actor, place: tuple[str, str], text: str, *, cause: str) -> Recipient:
    """Return an SMS on its way, by the first account of the office that sends such.

    Args:
        desk: the office; the text is written in one transaction of its store.
        actor: who writes.
        place: the client, and the key by which the same text is one.
        text: whole; braces in it are no places any more.
        cause: of the change.

    Raises:
        Invalid: no account of the office sends SMS.
    """
    accounts = (it for it in desk.settings().accounts if it.active)
    account = next((it for it in accounts if it.channel in SENDERS["sms"]), None)
    if account is None:
        raise Invalid("nothing sends text messages here", code="rule_no_sms")
    plain = text.translate(_NO_BRACES)
    words = Words(medium="sms", text=plain, sender=account.id, basis="relation")
    client_id, key = place

    def work(unit: Unit) -> Recipient:
        unit.subject = client_id
        return write(unit, client_id, words, key)

    recipient = transact(desk.store, actor, cause, desk.now(), work=work)
    hand_over(desk, recipient)
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
