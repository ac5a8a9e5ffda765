"""Who is calling: two reads, whatever the size of the base; D3."""

from dataclasses import dataclass
from datetime import datetime

from kartoteka.domain import identity
from kartoteka.domain.duplicates import read_key
from kartoteka.domain.errors import Transient
from kartoteka.domain.model import Client, Staff
from kartoteka.domain.office import Settings
from kartoteka.domain.routing import is_present
from kartoteka.ports import Store

_LONGEST_EXTENSION = 6  # digits
_LONGEST_NAME = 80  # characters; what the display of a telephone still shows


@dataclass(frozen=True, slots=True)
class Caller:
    """What an incoming call shows: who it is, in whose hands, whether something is open."""

    client_id: str
    name: str
    company: str
    segment: str
    owner_id: str | None
    open_lead_id: str | None


def who_calls(store: Store, phone: str) -> Caller | None:
    """Return the client behind a number, None for a stranger or a shared number.

    Args:
        store: the truth.
        phone: E.164, as `domain.identity.phone` gives it.
    """
    found = store.get("keys", f"phone:{phone}")
    key = read_key(found) if found else None
    if key is None or key.shared:
        return None
    doc = store.get(Client.collection, key.client_id)
    if doc is None:
        return None
    client = Client.model_validate(doc)
    return Caller(
        client_id=client.id,
        name=client.name,
        company=client.company,
        segment=client.segment,
        owner_id=client.owner_id,
        open_lead_id=client.open_lead_id,
    )


@dataclass(frozen=True, slots=True)
class Answer:
    """What an exchange hears before it lets a telephone ring; what is not known is empty."""

    name: str = ""  # of the client and the company, on one line
    extension: str = ""  # of the owner, when the owner is at work today
    login: str = ""  # the owner's name at the exchange
    outside: str = ""  # the owner's own number, E.164


@dataclass(frozen=True, slots=True)
class Directory:
    """Answers who calls and whose client it is, by settings that somebody else has read."""

    store: Store
    settings: Settings
    now: datetime

    def ask(self, number: str) -> Answer:
        """Return what is known of a caller; of a stranger, or while the store rests, nothing."""
        phone = identity.phone(number, self.settings.office.region)
        try:
            caller = who_calls(self.store, phone) if phone else None
        except Transient:
            return Answer()
        if caller is None:
            return Answer()
        shown = ", ".join(part for part in (caller.name, caller.company) if part)
        return Answer(" ".join(shown.split())[:_LONGEST_NAME], *self._reached(caller.owner_id))

    def _reached(self, owner_id: str | None) -> tuple[str, str, str]:
        owner = self.settings.person(owner_id)
        if owner is None or not is_present(owner, self.settings, self.now):
            return "", "", ""
        outside = next((item for item in owner.phones if item.startswith("+")), "")
        return extension(owner), login(owner), outside


def extension(person: Staff) -> str:
    """Return the person's internal number: the first that is too short for the outside world."""
    inner = (item for item in person.phones if item.isdecimal())
    return next((item for item in inner if len(item) <= _LONGEST_EXTENSION), "")


def login(person: Staff) -> str:
    """Return the person's name at the exchange: what stands among the numbers and is none."""
    return next((item for item in person.phones if not item.lstrip("+").isdecimal()), "")
