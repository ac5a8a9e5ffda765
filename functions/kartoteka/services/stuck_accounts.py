"""Which phones and calendars Google refuses, and which phones hold a part of their clients only."""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Literal, get_args

from kartoteka.domain.phone_rules import PhoneRules
from kartoteka.i18n import text
from kartoteka.ports import Query, Store

Trouble = Literal["stuck", "full", "limited"]
_MEMORIES = {"phone": "contact_accounts", "calendar": "calendar_accounts"}


@dataclass(frozen=True, slots=True)
class Account:
    """One account that is not as its owner may think.

    Attributes:
        kind: phone or calendar.
        key: of the account; health is public, so nobody is named.
        trouble: refused by Google; as full as Google allows; or kept smaller by the office's rule.
    """

    kind: str
    key: str
    trouble: Trouble


def troubled(store: Store) -> tuple[Account, ...]:
    """Return the accounts to tell of, phones first; of each the worst only."""
    return tuple(_found(store))


def told(account: Account, rules: PhoneRules, locale: str) -> str:
    """Return in one sentence what is wrong with an account, and who can change it."""
    code = f"health_{account.kind}_{account.trouble}"
    return text(code, locale, account=account.key, most=rules.most, days=rules.recent_days)


def _found(store: Store) -> Iterator[Account]:
    for kind, collection in _MEMORIES.items():
        for hit in store.query(Query(collection)):
            worst = next((it for it in get_args(Trouble) if hit.doc.get(it)), None)
            if worst is not None:
                yield Account(kind, hit.id, worst)
