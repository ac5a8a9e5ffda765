"""The address of a client's page with an offer or an invoice: nobody finds it without our key.

A token is the paper's id, when it ends, and an HMAC of both with the office's own key. Words that
go to a client hold a mark instead of the address: what stands in the history opens nothing, for
whoever reads a history need not read prices.
"""

import re
from datetime import datetime
from typing import ClassVar

from kartoteka.domain.errors import NotFound
from kartoteka.domain.sales_paper import ID, SalesPaper, mark_of, marked
from kartoteka.ports import Store
from kartoteka.services import proofs
from kartoteka.services.address_keys import AddressKey, is_genuine, secret_of
from kartoteka.services.office import Desk

_ONE = "papers"
_TOKEN = re.compile(rf"({ID})-({proofs.UNTIL})([0-9a-f]{{{proofs.LENGTH}}})")


class PaperKey(AddressKey):
    """What proves the addresses of papers; never in the log, never shown."""

    kind: ClassVar[str] = "paper_key"
    collection: ClassVar[str] = "paper_keys"


def address_of(desk: Desk, paper: SalesPaper) -> str:
    """Return the address at which the client opens the paper; the office's key is made if new."""
    return f"{desk.base_url.rstrip('/')}/api/d/{_token(secret_of(desk, PaperKey, _ONE), paper)}"


def with_addresses(desk: Desk, words: str, client_id: str | None) -> str:
    """Return the words for a client with addresses in place of the marks of papers sent to them."""
    for name in marked(words):
        doc = desk.store.get(SalesPaper.collection, name)
        paper = SalesPaper.model_validate(doc) if doc is not None else None
        if paper is not None and paper.sent_at is not None and paper.client_id == client_id:
            words = words.replace(mark_of(name), address_of(desk, paper))
    return words


def opened(store: Store, token: str, now: datetime) -> SalesPaper:
    """Return the paper to which the address leads.

    Raises:
        NotFound: this office never made the address, or its time is over; nobody learns which.
    """
    found = _TOKEN.fullmatch(token)
    if found is not None:
        name, until, proof = found.groups()
        genuine = is_genuine(store, PaperKey, _ONE, text=f"{name}-{until}", shown=proof)
        if genuine and not proofs.is_over(until, now):
            doc = store.get(SalesPaper.collection, name)
            if doc is not None:
                return SalesPaper.model_validate(doc)
    raise NotFound("there is no such paper", code="paper_unknown")


def _token(secret: str, paper: SalesPaper) -> str:
    named = f"{paper.id}-{proofs.until(paper.link_until)}"
    return named + proofs.proof(secret, named)
