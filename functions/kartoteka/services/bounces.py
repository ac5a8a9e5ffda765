"""A letter of ours came back: the letter is marked, its address too, who wrote it is told.

A reader's complaint ends what is sent to many.
"""

from collections.abc import Sequence

from kartoteka.domain.ids import StaffId, derived
from kartoteka.domain.mail import (
    DeadAddress,
    Mail,
    MailLink,
    MailReport,
    Outgoing,
    dead_address_id,
)
from kartoteka.domain.mailing import Recipient
from kartoteka.domain.model import Client, Notice
from kartoteka.services import consents, lost_letters, posting_ends
from kartoteka.services.decide import Decision
from kartoteka.services.unit import Unit

_ELSEWHERE = Decision("unknown", "bounce_elsewhere")


def take_bounce(unit: Unit, mail: Mail, links: Sequence[MailLink], locale: str) -> Decision:
    """Return what a report of a mail server became.

    Anybody can write a report, and whoever got a letter of ours knows its id: it counts only for
    a letter of ours and only for the address that this letter went to. Of another one it waits.
    """
    to_many = next((link for link in links if link.recipient_id), None)
    if to_many is not None:
        return _of_many(unit, mail, to_many, locale)
    sent = _sent(unit, links)
    if sent is None:
        return Decision("ignored", "mail_bounce")
    reports = _concerning(sent.to, mail)
    if mail.reports and not reports:
        return _ELSEWHERE
    client = unit.find(Client, sent.client_id)
    lost = [report for report in reports if report.permanent]
    for report in (it for it in lost if it.kills(sent.to)):
        unit.keep(DeadAddress(id=dead_address_id(sent.to), status=report.status, at=unit.now))
    if lost:
        unit.keep(sent.model_copy(update={"state": "bounced", "why": lost[0].status}))
        unit.save(_notice(unit, sent))
        lost_letters.tell(unit, sent.id, locale)
    return Decision("done", "mail_bounce" if lost else "mail_delayed", client=client)


def _of_many(unit: Unit, mail: Mail, link: MailLink, locale: str) -> Decision:
    """Return what a report on a text to many became."""
    recipient = unit.find(Recipient, link.recipient_id)
    address = recipient.address if recipient is not None else ""
    reports = _concerning(address, mail)
    if mail.reports and not reports:
        return _ELSEWHERE
    lost = any(report.permanent for report in reports)
    if lost:
        dead = any(report.kills(address) for report in reports)
        posting_ends.bounced(unit, link.recipient_id, locale, dead=dead)
    client = unit.find(Client, link.client_id)
    return Decision("done", "mail_bounce" if lost else "mail_delayed", client=client)


def take_complaint(unit: Unit, mail: Mail, links: Sequence[MailLink]) -> Decision:
    """Return what a complaint became that a mail service passed on.

    It counts for good when it names the address of the letter. One that keeps the address for
    itself counts as unsubscribing: whoever has a letter of ours can do that.
    """
    to_many = (unit.find(Recipient, link.recipient_id) for link in links)
    recipient = next((it for it in to_many if it is not None), None)
    ours = recipient or _sent(unit, links)
    if ours is None:
        return Decision("ignored", "mail_complaint")
    address = ours.address if isinstance(ours, Recipient) else ours.to
    if mail.reports and not _concerning(address, mail):
        return _ELSEWHERE
    why = "complaint" if mail.reports else consents.UNSUBSCRIBED
    if recipient is not None:
        posting_ends.unsubscribed(unit, recipient, why, unit.now)
    else:
        consents.refuse(unit, ("mail", address), why, unit.now)
    return Decision("done", "mail_complaint", client=unit.find(Client, ours.client_id))


def _concerning(address: str, mail: Mail) -> list[MailReport]:
    return [report for report in mail.reports if report.concerns(address)]


def _sent(unit: Unit, links: Sequence[MailLink]) -> Outgoing | None:
    found = (unit.find(Outgoing, link.activity_id) for link in links if link.direction == "out")
    return next((letter for letter in found if letter is not None), None)


def _notice(unit: Unit, sent: Outgoing) -> Notice:
    return Notice(
        id=derived("no", "bounce", sent.id),
        staff_id=StaffId(sent.staff_id),
        code="notice_bounced",
        at=unit.now,
    )
