"""The catalogue: positions added, edited and found by their first letters."""

from typing import Annotated

from pydantic import AfterValidator, AwareDatetime, Field
from pydantic_core import PydanticCustomError

from kartoteka.domain.access import check_fields
from kartoteka.domain.catalogue import Product, name_key
from kartoteka.domain.change import Actor
from kartoteka.domain.errors import Conflict, Invalid
from kartoteka.domain.ids import ProductId, derived
from kartoteka.domain.model import Value
from kartoteka.domain.sales_rules import LONGEST_REPEAT
from kartoteka.ports import Order, Query, Where
from kartoteka.services.deal_forms import LONGEST_NAME, MOST_MONEY
from kartoteka.services.deal_records import act
from kartoteka.services.fresh import check_fresh
from kartoteka.services.office import Desk
from kartoteka.services.unit import Unit

NONE_BEGINS = "product_letters"
_MOST_NAMED = 6  # positions that a refusal names
_LAST = "\U0010ffff"


def _filled(text: str) -> str:
    if not text.strip():
        raise PydanticCustomError("given_empty", "cannot be empty")
    return text.strip()


_Text = Annotated[str, Field(max_length=LONGEST_NAME), AfterValidator(_filled)]


class NewProduct(Value):
    """A position of the catalogue; its SKU never changes."""

    sku: _Text
    name: _Text
    category: str = Field(default="", max_length=LONGEST_NAME)
    price_minor: int = Field(ge=0, le=MOST_MONEY)
    cost_minor: int | None = Field(default=None, ge=0, le=MOST_MONEY)
    vat_bp: int = Field(default=0, ge=0, le=10_000)
    stock_milli: int | None = None
    repeat_days: int | None = Field(default=None, ge=1, le=LONGEST_REPEAT)


class EditProduct(Value):
    """Change fields of a position; what is not given stays."""

    product: str
    expected: AwareDatetime | None = None
    name: _Text | None = None
    category: str | None = Field(default=None, max_length=LONGEST_NAME)
    price_minor: int | None = Field(default=None, ge=0, le=MOST_MONEY)
    cost_minor: int | None = Field(default=None, ge=0, le=MOST_MONEY)
    vat_bp: int | None = Field(default=None, ge=0, le=10_000)
    stock_milli: int | None = None
    repeat_days: int | None = Field(default=None, ge=1, le=LONGEST_REPEAT)
    active: bool | None = None


def add(desk: Desk, actor: Actor, form: NewProduct, *, cause: str) -> Product:
    """Return the new position.

    Raises:
        Conflict: the catalogue has this SKU: `sku_known`.
    """

    def work(unit: Unit) -> Product:
        product = Product(
            id=sku_id(form.sku),
            **form.model_dump(),
            name_key=name_key(form.name),
            stock_at=unit.now if form.stock_milli is not None else None,
            created_at=unit.now,
            updated_at=unit.now,
        )
        check_fields(actor, product, form.model_fields_set, desk.settings())
        if unit.find(Product, product.id) is not None:
            raise Conflict(f"SKU {form.sku!r} is known", code="sku_known", sku=form.sku)
        return unit.add(product)

    return act(desk, actor, cause, work)


def edit(desk: Desk, actor: Actor, form: EditProduct, *, cause: str) -> Product:
    """Return the position with the fields that the form gives; a new price is a new version.

    Raises:
        Invalid: a field that cannot be empty is. Conflict: somebody changed it meanwhile.
    """
    given = form.model_dump(exclude_unset=True, exclude={"product", "expected"})
    for name in given.keys() - {"cost_minor", "stock_milli", "repeat_days"}:
        if given[name] is None:
            raise Invalid(f"{name} cannot be null", fields={name: "required"}, code="field_empty")

    def work(unit: Unit) -> Product:
        product = unit.need(Product, form.product)
        check_fields(actor, product, given, desk.settings())
        check_fresh(product, product.updated_at, form.expected)
        edited = product.model_copy(update=given)
        if edited == product:
            return product
        return unit.save(edited.model_copy(update=_versions(product, edited, unit)))

    return act(desk, actor, cause, work)


def sku_id(sku: str) -> ProductId:
    """Return the id of the position with this SKU, in any case."""
    return ProductId(derived("pd", sku.casefold()))


def search(desk: Desk, letters: str, limit: int = 20) -> list[Product]:
    """Return the positions on sale whose name begins with these letters, by name.

    A question to an index: it costs the positions returned, whatever the size of the catalogue.
    """
    start = name_key(letters)
    where = (
        Where("active", "==", True),
        Where("name_key", ">=", start),
        Where("name_key", "<", start + _LAST),
    )
    query = Query("products", where, (Order("name_key"),), limit=limit)
    return [Product.model_validate(found.doc) for found in desk.store.query(query)]


def begun(desk: Desk, letters: str) -> Product:
    """Return the one position on sale whose name is this or begins with these letters.

    Raises:
        Invalid: none does, or several do; the refusal names them.
    """
    found = search(desk, letters, limit=_MOST_NAMED)
    exact = [product for product in found if product.name_key == name_key(letters)]
    if len(exact or found) == 1:
        return (exact or found)[0]
    if not found:
        raise Invalid(
            f"no product begins with {letters!r}",
            fields={"lines.letters": "product_letters"},
            code=NONE_BEGINS,
            letters=letters,
        )
    raise Invalid(
        f"several products begin with {letters!r}",
        fields={"lines.letters": "product_several"},
        code="product_several",
        letters=letters,
        names="; ".join(product.name for product in found),
    )


def called(desk: Desk, said: str) -> list[Product]:
    """Return the positions with this id, SKU or whole name; by name only those on sale."""
    wanted = said.strip()
    if not wanted:
        return []
    by_id = desk.store.get_many(Product.collection, [wanted, sku_id(wanted)])
    if by_id:
        return [Product.model_validate(doc) for doc in by_id.values()]
    return [it for it in search(desk, wanted) if it.name_key == name_key(wanted)]


def _versions(before: Product, after: Product, unit: Unit) -> dict[str, object]:
    update: dict[str, object] = {"name_key": name_key(after.name), "updated_at": unit.now}
    if after.price_minor != before.price_minor:
        update["price_version"] = before.price_version + 1
    if after.stock_milli != before.stock_milli:
        update["stock_at"] = unit.now
    return update
