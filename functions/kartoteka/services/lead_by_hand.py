"""A request that a person writes down: somebody walked in, wrote on paper, was recommended; C8."""

from pydantic import Field

from kartoteka.domain import identity
from kartoteka.domain.access import Operation, check, check_fields
from kartoteka.domain.change import Actor
from kartoteka.domain.errors import Conflict, Invalid
from kartoteka.domain.ids import InboundId, StaffId, derived, fresh
from kartoteka.domain.inbound import BY_HAND, Inbound, Kind, Person
from kartoteka.domain.model import Client, Lead, Source, Value
from kartoteka.domain.office import Settings
from kartoteka.i18n import text
from kartoteka.services import deal_touch, duplicates
from kartoteka.services.deal_records import act, colleague
from kartoteka.services.leads import LONGEST_NAME, LONGEST_NOTE
from kartoteka.services.office import Desk
from kartoteka.services.record_inbound import hands, take
from kartoteka.services.unit import Unit


class NewLead(Value):
    """Write down a request; a telephone number or an e-mail address is needed."""

    name: str = Field(default="", max_length=LONGEST_NAME)
    phone: str = Field(default="", max_length=300)
    email: str = Field(default="", max_length=300)
    note: str = Field(default="", max_length=LONGEST_NOTE)
    source: str = Field(default="", description="one of the office's sources")
    owner: str = Field(default="", description="staff id; yourself if empty")
    fields: dict[str, str] = Field(
        default_factory=dict, max_length=100, description="region, category, amount and so on"
    )


def add_lead(desk: Desk, actor: Actor, form: NewLead, *, cause: str, mark: str = "") -> Lead:
    """Return the new lead, routed as any other; a client who was met before keeps their person.

    A second call with the same `mark` changes nothing and returns the first one's lead.

    Raises:
        Invalid: neither phone nor e-mail, one that cannot be read, an unknown source or owner, a
            number of the office itself.
        Conflict: the client has an open lead or deal: `client_in_work` says whose and since when.
        NotAllowed: the actor writes down no people.
    """
    settings = desk.settings()
    check(actor, Operation.ADD, Lead, within=settings)
    check_fields(actor, Client, ("name", "phones", "emails"), settings)
    inbound = _inbound(desk, actor, form, mark)
    people, owner = hands(desk), owner_or_author(settings, actor, form.owner)

    def work(unit: Unit) -> Lead:
        first = unit.find(Inbound, inbound.id) if mark else None
        if first is not None and first.lead_id is not None:
            return unit.need(Lead, first.lead_id)
        _check_free(unit, settings, inbound)
        stored = take(unit, inbound, people, owner)
        if stored.lead_id is None:
            raise Invalid("a number of the office", fields={"phone": "own"}, code="own_number")
        lead = unit.need(Lead, stored.lead_id)
        note = "\n".join(filter(None, (lead.note, form.note)))[:LONGEST_NOTE]
        return unit.save(lead.model_copy(update={"note": note}))

    return act(desk, actor, cause, work)


def _inbound(desk: Desk, actor: Actor, form: NewLead, mark: str) -> Inbound:
    settings, now = desk.settings(), desk.now()
    name = derived("in", BY_HAND, mark) if mark else fresh("in")
    phones, emails = typed_contacts(settings, form.phone, form.email)
    sender = Person(name=form.name.strip(), phones=phones, emails=emails)
    return Inbound(
        id=InboundId(name),
        channel=BY_HAND,
        account=actor.id,
        event_id=name,
        what=Kind.CONTACT,
        at=now,
        received_at=now,
        sender=sender,
        fields=form.fields,
        source=Source(channel=BY_HAND, name=_source(settings, form.source)),
    )


def typed_contacts(
    settings: Settings, phone: str, email: str
) -> tuple[tuple[str, ...], tuple[str, ...]]:
    """Return the phones (E.164) and the e-mail addresses (lower case) that a person typed.

    Raises:
        Invalid: there is neither, or one cannot be read.
    """
    phones, emails = _phones(settings, phone), _emails(email)
    if not phones and not emails:
        code = "contact_needed"
        raise Invalid("a phone or an e-mail is needed", fields={"phone": code}, code=code)
    return phones, emails


def _phones(settings: Settings, given: str) -> tuple[str, ...]:
    if not given.strip():
        return ()
    found = identity.phone(given, settings.office.region)
    if found is None:
        raise Invalid("no phone", fields={"phone": "phone_invalid"}, code="phone_invalid")
    return (found,)


def _emails(given: str) -> tuple[str, ...]:
    if not given.strip():
        return ()
    found = identity.email(given)
    if found is None:
        raise Invalid("no e-mail", fields={"email": "email_invalid"}, code="email_invalid")
    return (found,)


def _source(settings: Settings, name: str) -> str:
    sources = settings.office.sources
    if name and sources and name not in sources:
        listed = ", ".join(sources)
        raise Invalid(
            f"the sources are {listed}",
            fields={"source": "source_unknown"},
            code="source_unknown",
            sources=listed,
        )
    return name or text("source_by_hand", settings.office.locale)


def owner_or_author(settings: Settings, actor: Actor, owner: str) -> StaffId | None:
    """Return the colleague named; nobody named: the author, if leads are given to them."""
    if owner:
        return colleague(settings, owner, "owner").id
    author = settings.person(actor.id)
    return author.id if author is not None and author.takes_leads else None


def _check_free(unit: Unit, settings: Settings, inbound: Inbound) -> None:
    """Refuse a second lead of a client whom somebody works with: says who and since when."""
    sender = inbound.sender
    names = identity.keys(sender.phones, sender.emails, ())
    found = duplicates.holders(unit, names, sender.name)
    for client in unit.find_many(Client, found.values()).values():
        deals = deal_touch.open_deals(unit, client)
        if client.open_lead_id is None and deal_touch.selling(deals, settings) is None:
            continue
        owner = settings.person(client.owner_id)
        raise Conflict(
            f"client {client.id} is in work",
            code="client_in_work",
            owner=owner.name if owner else "—",
            since=client.created_at.date().strftime("%d.%m.%Y"),
        )
