"""A segment as a list for an advertising cabinet: hashed, with consent only, and told in the log.

As with every export the log has an entry before the first client leaves and one behind the last.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import islice

from kartoteka.domain.access import Level, Operation, Sight, can, check, level_of
from kartoteka.domain.audience import CABINETS, Cabinet, Kind
from kartoteka.domain.change import Actor
from kartoteka.domain.errors import Invalid
from kartoteka.domain.ids import fresh
from kartoteka.domain.mailing import Medium
from kartoteka.domain.model import Client
from kartoteka.domain.office import Settings
from kartoteka.domain.portrait import is_counted
from kartoteka.domain.table_export import ExportRun
from kartoteka.services.consents import agreed
from kartoteka.services.exporting import tell
from kartoteka.services.office import Desk
from kartoteka.services.segment_view import known_segment
from kartoteka.services.segments import members_of

_PAGE = 100
_MEDIA: dict[Kind, Medium] = {"phone": "sms", "mail": "mail"}
_FIELDS: dict[Kind, str] = {"phone": "phones", "mail": "emails"}


@dataclass(frozen=True, slots=True)
class Audience:
    """A list that this person may take along; `kind` says which where a file holds one."""

    cabinet: Cabinet
    kind: Kind
    segment_id: str
    actor: Actor
    settings: Settings
    run: ExportRun

    @property
    def titles(self) -> list[str]:
        """Return the headers that the cabinet wants."""
        return [self.cabinet.headers[it] for it in self.cabinet.columns(self.kind)]


def prepare(
    desk: Desk, actor: Actor, segment: str, cabinet: str, *, kind: Kind = "phone"
) -> Audience:
    """Return the list, before anything is read.

    Args:
        desk: the ports and settings of the office.
        actor: who takes it along.
        segment: its id or name.
        cabinet: yandex, vk, google or meta.
        kind: phone or mail, where the cabinet takes one kind a file.

    Raises:
        NotAllowed: this person may not export clients, or not know of the segment.
        Invalid: there is no such cabinet or segment.
    """
    settings = desk.settings()
    check(actor, Operation.EXPORT, Client, within=settings)
    if cabinet not in CABINETS:
        names = ", ".join(CABINETS)
        raise Invalid(
            f"there is no cabinet {cabinet!r}: {names}",
            fields={"format": "audience_unknown"},
            code="audience_unknown",
            names=names,
        )
    row = known_segment(actor, settings, segment)
    run = ExportRun(
        id=fresh("ex"),
        actor=actor,
        what="audience",
        format=cabinet,
        only={"segment": row.id},
        at=desk.now(),
    )
    return Audience(CABINETS[cabinet], kind, row.id, actor, settings, run)


def rows(desk: Desk, audience: Audience) -> Iterator[tuple[str, ...]]:
    """Yield the rows of the list; memory stays flat. Who gave no consent is not in it.

    Of a client only the addresses with consent, and only those that the actor reads.
    """
    tell(desk, audience.run)
    count = 0
    for clients in _pages(desk, audience):
        for row in _hashed(desk, audience, clients):
            count += 1
            yield row
    done = {"count": count, "state": "done", "done_at": desk.now()}
    tell(desk, audience.run.model_copy(update=done))


def _hashed(desk: Desk, audience: Audience, clients: Sequence[Client]) -> Iterator[tuple[str, ...]]:
    columns = audience.cabinet.columns(audience.kind)
    reads = {kind: [_addresses(desk, audience, it, kind) for it in clients] for kind in columns}
    wishes = {kind: _agreed(desk, kind, found) for kind, found in reads.items()}
    for place in range(len(clients)):
        found = {kind: [it for it in reads[kind][place] if it in wishes[kind]] for kind in columns}
        yield from audience.cabinet.rows(found, audience.kind)


def _pages(desk: Desk, audience: Audience) -> Iterator[list[Client]]:
    """Yield the members that this person may export, some at a time."""
    members = members_of(desk.store, audience.segment_id)
    while ids := list(islice(members, _PAGE)):
        docs = desk.store.get_many(Client.collection, ids)
        known = (docs[name] for name in ids if name in docs)
        clients = (Client.model_validate(doc) for doc in known if is_counted(doc))
        yield [client for client in clients if _may_leave(desk, audience, client)]


def _may_leave(desk: Desk, audience: Audience, client: Client) -> bool:
    within, now = audience.settings, desk.now()
    return can(audience.actor, Operation.EXPORT, client, within=within, now=now)


def _addresses(desk: Desk, audience: Audience, client: Client, kind: Kind) -> tuple[str, ...]:
    """Return the addresses of a client that the actor reads."""
    sight = Sight(audience.actor, audience.settings, desk.now())
    if level_of(sight, client, _FIELDS[kind]) < Level.READ:
        return ()
    return client.phones if kind == "phone" else client.emails


def _agreed(desk: Desk, kind: Kind, found: Sequence[tuple[str, ...]]) -> set[str]:
    """Return those of these addresses whose people agreed to be written to."""
    asked = [address for addresses in found for address in addresses]
    return agreed(desk.store, _MEDIA[kind], asked) if asked else set()
