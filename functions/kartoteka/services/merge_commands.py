"""Commands on duplicates, mass acts and one person's data: forms for what a person may ask."""

from typing import Literal

from pydantic import AwareDatetime, Field, JsonValue

from kartoteka.domain.batch import Batch
from kartoteka.domain.change import Actor
from kartoteka.domain.errors import NotFound
from kartoteka.domain.model import Client, Pair, Value
from kartoteka.services import duplicates, mass_edit, personal_data
from kartoteka.services.commands import Command, Registry
from kartoteka.services.forget import forget
from kartoteka.services.forget_deleted import deletion_of, forget_deleted
from kartoteka.services.merge import merge
from kartoteka.services.office import Desk
from kartoteka.services.undo import undo

_LONGEST_CONTACT = 300


class MergeClients(Value):
    """Make one client of two; the older record stays."""

    left: str
    right: str
    prefer: dict[str, str] = Field(
        default_factory=dict,
        description="client id by field, where both fill it differently; * for all others",
    )
    expected: dict[str, AwareDatetime] = Field(
        default_factory=dict, description="updated_at by client id, as it was read"
    )


class MergePair(Value):
    """Make one client of a pair that the office was asked about."""

    pair: str
    prefer: dict[str, str] = Field(
        default_factory=dict, description="client id by field; * for all others"
    )
    expected: dict[str, AwareDatetime] = Field(default_factory=dict)


class TellApart(Value):
    """Say that a pair is two people: nobody is asked again."""

    pair: str


class ClientContact(Value):
    """A telephone number or e-mail address of a client."""

    client: str
    contact: str = Field(max_length=_LONGEST_CONTACT)
    expected: AwareDatetime | None = None


class ForgetClient(Value):
    """Erase what is personal of a client, everywhere and for good."""

    client: str
    expected: AwareDatetime | None = None


class OneClient(Value):
    """Name a client."""

    client: str


class EditMany(Value):
    """Set the same values in many records."""

    entity: Literal["client", "deal", "lead", "task"]
    ids: tuple[str, ...] = Field(min_length=1, max_length=mass_edit.MOST)
    set: dict[str, JsonValue] = Field(min_length=1)


class UndoBatch(Value):
    """Undo a mass act."""

    batch: str
    keep_changed: bool = Field(
        default=False, description="leave what was changed since, undo the rest"
    )


def _merge(desk: Desk, actor: Actor, form: MergeClients, cause: str) -> Client:
    return merge(
        desk,
        actor,
        form.left,
        form.right,
        cause=cause,
        prefer=form.prefer,
        expected=form.expected,
    )


def _merge_pair(desk: Desk, actor: Actor, form: MergePair, cause: str) -> Client:
    doc = desk.store.get(Pair.collection, form.pair)
    if doc is None:
        raise NotFound(f"there is no pair {form.pair!r}", code="record_unknown")
    pair = Pair.model_validate(doc)
    return merge(
        desk,
        actor,
        pair.left,
        pair.right,
        cause=cause,
        prefer=form.prefer,
        expected=form.expected,
    )


def _tell_apart(desk: Desk, actor: Actor, form: TellApart, cause: str) -> Pair:
    return duplicates.distinct(desk, actor, form.pair, cause=cause)


def _add_contact(desk: Desk, actor: Actor, form: ClientContact, cause: str) -> Client:
    wish = duplicates.Contact(form.client, form.contact, form.expected)
    return duplicates.add_contact(desk, actor, wish, cause=cause)


def _drop_contact(desk: Desk, actor: Actor, form: ClientContact, cause: str) -> Client:
    wish = duplicates.Contact(form.client, form.contact, form.expected)
    return duplicates.drop_contact(desk, actor, wish, cause=cause)


def _forget(desk: Desk, actor: Actor, form: ForgetClient, cause: str) -> Client:
    deletion = deletion_of(desk.store, form.client)
    if deletion is not None:
        return forget_deleted(desk, actor, deletion, cause=cause)
    return forget(desk, actor, form.client, cause=cause, expected=form.expected)


def _data(desk: Desk, actor: Actor, form: OneClient, cause: str) -> personal_data.ClientData:
    del cause  # reading leaves no change
    return personal_data.of_client(desk, actor, form.client)


def _edit(desk: Desk, actor: Actor, form: EditMany, cause: str) -> Batch:
    return mass_edit.edit(desk, actor, form.entity, form.ids, values=form.set, cause=cause)


def _undo(desk: Desk, actor: Actor, form: UndoBatch, cause: str) -> Batch:
    return undo(desk, actor, form.batch, cause=cause, keep_changed=form.keep_changed)


MERGE_COMMANDS: Registry = {
    "batch.undo": Command("undo a merge, import, mass edit or deletion", UndoBatch, _undo),
    "client.add_contact": Command("add a number or address", ClientContact, _add_contact),
    "client.data": Command("print all that is kept of a client", OneClient, _data),
    "client.drop_contact": Command("take a number or address off", ClientContact, _drop_contact),
    "client.forget": Command("erase a person's data, keep the money facts", ForgetClient, _forget),
    "client.merge": Command("make one client of two", MergeClients, _merge),
    "duplicate.distinct": Command("say that a pair is two people", TellApart, _tell_apart),
    "duplicate.merge": Command("make one client of a pair", MergePair, _merge_pair),
    "many.edit": Command("set the same values in many records", EditMany, _edit),
}
