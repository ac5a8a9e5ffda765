"""What the answers of mail and SMS services mean: who must act, and whether it may be repeated."""

from kartoteka.domain.errors import ConfigError, NotAllowed, ProviderDown
from kartoteka.domain.office import Account
from kartoteka.outgoing_ports import DEAD, MAYBE_SENT


def given(account: Account, name: str) -> str:
    """Return what the provider issued; `ConfigError` when nobody has given it to the office."""
    found = account.api.get(name, "")
    if not found:
        raise no_key(account.channel)
    return found


def no_key(channel: str) -> ConfigError:
    """Return that the account is not connected, has no money, or its key is not valid."""
    return ConfigError(f"{channel}: look at its key and balance", code="posting_no_key")


def refused(*, dead: bool = False, unwanted: bool = False) -> NotAllowed:
    """Return that this one is refused: for good, because the reader wants no more, or as it is."""
    code = DEAD if dead else "unsubscribed" if unwanted else "posting_refused"
    return NotAllowed("the service refused the message", code=code)


def sent_id(value: object) -> str:
    """Return the provider's id; an answer without one may mean anything."""
    if not isinstance(value, str | int) or isinstance(value, bool) or value == "":
        raise ProviderDown("the service named no id", code=MAYBE_SENT)
    return str(value)
