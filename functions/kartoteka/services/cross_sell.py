"""Who bought one thing is offered another: the table, the offers and what came of them; G15."""

from collections.abc import Iterable, Mapping

from pydantic import Field

from kartoteka.domain.catalogue import Product
from kartoteka.domain.change import Actor
from kartoteka.domain.cross_offer import ACCEPTED, GIVEN, CrossOffer
from kartoteka.domain.deal import Deal
from kartoteka.domain.errors import Invalid
from kartoteka.domain.ids import ProductId, StaffId, TaskId, derived, fresh
from kartoteka.domain.model import Client, Task, Value
from kartoteka.domain.office import Office, Settings
from kartoteka.domain.sales_rules import LONGEST_REPEAT, CrossSell
from kartoteka.domain.worktime import Delay
from kartoteka.i18n import text
from kartoteka.ports import Query, Store, Where
from kartoteka.services import tasks
from kartoteka.services.commands import Command, Registry
from kartoteka.services.office import Desk, read_settings
from kartoteka.services.products import called
from kartoteka.services.settings_edit import Saved, Versioned, one_of, save_office
from kartoteka.services.unit import Unit

OFFER = "cross_sell"  # what the task of offering is
_MOST_OFFERS = 200  # open ones of one client
_MOST_DEALS = 200
_USUAL_DAYS = 7


class SetCrossSell(Versioned):
    """Offer one thing to who bought another; `id` changes a row, where what is not given stays."""

    id: str = Field(default="", max_length=200)
    product: str | None = Field(
        default=None, max_length=500, description="what was bought: product id, SKU or name"
    )
    category: str | None = Field(default=None, max_length=500, description="or anything of this")
    offer: str | None = Field(default=None, max_length=500, description="product id, SKU or name")
    after_days: int | None = Field(default=None, ge=0, le=LONGEST_REPEAT)
    active: bool | None = None


class RemoveCrossSell(Versioned):
    """Take a row out of the table; offers that were made stay."""

    id: str


class ShowCrossSell(Value):
    """Show the table and what came of its offers."""


class CrossSellRow(Value):
    """One row and its report: how many offers, how many of them ended in a won deal."""

    row: CrossSell
    given: int
    accepted: int


class CrossSellShown(Value):
    """The table."""

    rows: tuple[CrossSellRow, ...]


def set_row(desk: Desk, actor: Actor, form: SetCrossSell, cause: str) -> Saved:
    """Return what was saved: a row of the table; one that stands there already stays one.

    Raises:
        Invalid: what was bought is not said in one way, or a product is unknown.
    """
    given = _given(desk, form)
    name = form.id or _twin(read_settings(desk.store).office, given) or fresh("xs")

    def change(office: Office) -> Office:
        known = {item.id: item for item in office.selling.cross_sell}
        there = form.id or name in known
        before = one_of(known, name).model_dump() if there else {"after_days": _USUAL_DAYS}
        row = {**before, **given, "id": name}
        if bool(row.get("product_id")) == bool(row.get("category")) or not row.get("offer_id"):
            raise Invalid(
                "bought and offered", fields={"product": "cross_bought"}, code="cross_bought"
            )
        return _with_rows(office, {**known, name: CrossSell.model_validate(row)}.values())

    return save_office(desk, actor, change, cause=cause, expected=form.expected, name=name)


def _twin(office: Office, given: Mapping[str, object]) -> str:
    """Return the id of the row that offers the same to who bought the same, empty for none."""
    wanted = (
        given.get("product_id"),
        str(given.get("category", "")).casefold(),
        given.get("offer_id"),
    )
    rows = office.selling.cross_sell
    same = (it for it in rows if (it.product_id, it.category.casefold(), it.offer_id) == wanted)
    return next((it.id for it in same), "")


def _given(desk: Desk, form: SetCrossSell) -> dict[str, object]:
    """Return the fields of the row that the form says; one way of saying what was bought."""
    given: dict[str, object] = form.model_dump(include={"after_days", "active"}, exclude_none=True)
    if form.product is not None:
        given["product_id"] = _product(desk, form.product)
    if form.category is not None:
        given["category"] = form.category.strip()
    if form.id and form.product and form.category is None:
        given["category"] = ""
    if form.id and form.category and form.product is None:
        given["product_id"] = None
    if form.offer is not None:
        given["offer_id"] = _product(desk, form.offer)
    return given


def _product(desk: Desk, said: str) -> ProductId | None:
    """Return the id of a product by its id, SKU or whole name; nothing said is none.

    Raises:
        Invalid: there is none, or several are called so.
    """
    if not said.strip():
        return None
    found = called(desk, said)
    if len(found) == 1:
        return ProductId(found[0].id)
    raise Invalid(
        f"there is no product {said!r} on sale",
        fields={"product": "unknown"},
        code="product_unknown",
    )


def remove_row(desk: Desk, actor: Actor, form: RemoveCrossSell, cause: str) -> Saved:
    """Return what was saved: the table without a row."""

    def change(office: Office) -> Office:
        known = {item.id: item for item in office.selling.cross_sell}
        one_of(known, form.id)
        return _with_rows(office, (row for row in known.values() if row.id != form.id))

    return save_office(desk, actor, change, cause=cause, expected=form.expected, name=form.id)


def shown(desk: Desk, _actor: Actor, _form: ShowCrossSell, _cause: str) -> CrossSellShown:
    """Return the table, each row with how many offers were made and accepted."""
    rows = desk.settings().office.selling.cross_sell
    return CrossSellShown(rows=tuple(_counted(desk.store, row) for row in rows))


def rows_for(settings: Settings, deal: Deal) -> list[CrossSell]:
    """Return the rows that wait for what the deal sold."""
    rows = settings.office.selling.cross_sell
    return [row for row in rows if row.active and row.is_about(deal.lines)]


def offer(unit: Unit, settings: Settings, deal: Deal, row_id: str) -> CrossOffer | None:
    """Return the offer that a row makes for a won deal; its task is the owner's.

    None when the row is gone, nobody can be asked, or the client has what is offered already.
    """
    rows = settings.office.selling.cross_sell
    row = next((item for item in rows if item.id == row_id and item.active), None)
    client = unit.find(Client, deal.client_id)
    product = unit.find(Product, row.offer_id) if row is not None else None
    if row is None or client is None or product is None or not product.active:
        return None
    name = derived("xo", row.id, deal.id)
    if unit.find(CrossOffer, name) is not None or _has(unit, client, row.offer_id):
        return None
    task = _task(unit, settings, deal, client, product.name, name)
    tasks.keep(unit, task, _told(task))
    made = CrossOffer(
        id=name,
        row_id=row.id,
        client_id=client.id,
        deal_id=deal.id,
        product_id=row.offer_id,
        task_id=task.id,
        at=unit.now,
    )
    unit.keep(made)
    return made


def accept(unit: Unit, deal: Deal) -> list[CrossOffer]:
    """Return the client's offers that this won deal accepted, kept."""
    if deal.client_id is None:
        return []
    where = (Where("client_id", "==", deal.client_id), Where("state", "==", GIVEN))
    query = Query(CrossOffer.collection, where, limit=_MOST_OFFERS)
    sold = {line.product_id for line in deal.lines}
    taken = [it for it in unit.search(CrossOffer, query) if it.product_id in sold]
    update = {"state": ACCEPTED, "accepted_deal_id": deal.id, "accepted_at": unit.now}
    found = [it.model_copy(update=update) for it in taken if it.deal_id != deal.id]
    for item in found:
        unit.keep(item)
    return found


def _has(unit: Unit, client: Client, product_id: str) -> bool:
    """Return whether the client bought the product, or is just buying it."""
    where = (Where("client_id", "==", client.id), Where("state", "in", ("won", "open", "ongoing")))
    deals = unit.search(Deal, Query(Deal.collection, where, limit=_MOST_DEALS))
    return any(line.product_id == product_id for deal in deals for line in deal.lines)


def _task(unit: Unit, settings: Settings, deal: Deal, client: Client, /, *said: str) -> Task:
    goods, name = said
    office = settings.office
    owner = settings.person(client.owner_id) or settings.person(deal.owner_id)
    return Task(
        id=TaskId(derived("tk", name)),
        what=OFFER,
        title=text("task_cross_sell_of", office.locale, goods=goods),
        client_id=client.id,
        assignee_id=StaffId(owner.id) if owner is not None and owner.active else None,
        phone=next(iter(client.phones), ""),
        due_at=office.work.add(unit.now, Delay(work_days=1)),
        created_at=unit.now,
    )


def _told(task: Task) -> tuple[tasks.Told, ...]:
    person = task.assignee_id
    return (tasks.Told(person, f"notice_{OFFER}"),) if person is not None else ()


def _with_rows(office: Office, rows: Iterable[CrossSell]) -> Office:
    selling = office.selling.model_copy(update={"cross_sell": tuple(rows)})
    return office.model_copy(update={"selling": type(selling).model_validate(selling.model_dump())})


def _counted(store: Store, row: CrossSell) -> CrossSellRow:
    def count(state: str) -> int:
        where = (Where("row_id", "==", row.id), Where("state", "==", state))
        return store.count(Query(CrossOffer.collection, where))

    accepted = count(ACCEPTED)
    return CrossSellRow(row=row, given=count(GIVEN) + accepted, accepted=accepted)


CROSS_SELL_COMMANDS: Registry = {
    "cross_sell.list": Command(
        "show what is offered to whom and how often they take it", ShowCrossSell, shown
    ),
    "cross_sell.remove": Command(
        "take a row out of the table of offers", RemoveCrossSell, remove_row
    ),
    "cross_sell.set": Command("offer one thing to who bought another", SetCrossSell, set_row),
}
