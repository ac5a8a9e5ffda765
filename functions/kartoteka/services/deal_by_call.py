"""A deal begun while the client is on the line: who calls is known, goods by first letters; D17."""

from collections.abc import Iterator
from datetime import timedelta

from pydantic import Field

from kartoteka.domain import identity
from kartoteka.domain.change import Actor
from kartoteka.domain.deal import Deal
from kartoteka.domain.errors import NotFound
from kartoteka.domain.inbound import Inbound, Kind
from kartoteka.domain.model import Client, Value
from kartoteka.i18n import text
from kartoteka.ports import Order, Query, Where
from kartoteka.services import deals
from kartoteka.services.call_people import taken_by
from kartoteka.services.client_by_hand import NewClient, add_client
from kartoteka.services.commands import Command, Registry
from kartoteka.services.deal_forms import (
    LONGEST_NAME,
    MOST_LINES,
    MOST_MONEY,
    MOST_QUANTITY,
    CreateDeal,
    NewLine,
)
from kartoteka.services.lookup import who_calls
from kartoteka.services.office import Desk
from kartoteka.services.products import begun

RECENT = timedelta(minutes=10)
_PAGE = 500  # calls of the whole office within that time


class CallLine(Value):
    """A position by the first letters of its name; the price is the catalogue's if none is said."""

    letters: str = Field(min_length=1, max_length=LONGEST_NAME)
    quantity_milli: int = Field(default=1000, gt=0, le=MOST_QUANTITY)
    price_minor: int | None = Field(default=None, ge=0, le=MOST_MONEY)


class DealByCall(Value):
    """Start a deal with who calls you: your newest call of the last ten minutes."""

    lines: tuple[CallLine, ...] = Field(default=(), max_length=MOST_LINES)
    name: str = Field(default="", max_length=LONGEST_NAME)
    client_name: str = Field(
        default="", max_length=LONGEST_NAME, description="of a number that nobody knows"
    )
    deal_type: str = Field(default="", max_length=LONGEST_NAME)
    pipeline: str = ""


def create(desk: Desk, actor: Actor, form: DealByCall, cause: str) -> Deal:
    """Return the deal of the actor's call; the same call gives the same deal, however often asked.

    A number that nobody knows becomes a client first.

    Raises:
        NotFound: the actor had no call within ten minutes. NotAllowed: the client is not theirs.
        Invalid: letters fit no position or several, or the first stage asks for more.
    """
    call = last_call(desk, actor)
    lines = tuple(_line(desk, item) for item in form.lines)
    client_id = _client(desk, actor, call, form=form, cause=cause)
    name = form.name.strip() or _name(desk, client_id)
    given = CreateDeal(
        name=name,
        client=client_id,
        pipeline=form.pipeline,
        deal_type=form.deal_type,
        lines=lines,
    )
    return deals.create(desk, actor, given, cause=cause, mark=f"call:{call.id}:{actor.id}")


def last_call(desk: Desk, actor: Actor) -> Inbound:
    """Return the newest call, ringing or talked, that reached the actor within ten minutes.

    Raises:
        NotFound: there is none.
    """
    for call in _recent(desk):
        person = taken_by(call, desk.settings())
        if person is not None and person.id == actor.id and _number(desk, call):
            return call
    raise NotFound(f"{actor.id} had no call lately", code="no_recent_call")


def _recent(desk: Desk) -> Iterator[Inbound]:
    since = desk.now() - RECENT
    where = (Where("what", "==", Kind.CALL.value),)
    query = Query(Inbound.collection, where, (Order("at", descending=True),), limit=_PAGE)
    for found in desk.store.query(query):
        call = Inbound.model_validate(found.doc)
        if call.at < since:
            return
        yield call


def _number(desk: Desk, call: Inbound) -> str:
    told = call.call.fact.client_number if call.call is not None else ""
    return identity.phone(told, desk.settings().office.region) or ""


def _client(desk: Desk, actor: Actor, call: Inbound, *, form: DealByCall, cause: str) -> str:
    number = _number(desk, call)
    known = who_calls(desk.store, number)
    if known is not None:
        return known.client_id
    name = form.client_name.strip() or number
    return add_client(desk, actor, NewClient(name=name, phone=number), cause=cause).id


def _name(desk: Desk, client_id: str) -> str:
    doc = desk.store.get(Client.collection, client_id)
    name = Client.model_validate(doc).name if doc is not None else client_id
    locale = desk.settings().office.locale
    return text("deal_by_call_name", locale, name=name)[:LONGEST_NAME]


def _line(desk: Desk, asked: CallLine) -> NewLine:
    product = begun(desk, asked.letters.strip())
    given = {"price_minor": asked.price_minor} if asked.price_minor is not None else {}
    return NewLine(product=product.id, quantity_milli=asked.quantity_milli, **given)


CALL_DEALS: Registry = {
    "deal.by_call": Command("start a deal with who is on your line", DealByCall, create),
}
