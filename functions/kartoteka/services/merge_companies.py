"""Two companies become one: clients and deals follow, and it can be undone for 30 days; G9."""

from collections.abc import Mapping
from datetime import datetime
from functools import partial

from pydantic import AwareDatetime, Field

from kartoteka.domain import company_numbers as numbers
from kartoteka.domain.access import Operation, check
from kartoteka.domain.batch import STEP, Batch
from kartoteka.domain.catalogue import Company
from kartoteka.domain.change import Actor
from kartoteka.domain.deal import Deal
from kartoteka.domain.errors import Invalid, NotFound
from kartoteka.domain.ids import fresh
from kartoteka.domain.merging import merged, redirect, survivor_first
from kartoteka.domain.model import Client, Value
from kartoteka.domain.office import Settings
from kartoteka.ports import Query, Where
from kartoteka.services import batches, company_numbers
from kartoteka.services.company_deletion import linked
from kartoteka.services.fresh import check_fresh
from kartoteka.services.merge import MERGE
from kartoteka.services.office import Desk
from kartoteka.services.unit import Unit, transact

_LONGEST_CHAIN = 20


class MergeCompanies(Value):
    """Make one company of two; the older record stays. The second is named, or found by number."""

    left: str
    right: str = ""
    inn: str = Field(default="", description="of the second company, in place of its id")
    kpp: str = ""
    prefer: dict[str, str] = Field(
        default_factory=dict,
        description="company id by field, where both fill it differently; * for all others",
    )
    expected: dict[str, AwareDatetime] = Field(
        default_factory=dict, description="updated_at by company id, as it was read"
    )


def merge_companies(desk: Desk, actor: Actor, form: MergeCompanies, *, cause: str) -> Company:
    """Return the company that both became; the other redirects to it.

    Up to 200 clients and deals move in the transaction of the merge, further ones in steps behind
    it; the same command goes on where a crash stopped it.

    Raises:
        NotAllowed: one of the companies is somebody else's.
        Invalid: both fill a field differently and `prefer` does not choose, the two are one
            already, or the second is not named.
        NotFound: there is no such company.
        Conflict: a company in `expected` was changed since (`stale`).
    """
    ids = (form.left, form.right or _numbered(desk, form))
    names = frozenset(name for one in ids for name in company_numbers.keys_ever(desk.store, one))
    batch_id, settings = fresh("bt"), desk.settings()

    def work(unit: Unit) -> Batch:
        _check_fresh(unit, form.expected)
        return _Merge(unit, settings, names).run(ids, form.prefer, batch_id)

    batch = transact(desk.store, actor, cause, desk.now(), work=work)
    while batch.state == "running":
        step = partial(_step, batch_id=batch.id)
        batch = transact(desk.store, actor, batch.cause, desk.now(), work=step)
    desk.waker.after_commit()
    return Company.model_validate(desk.store.get(Company.collection, batch.subject))


def _numbered(desk: Desk, form: MergeCompanies) -> str:
    """Return the company that has the INN and KPP of the form."""
    inn = numbers.inn(form.inn)
    if not inn:
        raise Invalid(
            "name the second company", fields={"right": "required"}, code="company_merge_which"
        )
    doc = desk.store.get("keys", numbers.key(inn, numbers.kpp(form.kpp)))
    if doc is None:
        raise NotFound("no company has this INN and KPP", code="record_unknown")
    return str(doc["client_id"])


def _check_fresh(unit: Unit, expected: Mapping[str, datetime]) -> None:
    for company_id, seen in expected.items():
        company = unit.need(Company, company_id)
        check_fresh(company, company.updated_at, seen)


class _Merge:
    """The first transaction of a merge; `names` are all keys that either was ever found by."""

    def __init__(self, unit: Unit, settings: Settings, names: frozenset[str]) -> None:
        self._unit = unit
        self._settings = settings
        self._names = names

    def run(self, ids: tuple[str, str], prefer: Mapping[str, str], batch_id: str) -> Batch:
        """Return the batch of the merge, or the unfinished one that made these two one."""
        unit = self._unit
        one, other = (_followed(unit, company_id) for company_id in ids)
        if one.id == other.id:
            return _going_on(unit, one, set(ids) - {one.id})
        for company in (one, other):
            check(unit.actor, Operation.CHANGE, company, within=self._settings, now=unit.now)
        survivor, loser = survivor_first(one, other)
        whole = merged(survivor, loser, prefer, unit.now)
        unit.subject = survivor.id
        batch = batches.begin(unit, batch_id, MERGE, unit.actor, other=loser.id)
        unit.save(whole)
        unit.save(redirect(loser, survivor, unit.now))
        for name, key in unit.key_records(sorted(self._names)).items():
            if key.client_id == loser.id:
                unit.hold(name, key.moved(loser.id, survivor.id))
        return _move(unit, batch)


def _followed(unit: Unit, company_id: str) -> Company:
    """Return the company, or the one that it became part of."""
    company = unit.need(Company, company_id)
    for _ in range(_LONGEST_CHAIN):
        if company.merged_into is None:
            return company
        company = unit.need(Company, company.merged_into)
    raise Invalid(f"the redirects of company {company_id} run in a circle", code="merge_circle")


def _going_on(unit: Unit, survivor: Company, losers: set[str]) -> Batch:
    for loser in sorted(losers):
        where = (Where("other", "==", loser), Where("state", "==", "running"))
        for batch in unit.search(Batch, Query(Batch.collection, where)):
            if batch.subject == survivor.id:
                return batch
    raise Invalid(
        "the two companies are one already",
        fields={"right": "companies_merged"},
        code="companies_merged",
    )


def _step(unit: Unit, batch_id: str) -> Batch:
    batch = batches.resume(unit, batch_id)
    return _move(unit, batch) if batch else unit.need(Batch, batch_id)


def _move(unit: Unit, batch: Batch) -> Batch:
    """Give up to 200 clients and deals of the loser to the survivor."""
    clients = linked(unit, Client, batch.other, STEP)
    deals = linked(unit, Deal, batch.other, STEP - len(clients)) if len(clients) < STEP else []
    for record in (*clients, *deals):
        update = {"company_id": batch.subject, "updated_at": unit.now}
        unit.save(record.model_copy(update=update))
    count = len(clients) + len(deals)
    return batches.advance(unit, batch, count, done=count < STEP)
