"""What mass letters and messages need from the world: senders of mail and SMS behind one port."""

from dataclasses import dataclass, field
from datetime import datetime
from typing import Protocol

from kartoteka.domain.office import Account

DEAD = "address_dead"  # the code of a `NotAllowed`: nothing arrives there, now or later
MAYBE_SENT = "maybe_sent"  # the code of a `Transient`: nobody knows whether it went out


@dataclass(frozen=True, slots=True)
class Posting:
    """One letter or SMS; `tag` is the same when it is sent again, `name` is who writes."""

    tag: str
    to: str
    text: str = field(repr=False)
    subject: str = field(default="", repr=False)
    html: str = field(default="", repr=False)
    name: str = ""
    message_id: str = ""  # of a letter, without brackets
    reply_token: str = ""  # goes into the address of answers where the sender's box takes it
    unsubscribe: str = ""  # address of the page that takes the reader off
    reports: str = ""  # public address of what comes in, for reports of delivery
    at: datetime | None = None


class Senders(Protocol):
    """Everybody who sends for the office; each method is as few calls as possible.

    Raises:
        RateLimited: the provider asks to slow down, or a limit of the account is reached.
        ProviderDown: it does not answer; with the code `maybe_sent` it may have gone out.
        NotAllowed: this one is refused; with the code `address_dead` the address is for good.
        ConfigError: the account is not connected, has no money, or its key is not valid.
    """

    def send(self, account: Account, posting: Posting) -> str:
        """Return the provider's id of what was sent, as its reports name it."""

    def knows_repeats(self, channel: str) -> bool:
        """Return whether the provider can tell what was sent before, or sends one tag once."""

    def found(self, account: Account, posting: Posting) -> str | None:
        """Return the id of this posting if the provider has it already; None when it has not."""
