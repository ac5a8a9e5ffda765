"""How clients get into the phones of the office, and what an edit on a phone means."""

from typing import Literal, TypeAlias

from pydantic import Field

from kartoteka.domain.card_layout import CardLayout
from kartoteka.domain.model import Value

MOST = 20_000  # of the 25,000 contacts that Google keeps for one account
FULL = 24_000  # here nothing is added any more: a person needs room for contacts of their own
OFFICE = "office"  # the account that is nobody's: what everybody's phone shows

Rule: TypeAlias = Literal["command", "propose", "ignore"]


class PhoneRules(Value):
    """Whose Google accounts hold the cards, how many, and what comes back from them.

    `command`: the edit is done with the rights of whoever made it; refused, it is proposed.
    `propose`: the owner of the client decides. `ignore`: the card is put back. Nothing is lost:
    what does not become a record stands in the journal of conflicts.
    """

    accounts: Literal["office", "staff"] = "office"
    restore: bool = True  # a card that somebody deleted on a phone comes back
    most: int = Field(default=MOST, ge=1, le=FULL)  # above: only clients in work and recent ones
    recent_days: int = Field(default=365, ge=1, le=3650)
    rename: Rule = "propose"
    numbers: Rule = "command"
    emails: Rule = "command"
    cards: tuple[CardLayout, ...] = ()  # none: the usual card
