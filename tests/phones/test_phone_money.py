"""No amount is on any phone, whoever's it is and wherever somebody typed it."""

import re

import pytest
from tests.phones.fake_contacts import FakeContacts
from tests.phones.phone_office import Phones, shown

from kartoteka.ports import Query

AMOUNT = 765_432_198  # minor units
DIGITS = re.compile(r"(?<=\d)[\s.,'’\u00a0\u202f]+(?=\d)")


@pytest.fixture(params=["office", "staff"])
def planted(request: pytest.FixtureRequest, phones: Phones) -> str:
    """A client of Anna's whose deals hold the amount in every field and in their words."""
    phones.do("phones.set", accounts=request.param)
    client_id = phones.client(1, "st_anna")
    for name in ("Спор на 7 654 321,98", "Иск 7654321.98"):
        deal = phones.do(
            "deal.create", name=name, client=client_id, owner="st_anna", deal_type="Иск"
        )
        phones.do("deal.line_add", deal=deal.id, name="Иск", price_minor=AMOUNT, cost_minor=AMOUNT)
        phones.do("deal.edit", deal=deal.id, amount_minor=AMOUNT, cost_minor=AMOUNT, note="7654321")
    phones.do("deal.join", deal=deal.id, staff="st_dina", edit=True)
    phones.drain()
    return client_id


def told(account: FakeContacts) -> str:
    return DIGITS.sub("", repr(list(account.held.values())))


def test_planted_amount_is_on_nobodys_phone(planted: str, phones: Phones) -> None:
    held = {email: told(account) for email, account in phones.accounts.items() if account.held}

    assert held
    assert all("Спор на •••" in said for said in held.values())
    assert [email for email, said in held.items() if "7654321" in said] == []


def test_accountant_and_marketing_have_no_client_on_their_phones(
    planted: str, phones: Phones
) -> None:
    for staff_id in ("st_inna", "st_mark"):
        assert shown(phones.of(staff_id)) == set()


def test_executor_has_the_client_when_the_deal_says_that_contact_is_needed(
    planted: str, phones: Phones
) -> None:
    phones.per_person()
    phones.drain()
    assert shown(phones.of("st_dina")) == set()

    for deal_id in [hit.id for hit in phones.desk.store.query(Query("deals"))]:
        phones.do("deal.edit", deal=deal_id, contact_needed=True)
    phones.drain()

    assert shown(phones.of("st_dina")) == {planted}
