"""A buyer whom 1C tells of without an order: a company by its tax number, a client by the contacts.

What was known stays: a name is not replaced, numbers and addresses are added. No request is made.
"""

from dataclasses import dataclass

from kartoteka.domain import company_numbers, identity
from kartoteka.domain.catalogue import Company
from kartoteka.domain.errors import Invalid
from kartoteka.domain.ids import ClientId, CompanyId, fresh
from kartoteka.domain.inbound import Person
from kartoteka.domain.model import Client
from kartoteka.domain.office import Settings
from kartoteka.domain.shop_order import ShopCompany
from kartoteka.services import duplicates
from kartoteka.services.companies import NewCompany
from kartoteka.services.companies import met as company_met
from kartoteka.services.decide import matched
from kartoteka.services.exchange_sessions import ACTOR, CAUSE
from kartoteka.services.office import Desk
from kartoteka.services.unit import Unit, transact


@dataclass(frozen=True, slots=True)
class Party:
    """Who buys: a person, a company, or a person of a company."""

    person: Person
    company: ShopCompany | None


def take(desk: Desk, party: Party) -> str:
    """Return what the buyer became: created, updated, unchanged, or errors when nobody is named."""
    settings = desk.settings()
    return transact(
        desk.store, ACTOR, CAUSE, desk.now(), work=lambda unit: _taken(unit, settings, party)
    )


def _taken(unit: Unit, settings: Settings, party: Party) -> str:
    company, is_new = _company(unit, settings, party.company)
    own = settings.own_numbers()
    phones = tuple(number for number in party.person.phones if number not in own)
    names = identity.keys(phones, party.person.emails, ())
    if not names:
        return "errors" if company is None else ("created" if is_new else "unchanged")
    known = matched(unit, names, duplicates.holders(unit, names, party.person.name))
    client = known or Client(
        id=ClientId(fresh("cl")),
        name=party.person.name or names[0].partition(":")[2],
        created_at=unit.now,
        updated_at=unit.now,
    )
    told = client.model_copy(
        update={
            "phones": tuple(dict.fromkeys((*client.phones, *phones))),
            "emails": tuple(dict.fromkeys((*client.emails, *party.person.emails))),
            "company_id": client.company_id or (CompanyId(company.id) if company else None),
            "company": client.company or (company.name if company else ""),
        }
    )
    duplicates.take(unit, names, client.id)
    if told == known:
        return "unchanged"
    unit.subject = client.id
    (unit.save if known else unit.add)(told.model_copy(update={"updated_at": unit.now}))
    return "updated" if known else "created"


def _company(
    unit: Unit, settings: Settings, given: ShopCompany | None
) -> tuple[Company | None, bool]:
    if given is None or not given.name:
        return None, False
    try:
        inn, kpp = company_numbers.inn(given.inn), company_numbers.kpp(given.kpp)
    except Invalid:
        return None, False
    form = NewCompany(name=given.name, inn=inn, kpp=kpp)
    return company_met(unit, form, CompanyId(fresh("co")), settings.office.region)
