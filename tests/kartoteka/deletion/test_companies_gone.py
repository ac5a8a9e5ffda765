"""Companies merged by hand and by number, deleted, and brought back."""

from datetime import timedelta

import pytest
from tests.fakes import FixedClock
from tests.kartoteka.deals.deal_desk import ANNA, BORIS, MINUTE, OLGA, RULE, VIKTOR
from tests.kartoteka.deletion.deletion_desk import Office, refused
from tests.kartoteka.services.merging_office import children, client, made, stopping

from kartoteka.domain.catalogue import Company
from kartoteka.domain.errors import NotFound, Transient
from kartoteka.ports import Query

INN, OTHER, THIRD = "7707083893", "7728168971", "7736050003"


def company(office: Office, name: str, **given: str) -> Company:
    return office.do(OLGA, "company.add", name=name, **given)


def stored(office: Office, company_id: str) -> Company:
    return Company.model_validate(office.desk.store.get("companies", company_id))


@pytest.fixture
def two(office: Office, clock: FixedClock) -> tuple[Company, Company]:
    """The older one without numbers, the newer with an INN, a client and a deal."""
    older = company(office, "Ромашка", phones=["+74950000001"])
    clock.advance(timedelta(days=1))
    newer = company(office, "Ромашка", inn=INN, kpp="770701001", emails=["a@romashka.example"])
    person = client(office.desk, "c", name="Пётр", company_id=newer.id)
    made(office.desk, person)
    office.do(
        OLGA, "deal.create", name="Аудит", client=person.id, company=newer.id, deal_type="Аудит"
    )
    clock.advance(MINUTE)
    return older, newer


def test_children_and_numbers_follow_and_the_undo_restores_every_byte(
    office: Office, clock: FixedClock, two: tuple[Company, Company]
) -> None:
    older, newer = two
    before = office.state()

    whole = office.do(OLGA, "company.merge", left=older.id, inn=INN, kpp="770701001")

    assert (whole.id, whole.inn, whole.phones, whole.emails) == (
        older.id,
        INN,
        older.phones,
        newer.emails,
    )
    left = office.state()
    assert {doc["company_id"] for doc in left["clients"].values()} == {older.id}
    assert {doc["company_id"] for doc in left["deals"].values()} == {older.id}
    assert left["keys"][f"inn:{INN}+770701001"]["client_id"] == older.id
    assert stored(office, newer.id).merged_into == older.id
    with refused("record_merged"):
        office.do(OLGA, "company.edit", company=newer.id, name="Другое")
    with refused("companies_merged"):
        office.do(OLGA, "company.merge", left=older.id, right=newer.id)
    [batch] = office.desk.store.query(Query("batches"))
    office.do(OLGA, "batch.undo", batch=batch.id)
    assert office.state() == before


def test_what_both_fill_must_be_chosen_and_foreign_ones_stay_apart(
    office: Office, clock: FixedClock
) -> None:
    one = company(office, "Ромашка", inn=INN)
    clock.advance(MINUTE)
    other = company(office, "ООО «Ромашка»", inn=OTHER)
    office.do(ANNA, "company.add", name="Чужая")

    with refused("merge_choose") as asked:
        office.do(OLGA, "company.merge", left=one.id, right=other.id)
    assert asked.value.facts["names"] == "name, inn"
    with refused("not_yours"):
        office.do(BORIS, "company.merge", left=one.id, right=other.id)
    with refused("company_merge_which"):
        office.do(OLGA, "company.merge", left=one.id)
    with pytest.raises(NotFound):
        office.do(OLGA, "company.merge", left=one.id, inn=THIRD)
    with refused("stale"):
        office.do(
            OLGA,
            "company.merge",
            left=one.id,
            right=other.id,
            expected={one.id: "2026-01-01T00:00:00Z"},
        )

    prefer = {"name": other.id, "inn": one.id}
    whole = office.do(OLGA, "company.merge", left=other.id, right=one.id, prefer=prefer)

    assert (whole.id, whole.name, whole.inn) == (one.id, other.name, INN)
    with refused("company_known"):
        company(office, "Ромашка", inn=OTHER)


def test_merge_of_companies_goes_on_where_a_crash_stopped_it(
    office: Office, clock: FixedClock
) -> None:
    older = company(office, "Ромашка")
    clock.advance(MINUTE)
    newer = company(office, "Ромашка")
    owner = client(office.desk, "c", name="Пётр")
    deals = [one for one in children(office.desk, owner, 1_000) if one.kind == "deal"]
    made(office.desk, *(one.model_copy(update={"company_id": newer.id}) for one in deals))
    before = office.state()
    given = {"left": older.id, "right": newer.id}

    with pytest.raises(Transient):
        Office(stopping(office.desk, 1)).do(OLGA, "company.merge", **given)
    office.do(OLGA, "company.merge", **given)

    assert {doc["company_id"] for doc in office.state()["deals"].values()} == {older.id}
    [batch] = office.desk.store.query(Query("batches"))
    assert (batch.doc["state"], batch.doc["count"]) == ("done", 250)
    office.do(OLGA, "batch.undo", batch=batch.id)
    assert office.state() == before


def test_a_head_who_may_change_the_company_undoes_its_merge(office: Office) -> None:
    two = [office.do(ANNA, "company.add", name="Ромашка") for _ in range(2)]
    before = office.state()
    office.do(OLGA, "company.merge", left=two[0].id, right=two[1].id)
    [batch] = office.desk.store.query(Query("batches"))

    office.do(VIKTOR, "batch.undo", batch=batch.id)

    assert office.state() == before


def test_a_deleted_company_leaves_clients_and_deals_and_frees_its_numbers(
    office: Office, clock: FixedClock, two: tuple[Company, Company]
) -> None:
    older, newer = two
    office.do(OLGA, "company.edit", company=newer.id, inn=OTHER, kpp="")
    third = company(office, "Ромашка", inn=THIRD)
    office.do(OLGA, "company.merge", left=newer.id, right=third.id, prefer={"inn": newer.id})
    before = office.state()
    clock.advance(MINUTE)

    batch = office.delete("company", newer.id)

    left = office.state()
    assert list(left["companies"]) == [older.id]
    assert left["keys"] == {}
    assert {doc["company_id"] for doc in left["clients"].values()} == {None}
    assert {doc["company_id"] for doc in left["deals"].values()} == {None}
    office.undo(batch)
    assert office.state() == before


def test_a_number_taken_meanwhile_names_the_company_that_has_it(
    office: Office, two: tuple[Company, Company]
) -> None:
    batch = office.delete("company", two[1].id)
    taken = company(office, "Новая", inn=INN, kpp="770701001")

    with refused("undo_key_taken") as asked:
        office.undo(batch)

    assert asked.value.facts == {"holders": f"«Новая» ({taken.id})"}


def test_a_company_with_paid_deals_stays(office: Office, two: tuple[Company, Company]) -> None:
    [deal] = office.state()["deals"]
    office.do(RULE, "deal.pay", deal=deal, amount_minor=100, reference="b1")

    with refused("delete_money_company"):
        office.delete("company", two[1].id)
    with refused("record_merged"):
        office.do(OLGA, "company.merge", left=two[0].id, right=two[1].id)
        office.delete("company", two[1].id)
