"""An act that a program may ask for again: it happens once, and its first answer is given again.

The answer is kept in the transaction of the act's first commit, so whatever dies behind it, the
repetition finds it. It is sealed by whoever asked (`Asked.seal`): the office keeps nobody's data
and no secret in it. A refusal is not kept: what was refused may be asked for again.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from functools import partial
from typing import TypeVar

from kartoteka.domain.api_answer import ApiAnswer
from kartoteka.domain.batch import Batch
from kartoteka.domain.errors import Conflict
from kartoteka.domain.instant import spell
from kartoteka.ports import Doc, Found, Order, Query, Store, Tx, Where
from kartoteka.services.office import Desk
from kartoteka.services.through import Through
from kartoteka.services.unit import LOG

T = TypeVar("T")
KEPT_FOR = timedelta(days=1)
DONE_BEFORE = "api_done_before"
_PAGE = 200


@dataclass(frozen=True, slots=True)
class Asked:
    """What is asked for, so that the same is known again.

    Attributes:
        id: of the answer: from who asks and the name they gave it.
        print: hash of the request.
        seal: makes the kept text of an answer: of what a transaction gave and its first change.
    """

    id: str
    print: str
    seal: Callable[[object, str | None], str]


class Watched(Through):
    """A store that says which changes an act made, and keeps its answer if it may be repeated.

    Args:
        store: the office's own.
        now: the present instant.
        asked: what the act is known by, None when it is not to be known again.
    """

    def __init__(self, store: Store, now: datetime, asked: Asked | None = None) -> None:
        super().__init__(store)
        self._now = now
        self._asked = asked
        self.changes: list[str] = []
        self.kept: ApiAnswer | None = None

    def run(self, work: Callable[[Tx], T]) -> T:
        """Run `work`, with the answer beside its first writes.

        Raises:
            Conflict: a call that came at the same time did it; `read` finds its answer.
        """
        asked = self._asked if self.kept is None else None

        def once(tx: Tx) -> tuple[T, list[str], ApiAnswer | None]:
            if asked is not None and read(tx, asked) is not None:
                raise Conflict("this was done before", code=DONE_BEFORE)
            watched = _Writes(tx)
            result = work(watched)
            answer = None
            if asked is not None and watched.wrote:
                answer = self._answer(asked, result, next(iter(watched.changes), None))
                tx.create(answer.collection, answer.id, answer.model_dump(mode="json"))
            return result, watched.changes, answer

        result, changes, answer = self._store.run(once)
        self.changes += changes
        self.kept = self.kept or answer
        return result

    def _answer(self, asked: Asked, result: object, change: str | None) -> ApiAnswer:
        running = isinstance(result, Batch) and result.state == "running"
        sealed = asked.seal(result, change)
        return ApiAnswer(
            id=asked.id, print=asked.print, sealed=sealed, going_on=running, at=self._now
        )


def read(place: Store | Tx, asked: Asked) -> ApiAnswer | None:
    """Return what was answered to the same name before.

    Raises:
        Conflict: another request was made under this name (`api_other_body`).
    """
    doc = place.get(ApiAnswer.collection, asked.id)
    if doc is None:
        return None
    found = ApiAnswer.model_validate(doc)
    if found.print != asked.print:
        raise Conflict("another request has this name", code="api_other_body")
    return found


def settle(store: Store, answer: ApiAnswer, sealed: str) -> None:
    """Keep the final answer in the place of the first one."""
    final = answer.model_copy(update={"sealed": sealed, "going_on": False})
    store.run(lambda tx: tx.put(final.collection, final.id, final.model_dump(mode="json")))


def throw_away_old(desk: Desk) -> int:
    """Delete the answers that are older than a day; return how many."""
    before = (Where("at", "<", spell(desk.now() - KEPT_FOR)),)
    query = Query(ApiAnswer.collection, before, (Order("at"),), limit=_PAGE)
    gone = 0
    while names := [hit.id for hit in desk.store.query(query)]:
        desk.store.run(partial(_delete, names))
        gone += len(names)
    return gone


def _delete(names: Sequence[str], tx: Tx) -> None:
    for name in names:
        tx.delete(ApiAnswer.collection, name)


@dataclass(slots=True)
class _Writes:
    """A transaction that remembers whether it wrote, and which changes it told the log."""

    tx: Tx
    wrote: bool = False
    changes: list[str] = field(default_factory=list)

    def get(self, collection: str, record_id: str) -> Doc | None:
        return self.tx.get(collection, record_id)

    def get_many(self, collection: str, record_ids: Sequence[str]) -> dict[str, Doc]:
        return self.tx.get_many(collection, record_ids)

    def query(self, query: Query) -> list[Found]:
        return self.tx.query(query)

    def put(self, collection: str, record_id: str, doc: Doc) -> None:
        self.wrote = True
        self.tx.put(collection, record_id, doc)

    def create(self, collection: str, record_id: str, doc: Doc) -> None:
        self.wrote = True
        self.tx.create(collection, record_id, doc)

    def delete(self, collection: str, record_id: str) -> None:
        self.wrote = True
        self.tx.delete(collection, record_id)

    def append(self, log: str, record_id: str, doc: Doc) -> None:
        self.wrote = True
        self.changes += [record_id] if log == LOG else []
        self.tx.append(log, record_id, doc)
