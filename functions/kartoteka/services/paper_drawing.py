"""Offers and invoices drawn up in a transaction: a number is taken with its paper, never before.

The numbers of a year are one record, read and written by the transaction that makes the paper, so
two papers made at once are made one after the other and no number is skipped.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from zoneinfo import ZoneInfo

from kartoteka.domain.access import Level, Operation, Sight, can, check, level_of
from kartoteka.domain.change import Actor
from kartoteka.domain.deal import Deal
from kartoteka.domain.errors import NotAllowed
from kartoteka.domain.ids import StaffId, derived
from kartoteka.domain.office import Settings
from kartoteka.domain.sales_paper import (
    INVOICE,
    LINK_DAYS,
    OFFER,
    PROOFS,
    PaperNumbers,
    SalesPaper,
    Terms,
    What,
    label_of,
    lines_of,
    total,
)
from kartoteka.i18n import text
from kartoteka.services.unit import Unit


@dataclass(frozen=True, slots=True)
class Drawing:
    """What one unit does with the papers of one deal."""

    unit: Unit
    settings: Settings
    deal: Deal

    def made(self, what: What, terms: Terms, *, name: str, version: int = 1) -> SalesPaper:
        """Return a new paper of the deal, saved with its number; `name` is its id.

        Raises:
            Invalid: the deal has no amount.
        """
        return self.all_made((what,), terms, names={what: name}, version=version)[0]

    def all_made(
        self,
        wanted: Sequence[What],
        terms: Terms,
        *,
        names: dict[What, str],
        version: int = 1,
    ) -> list[SalesPaper]:
        """Return new papers of the deal, at most one of each kind, their numbers taken at once."""
        year = self.unit.now.astimezone(ZoneInfo(self.settings.office.work.zone)).year
        numbers = self.unit.find(PaperNumbers, str(year)) or PaperNumbers(id=str(year))
        made = []
        for what in wanted:
            blank = self._blank(what, terms, names[what])
            numbers = numbers.taken(what)
            number = numbers.last[what]
            place = {"year": year, "number": number, "label": label_of(year, number)}
            paper = blank.model_copy(update={**place, "version": version})
            made.append(self.unit.add(paper))
        self.unit.keep(numbers)
        return made

    def like(self, what: What, terms: Terms, papers: Sequence[SalesPaper]) -> SalesPaper | None:
        """Return the deal's newest paper of the kind if it says the same and still waits."""
        newest = max(papers, key=lambda it: it.version, default=None)
        if newest is None or newest.state not in {"draft", "sent"} or newest.due <= self.unit.now:
            return None
        blank = self._blank(what, terms, newest.id)
        same = ("lines", "currency", "payer", "subject", "text")
        keeps_due = terms.due is None or terms.due == newest.due
        alike = all(getattr(blank, name) == getattr(newest, name) for name in same)
        return newest if alike and keeps_due else None

    def with_due(self, papers: Sequence[SalesPaper]) -> Deal:
        """Return the deal with the day until which its invoice is to be paid; nothing is saved."""
        due = next((it.due for it in papers if it.what == INVOICE), None)
        if due is None or due == self.deal.invoice_due:
            return self.deal
        return self.deal.model_copy(update={"invoice_due": due, "updated_at": self.unit.now})

    def _blank(self, what: What, terms: Terms, name: str) -> SalesPaper:
        deal, office, now = self.deal, self.settings.office, self.unit.now
        lines = lines_of(deal, text("paper_line", office.locale))
        usual = office.work.add(now, office.selling.paper_due(what))
        known = deal.invoice_due if what == INVOICE else None
        due = terms.due or (known if known is not None and known > now else usual)
        author = self.settings.person(self.unit.actor.id)
        return SalesPaper(
            id=name,
            what=what,
            year=now.year,
            number=1,
            label="",
            deal_id=deal.id,
            client_id=deal.client_id,
            company_id=deal.company_id,
            author_id=StaffId(author.id) if author is not None else None,
            subject=terms.subject.strip() or deal.deal_type,
            payer="company" if deal.company_id else "person",
            lines=lines,
            total_minor=total(lines),
            currency=deal.currency,
            due=due,
            text=terms.text.strip(),
            link_until=now + LINK_DAYS,
            created_at=now,
            updated_at=now,
        )


def may_make(actor: Actor, settings: Settings, deal: Deal, what: What) -> bool:
    """Return whether this actor fills in the papers of this kind on this deal.

    An offer belongs to whose hands the deal is in; an invoice to who keeps invoices, whichever
    stage the deal is on.
    """
    if not actor.is_person:
        return True
    wanted = Operation.CHANGE if what == OFFER else Operation.READ
    if not can(actor, wanted, deal, within=settings):
        return False
    found = level_of(Sight(actor, settings), deal, f"evidence.{PROOFS[what].value}")
    return found in {Level.PUT, Level.EDIT}


def check_makes(unit: Unit, settings: Settings, deal: Deal, what: What) -> None:
    """Refuse who does not make papers of this kind on this deal.

    Raises:
        NotAllowed: the deal is out of reach, other hands hold it, or papers are closed to the role.
    """
    wanted = Operation.CHANGE if what == OFFER else Operation.READ
    check(unit.actor, wanted, deal, within=settings, now=unit.now)
    if not may_make(unit.actor, settings, deal, what):
        raise NotAllowed(f"{unit.actor.id} makes no {what}s", code=f"paper_no_{what}s")


def reads_paper(actor: Actor, settings: Settings, deal: Deal, what: What) -> bool:
    """Return whether this actor may open papers of this kind of this deal: they tell the price."""
    if not actor.is_person:
        return True
    if not can(actor, Operation.READ, deal, within=settings):
        return False
    field = f"evidence.{PROOFS[what].value}"
    return level_of(Sight(actor, settings), deal, field) >= Level.READ


def first_name(deal_id: str, what: What) -> str:
    """Return the id of the paper that is made together with its deal."""
    return derived("pp", "first", deal_id, what)
