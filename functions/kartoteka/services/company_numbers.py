"""Every key under which a company was ever found: its numbers now and before."""

from collections.abc import Iterable, Iterator

from kartoteka.domain import company_numbers
from kartoteka.domain.catalogue import Company
from kartoteka.domain.change import Change
from kartoteka.domain.history import State, before
from kartoteka.ports import Order, Query, Store, Where
from kartoteka.services.unit import LOG, Unit


def keys_ever(store: Store, company_id: str) -> frozenset[str]:
    """Return the keys of a company and of those merged into it, rolled back through their edits.

    An old number keeps finding the company, so the present ones alone are not enough. Read
    before the transaction: the log only grows, and who holds a key is looked at inside.
    """
    cards = [company_id]
    for card in cards:  # grows meanwhile: what was merged into what was merged
        where = (Where("merged_into", "==", card),)
        cards += [found.id for found in store.query(Query(Company.collection, where))]
    states = (state for card in cards for state in _states(store, card))
    return frozenset(
        company_numbers.key(str(state["inn"]), str(state["kpp"]))
        for state in states
        if state.get("inn")
    )


def release(unit: Unit, companies: Iterable[str], names: Iterable[str]) -> None:
    """Free the keys that these companies hold."""
    going = frozenset(companies)
    for name, key in unit.key_records(sorted(names)).items():
        if key.client_id in going:
            unit.hold(name, None)


def _states(store: Store, company_id: str) -> Iterator[State]:
    """Yield the company as it is and as it was before each of its edits, newest first."""
    state: State | None = store.get(Company.collection, company_id)
    query = Query(LOG, (Where("subject", "==", company_id),), (Order("at"),))
    changes = [Change.model_validate(found.doc) for found in store.query(query)]
    parts = [part for change in changes for part in change.parts if part.id == company_id]
    for part in reversed(parts):
        if state is not None:
            yield state
        state = before(state, part)
    if state is not None:
        yield state
