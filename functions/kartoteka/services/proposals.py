"""What somebody wants changed in a client's card: kept until a person decides."""

from kartoteka.domain.access import Operation, can, check
from kartoteka.domain.change import Actor
from kartoteka.domain.errors import Invalid, NotFound
from kartoteka.domain.ids import ClientId, StaffId, derived
from kartoteka.domain.model import Client, Lead, Value
from kartoteka.domain.notice_rules import PROPOSED
from kartoteka.domain.proposal import Proposal
from kartoteka.ports import Order, Query, Where
from kartoteka.services.commands import Command, Registry
from kartoteka.services.deal_records import act
from kartoteka.services.duplicates import Contact, add_contact
from kartoteka.services.notices import tell
from kartoteka.services.office import Desk
from kartoteka.services.record_edit import EditClient, edit_client
from kartoteka.services.unit import Unit

_MOST_SHOWN = 500


class Wish(Value):
    """One value for one field of a client: `name`, `company` or `contact` (number, address)."""

    client: str
    field: str
    value: str


class OneProposal(Value):
    """Name a proposal."""

    proposal: str


class ListProposals(Value):
    """Ask for what waits for a decision."""


class Proposals(Value):
    """What waits for a decision, the oldest first."""

    open: tuple[Proposal, ...]


def propose(desk: Desk, actor: Actor, wish: Wish, *, cause: str) -> Proposal:
    """Return the proposal; the client's owner is told. Proposed again it is still one.

    Raises:
        NotFound: there is no such client.
    """

    def work(unit: Unit) -> Proposal:
        client = unit.need(Client, wish.client)
        name = derived("pp", wish.client, wish.field, wish.value)
        first = unit.find(Proposal, name)
        if first is not None and first.state == "open":
            return first
        unit.subject = client.id
        _tell(unit, client, name)
        return unit.save(_written(unit, wish, name))

    return act(desk, actor, cause, work)


def accept(desk: Desk, actor: Actor, form: OneProposal, cause: str) -> Proposal:
    """Return the proposal as accepted, after the client was changed with the actor's rights.

    Raises:
        NotFound: there is none. Invalid: it was decided already.
        NotAllowed: the client or the field is not the actor's to change.
    """
    wish = _open(desk, form)
    if wish.field == "contact":
        add_contact(desk, actor, Contact(wish.client_id, wish.value), cause=cause)
    else:
        given = {"client": wish.client_id, wish.field: wish.value}
        edit_client(desk, actor, EditClient.model_validate(given), cause=cause)
    return _decided(desk, actor, form, "accepted", cause=cause)


def refuse(desk: Desk, actor: Actor, form: OneProposal, cause: str) -> Proposal:
    """Return the proposal as refused; the client stays as it is.

    Raises:
        NotFound: there is none. Invalid: it was decided already.
        NotAllowed: the client is not the actor's to change.
    """
    _open(desk, form)
    return _decided(desk, actor, form, "refused", cause=cause)


def waiting(desk: Desk, actor: Actor, _form: ListProposals, _cause: str) -> Proposals:
    """Return the open proposals about clients that the actor may change, the oldest first."""
    query = Query(
        Proposal.collection, (Where("state", "==", "open"),), (Order("at"),), limit=_MOST_SHOWN
    )
    found = [Proposal.model_validate(hit.doc) for hit in desk.store.query(query)]
    docs = desk.store.get_many(Client.collection, sorted({it.client_id for it in found}))
    within = desk.settings()
    mine = {
        client_id
        for client_id, doc in docs.items()
        if can(actor, Operation.CHANGE, Client.model_validate(doc), within=within)
    }
    return Proposals(open=tuple(it for it in found if it.client_id in mine))


def _written(unit: Unit, wish: Wish, name: str) -> Proposal:
    return Proposal.model_validate(
        {
            "id": name,
            "client_id": ClientId(wish.client),
            "field": wish.field,
            "value": wish.value,
            "by": StaffId(unit.actor.id) if unit.actor.is_person else None,
            "at": unit.now,
        }
    )


def _tell(unit: Unit, client: Client, name: str) -> None:
    """Tell the owner, unless they proposed it themselves."""
    lead = unit.find(Lead, client.open_lead_id)
    if lead is not None and client.owner_id and client.owner_id != unit.actor.id:
        tell(unit, client.owner_id, PROPOSED, lead, proposal=name)


def _open(desk: Desk, form: OneProposal) -> Proposal:
    doc = desk.store.get(Proposal.collection, form.proposal)
    if doc is None:
        raise NotFound(f"there is no proposal {form.proposal!r}", code="record_unknown")
    found = Proposal.model_validate(doc)
    if found.state != "open":
        raise Invalid(f"{found.id} was {found.state}", code="proposal_decided")
    return found


def _decided(desk: Desk, actor: Actor, form: OneProposal, state: str, *, cause: str) -> Proposal:
    def work(unit: Unit) -> Proposal:
        found = unit.need(Proposal, form.proposal)
        client = unit.need(Client, found.client_id)
        check(actor, Operation.CHANGE, client, within=desk.settings(), now=unit.now)
        unit.subject = client.id
        return unit.save(found.model_copy(update={"state": state, "decided_at": unit.now}))

    return act(desk, actor, cause, work)


PROPOSAL_COMMANDS: Registry = {
    "proposal.accept": Command("do what somebody proposed", OneProposal, accept),
    "proposal.list": Command("show what waits for a decision", ListProposals, waiting),
    "proposal.refuse": Command("leave the client as it is", OneProposal, refuse),
}
