"""What a deal's payments mean for its invoices; counted anew from both, so never twice."""

from kartoteka.domain.deal import Deal
from kartoteka.domain.sales_paper import INVOICE, SalesPaper, What, covered, with_paid
from kartoteka.ports import Query, Where
from kartoteka.services.unit import Unit

_MOST = 200  # papers of one kind of one deal


def papers_of(unit: Unit, deal_id: str, what: What) -> list[SalesPaper]:
    """Return the papers of a kind of a deal."""
    where = (Where("deal_id", "==", deal_id), Where("what", "==", what))
    return unit.search(SalesPaper, Query(SalesPaper.collection, where, limit=_MOST))


def settle(unit: Unit, deal: Deal, *, beside: SalesPaper | None = None) -> None:
    """Save what each invoice of the deal has got by now; `beside` is one that this unit makes."""
    known = {it.id: it for it in papers_of(unit, deal.id, INVOICE)}
    invoices = list((known if beside is None else known | {beside.id: beside}).values())
    got = covered(deal, invoices)
    for invoice in invoices:
        minor = got.get(invoice.id, invoice.paid_minor)
        after = invoice if invoice.state == "void" else with_paid(invoice, minor)
        if after != invoice:
            unit.save(after.model_copy(update={"updated_at": unit.now}))
