"""A form that bills: its deal's invoice is the client's at once, or the deal says what lacks; A4.

Whoever fills in a form may type anybody's telephone. So the invoice names nobody, and it is shown
only when it lists exactly the goods of the form: what was there before is for the person whose
deal it is.
"""

from collections.abc import Sequence
from dataclasses import dataclass

from kartoteka.domain import convert
from kartoteka.domain.change import Actor
from kartoteka.domain.deal import Deal
from kartoteka.domain.ids import DealId
from kartoteka.domain.model import NextAction
from kartoteka.domain.office import Settings
from kartoteka.domain.sales_paper import INVOICE, SalesPaper, Terms, is_payable
from kartoteka.i18n import text
from kartoteka.services.deal_records import act
from kartoteka.services.form_orders import goods_of
from kartoteka.services.invoice_paying import is_paid_somewhere
from kartoteka.services.invoice_settling import papers_of
from kartoteka.services.notices import tell
from kartoteka.services.office import Desk
from kartoteka.services.paper_drawing import Drawing, first_name
from kartoteka.services.paper_links import address_of
from kartoteka.services.sales_papers import sent_in
from kartoteka.services.unit import Unit

_STEP = "get_payment"
_LACKS = ("billing_no_amount", "billing_other_goods", "billing_no_way")


@dataclass(frozen=True, slots=True)
class Billed:
    """An invoice that its client may open: its number, and the address of its page."""

    label: str
    address: str


def bill(
    desk: Desk, actor: Actor, deal_id: DealId, products: Sequence[str], *, cause: str
) -> Billed | None:
    """Return the invoice of a form's deal, sent; None when the deal says what it lacks.

    Done twice it is one invoice and one remark.

    Raises:
        Transient: the store does not answer.
    """
    settings = desk.settings()

    def work(unit: Unit) -> SalesPaper | None:
        deal = unit.need(Deal, deal_id)
        paper = _drawn(unit, settings, deal, papers_of(unit, deal.id, INVOICE))
        unit.subject = deal.client_id or deal.id
        if paper is not None and paper.payer == "bearer":
            return paper if is_payable(paper) else None
        lack = _lack(settings, paper, products)
        if paper is None or lack:
            _remark(unit, deal, text(lack, settings.office.locale, label=_label(paper)))
            return None
        return _handed_out(unit, paper, deal, settings.office.locale)

    paper = act(desk, actor, cause, work)
    return None if paper is None else Billed(paper.label, address_of(desk, paper))


def _drawn(
    unit: Unit, settings: Settings, deal: Deal, papers: Sequence[SalesPaper]
) -> SalesPaper | None:
    """Return the deal's newest invoice, made if it has none; None while it has no amount."""
    newest = max(papers, key=lambda it: it.version, default=None)
    if newest is not None or not deal.amount_minor:
        return newest
    return Drawing(unit, settings, deal).made(INVOICE, Terms(), name=first_name(deal.id, INVOICE))


def _lack(settings: Settings, paper: SalesPaper | None, products: Sequence[str]) -> str:
    """Return the text that says why nobody can be shown this invoice, empty when they can."""
    if paper is None:
        return "billing_no_amount"
    is_ours = paper.author_id is None and paper.state == "draft"
    if not is_ours or goods_of(paper.lines) != sorted(products):
        return "billing_other_goods"
    return "" if is_paid_somewhere(settings) else "billing_no_way"


def _label(paper: SalesPaper | None) -> str:
    return paper.label if paper is not None else ""


def _handed_out(unit: Unit, paper: SalesPaper, deal: Deal, locale: str) -> SalesPaper:
    """Return the invoice as sent; next in its deal is the money, and its person hears of it."""
    sent = sent_in(unit, paper.model_copy(update={"payer": "bearer"}), deal)
    known = unit.need(Deal, deal.id)
    update: dict[str, object] = {
        "next_action": NextAction(what=_STEP, due_at=sent.due),
        "next_at": sent.due,
        "note": _without_remarks(known.note, paper, locale),
    }
    after = unit.save(known.model_copy(update=update))
    _told(unit, after, "notice_form_invoice")
    return sent


def _without_remarks(note: str, paper: SalesPaper, locale: str) -> str:
    """Return a note without what this invoice lacked before."""
    said = {text(code, locale, label=paper.label) for code in _LACKS}
    return "\n".join(line for line in note.split("\n") if line not in said)


def _remark(unit: Unit, deal: Deal, words: str) -> None:
    """Save what the deal lacks in its note, once; to make the invoice stays its next step."""
    if words in deal.note:
        return
    note = "\n".join(filter(None, (deal.note, words)))
    asked = convert.asked_for(deal, (convert.STEPS[INVOICE],))
    after = unit.save(asked.model_copy(update={"note": note, "updated_at": unit.now}))
    _told(unit, after, "notice_form_invoice_waits")


def _told(unit: Unit, deal: Deal, code: str) -> None:
    if deal.owner_id:
        tell(unit, deal.owner_id, code, deal)
