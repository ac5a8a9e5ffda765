"""Companies: found by INN and KPP, or made; edited."""

from typing import Annotated

from pydantic import AfterValidator, AwareDatetime, Field, JsonValue
from pydantic_core import PydanticCustomError

from kartoteka.domain import company_numbers, identity
from kartoteka.domain.access import Operation, check, check_fields
from kartoteka.domain.catalogue import Company
from kartoteka.domain.change import Actor
from kartoteka.domain.errors import Conflict, Invalid
from kartoteka.domain.fields import filled
from kartoteka.domain.ids import CompanyId, StaffId, fresh
from kartoteka.domain.merging import check_living
from kartoteka.domain.model import Value
from kartoteka.services.deal_records import act
from kartoteka.services.fresh import check_fresh
from kartoteka.services.office import Desk
from kartoteka.services.unit import Unit

_LONGEST_NAME = 500
_MOST_CONTACTS = 50


def _filled(text: str) -> str:
    if not text.strip():
        raise PydanticCustomError("given_empty", "cannot be empty")
    return text.strip()


_Name = Annotated[str, Field(max_length=_LONGEST_NAME), AfterValidator(_filled)]


class NewCompany(Value):
    """A legal entity as a person gives it."""

    name: _Name
    inn: str = ""
    kpp: str = ""
    phones: tuple[str, ...] = Field(default=(), max_length=_MOST_CONTACTS)
    emails: tuple[str, ...] = Field(default=(), max_length=_MOST_CONTACTS)


class EditCompany(Value):
    """Change fields of a company; what is not given stays."""

    company: str
    expected: AwareDatetime | None = None
    name: _Name | None = None
    inn: str | None = None
    kpp: str | None = None
    phones: tuple[str, ...] | None = Field(default=None, max_length=_MOST_CONTACTS)
    emails: tuple[str, ...] | None = Field(default=None, max_length=_MOST_CONTACTS)
    tags: tuple[str, ...] | None = Field(default=None, max_length=100)
    fields: dict[str, JsonValue] | None = None


def add(desk: Desk, actor: Actor, form: NewCompany, *, cause: str) -> Company:
    """Return the new company.

    Raises:
        Invalid: INN, KPP, a phone or an address is impossible.
        Conflict: a company with this INN and KPP is known: `company_known`.
    """
    check(actor, Operation.ADD, Company, within=desk.settings())
    company_id = CompanyId(fresh("co"))
    region = desk.settings().office.region

    def work(unit: Unit) -> Company:
        company, is_new = met(unit, form, company_id, region)
        if not is_new:
            raise Conflict(
                f"company {company.id} has this INN", code="company_known", company=company.name
            )
        unit.subject = company.id
        return company

    return act(desk, actor, cause, work)


def met(unit: Unit, form: NewCompany, company_id: CompanyId, region: str) -> tuple[Company, bool]:
    """Return the company of this INN and KPP, or a new one under `company_id`; and whether new."""
    inn, kpp = company_numbers.inn(form.inn), company_numbers.kpp(form.kpp)
    if inn:
        key = company_numbers.key(inn, kpp)
        known = unit.find(Company, unit.keys([key]).get(key))
        if known is not None:
            return known, False
        unit.claim([key], company_id)
    company = Company(
        id=company_id,
        name=form.name,
        inn=inn,
        kpp=kpp,
        owner_id=StaffId(unit.actor.id) if unit.actor.is_person else None,
        phones=_phones(form.phones, region),
        emails=_emails(form.emails),
        created_at=unit.now,
        updated_at=unit.now,
    )
    return unit.add(company), True


def edit(desk: Desk, actor: Actor, form: EditCompany, *, cause: str) -> Company:
    """Return the company with the fields that the form gives.

    Raises:
        Conflict: it was changed meanwhile, or another company has this INN and KPP.
        Invalid: a value is impossible. NotAllowed: the policy forbids it.
    """
    region = desk.settings().office.region

    def work(unit: Unit) -> Company:
        company = unit.need(Company, form.company)
        check(actor, Operation.CHANGE, company, within=desk.settings(), now=unit.now)
        own = form.fields or {}
        given = form.model_fields_set - {"company", "expected", "fields"}
        asked = [*sorted(given), *(f"fields.{name}" for name in own)]
        check_fields(actor, company, asked, desk.settings())
        check_fresh(company, company.updated_at, form.expected)
        check_living(company)
        unit.subject = company.id
        kept = filled(desk.settings().office.fields, Company.kind, company.fields, own)
        edited = company.model_copy(update={**_given(form, region), "fields": kept})
        _rekey(unit, company, edited)
        if edited == company:
            return company
        return unit.save(edited.model_copy(update={"updated_at": unit.now}))

    return act(desk, actor, cause, work)


def _given(form: EditCompany, region: str) -> dict[str, object]:
    update: dict[str, object] = {}
    if form.name is not None:
        update["name"] = form.name
    if form.inn is not None:
        update["inn"] = company_numbers.inn(form.inn)
    if form.kpp is not None:
        update["kpp"] = company_numbers.kpp(form.kpp)
    if form.phones is not None:
        update["phones"] = _phones(form.phones, region)
    if form.emails is not None:
        update["emails"] = _emails(form.emails)
    if form.tags is not None:
        update["tags"] = form.tags
    return update


def _rekey(unit: Unit, before: Company, after: Company) -> None:
    """Claim the key of a new INN or KPP; the old key keeps finding this company."""
    if not after.inn or (before.inn, before.kpp) == (after.inn, after.kpp):
        return
    key = company_numbers.key(after.inn, after.kpp)
    holder = unit.keys([key]).get(key)
    if holder is None:
        unit.claim([key], after.id)
    elif holder != after.id:
        raise Conflict(f"company {holder} has this INN", code="company_known", company=holder)


def _phones(given: tuple[str, ...], region: str) -> tuple[str, ...]:
    found = [identity.phone(text, region) for text in given]
    if None in found:
        raise Invalid("a phone is no number", fields={"phones": "invalid"}, code="phone_invalid")
    return tuple(dict.fromkeys(number for number in found if number))


def _emails(given: tuple[str, ...]) -> tuple[str, ...]:
    found = [identity.email(text) for text in given]
    if None in found:
        raise Invalid("an e-mail is no address", fields={"emails": "invalid"}, code="email_invalid")
    return tuple(dict.fromkeys(address for address in found if address))
