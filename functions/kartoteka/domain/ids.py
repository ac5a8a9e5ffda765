"""Names of records; each kind has its own type so that they cannot be mixed up."""

import hashlib
import secrets
from typing import NewType

ClientId = NewType("ClientId", str)
CompanyId = NewType("CompanyId", str)
LeadId = NewType("LeadId", str)
DealId = NewType("DealId", str)
ProductId = NewType("ProductId", str)
BatchId = NewType("BatchId", str)
ActivityId = NewType("ActivityId", str)
TaskId = NewType("TaskId", str)
StaffId = NewType("StaffId", str)
InboundId = NewType("InboundId", str)
TimerId = NewType("TimerId", str)
FormId = NewType("FormId", str)

_ALPHABET = "0123456789abcdefghjkmnpqrstvwxyz"  # no i, l, o, u: read aloud without mistakes


def fresh(prefix: str) -> str:
    """Return a new unguessable id such as `ld_7k2m9c0q4x1n8v3b`, 80 random bits."""
    bits = int.from_bytes(secrets.token_bytes(10), "big")
    return f"{prefix}_" + "".join(_ALPHABET[bits >> at & 31] for at in range(0, 80, 5))


def derived(prefix: str, *parts: str) -> str:
    """Return the same id for the same parts: what makes a repeated delivery find its first."""
    digest = hashlib.sha256("\x1f".join(parts).encode()).hexdigest()[:32]
    return f"{prefix}_{digest}"
