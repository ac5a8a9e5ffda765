"""What somebody wants changed in a client's card, until a person decides."""

from typing import ClassVar, Literal

from kartoteka.domain.ids import ClientId, StaffId
from kartoteka.domain.instant import Instant
from kartoteka.domain.model import Entity


class Proposal(Entity):
    """One value for one field of one client; open until accepted or refused."""

    kind: ClassVar[str] = "proposal"
    collection: ClassVar[str] = "proposals"
    client_id: ClientId
    field: Literal["name", "company", "contact"]
    value: str  # as typed
    by: StaffId | None = None  # None: whoever holds the office's account
    state: str = "open"  # open, accepted, refused
    at: Instant
    decided_at: Instant | None = None
