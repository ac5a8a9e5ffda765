"""Which clients belong on which phone, and their cards."""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from itertools import islice

from kartoteka.domain.access import Level, Operation, Sight, can, level_of
from kartoteka.domain.deal import Deal
from kartoteka.domain.model import Client, Lead
from kartoteka.domain.office import Settings
from kartoteka.domain.scope import hands
from kartoteka.ports import ContactCard, Query, Store, Where
from sync.card import card
from sync.phones.accounts import PhoneBook, sight

_AT_ONCE = 30  # values of one condition
_OPEN = frozenset({"open", "ongoing"})


@dataclass(frozen=True, slots=True)
class Facts:
    """What the card of one client is made of."""

    client: Client
    lead: Lead | None = None
    deals: tuple[Deal, ...] = ()

    @property
    def in_work(self) -> bool:
        """Return whether somebody works with the client now."""
        return self.lead is not None or any(deal.state in _OPEN for deal in self.deals)


def load(store: Store, client_ids: Sequence[str]) -> dict[str, Facts]:
    """Return the facts of those clients that have a card: neither merged into others nor gone."""
    docs = store.get_many(Client.collection, client_ids).values()
    clients = [Client.model_validate(doc) for doc in docs]
    living = [it for it in clients if it.merged_into is None and not it.forgotten]
    leads = _leads(store, living)
    deals = _deals(store, [client.id for client in living])
    return {
        client.id: Facts(
            client, leads.get(client.open_lead_id or ""), tuple(deals.get(client.id, ()))
        )
        for client in living
    }


def everybody(store: Store, after: str | None, size: int) -> tuple[list[str], str]:
    """Return the ids of the next clients, and the cursor behind them; empty at the end."""
    found = list(islice(store.query(Query(Client.collection, limit=size, after=after)), size))
    return [hit.id for hit in found], found[-1].cursor if len(found) == size else ""


@dataclass(frozen=True)
class Portfolio:
    """Decides for one account; `limited`: clients in work and recent ones only."""

    book: PhoneBook
    settings: Settings
    limited: bool
    since: str  # ISO day: a client touched later is a recent one

    def cards(self, facts: Mapping[str, Facts]) -> dict[str, ContactCard]:
        """Return the cards of those clients that belong on this phone."""
        seen = ((one, self.way(one)) for one in facts.values() if self._is_near(one))
        return {
            one.client.id: card(one.client, one.lead, self.settings, deals=one.deals, sight=eyes)
            for one, eyes in seen
            if eyes is not None
        }

    def count(self, facts: Iterable[Facts]) -> int:
        """Return how many of these clients the owner of the phone may reach."""
        return sum(self.way(one) is not None for one in facts)

    def way(self, facts: Facts) -> Sight | None:
        """Return with which eyes the owner reaches the client: at once, or by a deal in work.

        None: the policy keeps the client, or how to reach them, from the owner.
        """
        return next((eyes for eyes in self._eyes(facts) if _reaches(eyes, facts.client)), None)

    def _eyes(self, facts: Facts) -> Iterator[Sight]:
        plain = sight(self.book, self.settings)
        yield plain
        me = self.book.reader.id
        for deal in facts.deals:
            if deal.state in _OPEN and me in hands(deal):
                yield replace(plain, via=deal)

    def _is_near(self, facts: Facts) -> bool:
        if not self.limited or facts.in_work:
            return True
        client = facts.client
        last = client.last_touch.at if client.last_touch else client.updated_at
        return f"{last:%Y-%m-%d}" >= self.since


def since(settings: Settings, now: datetime) -> str:
    """Return the day from which on a client counts as recent."""
    return f"{now - timedelta(days=settings.office.phones.recent_days):%Y-%m-%d}"


def _reaches(eyes: Sight, client: Client) -> bool:
    if not eyes.actor.is_person:
        return True
    if not can(eyes.actor, Operation.READ, client, within=eyes.within, via=eyes.via):
        return False
    return all(level_of(eyes, client, field) >= Level.READ for field in ("name", "phones"))


def _leads(store: Store, clients: Sequence[Client]) -> dict[str, Lead]:
    wanted = [client.open_lead_id for client in clients if client.open_lead_id]
    docs = store.get_many(Lead.collection, wanted) if wanted else {}
    return {lead_id: Lead.model_validate(doc) for lead_id, doc in docs.items()}


def _deals(store: Store, client_ids: Sequence[str]) -> dict[str, list[Deal]]:
    found: dict[str, list[Deal]] = {}
    for start in range(0, len(client_ids), _AT_ONCE):
        where = (Where("client_id", "in", tuple(client_ids[start : start + _AT_ONCE])),)
        for hit in store.query(Query(Deal.collection, where)):
            deal = Deal.model_validate(hit.doc)
            found.setdefault(str(deal.client_id), []).append(deal)
    return found
