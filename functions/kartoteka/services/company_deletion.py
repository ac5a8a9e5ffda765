"""How a company goes: it leaves its clients and deals, and its numbers are free."""

from collections.abc import Iterator
from typing import TypeVar

from kartoteka.domain.batch import STEP
from kartoteka.domain.catalogue import Company
from kartoteka.domain.deal import Deal
from kartoteka.domain.deletion import check_no_money
from kartoteka.domain.merging import check_living
from kartoteka.domain.model import Client, Entity
from kartoteka.ports import Query, Store, Where
from kartoteka.services import company_numbers
from kartoteka.services.deletion import Act, Going, check_settled
from kartoteka.services.unit import Unit

E = TypeVar("E", Client, Company, Deal)


def going_company(store: Store, company_id: str) -> Going[Company]:
    """Return how this company goes; its former numbers are read here, before the transaction."""
    names = company_numbers.keys_ever(store, company_id)

    def leave(act: Act, company: Company) -> int:
        unit = act.unit
        check_living(company)
        check_no_money(linked(unit, Deal, company.id), act.processes, "delete_money_company")
        cards = _cards_of(unit, company)
        company_numbers.release(unit, [card.id for card in cards], names)
        for card in cards:
            check_settled(unit, card.id)
            unit.remove(card)
        return len(cards) - 1

    return Going(Company, lambda company: company.id, leave, _hanging, _let_go)


def _cards_of(unit: Unit, company: Company) -> list[Company]:
    """Return the company and behind it all that it is made of."""
    cards = [company]
    for card in cards:  # grows meanwhile: what was merged into what was merged
        cards += linked(unit, Company, card.id)
    return cards


def _hanging(act: Act, company_id: str) -> Iterator[Entity]:
    yield from linked(act.unit, Client, company_id, STEP)
    yield from linked(act.unit, Deal, company_id, STEP)


def linked(unit: Unit, model: type[E], company_id: str, limit: int | None = None) -> list[E]:
    """Return the clients or deals of a company, or the companies that became part of it."""
    link = "merged_into" if model is Company else "company_id"
    return unit.search(
        model, Query(model.collection, (Where(link, "==", company_id),), limit=limit)
    )


def _let_go(unit: Unit, record: Entity) -> None:
    if isinstance(record, Client | Deal):
        unit.save(record.model_copy(update={"company_id": None, "updated_at": unit.now}))
