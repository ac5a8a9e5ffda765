"""Names of records; each kind has its own type so that they cannot be mixed up."""

import hashlib
import secrets
from itertools import count
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
_PAIRS = [first + second for first in _ALPHABET for second in _ALPHABET]
_RUN = secrets.randbits(30)
_NUMBERS = count()
_INT31 = 2**31
_MOST_CHANCE = 2**30 - 1


def fresh(prefix: str) -> str:
    """Return a new id such as `ld_bbybh20001bt09w5`; what strangers may know, not a secret.

    The ids of one process follow each other, so a store writes new records to few places and
    does not get slower with the number of old ones. The last thirty of eighty bits are random.
    """
    number = (_RUN << 20) + next(_NUMBERS)
    return f"{prefix}_{_spelled(number << 30 | secrets.randbits(30))}"


def fresh_run(prefix: str, length: int) -> list[str]:
    """Return so many new ids like `fresh`, asked for at once."""
    chance, first = secrets.randbits(30 * length), _RUN << 20
    numbers = ((first + next(_NUMBERS), chance >> 30 * at & _MOST_CHANCE) for at in range(length))
    return [f"{prefix}_{_spelled(number << 30 | low)}" for number, low in numbers]


def unguessable(prefix: str) -> str:
    """Return a new id that nobody finds by trying, such as an address: 80 random bits."""
    return f"{prefix}_{_spelled(secrets.randbits(80))}"


def _spelled(bits: int) -> str:
    return "".join([_PAIRS[bits >> at & 1023] for at in range(70, -10, -10)])


def send_number(activity_id: str) -> str:
    """Return the number by which a provider knows a message twice sent; the same for one id."""
    digest = hashlib.sha256(activity_id.encode()).digest()
    return str(int.from_bytes(digest[:4], "big") % (_INT31 - 1) + 1)


def derived(prefix: str, *parts: str) -> str:
    """Return the same id for the same parts: what makes a repeated delivery find its first."""
    digest = hashlib.sha256("\x1f".join(parts).encode()).hexdigest()[:32]
    return f"{prefix}_{digest}"
