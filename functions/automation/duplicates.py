"""Every night: clients that look like one are put to the office, plain cases are merged.

Two clients that use one strong key are a question at once; names only suggest. A client that did
not change since the last night is not looked at again, and a block of names remembers who is in
it, so the cost follows what changed and memory stays flat, whatever the size of the base.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from functools import partial
from itertools import islice
from typing import ClassVar

from kartoteka.domain.batch import Batch
from kartoteka.domain.change import Actor, ActorKind
from kartoteka.domain.duplicates import alike, name_key
from kartoteka.domain.errors import Rejected
from kartoteka.domain.ids import fresh
from kartoteka.domain.instant import spell
from kartoteka.domain.merging import keys_of
from kartoteka.domain.model import Client, Entity, Pair
from kartoteka.log import log
from kartoteka.ports import Doc, Order, Query, Where
from kartoteka.services import duplicates
from kartoteka.services.forget import FORGET, forget
from kartoteka.services.merge import MERGE, alone_possible, finish, merge_in_unit
from kartoteka.services.office import Desk
from kartoteka.services.unit import Unit, transact

COLLECTION = "checkpoints"
_CONSUMER = "duplicates"
_PORTION = 200
_OVERLAP = timedelta(minutes=10)  # longer than a change takes from its time to its commit
_MOST_ALIKE = 20  # clients of one block; a commoner name suggests nothing
_ACTOR = Actor(kind=ActorKind.RULE, id="duplicates")


class NameBlock(Entity):
    """Clients whose names sound alike; `id` is what they share."""

    kind: ClassVar[str] = "name_block"
    collection: ClassVar[str] = "name_blocks"
    clients: tuple[str, ...] = ()


@dataclass(slots=True)
class _Found:
    """What one transaction asked."""

    by_key: int = 0
    by_name: int = 0


def run(desk: Desk) -> dict[str, int]:
    """Return how many clients were looked at, questions asked, clients merged, acts gone on."""
    started, since = desk.now(), _since(desk)
    gone_on = go_on(desk)
    seen = by_key = by_name = 0
    for portion in _portions(_changed(desk, since)):
        found = transact(
            desk.store, _ACTOR, "nightly", desk.now(), work=partial(_ask, desk=desk, ids=portion)
        )
        seen, by_key, by_name = seen + len(portion), by_key + found.by_key, by_name + found.by_name
    merged = sum(_merge_alone(desk, pair) for pair in list(_open_pairs(desk, since)))
    _remember(desk, started - _OVERLAP)
    desk.waker.after_commit()
    counts = {
        "clients": seen,
        "by_key": by_key,
        "by_name": by_name,
        "merged": merged,
        "gone_on": gone_on,
    }
    log("info", event="duplicates", **counts)
    return counts


def go_on(desk: Desk) -> int:
    """Finish the merges and forgettings that a crash stopped; return how many."""
    query = Query(Batch.collection, (Where("state", "==", "running"),), (Order("at"),))
    stopped = [Batch.model_validate(found.doc) for found in desk.store.query(query)]
    for batch in stopped:
        if batch.what == MERGE:
            finish(desk, batch)
        elif batch.what == FORGET:
            forget(desk, batch.actor, batch.subject, cause=batch.asked)
    return sum(batch.what in {MERGE, FORGET} for batch in stopped)


def _changed(desk: Desk, since: str) -> Iterator[str]:
    where = (Where("updated_at", ">=", since),) if since else ()
    query = Query(Client.collection, where, (Order("updated_at"),))
    return (found.id for found in desk.store.query(query))


def _ask(unit: Unit, *, desk: Desk, ids: Sequence[str]) -> _Found:
    """Put the questions that these clients raise."""
    own = {f"phone:{number}" for number in desk.settings().own_numbers()}
    whole = unit.find_many(Client, ids).values()
    clients = [one for one in whole if one.merged_into is None and not one.forgotten]
    names = {one.id: [name for name in keys_of(one) if name not in own] for one in clients}
    keys = unit.key_records([name for listed in names.values() for name in listed])
    found = _Found()
    for client_id, listed in names.items():
        for key in (keys[name] for name in listed if name in keys):
            if not key.shared and client_id not in key.users:
                found.by_key += duplicates.ask(unit, key.client_id, client_id, why="key")
    _ask_by_name(unit, clients, found)
    return found


def _ask_by_name(unit: Unit, clients: Sequence[Client], found: _Found) -> None:
    sounds = {one.id: name_key(one.name, one.company) for one in clients}
    blocks = unit.find_many(NameBlock, [sound for sound in sounds.values() if sound])
    others = unit.find_many(Client, {name for block in blocks.values() for name in block.clients})
    known = others | {one.id: one for one in clients}
    for one in clients:
        sound = sounds[one.id]
        block = blocks.get(sound) if sound else None
        if sound is None or (block is not None and one.id in block.clients):
            continue
        block = block or NameBlock(id=sound)
        if len(block.clients) < _MOST_ALIKE:
            others_in = [known[name] for name in block.clients if name in known]
            found.by_name += _ask_in_block(unit, one, others_in)
            blocks[sound] = block.model_copy(update={"clients": (*block.clients, one.id)})
            unit.keep(blocks[sound])


def _ask_in_block(unit: Unit, one: Client, others: Sequence[Client]) -> int:
    near = (
        other
        for other in others
        if other.merged_into is None
        and not other.forgotten
        and alike((one.name, one.company), (other.name, other.company))
    )
    return sum(duplicates.ask(unit, other.id, one.id, why="name") for other in near)


def _open_pairs(desk: Desk, since: str) -> Iterator[Pair]:
    where = (Where("state", "==", "open"), *((Where("at", ">=", since),) if since else ()))
    query = Query(Pair.collection, where, (Order("at"),))
    pairs = (Pair.model_validate(found.doc) for found in desk.store.query(query))
    return (pair for pair in pairs if pair.why == "key")


def _merge_alone(desk: Desk, pair: Pair) -> bool:
    """Merge a pair that leaves nothing to decide; False when a person has to."""
    batch_id = fresh("bt")

    def work(unit: Unit) -> Batch | None:
        left, right = (unit.find(Client, one) for one in (pair.left, pair.right))
        if left is None or right is None or not alone_possible(unit, left, right):
            return None
        if _taken_back(unit, left, right):
            return None
        both = (left.id, right.id)
        return merge_in_unit(unit, desk.settings(), both, prefer={}, batch_id=batch_id)

    try:
        batch = transact(desk.store, _ACTOR, "nightly", desk.now(), work=work)
    except Rejected:  # one already, or forgotten meanwhile
        return False
    if batch is not None:
        finish(desk, batch)
    return batch is not None


def _taken_back(unit: Unit, one: Client, other: Client) -> bool:
    """Return whether a person undid a merge of these two: the night does not insist."""
    both = {one.id, other.id}
    for loser in sorted(both):
        where = (Where("other", "==", loser), Where("state", "in", ("undoing", "undone")))
        past = unit.search(Batch, Query(Batch.collection, where))
        if any({batch.subject, batch.other} == both for batch in past):
            return True
    return False


def _since(desk: Desk) -> str:
    doc = desk.store.get(COLLECTION, _CONSUMER)
    return str(doc["position"]) if doc else ""


def _remember(desk: Desk, looked_until: datetime) -> None:
    doc: Doc = {"position": spell(looked_until), "at": spell(desk.now())}
    desk.store.run(lambda tx: tx.put(COLLECTION, _CONSUMER, doc))


def _portions(ids: Iterator[str]) -> Iterator[list[str]]:
    while portion := list(islice(ids, _PORTION)):
        yield portion
