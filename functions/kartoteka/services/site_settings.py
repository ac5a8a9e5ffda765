"""The command that sets up the chat of a site."""

from kartoteka.domain.change import Actor
from kartoteka.domain.errors import Invalid
from kartoteka.domain.office import Account, Settings
from kartoteka.domain.site_rules import SiteRules, check_site
from kartoteka.domain.visitor import CHANNEL
from kartoteka.services.commands import Command, Registry
from kartoteka.services.office import Desk
from kartoteka.services.settings_edit import Saved, Versioned, edit_part, stamped, stored_part
from kartoteka.services.unit import Unit


class SetSite(SiteRules, Versioned):
    """Say how the chat of a site looks, where it may stand, and what it watches."""

    account: str


def set_site(desk: Desk, actor: Actor, form: SetSite, cause: str) -> Saved:
    """Return what was saved: the rules of the site.

    Raises:
        Invalid: there is no such site, or visitors could not use its chat; says what to change.
        NotAllowed: the actor does not set the office up.
    """
    given = form.model_dump(exclude={"account", "expected"})
    given["hosts"] = tuple(host.strip().lower() for host in form.hosts)
    rules = SiteRules.model_validate(given)
    check_site(rules)

    def change(unit: Unit, around: Settings) -> Account:
        account = stored_part(unit, around.accounts, form.account, (around, form.expected))
        if account.channel != CHANNEL:
            raise Invalid(
                f"account {account.id} is none of a site",
                fields={"account": "site_account"},
                code="site_account",
            )
        turned = stamped(unit, account.model_copy(update={"site": rules}), account)
        unit.subject = account.channel
        unit.keep(turned, shown=("channel", "title", "site"))
        return turned

    kept = edit_part(desk, actor, change, kind=Account, cause=cause)
    return Saved(id=kept.id, version=kept.updated_at)


SITE_COMMANDS: Registry = {
    "site.set": Command("set up the chat of a site", SetSite, set_site),
}
