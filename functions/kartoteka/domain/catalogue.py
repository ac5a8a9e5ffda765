"""What the office sells, and the companies it sells to."""

import unicodedata
from typing import ClassVar

from pydantic import Field, JsonValue

from kartoteka.domain.ids import CompanyId, ProductId, StaffId
from kartoteka.domain.instant import Instant
from kartoteka.domain.model import Entity


def name_key(name: str) -> str:
    """Return how a name is compared in a search: case, ё and outer spaces do not matter."""
    return unicodedata.normalize("NFKC", name).strip().casefold().replace("\u0451", "\u0435")


class Product(Entity):
    """One position of the catalogue; money in minor units, stock in thousandths."""

    kind: ClassVar[str] = "product"
    collection: ClassVar[str] = "products"
    id: ProductId
    sku: str
    name: str
    name_key: str = ""  # the name as a search by its first letters compares it
    category: str = ""
    price_minor: int = Field(ge=0)
    price_version: int = 1
    cost_minor: int | None = Field(default=None, ge=0)
    vat_bp: int = Field(default=0, ge=0, le=10_000)
    stock_milli: int | None = None
    stock_at: Instant | None = None
    active: bool = True
    repeat_days: int | None = Field(default=None, ge=1)  # a buyer comes back; None: as the office
    external: str = ""  # id of the goods in 1C; empty: a person keeps the position
    created_at: Instant
    updated_at: Instant


class Company(Entity):
    """A legal entity; INN (and KPP) identify it."""

    kind: ClassVar[str] = "company"
    collection: ClassVar[str] = "companies"
    id: CompanyId
    name: str
    inn: str = ""
    kpp: str = ""
    owner_id: StaffId | None = None
    phones: tuple[str, ...] = ()
    emails: tuple[str, ...] = ()
    tags: tuple[str, ...] = ()
    fields: dict[str, JsonValue] = Field(default_factory=dict)
    merged_into: CompanyId | None = None
    created_at: Instant
    updated_at: Instant
