"""Everything that is kept of one client, as a person may ask for it."""

from functools import partial

from pydantic import JsonValue

from kartoteka.domain.access import Operation, check
from kartoteka.domain.change import Actor
from kartoteka.domain.model import Entity, Value
from kartoteka.services.forget import cards_of, hanging
from kartoteka.services.office import Desk
from kartoteka.services.unit import transact

_Doc = dict[str, JsonValue]


class ClientData(Value):
    """One client's data: the card, earlier cards merged into it, and all that hangs on them."""

    client: _Doc
    merged: tuple[_Doc, ...] = ()
    records: dict[str, tuple[_Doc, ...]]  # by kind: lead, deal, task, activity, inbound


def of_client(desk: Desk, actor: Actor, client_id: str) -> ClientData:
    """Return the data of one client.

    Raises:
        NotFound: there is no such client.
        NotAllowed: the actor may not export this client.
    """
    cards = transact(
        desk.store, actor, "read", desk.now(), work=partial(cards_of, client=client_id)
    )
    check(actor, Operation.EXPORT, cards[0], within=desk.settings(), now=desk.now())
    found: dict[str, dict[str, Entity]] = {}
    for record in hanging(desk.store, [card.id for card in cards]):
        found.setdefault(record.kind, {})[record.id] = record
    return ClientData(
        client=_doc(cards[0]),
        merged=tuple(map(_doc, cards[1:])),
        records={kind: tuple(map(_doc, records.values())) for kind, records in found.items()},
    )


def _doc(record: Entity) -> _Doc:
    return record.model_dump(mode="json")
