"""A client whom a person writes down before any request: an old card, a recommendation; C8."""

from pydantic import Field, JsonValue

from kartoteka.domain import identity
from kartoteka.domain.access import Operation, can, check, check_fields
from kartoteka.domain.change import Actor
from kartoteka.domain.errors import Conflict, Invalid
from kartoteka.domain.fields import filled
from kartoteka.domain.ids import ClientId, StaffId, fresh
from kartoteka.domain.model import Client, Value
from kartoteka.domain.office import Settings
from kartoteka.services import duplicates
from kartoteka.services.deal_records import act
from kartoteka.services.lead_by_hand import owner_or_author, typed_contacts
from kartoteka.services.leads import LONGEST_NAME
from kartoteka.services.office import Desk
from kartoteka.services.unit import Unit


class NewClient(Value):
    """Write down a client: a name, and a telephone number or an e-mail address."""

    name: str = Field(max_length=LONGEST_NAME)
    phone: str = Field(default="", max_length=300)
    email: str = Field(default="", max_length=300)
    company: str = Field(default="", max_length=LONGEST_NAME)
    owner: str = Field(default="", description="staff id; yourself if empty")
    fields: dict[str, JsonValue] = Field(
        default_factory=dict, max_length=100, description="the office's own fields"
    )


def add_client(desk: Desk, actor: Actor, form: NewClient, *, cause: str) -> Client:
    """Return the new client, who from now on is found by this number and address.

    Raises:
        Invalid: no name, neither phone nor e-mail, one that cannot be read, a number of the
            office itself, an unknown owner or field.
        Conflict: somebody has the number or address: `client_known` says who and whose.
        NotAllowed: the actor writes down no people, or a field is closed to them.
    """
    settings = desk.settings()
    _check_may(settings, actor, form)
    owner = owner_or_author(settings, actor, form.owner)
    client = _written(desk, form, owner)
    names = identity.keys(client.phones, client.emails, ())

    def work(unit: Unit) -> Client:
        _check_unknown(unit, settings, duplicates.holders(unit, names, client.name))
        duplicates.take(unit, names, client.id)
        unit.subject = client.id
        return unit.add(client)

    return act(desk, actor, cause, work)


def _check_may(settings: Settings, actor: Actor, form: NewClient) -> None:
    check(actor, Operation.ADD, Client, within=settings)
    company = ("company",) if form.company else ()
    own = (f"fields.{name}" for name in form.fields)
    check_fields(actor, Client, ("name", "phones", "emails", *company, *own), settings)


def _written(desk: Desk, form: NewClient, owner: StaffId | None) -> Client:
    settings, now = desk.settings(), desk.now()
    if not form.name.strip():
        raise Invalid("a name is not empty", fields={"name": "length"}, code="name_length")
    phones, emails = typed_contacts(settings, form.phone, form.email)
    if settings.own_numbers() & {*phones}:
        raise Invalid("a number of the office", fields={"phone": "own"}, code="own_number")
    return Client(
        id=ClientId(fresh("cl")),
        name=form.name.strip(),
        company=form.company.strip(),
        phones=phones,
        emails=emails,
        owner_id=owner,
        fields=filled(settings.office.fields, Client.kind, {}, form.fields),
        created_at=now,
        updated_at=now,
    )


def _check_unknown(unit: Unit, settings: Settings, found: dict[str, str]) -> None:
    """Refuse a second card; the name is told only to those who may read the first."""
    for client in unit.find_many(Client, found.values()).values():
        seen = can(unit.actor, Operation.READ, client, within=settings, now=unit.now)
        owner = settings.person(client.owner_id)
        raise Conflict(
            f"client {client.id} has this phone or e-mail",
            code="client_known",
            client=client.name if seen else "—",
            owner=owner.name if owner else "—",
            since=client.created_at.date().strftime("%d.%m.%Y"),
        )
