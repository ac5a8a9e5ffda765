"""What an office wants of the orders of a shop, by command; A11."""

from pydantic import Field

from kartoteka.domain.change import Actor
from kartoteka.domain.channels import SHOP_CHANNELS
from kartoteka.domain.errors import Invalid
from kartoteka.domain.office import Account, Settings
from kartoteka.domain.shop_rules import ShopRules
from kartoteka.services.commands import Command, Registry
from kartoteka.services.office import Desk
from kartoteka.services.settings_edit import (
    Saved,
    Versioned,
    edit_part,
    one_of,
    stamped,
    stored_part,
)
from kartoteka.services.unit import Unit

SHOPS = SHOP_CHANNELS


class SetShopRules(Versioned):
    """Say what becomes of the orders of an account; what is not given stays."""

    account: str
    pipeline: str | None = Field(default=None, description="of the deals; empty: the first")
    probability: int | None = Field(default=None, ge=0, le=100)
    visibility: str | None = Field(default=None, pattern="^(own|team|all)$")
    first_days: int | None = Field(default=None, ge=0, le=3_650)
    notify_team: str | None = Field(default=None, max_length=200)
    two_way: bool | None = None
    price_type: str | None = Field(default=None, max_length=200)


def set_rules(desk: Desk, actor: Actor, form: SetShopRules, cause: str) -> Saved:
    """Return what was saved.

    Raises:
        Invalid: the account is of no shop, or there is no such pipeline of sales.
        NotAllowed: the actor does not set the office up.
    """
    given = form.model_dump(exclude_unset=True, exclude={"account", "expected"})

    def change(unit: Unit, around: Settings) -> Account:
        account = stored_part(unit, around.accounts, form.account, (around, form.expected))
        if account.channel not in SHOPS:
            known = ", ".join(sorted(SHOPS))
            raise Invalid(
                f"{account.channel} brings no orders",
                fields={"account": "channel"},
                code="settings_unknown",
                what=account.channel,
                known=known,
            )
        if form.pipeline:
            sales = {it.id: it for it in around.office.pipelines if it.kind == "sale" and it.active}
            one_of(sales, form.pipeline)
        told = (account.shop or ShopRules()).model_dump() | given
        rules = ShopRules.model_validate(told)
        turned = stamped(unit, account.model_copy(update={"shop": rules}), account)
        unit.subject = account.channel
        unit.keep(turned, shown=("channel", "title", "shop"))
        return turned

    kept = edit_part(desk, actor, change, kind=Account, cause=cause)
    return Saved(id=kept.id, version=kept.updated_at)


SHOP_SETTINGS: Registry = {
    "shop.rules": Command("say what becomes of the orders of a shop", SetShopRules, set_rules),
}
