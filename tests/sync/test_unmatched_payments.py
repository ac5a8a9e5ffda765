"""«Платежи без счёта»: money that found no deal is settled in its row, and nobody else sees it.

Where nobody keeps the accounts the director settles it, and in a team of equals everybody; the
head of a department may not read payments.
"""

import pytest
from tests.fakes import FakeTasks, FixedClock
from tests.sync.books_office import DIRECTOR_BOOK, HEAD_BOOK, Shelf
from tests.sync.books_office import shelf as all_books
from tests.sync.fakes_sheets import FakeSheets
from tests.sync.paying_office import BOOK, INNA, VIKTOR, a_deal

from kartoteka.domain.change import SYSTEM
from kartoteka.domain.deal import Deal
from kartoteka.domain.errors import Invalid
from kartoteka.domain.office import Settings
from kartoteka.domain.payment import PaymentFact, Receipt
from kartoteka.ports import Store
from kartoteka.services.deal_naming import deal_named
from kartoteka.services.office import Desk, SettingsCache
from kartoteka.services.setup import read_preset, set_up
from kartoteka.services.unit import Unit, transact
from kartoteka.services.wake import Waker
from sync.columns import Column
from sync.shelf.editions import editions
from sync.shelf.payments import PAYMENTS
from sync.shelf.shelf import BOOKS
from sync.shelf.unmatched import UNMATCHED

OLGA, TANYA = "olga@office.example", "tanya@office.example"
TEAM_BOOK = "department.head"


@pytest.fixture
def equals(store: Store, clock: FixedClock, tasks: FakeTasks, sheets: FakeSheets) -> Shelf:
    """Three members who see everything; nobody keeps the accounts."""
    set_up(store, clock, read_preset("small_team"))
    settings = SettingsCache(store, ttl_s=3600)
    return all_books(Desk(store, tasks, clock, settings, Waker(tasks, clock)), clock, tasks, sheets)


def holding(settings: Settings) -> set[str]:
    """Return the books that have the tab."""
    found = editions(settings, BOOKS)
    return {key for key, one in found.items() if UNMATCHED.key in {tab.key for tab in one.tabs}}


def action_of(shelf: Shelf, key: str) -> Column:
    """Return the column of actions, as the book's reader has it."""
    edition = editions(shelf.app.desk.settings(), BOOKS)[key]
    tab = next(tab for tab in edition.tabs if tab.key == UNMATCHED.key)
    return next(column for column in tab.columns if column.key == "action")


def phone_of(shelf: Shelf, deal: Deal) -> str:
    return str((shelf.app.store.get("clients", str(deal.client_id)) or {})["phones"][0])


def came(shelf: Shelf, name: str = "pm_1", minor: int = 5_000_50) -> str:
    now = shelf.clock.now()
    fact = PaymentFact(
        id=name, channel="tbank", account="t", external="900", numbers=("A-1",), currency="RUB",
        payer_name="Ирина", amount_minor=minor, money="succeeded", state="unmatched",
        why="payment_no_deal", at=now, created_at=now, updated_at=now,
    )  # fmt: skip

    def work(unit: Unit) -> None:
        unit.subject = fact.id
        unit.add(fact)

    transact(shelf.app.store, SYSTEM, "test", now, work=work)
    return name


def fact(shelf: Shelf, name: str = "pm_1") -> PaymentFact:
    return PaymentFact.model_validate(shelf.app.store.get("payments", name))


def test_payment_is_matched_by_the_clients_phone_and_its_row_goes(shelf: Shelf) -> None:
    deal = a_deal(shelf)
    name = came(shelf)
    shelf.drain()
    there = shelf.there(BOOK, UNMATCHED)
    shown = [there.shown(name, header) for header in ("Сумма", "Валюта", "Номера", "Плательщик")]

    shelf.picks(BOOK, INNA, name, f"К сделке: {phone_of(shelf, deal)}", tab=UNMATCHED)
    shelf.drain()

    assert shown == [5000.5, "RUB", "A-1", "Ирина"]
    assert (fact(shelf).state, fact(shelf).deal_id) == ("matched", deal.id)
    assert shelf.there(BOOK, UNMATCHED).ids() == []
    assert shelf.wrong_anywhere() == []


def test_dismissal_wants_a_reason_and_a_wrong_deal_is_refused_in_words(shelf: Shelf) -> None:
    name = came(shelf)
    shelf.drain()

    nobody = shelf.picks(BOOK, INNA, name, "К сделке: 8 916 555-99-99", tab=UNMATCHED)
    silent = shelf.picks(BOOK, INNA, name, "Не наш платёж:", tab=UNMATCHED)
    shelf.picks(BOOK, INNA, name, "Не наш платёж: вернули клиенту", tab=UNMATCHED)

    assert "Такой сделки нет" in nobody
    assert "✗" in silent
    assert fact(shelf).state == "dismissed"


def test_receipts_stand_beside_the_payment_and_then_in_the_row_of_its_deal(shelf: Shelf) -> None:
    deal = a_deal(shelf)
    name = came(shelf)
    with_receipts(shelf, name)
    shelf.drain()
    waiting = shelf.there(BOOK, UNMATCHED).shown(name, "Чеки")

    shelf.picks(BOOK, INNA, name, f"К сделке: {phone_of(shelf, deal)}", tab=UNMATCHED)
    shelf.drain()

    assert waiting == "https://receipts.example/1207\nвозврат: чек № 1208"
    assert shelf.there(BOOK, PAYMENTS).shown(deal.id, "Чеки") == waiting


def with_receipts(shelf: Shelf, name: str) -> None:
    told = (
        Receipt(id="a", number="1207", link="https://receipts.example/1207"),
        Receipt(id="b", number="1208", back=True),
    )

    def work(unit: Unit) -> None:
        found = unit.need(PaymentFact, name)
        unit.subject = name
        unit.save(found.model_copy(update={"receipts": told}))

    transact(shelf.app.store, SYSTEM, "test", shelf.clock.now(), work=work)


def test_no_book_but_the_accountants_holds_such_a_payment(shelf: Shelf) -> None:
    came(shelf, minor=7_654_321)
    shelf.drain()

    assert holding(shelf.app.desk.settings()) == {BOOK}


def test_office_without_an_accountant_shows_its_money_to_the_director_alone(shelf: Shelf) -> None:
    shelf.do("staff.dismiss", OLGA, staff="st_inna")
    name = came(shelf, minor=7_654_321)
    shelf.drain()

    there = shelf.there(DIRECTOR_BOOK, UNMATCHED)

    assert holding(shelf.app.desk.settings()) == {DIRECTOR_BOOK}
    assert there.shown(name, "Сумма") == 76543.21
    assert not action_of(shelf, DIRECTOR_BOOK).editable
    assert UNMATCHED.sheet_id not in shelf.workbook(HEAD_BOOK).tabs
    assert shelf.wrong_anywhere() == []


def test_director_whose_role_keeps_the_accounts_settles_it_in_the_row(shelf: Shelf) -> None:
    shelf.do("staff.dismiss", OLGA, staff="st_inna")
    deal = a_deal(shelf)
    name = came(shelf)
    shelf.drain()
    shelf.do("role.set", OLGA, id="director", name="Директор", base="director",
             levels={"paid": "edit"})  # fmt: skip
    shelf.drain()
    assert action_of(shelf, DIRECTOR_BOOK).editable

    shelf.picks(DIRECTOR_BOOK, OLGA, name, f"К сделке: {phone_of(shelf, deal)}", tab=UNMATCHED)
    shelf.drain()

    assert (fact(shelf).state, fact(shelf).deal_id) == ("matched", deal.id)
    assert shelf.there(DIRECTOR_BOOK, UNMATCHED).ids() == []
    assert shelf.wrong_anywhere() == []


def test_tab_leaves_the_directors_book_when_somebody_keeps_the_accounts(shelf: Shelf) -> None:
    shelf.do("staff.dismiss", OLGA, staff="st_inna")
    came(shelf)
    shelf.drain()
    assert UNMATCHED.sheet_id in shelf.workbook(DIRECTOR_BOOK).tabs

    shelf.do("staff.edit", OLGA, staff="st_vera", role="accountant")
    shelf.drain()

    assert holding(shelf.app.desk.settings()) == {"payments.st_vera"}
    assert UNMATCHED.sheet_id not in shelf.workbook(DIRECTOR_BOOK).tabs
    assert shelf.there("payments.st_vera", UNMATCHED).ids() == ["pm_1"]
    assert shelf.wrong_anywhere() == []


def test_second_role_of_a_colleague_keeps_the_accounts_too(shelf: Shelf) -> None:
    shelf.do("staff.dismiss", OLGA, staff="st_inna")
    shelf.do("staff.edit", OLGA, staff="st_vera", also=["finance"])

    assert holding(shelf.app.desk.settings()) == {"payments.st_vera"}


def test_deal_of_a_client_with_two_open_ones_has_to_be_named_by_its_id(shelf: Shelf) -> None:
    first = a_deal(shelf)
    shelf.do("deal.create", VIKTOR, name="Второй", client=first.client_id, owner="st_anna",
             deal_type="Иск")  # fmt: skip

    with pytest.raises(Invalid) as refused:
        deal_named(shelf.app.store, phone_of(shelf, first), "RU")

    assert refused.value.code == "deal_named_many"
    assert deal_named(shelf.app.store, first.id, "RU") == first.id


@pytest.mark.parametrize(
    ("preset", "books"),
    [
        ("law_firm", {"payments.st_inna"}),
        ("services", {"payments.st_books"}),
        ("shop", {"department.director"}),
        ("small_team", {TEAM_BOOK}),
    ],
)
def test_every_preset_shows_such_money_to_exactly_those_who_may_see_it(
    preset: str, books: set[str]
) -> None:
    read = read_preset(preset)

    assert holding(Settings(office=read.office, staff=read.staff)) == books


def test_member_of_a_team_of_equals_settles_the_money_in_the_row(equals: Shelf) -> None:
    lead = equals.request("Ирина", owner="st_masha")
    deal = equals.do("deal.create", TANYA, name="Сайт", client=equals.lead(lead).client_id)
    name, other = came(equals), came(equals, "pm_2")
    equals.drain()
    shown = equals.there(TEAM_BOOK, UNMATCHED).shown(name, "Сумма")

    equals.picks(TEAM_BOOK, TANYA, name, f"К сделке: {phone_of(equals, deal)}", tab=UNMATCHED)
    equals.picks(TEAM_BOOK, TANYA, other, "Не наш платёж: ошибка клиента", tab=UNMATCHED)
    equals.drain()

    assert shown == 5000.5
    assert (fact(equals).state, fact(equals).deal_id) == ("matched", deal.id)
    assert fact(equals, other).state == "dismissed"
    assert fact(equals).decided_by == "st_tanya"
    assert equals.there(TEAM_BOOK, UNMATCHED).ids() == []
    assert equals.wrong_anywhere() == []


def test_tab_leaves_the_team_of_equals_when_it_takes_an_accountant(equals: Shelf) -> None:
    equals.do("staff.edit", TANYA, staff="st_kirill", role="accountant")

    assert holding(equals.app.desk.settings()) == {"payments.st_kirill"}
