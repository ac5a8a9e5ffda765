"""What a person of the office finds by a few words, of what they may read: M-4.

A telephone number, an address or an id finds exactly. Other words are looked for in the names of
open requests and deals, the person's own first.
"""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass

from kartoteka.domain import identity
from kartoteka.domain.deal import Deal
from kartoteka.domain.duplicates import read_key
from kartoteka.domain.errors import NotFound
from kartoteka.domain.model import Client, Lead
from kartoteka.domain.next_step import OPEN
from kartoteka.ports import Doc, Order, Query, Where
from kartoteka.services.read import Look

MOST_LOOKED = 500  # of each kind, own ones and others
_KINDS: tuple[type[Lead | Deal], ...] = (Lead, Deal)
_PREFIXES: Mapping[str, type[Lead | Deal]] = {"ld_": Lead, "dl_": Deal}
_OPEN = tuple(sorted(OPEN))


@dataclass(frozen=True, slots=True)
class Hit:
    """A record as this person sees it."""

    kind: type[Lead | Deal | Client]
    shown: Doc

    @property
    def id(self) -> str:
        """Return the record's id."""
        return str(self.shown["id"])


def find(look: Look, words: str, most: int) -> list[Hit]:
    """Return at most so many records that the words mean, open ones before clients."""
    wanted = " ".join(words.split())
    if not wanted:
        return []
    found = list(_exactly(look, wanted))
    if not found:
        found = list(_named(look, wanted.casefold(), most))
    return found[:most]


def _exactly(look: Look, wanted: str) -> Iterator[Hit]:
    kind = _PREFIXES.get(wanted[:3])
    if kind is not None:
        yield from _one(look, kind, wanted)
        return
    key = _key(look, wanted)
    doc = look.store.get("keys", key) if key else None
    held = read_key(doc) if doc is not None else None
    for client_id in dict.fromkeys(held.users) if held is not None else ():
        yield from _of_client(look, client_id)


def _key(look: Look, wanted: str) -> str:
    phone = identity.phone(wanted, look.settings.office.region)
    if phone is not None:
        return f"phone:{phone}"
    email = identity.email(wanted)
    return f"mail:{email}" if email is not None else ""


def _of_client(look: Look, client_id: str) -> Iterator[Hit]:
    """Yield the client's open records, or the client who has none."""
    doc = look.store.get(Client.collection, client_id)
    if doc is None:
        return
    client = Client.model_validate(doc)
    open_ones = [hit for name in client.open_deal_ids for hit in _one(look, Deal, name)]
    if client.open_lead_id is not None:
        open_ones += _one(look, Lead, client.open_lead_id)
    yield from open_ones or _one(look, Client, client.id)


def _one(look: Look, kind: type[Lead | Deal | Client], name: str) -> list[Hit]:
    try:
        return [Hit(kind, look.one(kind, name))]
    except NotFound:
        return []


def _named(look: Look, wanted: str, most: int) -> Iterator[Hit]:
    seen: set[str] = set()
    for query, kind in _queries(look):
        for shown in look.rows(query):
            name = str(shown.get("name", "")).casefold()
            if wanted in name and str(shown["id"]) not in seen:
                seen.add(str(shown["id"]))
                yield Hit(kind, shown)
        if len(seen) >= most:
            return


def _queries(look: Look) -> Iterator[tuple[Query, type[Lead | Deal]]]:
    active = Where("state", "in", _OPEN)
    order = (Order("next_at"),)
    for kind in _KINDS:
        mine = (Where("owner_id", "==", look.actor.id), active)
        yield Query(kind.collection, mine, order, MOST_LOOKED), kind
    for kind in _KINDS:
        yield Query(kind.collection, (active,), order, MOST_LOOKED), kind
