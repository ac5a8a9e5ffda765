"""«Счета»: invoices are made, sent and seen paid in rows, by who keeps them and nobody else."""

from tests.sync.books_office import Shelf
from tests.sync.paying_office import BOOK, INNA, VIKTOR, a_deal

from kartoteka.domain.sales_paper import SalesPaper
from kartoteka.ports import Query
from sync.shelf.editions import editions
from sync.shelf.invoices import INVOICES
from sync.shelf.payments import PAYMENTS
from sync.shelf.shelf import BOOKS
from sync.shelf.tabs import MY_DEALS

ANNA, OLGA = "anna@office.example", "olga@office.example"


def papers(shelf: Shelf) -> list[SalesPaper]:
    found = shelf.app.store.query(Query(SalesPaper.collection))
    return [SalesPaper.model_validate(hit.doc) for hit in found]


def test_invoice_is_made_in_the_row_of_its_deal_and_goes_when_it_is_paid(shelf: Shelf) -> None:
    deal = a_deal(shelf)
    shelf.drain()
    told = shelf.picks(BOOK, INNA, deal.id, "Выставить счёт", tab=PAYMENTS)
    shelf.drain()
    (invoice,) = papers(shelf)
    there = shelf.there(BOOK, INVOICES)
    headers = ("Номер счёта", "Состояние", "Плательщик", "Предмет", "Сумма", "Оплачено")
    shown = [there.shown(invoice.id, header) for header in headers]

    assert shown == [invoice.label, "отправлен", "Ирина", "Иск", 15_000, 0]
    assert f"счёт № {invoice.label}" in told
    assert f"/api/d/{invoice.id}-" in told
    shelf.do("deal.pay", INNA, deal=deal.id, amount_minor=500_000, reference="1")
    shelf.drain()
    assert shelf.there(BOOK, INVOICES).shown(invoice.id, "Состояние") == "оплачен частично"
    shelf.do("deal.pay", INNA, deal=deal.id, amount_minor=1_000_000, reference="2")
    shelf.drain()
    assert shelf.there(BOOK, INVOICES).ids() == []
    assert shelf.wrong_anywhere() == []


def test_draft_is_sent_or_voided_in_its_own_row(shelf: Shelf) -> None:
    deal = a_deal(shelf)
    first = shelf.do("paper.make", OLGA, deal=deal.id, what="invoice").paper
    second = shelf.do("paper.make", OLGA, deal=deal.id, what="invoice", text="Второй").paper
    shelf.drain()
    silent = shelf.picks(BOOK, INNA, second.id, "Аннулировать счёт:", tab=INVOICES)
    shelf.picks(BOOK, INNA, second.id, "Аннулировать счёт: лишний", tab=INVOICES)
    told = shelf.picks(BOOK, INNA, first.id, "Отправить счёт", tab=INVOICES)
    shelf.drain()

    states = {it.id: it.state for it in papers(shelf)}
    assert "✗" in silent
    assert states == {first.id: "sent", second.id: "void"}
    assert f"/api/d/{first.id}-" in told
    assert shelf.there(BOOK, INVOICES).ids() == [first.id]


def test_manager_sends_an_offer_from_the_row_and_sees_no_address(shelf: Shelf) -> None:
    deal = a_deal(shelf)
    shelf.drain()
    told = shelf.picks("mine.st_anna", ANNA, deal.id, "Сделать и отправить КП", tab=MY_DEALS)

    (offer,) = papers(shelf)
    assert (offer.what, offer.state) == ("offer", "sent")
    assert f"КП № {offer.label} отправлено" in told
    assert "/api/d/" not in told


def test_no_book_but_those_of_who_keeps_accounts_holds_invoices(shelf: Shelf) -> None:
    found = editions(shelf.app.desk.settings(), BOOKS)
    books = {key for key, one in found.items() if INVOICES.key in {tab.key for tab in one.tabs}}

    assert books == {BOOK}


def test_client_called_otherwise_is_called_so_in_the_row(shelf: Shelf) -> None:
    deal = a_deal(shelf)
    invoice = shelf.do("paper.make", OLGA, deal=deal.id, what="invoice").paper
    shelf.drain()
    shelf.do("client.edit", VIKTOR, client=deal.client_id, name="Ирина Петрова")
    shelf.drain()

    assert shelf.there(BOOK, INVOICES).shown(invoice.id, "Плательщик") == "Ирина Петрова"
