"""A deal that waits for its money, and the people who see it."""

from typing import Any

from tests.sync.books_office import Shelf

VIKTOR, INNA = "viktor@office.example", "inna@office.example"
BOOK = "payments.st_inna"


def a_deal(shelf: Shelf) -> Any:
    """Return a deal of 15,000 that shall be paid by the first of December."""
    lead = shelf.request("Ирина")
    deal = shelf.do(
        "deal.create", VIKTOR, name="Спор", client=shelf.lead(lead).client_id, owner="st_anna",
        deal_type="Иск",
    )  # fmt: skip
    return shelf.do("deal.edit", VIKTOR, deal=deal.id, amount_minor=1_500_000,
                    invoice_due="2026-12-01T12:00:00+03:00")  # fmt: skip
