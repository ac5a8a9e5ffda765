"""«Forget this client», said of one who was deleted before: only the log still holds them; N15."""

from collections.abc import Iterator
from functools import partial

from kartoteka.domain.access import Operation, check
from kartoteka.domain.batch import Batch
from kartoteka.domain.change import Actor, Change
from kartoteka.domain.forgetting import forgotten
from kartoteka.domain.model import Client
from kartoteka.i18n import text
from kartoteka.ports import Order, Query, Store, Where
from kartoteka.services.deletion import DELETE
from kartoteka.services.forget import TOLD, erase, forget_in_partners
from kartoteka.services.office import Desk
from kartoteka.services.unit import LOG, Unit, transact

FORGOTTEN = "forgotten"  # of a deletion: what it took away was erased, nothing can come back
_STATES = ("done", FORGOTTEN, "running")


def deletion_of(store: Store, client_id: str) -> Batch | None:
    """Return the deletion by which a client went; None while the client is there."""
    if store.get(Client.collection, client_id) is not None:
        return None
    where = (Where("other", "==", client_id), Where("state", "in", _STATES))
    found = (Batch.model_validate(hit.doc) for hit in store.query(Query(Batch.collection, where)))
    gone = [batch for batch in found if batch.what == DELETE]
    return max(gone, key=lambda batch: batch.at, default=None)


def forget_deleted(desk: Desk, actor: Actor, deletion: Batch, *, cause: str) -> Client:
    """Return the client as the log has them now: anonymised, and never to come back.

    Raises:
        NotAllowed: the actor may not delete this client.
    """
    settings = desk.settings()
    stand_in = text("client_forgotten", settings.office.locale)
    cards = list(_cards(desk.store, deletion))
    root = next(card for card in cards if card.id == deletion.other)
    check(actor, Operation.DELETE, root, within=settings, now=desk.now())
    work = partial(_seal, batch_id=deletion.id)
    transact(desk.store, actor, cause, desk.now(), work=work)
    for card in cards:
        forget_in_partners(desk.store, card)
    erase(desk, actor, [card.id for card in cards], stand_in)
    transact(desk.store, actor, cause, desk.now(), work=partial(_tell, batch_id=deletion.id))
    desk.waker.after_commit()
    bare = Client.model_validate(forgotten(Client.kind, root.model_dump(mode="json"), stand_in))
    return bare.model_copy(update={"forgotten": True})


def _cards(store: Store, deletion: Batch) -> Iterator[Client]:
    """Yield the client and those merged into it, as the deletion found them."""
    query = Query(LOG, (Where("cause", "==", deletion.cause),), (Order("at", descending=True),))
    for found in store.query(query):
        for part in Change.model_validate(found.doc).parts:
            if part.entity == Client.kind and part.after is None:
                yield Client.model_validate(part.before)


def _seal(unit: Unit, *, batch_id: str) -> None:
    """Close the way back before anything is erased."""
    batch = unit.need(Batch, batch_id)
    unit.keep(batch.model_copy(update={"state": FORGOTTEN}))


def _tell(unit: Unit, *, batch_id: str) -> None:
    """Say in the log that all of it was erased: mirrors take back what they told."""
    batch = unit.need(Batch, batch_id)
    unit.subject = batch.other
    unit.keep(batch, shown=TOLD)
