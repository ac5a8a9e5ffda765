"""Who is in which segment: some clients looked at and their membership kept, in one transaction.

Membership follows from the records alone, so looking at a client twice changes nothing. What
changes for a client of a segment that was counted once is told in the log, one `Change` each; who
is deleted, merged away or forgotten leaves without a word, and so does everybody while a new
question is counted for the first time.
"""

from collections import Counter, defaultdict
from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime

from kartoteka.domain.change import Actor, ActorKind
from kartoteka.domain.deal import Deal
from kartoteka.domain.ids import ClientId
from kartoteka.domain.instant import spell
from kartoteka.domain.mailing import AddressWish, wish_id
from kartoteka.domain.model import Client, Lead
from kartoteka.domain.portrait import Portrait, Stored, is_counted, portrait
from kartoteka.domain.segment import Member, member_id
from kartoteka.domain.segment_asking import Asking, chunks, settled
from kartoteka.ports import Doc, Found, Query, Tx, Where
from kartoteka.services.unit import Unit

TURNS = "segment_turns"  # when time alone may change what is asked of a client
ACTOR = Actor(kind=ActorKind.SYSTEM, id="segments")
_IN = 30  # values of one query
_Kept = dict[str, dict[str, Member]]  # by client, then by segment


@dataclass(frozen=True)
class Crowd:
    """Some clients as they are stored, with those they were merged into."""

    clients: Mapping[str, Doc | None]
    leads: Mapping[str, list[Doc]]
    deals: Mapping[str, list[Doc]]
    members: _Kept
    turns: Mapping[str, Doc]
    agreed: Collection[str] = ()  # who agreed to letters or messages to many

    @property
    def merged(self) -> dict[str, str]:
        """Return which client each of them became part of."""
        found = {name: doc.get("merged_into") for name, doc in self.clients.items() if doc}
        return {name: into for name, into in found.items() if isinstance(into, str)}


@dataclass(frozen=True, slots=True)
class Look:
    """How clients are looked at: what is asked, when, and of which segments nothing is told."""

    asking: Asking
    now: datetime
    quiet: Collection[str] = ()


def gather(tx: Tx, ids: Iterable[str], asking: Asking) -> Crowd:
    """Return what is stored of these clients, as far as it is asked; nothing is written."""
    clients = _with_survivors(tx, list(dict.fromkeys(ids)))
    names = list(clients)
    members: _Kept = defaultdict(dict)
    for hit in _hanging(tx, Member.collection, names):
        kept = Member.model_validate(hit.doc)
        members[kept.client_id][kept.segment_id] = kept
    return Crowd(
        clients=clients,
        leads=_by_client(_hanging(tx, Lead.collection, names)),
        deals=_by_client(_hanging(tx, Deal.collection, names)),
        members=members,
        turns=tx.get_many(TURNS, names) if names else {},
        agreed=_agreed(tx, clients) if asking.asks_consent else (),
    )


def keep(tx: Tx, crowd: Crowd, look: Look, causes: Mapping[str, str]) -> Counter[str]:
    """Keep who is in which segment now; return by how many each segment grew or shrank.

    `causes` says what led to it, by client; `segments:time` where nothing is named.
    """
    grown: Counter[str] = Counter()
    held = _held(crowd, look.asking.held)
    for name, doc in crowd.clients.items():
        seen = _portrait(crowd, name, look) if is_counted(doc) else None
        wanted = set() if seen is None else look.asking.answered(seen) | held[name]
        known = crowd.members.get(name, {})
        quiet = set(known) | wanted if seen is None else set(look.quiet) | look.asking.held
        cause = causes.get(name, "segments:time")
        _move(_Move(tx, name, cause, look.now), known, wanted, quiet)
        grown.update(wanted - set(known))
        grown.subtract(set(known) - wanted)
        _wait(tx, name, crowd, None if seen is None else look.asking.turns(seen))
    return grown


def _with_survivors(tx: Tx, ids: list[str]) -> dict[str, Doc | None]:
    """Return the clients by id, with all that they became part of; None: there is none."""
    found: dict[str, Doc | None] = {}
    while ids:
        docs = tx.get_many(Client.collection, ids)
        found |= {name: docs.get(name) for name in ids}
        further = (doc.get("merged_into") for doc in docs.values())
        ids = list(dict.fromkeys(it for it in further if isinstance(it, str) and it not in found))
    return found


def _agreed(tx: Tx, clients: Mapping[str, Doc | None]) -> set[str]:
    """Return the clients of whom an address agreed and did not take it back."""
    owners: dict[str, set[str]] = defaultdict(set)
    for name, doc in clients.items():
        for medium, field in (("mail", "emails"), ("sms", "phones")):
            listed = (doc or {}).get(field)
            for address in listed if isinstance(listed, Sequence) else ():
                owners[wish_id(medium, str(address))].add(name)
    docs = tx.get_many(AddressWish.collection, list(owners)) if owners else {}
    wishes = {name: AddressWish.model_validate(doc) for name, doc in docs.items()}
    given = (owners[name] for name, it in wishes.items() if it.consent_at and not it.stopped)
    return set().union(*given)


def _hanging(tx: Tx, collection: str, ids: Sequence[str]) -> Iterator[Found]:
    for some in chunks(ids, _IN):
        yield from tx.query(Query(collection, (Where("client_id", "in", tuple(some)),)))


def _by_client(hits: Iterable[Found]) -> dict[str, list[Doc]]:
    found: dict[str, list[Doc]] = defaultdict(list)
    for hit in hits:
        found[str(hit.doc["client_id"])].append(hit.doc)
    return found


def _held(crowd: Crowd, segments: Collection[str]) -> dict[str, set[str]]:
    """Return what each client keeps; who was merged away leaves it to the other."""
    merged = crowd.merged
    found: dict[str, set[str]] = defaultdict(set)
    for name, known in crowd.members.items():
        found[settled(name, merged)] |= {segment for segment in known if segment in segments}
    return found


def _portrait(crowd: Crowd, name: str, look: Look) -> Portrait:
    stored = Stored(
        crowd.clients[name] or {},
        crowd.leads.get(name, []),
        crowd.deals.get(name, []),
        agreed=name in crowd.agreed,
    )
    return portrait(stored, look.asking.measures, look.now)


@dataclass(frozen=True, slots=True)
class _Move:
    """Where the membership of one client is written."""

    tx: Tx
    client_id: str
    cause: str
    now: datetime

    def member(self, segment_id: str) -> Member:
        return Member(
            id=member_id(segment_id, self.client_id),
            segment_id=segment_id,
            client_id=ClientId(self.client_id),
            since=self.now,
        )


def _move(
    move: _Move, known: Mapping[str, Member], wanted: Collection[str], quiet: Collection[str]
) -> None:
    unit = Unit(move.tx, ACTOR, move.cause, move.now)
    unit.subject = move.client_id
    for segment in sorted(set(known) - set(wanted)):
        if segment in quiet:
            move.tx.delete(Member.collection, known[segment].id)
        else:
            unit.remove(known[segment])
    for segment in sorted(set(wanted) - set(known)):
        member = move.member(segment)
        if segment in quiet:
            move.tx.put(Member.collection, member.id, member.model_dump(mode="json"))
        else:
            unit.add(member)
    unit.close()


def _wait(tx: Tx, name: str, crowd: Crowd, turn: datetime | None) -> None:
    known = crowd.turns.get(name)
    wanted = None if turn is None else {"at": spell(turn)}
    if wanted is None and known is not None:
        tx.delete(TURNS, name)
    elif wanted is not None and known != wanted:
        tx.put(TURNS, name, wanted)
