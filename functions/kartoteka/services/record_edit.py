"""Fields of leads and clients edited at once, the office's own among them."""

from typing import Literal

from pydantic import AwareDatetime, Field, JsonValue

from kartoteka.domain.access import Operation, check, check_fields
from kartoteka.domain.change import Actor
from kartoteka.domain.errors import Invalid, NotAllowed
from kartoteka.domain.fields import filled
from kartoteka.domain.model import Client, Lead, Value
from kartoteka.services.fresh import check_fresh
from kartoteka.services.leads import LONGEST_NAME, LONGEST_NOTE
from kartoteka.services.office import Desk
from kartoteka.services.unit import Unit, transact

_MOST_TAGS = 100
_Segment = Literal["new", "in_work", "client", "returned", "wholesale", "partner", "blacklist"]


class EditLead(Value):
    """Change fields of a lead; what is not given stays. A custom field with null is emptied."""

    lead: str
    expected: AwareDatetime | None = None
    note: str | None = Field(default=None, max_length=LONGEST_NOTE)
    priority: int | None = Field(default=None, ge=0, le=3)
    fields: dict[str, JsonValue] | None = None


class EditClient(Value):
    """Change fields of a client; what is not given stays. A custom field with null is emptied."""

    client: str
    expected: AwareDatetime | None = None
    name: str | None = Field(default=None, min_length=1, max_length=LONGEST_NAME)
    company: str | None = Field(default=None, max_length=LONGEST_NAME)
    segment: _Segment | None = None
    tags: tuple[str, ...] | None = Field(default=None, max_length=_MOST_TAGS)
    fields: dict[str, JsonValue] | None = None


def edit_lead(desk: Desk, actor: Actor, form: EditLead, *, cause: str) -> Lead:
    """Return the lead with the fields that the form gives.

    Raises:
        NotAllowed: the lead or a field is not the actor's to change, or it became a deal.
        Invalid: an unknown field or an impossible value. Conflict: it was changed meanwhile.
    """

    def work(unit: Unit) -> Lead:
        lead = unit.need(Lead, form.lead)
        unit.subject = lead.client_id
        update = _checked(desk, unit, lead, form)
        if lead.deal_id is not None:
            raise NotAllowed(f"lead {lead.id} became {lead.deal_id}", code="lead_converted")
        edited = lead.model_copy(update=update)
        if edited == lead:
            return lead
        return unit.save(edited.model_copy(update={"updated_at": unit.now}))

    lead = transact(desk.store, actor, cause, desk.now(), work=work)
    desk.waker.after_commit()
    return lead


def edit_client(desk: Desk, actor: Actor, form: EditClient, *, cause: str) -> Client:
    """Return the client with the fields that the form gives.

    Raises:
        NotAllowed: the client or a field is not the actor's to change.
        Invalid: an unknown field or an impossible value. Conflict: it was changed meanwhile.
    """

    def work(unit: Unit) -> Client:
        client = unit.need(Client, form.client)
        unit.subject = client.id
        edited = client.model_copy(update=_checked(desk, unit, client, form))
        if not edited.name.strip():
            raise Invalid("a name is not empty", fields={"name": "length"}, code="name_length")
        if edited == client:
            return client
        return unit.save(edited.model_copy(update={"updated_at": unit.now}))

    client = transact(desk.store, actor, cause, desk.now(), work=work)
    desk.waker.after_commit()
    return client


def _checked(
    desk: Desk, unit: Unit, record: Lead | Client, form: EditLead | EditClient
) -> dict[str, object]:
    """Return what the form changes, after every check of the policy and of the values."""
    settings = desk.settings()
    check(unit.actor, Operation.CHANGE, record, within=settings, now=unit.now)
    given = form.model_dump(exclude={"lead", "client", "expected", "fields"}, exclude_none=True)
    own = form.fields or {}
    check_fields(unit.actor, record, [*given, *(f"fields.{name}" for name in own)], settings)
    check_fresh(record, record.updated_at, form.expected)
    if own:
        given["fields"] = filled(settings.office.fields, record.kind, record.fields, own)
    return given
