"""Positions of deals and requests: added, changed and removed; the amount follows."""

from collections.abc import Callable, Iterable, Sequence

from kartoteka.domain import deal_amount
from kartoteka.domain.access import check_fields
from kartoteka.domain.catalogue import Product
from kartoteka.domain.change import Actor
from kartoteka.domain.deal import Deal
from kartoteka.domain.discounts import OVER_LIMIT, check_lines, limit_for
from kartoteka.domain.errors import Invalid, NotAllowed
from kartoteka.domain.ids import ProductId, fresh
from kartoteka.domain.model import Line
from kartoteka.domain.office import Settings
from kartoteka.services import approvals, deal_records
from kartoteka.services.deal_forms import AddLine, ChangeLine, NewLine, OneDeal, RemoveLine
from kartoteka.services.office import Desk
from kartoteka.services.products import NONE_BEGINS, begun
from kartoteka.services.unit import Unit

_Lines = tuple[Line, ...]
_Change = Callable[[Unit, _Lines], _Lines]
_FORM = {"deal", "line", "expected", "ask", "letters"}
_STORED = {"product": "product_id"}
_NEVER_EMPTY = {"name", "category", "quantity_milli", "price_minor", "discount_bp"}


def add(desk: Desk, actor: Actor, form: AddLine, *, cause: str) -> Deal:
    """Return the deal with one more position; price, cost and name come from the product.

    Raises:
        NotAllowed: the discount is above the limit; with `ask` it was sent for approval.
    """
    form = _spelled(desk, form)
    names = named((form,))

    def change(unit: Unit, lines: _Lines) -> _Lines:
        return (*lines, *filled(unit, (form,), names, within=desk.settings()))

    def run() -> Deal:
        return _edit(desk, actor, form, change, cause=cause, given=form.model_fields_set)

    return _or_ask(desk, actor, form, run, command="deal.line_add")


def change(desk: Desk, actor: Actor, form: ChangeLine, *, cause: str) -> Deal:
    """Return the deal with one position changed; `NotFound` when it is gone.

    Raises:
        NotAllowed: the discount is above the limit; with `ask` it was sent for approval.
    """
    update = form.model_dump(exclude_unset=True, exclude=_FORM)
    for name in update.keys() & _NEVER_EMPTY:
        if update[name] is None:
            raise Invalid(f"{name} cannot be null", fields={name: "required"}, code="field_empty")

    def edit(unit: Unit, lines: _Lines) -> _Lines:
        changed = deal_amount.changed(lines, form.line, update)
        _check_changed(unit, deal_amount.known(changed, form.line), desk.settings())
        return changed

    def run() -> Deal:
        return _edit(desk, actor, form, edit, cause=cause, given=update)

    return _or_ask(desk, actor, form, run, command="deal.line_change")


def remove(desk: Desk, actor: Actor, form: RemoveLine, *, cause: str) -> Deal:
    """Return the deal without one position; `NotFound` when it is gone."""

    def edit(_: Unit, lines: _Lines) -> _Lines:
        return deal_amount.without(lines, form.line)

    return _edit(desk, actor, form, edit, cause=cause, given=("name",))


def named(given: Sequence[NewLine]) -> tuple[str, ...]:
    """Return a new id for each line; to be drawn outside a transaction."""
    return tuple(fresh("li") for _ in given)


def filled(unit: Unit, given: Sequence[NewLine], ids: Sequence[str], *, within: Settings) -> _Lines:
    """Return the lines with what the catalogue knows.

    Raises:
        NotAllowed: the actor's roles set no prices or costs.
        Invalid: a product is unknown or withdrawn, or a line has neither product nor name and
            price.
    """
    said = {name for line in given for name in line.model_fields_set}
    check_fields(unit.actor, Deal, paths(said), within)
    wanted = [line.product for line in given if line.product]
    products = unit.find_many(Product, wanted) if wanted else {}
    lines = tuple(_line(item, name, products) for item, name in zip(given, ids, strict=True))
    check_lines(unit.actor, lines, products, within.office)
    return lines


def _spelled(desk: Desk, form: AddLine) -> AddLine:
    """Return the form with the product that its letters mean; with a price they may be a name.

    Raises:
        Invalid: the letters fit several products, or none and no price was given.
    """
    if not form.letters.strip() or form.product:
        return form
    try:
        return form.model_copy(update={"product": begun(desk, form.letters).id, "letters": ""})
    except Invalid as exc:
        if exc.code != NONE_BEGINS or form.price_minor is None:
            raise
        return form.model_copy(update={"name": form.letters.strip(), "letters": ""})


def _check_changed(unit: Unit, line: Line, settings: Settings) -> None:
    if limit_for(unit.actor, settings.office) is None:
        return
    product = unit.find(Product, line.product_id)
    products: dict[str, Product] = {product.id: product} if product is not None else {}
    check_lines(unit.actor, (line,), products, settings.office)


def _or_ask(
    desk: Desk, actor: Actor, form: AddLine | ChangeLine, run: Callable[[], Deal], *, command: str
) -> Deal:
    """Return what `run` does; what is above the limit goes to a judge when the form says so.

    Raises:
        NotAllowed: as `run`, or `sent_for_approval` when a judge has it now.
    """
    try:
        return run()
    except NotAllowed as over:
        if over.code != OVER_LIMIT or not form.ask:
            raise
        facts = {name: str(value) for name, value in over.facts.items()}
    given = form.model_dump(mode="json", exclude_unset=True, exclude={"ask", "expected"})
    wish = approvals.Wish(command, given, "discount", facts=facts)
    asked = approvals.ask(desk, actor, wish, cause=f"command:{command}")
    judge = desk.settings().person(asked.judge_id)
    raise NotAllowed(
        f"approval {asked.id} waits for {asked.judge_id}",
        code="sent_for_approval",
        who=judge.name if judge is not None else "-",
    )


def _line(given: NewLine, line_id: str, products: dict[str, Product]) -> Line:
    product = products.get(given.product)
    if given.product and (product is None or not product.active):
        raise Invalid(
            f"there is no product {given.product!r} on sale",
            fields={"product": "unknown"},
            code="product_unknown",
        )
    price = given.price_minor if given.price_minor is not None or product is None else None
    if price is None and product is not None:
        price = product.price_minor
    if price is None or not (given.name.strip() or product):
        raise Invalid(
            "a line needs a product, or a name and a price",
            fields={"name": "required", "price_minor": "required"},
            code="line_empty",
        )
    line = Line(
        id=line_id,
        product_id=ProductId(given.product) if product else None,
        name=given.name,
        category=given.category,
        quantity_milli=given.quantity_milli,
        price_minor=price,
        cost_minor=given.cost_minor,
        discount_bp=given.discount_bp,
    )
    return deal_amount.of_product(line, product) if product else line


def paths(given: Iterable[str]) -> list[str]:
    """Return what a form says of a line, as the policy names it."""
    return sorted(f"lines.{_STORED.get(name, name)}" for name in given if name not in _FORM)


def _edit(
    desk: Desk,
    actor: Actor,
    form: OneDeal,
    change: _Change,
    *,
    cause: str,
    given: Iterable[str],
) -> Deal:
    def on_deal(unit: Unit, deal: Deal) -> Deal:
        return deal_amount.with_lines(deal, change(unit, deal.lines), unit.now)

    return deal_records.edit(desk, actor, form, on_deal, cause=cause, fields=paths(given))
