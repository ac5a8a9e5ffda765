"""A letter of ours came back: the letter is marked, its address too, who wrote it is told.

A reader's complaint ends what is sent to many.
"""

from collections.abc import Sequence
from typing import TypeAlias

from kartoteka.domain.ids import StaffId, derived
from kartoteka.domain.mail import (
    DeadAddress,
    Mail,
    MailLink,
    MailReport,
    Outgoing,
    dead_address_id,
)
from kartoteka.domain.mailing import COMPLAINT, UNSUBSCRIBED, Recipient
from kartoteka.domain.model import Client, Notice
from kartoteka.services import consents, lost_letters, posting_ends
from kartoteka.services.decide import Decision
from kartoteka.services.unit import Unit

ELSEWHERE = "bounce_elsewhere"  # why a report waits: it names an address that we did not write to
_ELSEWHERE = Decision("unknown", ELSEWHERE)
_Ours: TypeAlias = Outgoing | Recipient


def take_bounce(unit: Unit, mail: Mail, links: Sequence[MailLink], locale: str) -> Decision:
    """Return what a report of a mail server became.

    Anybody can write a report, and whoever got a letter of ours knows its id: it counts only for
    a letter of ours and only for the address that this letter went to. Of another one it waits.
    """
    ours = _ours(unit, links)
    letter = _meant(ours, mail)
    if letter is None:
        return _ELSEWHERE if ours else Decision("ignored", "mail_bounce")
    reports = [it for it in mail.reports if it.permanent and it.concerns(_address(letter))]
    if reports and isinstance(letter, Recipient):
        dead = any(report.kills(letter.address) for report in reports)
        posting_ends.bounced(unit, letter.id, locale, dead=dead)
    elif reports and isinstance(letter, Outgoing):
        _came_back(unit, letter, reports, locale)
    client = unit.find(Client, letter.client_id)
    return Decision("done", "mail_bounce" if reports else "mail_delayed", client=client)


def take_complaint(unit: Unit, mail: Mail, links: Sequence[MailLink]) -> Decision:
    """Return what a complaint became that a mail service passed on.

    It counts for good when it names the address of the letter. One that keeps the address for
    itself counts as unsubscribing: whoever has a letter of ours can do that.
    """
    ours = _ours(unit, links)
    letter = _meant(ours, mail)
    if letter is None:
        return _ELSEWHERE if ours else Decision("ignored", "mail_complaint")
    why = COMPLAINT if mail.reports else UNSUBSCRIBED
    if isinstance(letter, Recipient):
        posting_ends.unsubscribed(unit, letter, why, unit.now)
    else:
        consents.refuse(unit, ("mail", letter.to), why, unit.now)
    return Decision("done", "mail_complaint", client=unit.find(Client, letter.client_id))


def _ours(unit: Unit, links: Sequence[MailLink]) -> list[_Ours]:
    """Return the letters of ours that are named; of a forgotten person's nothing is known."""
    found: list[_Ours | None] = [
        unit.find(Recipient, link.recipient_id)
        if link.recipient_id
        else unit.find(Outgoing, link.activity_id)
        for link in links
        if link.direction == "out"
    ]
    return [letter for letter in found if letter is not None and _address(letter)]


def _meant(ours: Sequence[_Ours], mail: Mail) -> _Ours | None:
    """Return the first letter that went to an address that is reported."""
    for letter in ours:
        if not mail.reports or any(it.concerns(_address(letter)) for it in mail.reports):
            return letter
    return None


def _address(letter: _Ours) -> str:
    return letter.address if isinstance(letter, Recipient) else letter.to


def _came_back(unit: Unit, sent: Outgoing, reports: Sequence[MailReport], locale: str) -> None:
    for report in (it for it in reports if it.kills(sent.to)):
        unit.keep(DeadAddress(id=dead_address_id(sent.to), status=report.status, at=unit.now))
    unit.keep(sent.model_copy(update={"state": "bounced", "why": reports[0].status}))
    unit.save(_notice(unit, sent))
    lost_letters.tell(unit, sent.id, locale)


def _notice(unit: Unit, sent: Outgoing) -> Notice:
    return Notice(
        id=derived("no", "bounce", sent.id),
        staff_id=StaffId(sent.staff_id),
        code="notice_bounced",
        at=unit.now,
    )
