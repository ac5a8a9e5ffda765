"""«Неразобранное»: a person accepts, rejects or links what nobody could place; A2."""

from typing import Annotated

from pydantic import Field, StringConstraints

from kartoteka.domain import identity
from kartoteka.domain.access import Operation, check
from kartoteka.domain.change import Actor
from kartoteka.domain.errors import Conflict, Invalid
from kartoteka.domain.inbound import Inbound, Kind, Person
from kartoteka.domain.model import Client, Lead, Value
from kartoteka.services.bounces import ELSEWHERE
from kartoteka.services.commands import Command, Registry
from kartoteka.services.deal_records import act
from kartoteka.services.decide import Decision, Wish, attach
from kartoteka.services.lead_by_hand import owner_or_author, typed_contacts
from kartoteka.services.leads import LONGEST_NAME, LONGEST_NOTE
from kartoteka.services.office import Desk
from kartoteka.services.record_inbound import hands, retake, settle
from kartoteka.services.task_forms import Id
from kartoteka.services.unit import Unit

REJECTED = "rejected"
WAITING = frozenset({"unknown", "ignored", REJECTED})  # a person may still decide otherwise
_OTHERS = 2  # ways to name a client that are left empty
_SHOWN = 4_000  # characters of a body that nobody understood, as the text of the request
_Reason = Annotated[
    str, StringConstraints(strip_whitespace=True, min_length=1, max_length=LONGEST_NOTE)
]


class AcceptInbound(Value):
    """Make a request of an event; the contact is typed when the event has none."""

    inbound: Id
    name: str = Field(default="", max_length=LONGEST_NAME)
    phone: str = Field(default="", max_length=300)
    email: str = Field(default="", max_length=300)
    text: str = Field(default="", max_length=LONGEST_NOTE, description="empty: as it came")
    owner: str = Field(default="", description="staff id; empty: by the queue")


class RejectInbound(Value):
    """Set an event aside; reports count it as junk of its source."""

    inbound: Id
    reason: _Reason


class LinkInbound(Value):
    """Put an event into the history of a client, or of the client of a request.

    One of the three says whose it is; `contact` is a phone or an e-mail of the client.
    """

    inbound: Id
    client: Id = ""
    lead: Id = ""
    contact: str = Field(default="", max_length=300)


class Settled(Value):
    """What became of an event."""

    id: str
    state: str
    why: str = ""
    client_id: str | None = None
    lead_id: str | None = None


def accept(desk: Desk, actor: Actor, form: AcceptInbound, cause: str) -> Settled:
    """Return the event with its client and request, routed as any other.

    Raises:
        Invalid: there is neither phone nor e-mail, or one cannot be read; a number of the office.
        Conflict: the event was dealt with already.
        NotAllowed: the actor does not sort events.
    """
    settings, people = desk.settings(), hands(desk)
    check(actor, Operation.ADD, Lead, within=settings)
    owner = owner_or_author(settings, actor, form.owner) if form.owner else None

    def work(unit: Unit) -> Settled:
        waiting = _waiting(unit, actor, form.inbound, desk)
        if _is_report(waiting):
            code = "inbound_report"
            raise Invalid("a report of a server", fields={"inbound": code}, code=code)
        asked = _asked(desk, waiting, form)
        stored = retake(unit, asked, people, owner)
        if stored.client_id is None:
            raise Invalid("a number of the office", fields={"phone": "own"}, code="own_number")
        return Settled(
            id=asked.id, state="done", client_id=stored.client_id, lead_id=stored.lead_id
        )

    return act(desk, actor, cause, work)


def reject(desk: Desk, actor: Actor, form: RejectInbound, cause: str) -> Settled:
    """Return the event set aside; the log keeps who did it and why.

    Raises:
        Conflict: the event was dealt with already.
        NotAllowed: the actor does not sort events.
    """

    def work(unit: Unit) -> Settled:
        waiting = _waiting(unit, actor, form.inbound, desk)
        unit.reason = form.reason
        settle(unit, waiting, Decision(REJECTED, form.reason))
        return Settled(id=waiting.id, state=REJECTED, why=form.reason)

    return act(desk, actor, cause, work)


def link(desk: Desk, actor: Actor, form: LinkInbound, cause: str) -> Settled:
    """Return the event as a part of a client's history; it makes no request of its own.

    Raises:
        Invalid: nobody is named, or several; nobody has the contact.
        NotFound: there is no such event, client or request.
        Conflict: the event was dealt with already.
        NotAllowed: the actor does not sort events, or does not work with this client.
    """
    if [form.client, form.lead, form.contact].count("") != _OTHERS:
        raise Invalid("name one of them", fields={"client": "inbound_whom"}, code="inbound_whom")
    people = hands(desk)

    def work(unit: Unit) -> Settled:
        waiting = _waiting(unit, actor, form.inbound, desk)
        client = _whose(unit, form, people.settings.office.region)
        check(actor, Operation.CHANGE, client, within=people.settings, now=people.now)
        told = _told(waiting)
        if _is_report(waiting):  # its sender is a server, no contact of the client
            told = told.model_copy(update={"sender": Person(name=told.sender.name)})
        decision = attach(unit, told, client, Wish(people, None))
        stored = settle(unit, told, decision)
        return Settled(id=told.id, state="done", client_id=stored.client_id, lead_id=stored.lead_id)

    return act(desk, actor, cause, work)


def _whose(unit: Unit, form: LinkInbound, region: str) -> Client:
    if form.contact:
        phone, email = identity.phone(form.contact, region), identity.email(form.contact)
        names = identity.keys((phone,) if phone else (), (email,) if email else (), ())
        found = next(iter(unit.keys(names).values()), None)
        if found is None:
            code = "inbound_nobody"
            raise Invalid("nobody has this contact", fields={"contact": code}, code=code)
        return unit.need(Client, found)
    return unit.need(Client, form.client or unit.need(Lead, form.lead).client_id)


def _waiting(unit: Unit, actor: Actor, inbound_id: str, desk: Desk) -> Inbound:
    """Return the event, if this actor may still decide about it."""
    settings = desk.settings()
    inbound = unit.need(Inbound, inbound_id)
    check(actor, Operation.CHANGE, inbound, within=settings, now=unit.now)
    if inbound.state not in WAITING:
        raise Conflict(
            f"inbound {inbound.id} is {inbound.state}",
            code="inbound_settled",
            state=inbound.state,
        )
    return inbound


def _asked(desk: Desk, waiting: Inbound, form: AcceptInbound) -> Inbound:
    """Return the event with the contact that it has, or that the person typed."""
    sender = waiting.sender
    phones, emails = sender.phones, sender.emails
    if form.phone or form.email or not (phones or emails or sender.messengers):
        typed = typed_contacts(desk.settings(), form.phone, form.email)
        phones, emails = (*typed[0], *phones), (*typed[1], *emails)
    person = Person(
        name=form.name.strip() or sender.name,
        phones=tuple(dict.fromkeys(phones)),
        emails=tuple(dict.fromkeys(emails)),
        messengers=sender.messengers,
    )
    return _told(waiting, form.text).model_copy(update={"sender": person})


def _told(waiting: Inbound, typed: str = "") -> Inbound:
    """Return the event as something a client said; of a body nobody read, its beginning."""
    unread = waiting.what in {Kind.UNKNOWN, Kind.SERVICE}
    said = typed or waiting.text or (waiting.raw[:_SHOWN] if unread else "")
    kind = Kind.CONTACT if unread else waiting.what
    update: dict[str, object] = {"what": kind, "text": said, "state": "new", "why": ""}
    if waiting.mail is not None:  # whatever it looked like: a person says what it is
        update["mail"] = waiting.mail.model_copy(update={"nature": "person"})
    return waiting.model_copy(update=update)


def _is_report(waiting: Inbound) -> bool:
    """Return whether a server reports of a letter of ours; of any other a person may judge."""
    return waiting.why == ELSEWHERE


TRIAGE_COMMANDS: Registry = {
    "inbound.accept": Command("make a request of an event that waits", AcceptInbound, accept),
    "inbound.link": Command("put an event into a client's history", LinkInbound, link),
    "inbound.reject": Command("set an event aside as junk, with a reason", RejectInbound, reject),
}
