"""Clients put into static segments by people, and taken out; the log tells of each."""

from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime

from pydantic import Field

from kartoteka.domain.access import Operation, check
from kartoteka.domain.batch import cause_of
from kartoteka.domain.change import Actor, Change
from kartoteka.domain.errors import Invalid
from kartoteka.domain.model import Client, Value
from kartoteka.domain.office import Settings
from kartoteka.domain.portrait import is_counted
from kartoteka.domain.segment import Member, member_id
from kartoteka.domain.segment_asking import chunks
from kartoteka.ports import Order, Query, Store, Tx, Where
from kartoteka.services.commands import Command, Registry
from kartoteka.services.merge import follow
from kartoteka.services.office import Desk
from kartoteka.services.segment_language import segment_of
from kartoteka.services.segment_state import STATE, STATE_ID, read_state
from kartoteka.services.task_forms import Id
from kartoteka.services.unit import LOG, Unit

_MOST_CLIENTS = 1_000  # of one command
_STEP = 100  # clients of one transaction


class Hands(Value):
    """Clients for a static segment: by id, or all that an import made."""

    segment: str = Field(min_length=1, max_length=200, description="id or name")
    clients: tuple[Id, ...] = Field(default=(), max_length=_MOST_CLIENTS)
    batch: Id = Field(default="", description="an import: all clients that it made or changed")


class Handed(Value):
    """How many clients came into a static segment, or left it."""

    id: str
    moved: int


def put_in(desk: Desk, actor: Actor, form: Hands, cause: str) -> Handed:
    """Return how many clients came into a static segment; who was merged away counts as the other.

    Raises:
        NotAllowed: one of the clients is somebody else's.
        NotFound: one is not there. Invalid: the segment is not static.
    """
    return _handed(desk, form, _Hand(actor, cause, desk.now(), desk.settings(), comes=True))


def take_out(desk: Desk, actor: Actor, form: Hands, cause: str) -> Handed:
    """Return how many clients left a static segment.

    Raises:
        NotAllowed: one of the clients is somebody else's.
        NotFound: one is not there. Invalid: the segment is not static.
    """
    return _handed(desk, form, _Hand(actor, cause, desk.now(), desk.settings(), comes=False))


@dataclass(frozen=True, slots=True)
class _Hand:
    """Who moves clients, and which way."""

    actor: Actor
    cause: str
    now: datetime
    settings: Settings
    comes: bool

    def move(self, tx: Tx, segment_id: str, portion: Sequence[str]) -> int:
        """Move some clients; return how many were not there already."""
        unit = Unit(tx, self.actor, self.cause, self.now)
        unit.apart = True
        before = read_state(tx.get(STATE, STATE_ID))
        clients = [client for client in self._clients(unit, portion) if is_counted(_doc(client))]
        names = {member_id(segment_id, client.id): client for client in clients}
        known = unit.find_many(Member, names)
        for name, client in names.items():
            if self.comes and name not in known:
                unit.add(
                    Member(id=name, segment_id=segment_id, client_id=client.id, since=self.now)
                )
        for member in () if self.comes else known.values():
            unit.remove(member)
        moved = len(names) - len(known) if self.comes else -len(known)
        unit.close()
        tx.put(STATE, STATE_ID, before.grown(Counter({segment_id: moved})).doc())
        return abs(moved)

    def _clients(self, unit: Unit, portion: Sequence[str]) -> Iterable[Client]:
        found = unit.find_many(Client, portion)
        for name in portion:
            known = found.get(name)
            client = known if known and not known.merged_into else follow(unit, name)
            check(self.actor, Operation.CHANGE, client, within=self.settings, now=self.now)
            yield client


def _handed(desk: Desk, form: Hands, hand: _Hand) -> Handed:
    row = segment_of(hand.settings.office, form.segment)
    if row.kind != "static":
        raise Invalid(
            f"{row.id} is counted by its question: nobody is put into it",
            fields={"segment": "segment_not_static"},
            code="segment_not_static",
        )
    names = [*dict.fromkeys((*form.clients, *_made_by(desk.store, form.batch)))]
    moved = 0
    for portion in chunks(names, _STEP):

        def work(tx: Tx, some: Sequence[str] = portion) -> int:
            return hand.move(tx, row.id, some)

        moved += desk.store.run(work)
    desk.waker.after_commit()
    return Handed(id=row.id, moved=moved)


def _doc(client: Client) -> dict[str, object]:
    return {"merged_into": client.merged_into, "forgotten": client.forgotten}


def _made_by(store: Store, batch_id: str) -> Iterable[str]:
    """Yield the clients that an import made or changed."""
    where = (Where("cause", "==", cause_of(batch_id)),)
    found = store.query(Query(LOG, where, (Order("at", descending=True),))) if batch_id else ()
    for entry in found:
        for part in Change.model_validate(entry.doc).parts:
            if part.entity == Client.kind and part.after is not None:
                yield part.id


SEGMENT_HANDS: Registry = {
    "segment.add": Command("put clients into a static segment", Hands, put_in),
    "segment.drop": Command("take clients out of a static segment", Hands, take_out),
}
