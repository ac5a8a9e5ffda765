"""Who is calling: two reads, whatever the size of the base; D3."""

from dataclasses import dataclass

from kartoteka.domain.duplicates import read_key
from kartoteka.domain.model import Client
from kartoteka.ports import Store


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
