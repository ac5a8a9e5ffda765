"""An invoice paid over the internet: through which account, and on which page."""

from typing import Protocol

from kartoteka.domain.errors import ConfigError, NotFound
from kartoteka.domain.ids import derived
from kartoteka.domain.office import Account, Settings
from kartoteka.domain.payment import Bill
from kartoteka.domain.sales_paper import SalesPaper, is_payable
from kartoteka.i18n import text
from kartoteka.services.office import Desk
from kartoteka.services.paper_links import address_of

_KEYS = {"yookassa": ("shop_id", "secret_key")}  # without which a service takes nothing for us


class Checkout(Protocol):
    """A payment service that takes money for us."""

    def page(self, account: Account, bill: Bill, /) -> str:
        """Return the address of the page where the client pays.

        Raises:
            ConfigError: the service refuses the account, or what it was asked.
            Transient: it does not answer.
        """


def taker(settings: Settings) -> Account | None:
    """Return the account through which invoices are paid, None when the office has none."""
    for account in settings.accounts:
        keys = _KEYS.get(account.channel)
        if account.active and keys and all(account.api.get(key) for key in keys):
            return account
    return None


def is_paid_somewhere(settings: Settings) -> bool:
    """Return whether a client who holds an invoice can pay it: by transfer or online."""
    return bool(settings.office.selling.requisites.strip()) or taker(settings) is not None


def page_for(desk: Desk, service: Checkout, paper: SalesPaper) -> str:
    """Return where the rest of an invoice is paid; within ten minutes it is one payment.

    Raises:
        NotFound: there is nothing to pay.
        ConfigError: the office takes no money online, or the service refuses.
        Transient: the service does not answer.
    """
    if not is_payable(paper):
        raise NotFound(f"{paper.id} is {paper.state}", code="paper_unknown")
    account = taker(desk.settings())
    if account is None:
        raise ConfigError("no account takes payments; connect one with account.connect")
    left = paper.total_minor - paper.paid_minor
    title = text("paper_title_invoice", desk.settings().office.locale, label=paper.label)
    bill = Bill(
        key=derived("py", paper.id, str(left), f"{desk.now():%Y%m%d%H%M}"[:-1]),
        number=paper.label,
        amount_minor=left,
        currency=paper.currency,
        title=title,
        back=address_of(desk, paper),
    )
    return service.page(account, bill)
