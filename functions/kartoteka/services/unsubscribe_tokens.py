"""The end of the address at which a reader unsubscribes: proved by a secret that no log holds."""

import re
from typing import ClassVar

from pydantic import Field

from kartoteka.domain.errors import NotFound
from kartoteka.domain.model import Entity
from kartoteka.ports import Store
from kartoteka.services import proofs
from kartoteka.services.unit import Unit

_ONE = "mailing"
_TOKEN = re.compile(rf"(rc_[0-9a-f]{{32}})([0-9a-f]{{{proofs.LENGTH}}})")


class MailingKey(Entity):
    """What proves the addresses that unsubscribe; never in the log, never shown."""

    kind: ClassVar[str] = "mailing_key"
    collection: ClassVar[str] = "mailing_keys"
    secret: str = Field(repr=False)


def office_secret(unit: Unit) -> str:
    """Return the office's secret, made with the first text that is sent."""
    known = unit.find(MailingKey, _ONE)
    if known is None:
        known = MailingKey(id=_ONE, secret=proofs.new_secret())
        unit.keep(known)
    return known.secret


def token_of(secret: str, recipient_id: str) -> str:
    """Return what only this reader knows: the id, which the log tells, and its proof."""
    return recipient_id + proofs.proof(secret, recipient_id)


def recipient_of(store: Store, token: str) -> str:
    """Return whose token it is.

    Raises:
        NotFound: this office never made it.
    """
    found = _TOKEN.fullmatch(token)
    doc = store.get(MailingKey.collection, _ONE) if found is not None else None
    if found is not None and doc is not None:
        name, proof = found.groups()
        if proofs.is_proved(str(doc["secret"]), name, proof):
            return name
    raise NotFound("there is no such address", code="address_unknown")
