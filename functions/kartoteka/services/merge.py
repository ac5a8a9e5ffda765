"""Two clients become one: nothing of either is lost, and it can be undone for 30 days."""

from collections.abc import Mapping
from datetime import datetime
from typing import TypeAlias

from kartoteka.domain.access import Operation, check
from kartoteka.domain.batch import STEP, Batch
from kartoteka.domain.change import Actor
from kartoteka.domain.chat import Chat
from kartoteka.domain.deal import Deal
from kartoteka.domain.duplicates import pair_id
from kartoteka.domain.errors import Invalid, NotAllowed, NotFound
from kartoteka.domain.headers import CUSTOM
from kartoteka.domain.ids import fresh
from kartoteka.domain.merging import conflicts, keys_of, merged, redirect, survivor_first
from kartoteka.domain.model import Activity, Client, Lead, Pair, Task
from kartoteka.domain.office import Settings
from kartoteka.domain.payment import PaymentFact
from kartoteka.domain.sales_paper import SalesPaper
from kartoteka.i18n import text
from kartoteka.ports import Order, Query, Where
from kartoteka.services import batches
from kartoteka.services.fresh import check_fresh
from kartoteka.services.office import Desk
from kartoteka.services.unit import Unit, transact

MERGE = "merge"
Child: TypeAlias = Activity | Chat | Deal | Lead | PaymentFact | SalesPaper | Task
_CHILDREN: tuple[type[Child], ...] = (Lead, Deal, Task, Chat, Activity, PaymentFact, SalesPaper)
_MOST_PAIRS = 100
_LONGEST_CHAIN = 20


def merge(
    desk: Desk,
    actor: Actor,
    left: str,
    right: str,
    *,
    cause: str,
    prefer: Mapping[str, str] | None = None,
    expected: Mapping[str, datetime] | None = None,
) -> Client:
    """Return the client that both became; the older record stays, the other redirects to it.

    Up to 200 children move in the transaction of the merge, further ones in steps behind it; the
    same command goes on where a crash stopped it.

    Raises:
        NotAllowed: one of the clients is somebody else's.
        Invalid: both fill a field differently and `prefer` does not choose, the two are one
            already, or one was forgotten.
        Conflict: a client in `expected` was changed since (`stale`).
    """
    batch_id, settings = fresh("bt"), desk.settings()

    def work(unit: Unit) -> Batch:
        for client_id, seen in (expected or {}).items():
            client = unit.need(Client, client_id)
            check_fresh(client, client.updated_at, seen)
        return merge_in_unit(unit, settings, (left, right), prefer=prefer or {}, batch_id=batch_id)

    batch = transact(desk.store, actor, cause, desk.now(), work=work)
    return finish(desk, batch)


def finish(desk: Desk, batch: Batch) -> Client:
    """Return the survivor after all children moved; repeating it is harmless."""
    while batch.state == "running":
        batch = transact(desk.store, batch.actor, batch.cause, desk.now(), work=_Step(batch.id))
    desk.waker.after_commit()
    return Client.model_validate(desk.store.get(Client.collection, batch.subject))


def merge_in_unit(
    unit: Unit,
    settings: Settings,
    clients: tuple[str, str],
    *,
    prefer: Mapping[str, str],
    batch_id: str,
) -> Batch:
    """Return the batch of the merge whose first step this unit is; `finish` does the rest.

    Args:
        unit: its cause becomes the batch's.
        settings: the office's.
        clients: the two, each or one that was merged into it.
        prefer: per field that both fill differently, the client whose value stands.
        batch_id: drawn outside the transaction.
    """
    one, other = (follow(unit, client_id) for client_id in clients)
    if one.id == other.id:
        return _going_on(unit, one, set(clients) - {one.id})
    survivor, loser = survivor_first(one, other)
    _check(unit, settings, survivor, loser)
    whole = _whole(unit, settings, survivor, loser, prefer=prefer)
    unit.subject = survivor.id
    batch = batches.begin(unit, batch_id, MERGE, unit.actor, other=loser.id)
    unit.save(whole)
    unit.save(redirect(loser, survivor, unit.now))
    _move_keys(unit, survivor, loser)
    _move_pairs(unit, survivor, loser)
    return _move_children(unit, batch)


def _whole(
    unit: Unit, settings: Settings, survivor: Client, loser: Client, *, prefer: Mapping[str, str]
) -> Client:
    """Return the card that both become; what is left to choose is told in the office's words."""
    try:
        return merged(survivor, loser, prefer, unit.now)
    except Invalid as exc:
        if exc.code != "merge_choose":
            raise
        open_ones = [name for name in conflicts(survivor, loser) if name not in prefer]
        names = ", ".join(_told(settings, name) for name in open_ones)
        raise Invalid(str(exc), fields=exc.fields, code=exc.code, names=names) from exc


def _told(settings: Settings, name: str) -> str:
    """Return a field as the column of the sheet calls it."""
    office = settings.office
    own = {f"{CUSTOM}{spec.id}": spec.name for spec in office.fields}
    words = own.get(name) or text(f"column_client_{name}", office.locale)
    return f"«{words}»"


def follow(unit: Unit, client_id: str) -> Client:
    """Return the client, or the one that it became part of."""
    client = unit.need(Client, client_id)
    for _ in range(_LONGEST_CHAIN):
        if client.merged_into is None:
            return client
        client = unit.need(Client, client.merged_into)
    raise Invalid(f"the redirects of client {client_id} run in a circle", code="merge_circle")


def still_known(unit: Unit, client_id: str) -> Client | None:
    """Return the client as `follow` does, None when there is none any more."""
    try:
        return follow(unit, client_id)
    except NotFound:
        return None


def alone_possible(unit: Unit, one: Client, other: Client) -> bool:
    """Return whether a merge needs nobody: no conflict, the same owner, no locked deal."""
    if one.owner_id != other.owner_id or conflicts(one, other):
        return False
    deals = [*_of(unit, Deal, one.id, STEP + 1), *_of(unit, Deal, other.id, STEP + 1)]
    return len(deals) <= STEP and not any(getattr(deal, "locked", False) for deal in deals)


def _check(unit: Unit, settings: Settings, survivor: Client, loser: Client) -> None:
    for client in (survivor, loser):
        check(unit.actor, Operation.CHANGE, client, within=settings)
        if client.forgotten:
            raise NotAllowed(f"client {client.id} was forgotten", code="client_forgotten_already")


def _going_on(unit: Unit, survivor: Client, losers: set[str]) -> Batch:
    """Return the unfinished batch that made one client of the two."""
    for loser in sorted(losers):
        where = (Where("other", "==", loser), Where("state", "==", "running"))
        for batch in unit.search(Batch, Query(Batch.collection, where)):
            if batch.subject == survivor.id:
                return batch
    raise Invalid(
        "the two clients are one already", fields={"right": "pair_merged"}, code="pair_merged"
    )


def _move_keys(unit: Unit, survivor: Client, loser: Client) -> None:
    for name, key in unit.key_records(keys_of(loser)).items():
        if loser.id in key.users:
            unit.hold(name, key.moved(loser.id, survivor.id))


def _move_pairs(unit: Unit, survivor: Client, loser: Client) -> None:
    """Close the question of these two, and ask the loser's other questions of the survivor."""
    sides = [
        Query(Pair.collection, (Where(side, "==", loser.id),), limit=_MOST_PAIRS)
        for side in ("left", "right")
    ]
    for pair in [pair for side in sides for pair in unit.search(Pair, side)]:
        other = pair.right if pair.left == loser.id else pair.left
        if other != survivor.id and unit.find(Pair, pair_id(survivor.id, other)) is None:
            left, right = sorted((survivor.id, other))
            moved = {"id": pair_id(left, right), "left": left, "right": right}
            unit.add(pair.model_copy(update=moved))
        unit.save(pair.model_copy(update={"state": "merged"}))


class _Step:
    """One further transaction of a merge."""

    def __init__(self, batch_id: str) -> None:
        self._batch_id = batch_id

    def __call__(self, unit: Unit) -> Batch:
        batch = batches.resume(unit, self._batch_id)
        return _move_children(unit, batch) if batch else unit.need(Batch, self._batch_id)


def _move_children(unit: Unit, batch: Batch) -> Batch:
    """Move up to 200 records of the loser; the batch is done when there are no more."""
    moved = 0
    for model in _CHILDREN:
        found = _of(unit, model, batch.other, STEP - moved) if moved < STEP else []
        for child in found:
            unit.save(child.model_copy(update=_moved(child, batch.subject, unit)))
        moved += len(found)
    return batches.advance(unit, batch, moved, done=moved < STEP)


def _moved(child: Child, survivor: str, unit: Unit) -> dict[str, object]:
    stamped = {"updated_at": unit.now} if "updated_at" in type(child).model_fields else {}
    return {"client_id": survivor, **stamped}


def _of(unit: Unit, model: type[Child], client_id: str, limit: int) -> list[Child]:
    order = (Order("at", descending=True),) if model is Activity else ()
    query = Query(model.collection, (Where("client_id", "==", client_id),), order, limit=limit)
    return unit.search(model, query)
