"""The address at which one judge decides one approval: for a letter, which has no buttons.

It names the approval, the person and when it ends, and is proved by the office's own key. Whoever
has it speaks as that person about that one question, so it goes to their own mail box alone.
"""

import re
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import ClassVar
from urllib.parse import quote

from kartoteka.domain.errors import NotFound
from kartoteka.domain.model import Notice
from kartoteka.ports import Store
from kartoteka.services import proofs
from kartoteka.services.address_keys import AddressKey, is_genuine, secret_of
from kartoteka.services.office import Desk

LASTS = timedelta(days=14)
_ONE = "approvals"
_NAME = r"[^./]{1,80}"
_TOKEN = re.compile(rf"({_NAME})\.({_NAME})\.({proofs.UNTIL})\.([0-9a-f]{{{proofs.LENGTH}}})")


class ApprovalKey(AddressKey):
    """What proves the addresses of approvals; never in the log, never shown."""

    kind: ClassVar[str] = "approval_key"
    collection: ClassVar[str] = "approval_keys"


@dataclass(frozen=True, slots=True)
class Judging:
    """Whose address was opened, and about what."""

    approval: str
    person: str  # staff id


def address_of(desk: Desk, notice: Notice) -> str:
    """Return where the notice's person answers; the office's key is made if it is new."""
    named = f"{notice.approval_id}.{notice.staff_id}.{proofs.until(notice.at + LASTS)}"
    proof = proofs.proof(secret_of(desk, ApprovalKey, _ONE), named)
    return f"{desk.base_url.rstrip('/')}/api/a/{quote(named, safe='')}.{proof}"


def opened(store: Store, token: str, now: datetime) -> Judging:
    """Return who answers what at the address.

    Raises:
        NotFound: this office never made the address, or its time is over; nobody learns which.
    """
    found = _TOKEN.fullmatch(token)
    if found is not None:
        approval, person, until, proof = found.groups()
        named = f"{approval}.{person}.{until}"
        genuine = is_genuine(store, ApprovalKey, _ONE, text=named, shown=proof)
        if genuine and not proofs.is_over(until, now):
            return Judging(approval, person)
    raise NotFound("nobody is asked at this address", code="approval_link_over")
