"""Commands on offers and invoices: make, send, accept, void, list; C7, I2, I5, I6."""

from collections.abc import Callable
from datetime import datetime

from pydantic import AwareDatetime, Field

from kartoteka.domain.access import Operation, check
from kartoteka.domain.change import Actor
from kartoteka.domain.deal import Deal
from kartoteka.domain.errors import Invalid, NotAllowed
from kartoteka.domain.guards import is_open
from kartoteka.domain.ids import fresh
from kartoteka.domain.model import Value
from kartoteka.domain.office import Office
from kartoteka.domain.sales_paper import (
    INVOICE,
    LINK_DAYS,
    OFFER,
    PROOFS,
    SalesPaper,
    Terms,
    What,
    standing,
)
from kartoteka.domain.sales_rules import LONGEST_PAPER, LONGEST_REQUISITES
from kartoteka.services import paper_telling
from kartoteka.services.commands import Command, Registry
from kartoteka.services.deal_commands import command
from kartoteka.services.deal_forms import LONGEST_NAME, LONGEST_TEXT, OneDeal
from kartoteka.services.deal_records import act
from kartoteka.services.fresh import check_fresh
from kartoteka.services.invoice_settling import papers_of, settle
from kartoteka.services.office import Desk
from kartoteka.services.paper_drawing import Drawing, check_makes, reads_paper
from kartoteka.services.paper_links import address_of
from kartoteka.services.settings_edit import Saved, Versioned, save_office
from kartoteka.services.task_forms import Id
from kartoteka.services.unit import Unit


class MakePaper(OneDeal):
    """Make an offer or an invoice of a deal; what is not given is as usual."""

    what: What
    subject: str = Field(default="", max_length=LONGEST_NAME)
    text: str = Field(default="", max_length=LONGEST_TEXT, description="a note on the paper")
    due: AwareDatetime | None = Field(default=None, description="pay until; an offer: stands until")
    send: bool = Field(default=False, description="and send it to the client at once")


class OnePaper(Value):
    """An offer or an invoice; `expected` is its `updated_at` as read, to refuse a stale act."""

    paper: Id
    expected: AwareDatetime | None = None


class SendPaper(OnePaper):
    """Count a paper as sent; the client gets its address in their chat, or by mail."""

    message: bool = Field(default=True, description="false: I send the address myself")


class AcceptPaper(OnePaper):
    """Keep what the client said to an offer."""

    accepted: bool = True


class VoidPaper(OnePaper):
    """Void a paper; its number stays taken."""

    reason: str = Field(default="", max_length=LONGEST_TEXT)


class ListPapers(OneDeal):
    """Ask for the offers and invoices of a deal."""


class SetPaperDays(Versioned):
    """Say for how many working days an offer stands and an invoice waits, and how it is paid."""

    offer_days: int | None = Field(default=None, ge=1, le=LONGEST_PAPER)
    invoice_days: int | None = Field(default=None, ge=1, le=LONGEST_PAPER)
    requisites: str | None = Field(
        default=None, max_length=LONGEST_REQUISITES, description="payee, bank and account, in lines"
    )


class TurnedOut(Value):
    """A paper after a command; address and state are told to who may read the paper."""

    paper: SalesPaper
    deal: str
    state: str = ""  # with what time alone has made of it
    address: str = ""  # where the client opens it
    told: str = ""  # how the client heard of it: chat, mail; empty: give them the address


class DealPapers(Value):
    """The papers of a deal, offers first, each kind in the order of its versions."""

    papers: tuple[TurnedOut, ...]


def make(desk: Desk, actor: Actor, form: MakePaper, *, cause: str, name: str = "") -> TurnedOut:
    """Return the paper with its number; said twice about an unchanged deal it is one paper.

    Args:
        desk: the office.
        actor: who makes it.
        form: of which deal, and what is unusual about it.
        cause: of the change.
        name: the id the paper shall have; known, nothing is made anew.

    Raises:
        NotAllowed: the deal is not the actor's, it is closed, or papers are closed to their role.
        Invalid: the deal has no amount, or its time to pay is over already.
        Conflict: the deal was changed since the caller read it.
    """
    new = name or fresh("pp")
    terms = Terms(subject=form.subject, text=form.text, due=form.due)

    def work(unit: Unit) -> tuple[SalesPaper, Deal]:
        settings = desk.settings()
        deal = unit.need(Deal, form.deal)
        known = unit.find(SalesPaper, new) if name else None
        if known is not None:
            return known, deal
        check_makes(unit, settings, deal, form.what)
        check_fresh(deal, deal.updated_at, form.expected)
        _check_possible(form, deal, unit.now)
        unit.subject = deal.client_id or deal.id
        made, after = _made(Drawing(unit, settings, deal), form.what, terms, new)
        return (sent_in(unit, made, after), after) if form.send else (made, after)

    paper, deal = act(desk, actor, cause, work)
    told = _heard(desk, actor, paper, cause) if form.send else ""
    return _told(desk, actor, paper, deal, told=told)


def send(desk: Desk, actor: Actor, form: SendPaper, *, cause: str) -> TurnedOut:
    """Return the paper as sent; the deal has its proof, the client hears if there is a chat.

    Sent again, its address opens for another 90 days and nobody is told a second time.

    Raises:
        NotAllowed: papers of this kind are closed to the actor. Invalid: it was voided.
        Conflict: it was changed since the caller read it.
    """

    def change(unit: Unit, paper: SalesPaper, deal: Deal) -> SalesPaper:
        if paper.state == "void":
            raise Invalid(f"{paper.id} is void", code="paper_void")
        return sent_in(unit, paper, deal)

    paper, deal = _changed(desk, actor, form, change, cause=cause)
    told = _heard(desk, actor, paper, cause) if form.message else ""
    return _told(desk, actor, paper, deal, told=told)


def accept(desk: Desk, actor: Actor, form: AcceptPaper, *, cause: str) -> TurnedOut:
    """Return the offer as accepted or declined by the client.

    Raises:
        Invalid: it is no offer, or it was not sent. NotAllowed, Conflict: as `send`.
    """

    def change(unit: Unit, paper: SalesPaper, _deal: Deal) -> SalesPaper:
        if paper.what != OFFER or paper.state not in {"sent", "accepted", "declined"}:
            raise Invalid(f"{paper.id} is {paper.state}", code="paper_not_offered")
        state = "accepted" if form.accepted else "declined"
        if paper.state == state:
            return paper
        return unit.save(paper.model_copy(update={"state": state, "updated_at": unit.now}))

    return _told(desk, actor, *_changed(desk, actor, form, change, cause=cause))


def void(desk: Desk, actor: Actor, form: VoidPaper, *, cause: str) -> TurnedOut:
    """Return the paper as void; its number stays taken, and the deal proves nothing by it.

    Raises:
        Invalid: money came for it. NotAllowed, Conflict: as `send`.
    """

    def change(unit: Unit, paper: SalesPaper, deal: Deal) -> SalesPaper:
        if paper.paid_minor:
            raise Invalid(f"{paper.id} is paid", code="paper_paid")
        unit.reason = form.reason.strip()
        if paper.state == "void":
            return paper
        gone = unit.save(paper.model_copy(update={"state": "void", "updated_at": unit.now}))
        _disproved(unit, gone, deal)
        return gone

    return _told(desk, actor, *_changed(desk, actor, form, change, cause=cause))


def listed(desk: Desk, actor: Actor, form: ListPapers, cause: str) -> DealPapers:
    """Return the papers of a deal as far as the actor may see them.

    Raises:
        NotFound: there is no such deal. NotAllowed: it is out of reach.
    """

    def work(unit: Unit) -> tuple[Deal, list[SalesPaper]]:
        deal = unit.need(Deal, form.deal)
        check(actor, Operation.READ, deal, within=desk.settings(), now=unit.now)
        found = [it for what in (OFFER, INVOICE) for it in papers_of(unit, deal.id, what)]
        return deal, sorted(found, key=lambda it: (it.what != OFFER, it.version))

    deal, papers = act(desk, actor, cause, work)
    return DealPapers(papers=tuple(_told(desk, actor, paper, deal) for paper in papers))


def set_days(desk: Desk, actor: Actor, form: SetPaperDays, cause: str) -> Saved:
    """Return what was saved: for how long offers stand and invoices wait, and the requisites.

    Raises:
        NotAllowed: the actor does not set the office up. Conflict: the settings were changed.
    """
    given = form.model_dump(include={"offer_days", "invoice_days", "requisites"}, exclude_none=True)

    def change(office: Office) -> Office:
        selling = office.selling.model_copy(update=given)
        return office.model_copy(update={"selling": selling})

    return save_office(desk, actor, change, cause=cause, expected=form.expected, name="papers")


def _check_possible(form: MakePaper, deal: Deal, now: datetime) -> None:
    if form.due is not None and form.due <= now:
        raise Invalid("the time is over", fields={"due": "paper_due"}, code="paper_due")
    if deal.state == "lost" or (form.what == OFFER and not is_open(deal)):
        raise NotAllowed(f"{deal.id} is closed", code="paper_deal_closed")


def _made(drawing: Drawing, what: What, terms: Terms, name: str) -> tuple[SalesPaper, Deal]:
    unit, deal = drawing.unit, drawing.deal
    earlier = papers_of(unit, deal.id, what)
    same = drawing.like(what, terms, earlier)
    if same is not None:
        return same, deal
    version = max((it.version for it in earlier), default=0) + 1
    made = drawing.made(what, terms, name=name, version=version)
    after = drawing.with_due([made])
    return made, deal if after is deal else unit.save(after)


def _changed(
    desk: Desk,
    actor: Actor,
    form: OnePaper,
    change: Callable[[Unit, SalesPaper, Deal], SalesPaper],
    *,
    cause: str,
) -> tuple[SalesPaper, Deal]:
    """Return the paper as `change` makes it and its deal, after the check of who may."""

    def work(unit: Unit) -> tuple[SalesPaper, Deal]:
        settings = desk.settings()
        paper = unit.need(SalesPaper, form.paper)
        deal = unit.need(Deal, paper.deal_id)
        check_makes(unit, settings, deal, paper.what)
        check_fresh(paper, paper.updated_at, form.expected)
        unit.subject = deal.client_id or deal.id
        return change(unit, paper, deal), deal

    return act(desk, actor, cause, work)


def sent_in(unit: Unit, paper: SalesPaper, deal: Deal) -> SalesPaper:
    """Return the saved paper as sent; its address opens for another 90 days."""
    first = paper.sent_at is None
    update: dict[str, object] = {"link_until": unit.now + LINK_DAYS, "updated_at": unit.now}
    if first:
        state = "sent" if paper.state == "draft" else paper.state
        update |= {"state": state, "sent_at": unit.now}
    sent = unit.save(paper.model_copy(update=update))
    if first:
        _proved(unit, sent, deal)
    return sent


def _proved(unit: Unit, paper: SalesPaper, deal: Deal) -> None:
    """Save what a sent paper proves of its deal; money that came before counts for an invoice."""
    evidence = deal.evidence | {PROOFS[paper.what].value: paper.id}
    update: dict[str, object] = {"evidence": evidence, "updated_at": unit.now}
    if paper.what == INVOICE:
        update["invoice_due"] = paper.due
    after = unit.save(deal.model_copy(update=update))
    if paper.what == INVOICE and after.payments:
        settle(unit, after, beside=paper)


def _heard(desk: Desk, actor: Actor, paper: SalesPaper, cause: str) -> str:
    """Return how the client hears of a paper that was sent for the first time just now."""
    first = paper.sent_at is not None and paper.sent_at == paper.updated_at
    return paper_telling.tell(desk, actor, paper, cause) if first else ""


def _disproved(unit: Unit, paper: SalesPaper, deal: Deal) -> None:
    """Take off the deal what it had of a paper that is void now; an earlier one proves instead."""
    proof = PROOFS[paper.what].value
    known = papers_of(unit, deal.id, paper.what)
    left = [it for it in known if it.id != paper.id and it.state != "void"]
    left.sort(key=lambda it: it.version)
    evidence = dict(deal.evidence)
    if evidence.get(proof) == paper.id:
        sent = [it.id for it in left if it.sent_at is not None]
        evidence = {name: ref for name, ref in evidence.items() if name != proof}
        evidence |= {proof: sent[-1]} if sent else {}
    update: dict[str, object] = {"evidence": evidence, "updated_at": unit.now}
    if paper.what == INVOICE and deal.invoice_due == paper.due:
        update["invoice_due"] = left[-1].due if left else None
    unit.save(deal.model_copy(update=update))


def _told(desk: Desk, actor: Actor, paper: SalesPaper, deal: Deal, *, told: str = "") -> TurnedOut:
    """Return the paper for this actor; who may not read prices gets no address."""
    if not reads_paper(actor, desk.settings(), deal, paper.what):
        return TurnedOut(paper=paper, deal=deal.id, told=told)
    return TurnedOut(
        paper=paper,
        deal=deal.id,
        state=standing(paper, desk.now()),
        address=address_of(desk, paper) if paper.state != "void" else "",
        told=told,
    )


PAPER_COMMANDS: Registry = {
    "paper.accept": command("say that the client took an offer, or not", AcceptPaper, accept),
    "paper.list": Command("show the offers and invoices of a deal", ListPapers, listed),
    "paper.make": command("make an offer or an invoice of a deal", MakePaper, make),
    "paper.send": command("send an offer or an invoice to the client", SendPaper, send),
    "paper.set": Command("set how long papers wait, how invoices are paid", SetPaperDays, set_days),
    "paper.void": command("void an offer or an invoice", VoidPaper, void),
}
