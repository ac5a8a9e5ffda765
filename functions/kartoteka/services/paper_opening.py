"""What the client's page of an offer or an invoice shows; the first look at it is noted."""

from dataclasses import dataclass
from datetime import datetime
from zoneinfo import ZoneInfo

from kartoteka.domain.catalogue import Company
from kartoteka.domain.change import SYSTEM
from kartoteka.domain.errors import NotFound
from kartoteka.domain.model import Client
from kartoteka.domain.office import Office
from kartoteka.domain.sales_paper import SalesPaper, standing
from kartoteka.services.office import Desk
from kartoteka.services.paper_links import opened
from kartoteka.services.unit import Unit, transact


@dataclass(frozen=True, slots=True)
class Opened:
    """A paper as its client sees it; `state` counts the time, days are those of the office."""

    paper: SalesPaper
    office: Office
    payer: str  # empty: whoever holds the address
    company: Company | None
    state: str
    made_on: str
    due_on: str


def look(desk: Desk, token: str) -> Opened:
    """Return what the page of this address shows; nothing is written.

    Raises:
        NotFound: the address is none of ours or over, or the client was deleted or forgotten.
    """
    return shown(desk, opened(desk.store, token, desk.now()))


def shown(desk: Desk, paper: SalesPaper) -> Opened:
    """Return what the page of this paper shows; nothing is written.

    Raises:
        NotFound: the client was deleted or forgotten.
    """
    office = desk.settings().office
    client = _client(desk, paper)
    company = _company(desk, paper)
    return Opened(
        paper=paper,
        office=office,
        payer=_payer(paper, client, company),
        company=company,
        state=standing(paper, desk.now()),
        made_on=_day(paper.sent_at or paper.created_at, office),
        due_on=_day(paper.due, office),
    )


def note(desk: Desk, paper: SalesPaper) -> None:
    """Keep that the page of a sent paper was opened; only the first time is kept."""
    if paper.sent_at is None or paper.opened_at is not None:
        return

    def work(unit: Unit) -> None:
        found = unit.find(SalesPaper, paper.id)
        if found is not None and found.opened_at is None:
            unit.subject = found.client_id or found.deal_id
            update = {"opened_at": unit.now, "updated_at": unit.now}
            unit.save(found.model_copy(update=update))

    transact(desk.store, SYSTEM, f"paper_opened:{paper.id}", desk.now(), work=work)
    desk.waker.after_commit()


def _client(desk: Desk, paper: SalesPaper) -> Client | None:
    doc = desk.store.get(Client.collection, paper.client_id) if paper.client_id else None
    client = Client.model_validate(doc) if doc is not None else None
    if paper.client_id and (client is None or client.forgotten):
        raise NotFound(f"{paper.id} is of nobody any more", code="paper_unknown")
    return client


def _company(desk: Desk, paper: SalesPaper) -> Company | None:
    known = paper.company_id if paper.payer != "bearer" else None
    doc = desk.store.get(Company.collection, known) if known else None
    return Company.model_validate(doc) if doc is not None else None


def _payer(paper: SalesPaper, client: Client | None, company: Company | None) -> str:
    if company is not None:
        return company.name
    return client.name if client is not None and paper.payer != "bearer" else ""


def _day(moment: datetime, office: Office) -> str:
    return f"{moment.astimezone(ZoneInfo(office.work.zone)):%d.%m.%Y}"
