"""The consumer `segments`: keeps who is in which segment, in as much work as there is change; J9.

Looked at are the clients that the log names, those for whom time has run, and, when a question is
new or another one, everybody once, page by page. Each step is one transaction with the place it
came to: a crash or a repeated delivery neither loses nor tells anything twice.
"""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from functools import partial
from typing import TypeAlias

from kartoteka.domain import identity
from kartoteka.domain.change import Change
from kartoteka.domain.deal import Deal
from kartoteka.domain.duplicates import read_key
from kartoteka.domain.inbound import Inbound
from kartoteka.domain.instant import spell
from kartoteka.domain.model import Client, Lead
from kartoteka.domain.segment import Counting, Member
from kartoteka.domain.segment_asking import Asking, Touched, touched
from kartoteka.ports import LogEntry, Query, Store, Tx, Where
from kartoteka.services.consume import Drained, checkpoint, put_checkpoint
from kartoteka.services.office import Desk, read_settings
from kartoteka.services.segment_counting import ACTOR, TURNS, Look, gather, keep
from kartoteka.services.segment_language import asking_of
from kartoteka.services.segment_state import STATE, STATE_ID, State, read_state
from kartoteka.services.unit import LOG, Unit, transact
from kartoteka.services.wake import CONSUMERS

SEGMENTS = CONSUMERS["segments"]
_COUNTING = "all"
_BATCH, _PAGE = 50, 50  # changes, clients of one transaction: each may write ten documents
_DROPPED = 200  # members that one transaction takes away
_MOST = 20_000  # changes and clients a drain; a call of the queue may last ten minutes
_Done: TypeAlias = int | None  # done in one step; None: somebody else was there first


@dataclass(frozen=True, slots=True)
class _Step:
    """What every step works with."""

    asking: Asking
    now: datetime

    @property
    def at(self) -> str:
        return spell(self.now)

    def keep(self, tx: Tx, state: State, causes: Mapping[str, str]) -> State:
        """Keep the membership of these clients; return the state with the sizes."""
        look = Look(self.asking, self.now, state.unfinished)
        return state.grown(keep(tx, gather(tx, causes, self.asking), look, causes))


def drain(desk: Desk, *, most: int = _MOST) -> Drained:
    """Return how many changes and clients were looked at; what is left gets a drain of its own.

    At first, and after a rewinding, the log is passed over and everybody is counted as they are.
    """
    step = _Step(asking_of(read_settings(desk.store)), desk.now())
    desk.store.run(partial(_prepare, head=desk.store.log_head(LOG), step=step))
    head = desk.store.log_head(LOG)
    handled, done = 0, _any_step(desk.store, step)
    while done and handled + done < most:
        handled += done
        done = _any_step(desk.store, step)
    if done == 0 and _tell_sizes(desk.store, step):
        handled += _any_step(desk.store, step) or 0
    if done != 0:
        desk.waker.ask(SEGMENTS)
    if desk.store.log_head(LOG) != head:
        desk.waker.after_commit()
    return Drained(handled + (done or 0), more=done != 0)


def count_anew(desk: Desk) -> None:
    """Have everybody looked at again, and members whose client is gone; nothing is told of it."""

    def work(tx: Tx) -> None:
        before = read_state(tx.get(STATE, STATE_ID))
        _keep_state(tx, replace(before.all_anew(), repairs=True), before)

    desk.store.run(work)
    desk.waker.ask(SEGMENTS)


def members_of(store: Store, segment_id: str) -> Iterator[str]:
    """Yield the ids of the clients in a segment, in a lasting order; memory stays flat."""
    query = Query(Member.collection, (Where("segment_id", "==", segment_id),))
    return (str(hit.doc["client_id"]) for hit in store.query(query))


def _any_step(store: Store, step: _Step) -> _Done:
    """Do the most urgent step; return 0 when there is nothing to do."""
    behind = checkpoint(store, SEGMENTS.name)
    if entries := store.read_log(LOG, behind, _BATCH):
        return store.run(partial(_read_on, behind=behind, entries=entries, step=step))
    due = Query(TURNS, (Where("at", "<=", step.at),), limit=_PAGE)
    if late := [hit.id for hit in store.query(due)]:
        return store.run(partial(_turn, ids=late, step=step))
    state = read_state(store.get(STATE, STATE_ID))
    if gone := sorted(set(state.counted) - set(step.asking.prints)):
        return _drop(store, gone[0])
    return 0 if state.cursor is None else _count(store, state, step)


def _tell_sizes(store: Store, step: _Step) -> bool:
    """Tell the books that the sizes are others: behind each count, and once a day."""
    zone = step.asking.measures.zone
    prints = tuple(sorted(step.asking.prints.values()))
    doc = store.get(Counting.collection, _COUNTING)
    last = None if doc is None else Counting.model_validate(doc)
    days = [at.astimezone(zone).date() for at in (step.now, *([last.at] if last else []))]
    if last is not None and last.whole == prints and days[0] == days[1]:
        return False
    told = Counting(id=_COUNTING, at=step.now, whole=prints)

    def work(unit: Unit) -> None:
        unit.keep(told, shown=("at",))

    transact(store, ACTOR, "segments:count", step.now, work=work)
    return True


def _prepare(tx: Tx, *, head: str | None, step: _Step) -> None:
    """Begin at the end of the log with everybody to be counted, or see what is asked anew."""
    doc, place = tx.get(STATE, STATE_ID), tx.get("checkpoints", SEGMENTS.name)
    state = read_state(doc)
    begins = place is None and (doc is None or state.begun)
    if begins:
        state = replace(state.all_anew(), repairs=doc is not None, begun=head is not None)
    state = state.asked(step.asking.prints, step.asking.held)
    if begins and head is not None:
        put_checkpoint(tx, SEGMENTS.name, head, step.at)
    _keep_state(tx, state, None if doc is None else read_state(doc))


def _read_on(tx: Tx, *, behind: str | None, entries: Sequence[LogEntry], step: _Step) -> _Done:
    """Look at the clients that a batch of the log names."""
    place = tx.get("checkpoints", SEGMENTS.name) or {}
    before = read_state(tx.get(STATE, STATE_ID))
    if place.get("position") != behind:
        return None
    found = touched(Change.model_validate(entry.doc) for entry in entries)
    state = step.keep(tx, replace(before, begun=True), _causes(tx, found))
    put_checkpoint(tx, SEGMENTS.name, entries[-1].position, step.at)
    _keep_state(tx, state, before)
    return len(entries)


def _turn(tx: Tx, *, ids: Sequence[str], step: _Step) -> _Done:
    """Look at the clients for whom time has run."""
    before = read_state(tx.get(STATE, STATE_ID))
    _keep_state(tx, step.keep(tx, before, dict.fromkeys(ids, "segments:time")), before)
    return len(ids)


def _count(store: Store, seen: State, step: _Step) -> _Done:
    """Look at a page of everybody."""
    collection = Client.collection if seen.phase == "clients" else Member.collection
    page = list(store.query(Query(collection, limit=_PAGE, after=seen.cursor or None)))
    named = (hit.id if seen.phase == "clients" else str(hit.doc["client_id"]) for hit in page)
    causes = dict.fromkeys(named, "segments:count")
    cursor = page[-1].cursor if len(page) == _PAGE else None

    def work(tx: Tx) -> _Done:
        before = read_state(tx.get(STATE, STATE_ID))
        if (before.phase, before.cursor) != (seen.phase, seen.cursor):
            return None
        _keep_state(tx, step.keep(tx, before, causes).moved(cursor, step.at), before)
        return max(1, len(page))

    return store.run(work)


def _drop(store: Store, segment_id: str) -> _Done:
    """Take a page of members out of a segment that is no more; nothing is told of it."""
    query = Query(Member.collection, (Where("segment_id", "==", segment_id),), limit=_DROPPED)
    gone = [hit.id for hit in store.query(query)]

    def work(tx: Tx) -> _Done:
        before = read_state(tx.get(STATE, STATE_ID))
        for name in gone:
            tx.delete(Member.collection, name)
        if not gone:
            _keep_state(tx, before.without(segment_id), before)
        return max(1, len(gone))

    return store.run(work)


def _causes(tx: Tx, found: Touched) -> dict[str, str]:
    """Return why each client is looked at, those of records that did not tell theirs included."""
    causes = {**_whose(tx, found, Lead), **_whose(tx, found, Deal), **found.clients}
    wishers = {**_whose(tx, found, Inbound), **found.wishers}
    return {**_sharing(tx, wishers), **wishers, **causes}


def _whose(
    tx: Tx, found: Touched, model: type[Lead] | type[Deal] | type[Inbound]
) -> dict[str, str]:
    ids = found.named(model.kind)
    docs = tx.get_many(model.collection, ids) if ids else {}
    owners = {name: doc.get("client_id") for name, doc in docs.items()}
    named = {name: owner for name, owner in owners.items() if isinstance(owner, str)}
    return {owner: found.records[model.kind, name] for name, owner in named.items()}


def _sharing(tx: Tx, wishers: Mapping[str, str]) -> dict[str, str]:
    """Return who uses an address of one of these clients too."""
    docs = tx.get_many(Client.collection, list(wishers)) if wishers else {}
    owners: dict[str, str] = {}
    for name, doc in docs.items():
        client = Client.model_validate(doc)
        owners |= dict.fromkeys(identity.keys(client.phones, client.emails, ()), wishers[name])
    keys = tx.get_many("keys", list(owners)) if owners else {}
    return {user: owners[key] for key, doc in keys.items() for user in read_key(doc).users}


def _keep_state(tx: Tx, state: State, before: State | None) -> None:
    if state != before:
        tx.put(STATE, STATE_ID, state.doc())
