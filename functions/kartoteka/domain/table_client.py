"""What a row makes of a client: a new one, or an older one completed, never overwritten."""

from datetime import datetime

from kartoteka.domain.ids import ActivityId, ClientId, CompanyId, derived
from kartoteka.domain.model import Activity, Client
from kartoteka.domain.table import Entry

_FIRST_SEGMENT = "new"


def made(entry: Entry, client_id: ClientId, company_id: CompanyId | None, now: datetime) -> Client:
    """Return the client that the row describes."""
    return Client(
        id=client_id,
        name=entry.called,
        company=entry.company,
        phones=entry.phones,
        emails=entry.emails,
        owner_id=entry.owner_id,
        segment=entry.segment or _FIRST_SEGMENT,
        company_id=company_id,
        tags=entry.tags,
        fields=dict(entry.fields),
        created_at=now,
        updated_at=now,
    )


def completed(
    client: Client, entry: Entry, company_id: CompanyId | None, now: datetime
) -> tuple[Client, tuple[str, ...]]:
    """Return the client with what the row adds, and the fields in which the row was not heeded.

    Blanks are filled, lists united, a stand-in for a name gives way to a name. The same client
    comes back when the row adds nothing.
    """
    wanted = {
        "name": (_name(client), entry.name),
        "company": (client.company, entry.company),
        "owner_id": (client.owner_id, entry.owner_id),
        "segment": (_segment(client), entry.segment),
        "company_id": (client.company_id, company_id),
    }
    kept = [name for name, (old, new) in wanted.items() if old and new and old != new]
    update: dict[str, object] = {
        name: new for name, (old, new) in wanted.items() if new and not old
    }
    lists = {"phones": entry.phones, "emails": entry.emails, "tags": entry.tags}
    update |= {name: _union(getattr(client, name), new) for name, new in lists.items()}
    update["fields"] = {**entry.fields, **client.fields}
    kept += [f for f, value in entry.fields.items() if client.fields.get(f, value) != value]
    changed = {name: value for name, value in update.items() if getattr(client, name) != value}
    if not changed:
        return client, tuple(kept)
    return client.model_copy(update={**changed, "updated_at": now}), tuple(kept)


def note_of(client: Client, text: str, now: datetime) -> Activity:
    """Return the row's words as a note in the client's history; the same words are one note."""
    return Activity(
        id=ActivityId(derived("ac", "import", client.id, text)),
        what="note",
        direction="out",
        client_id=client.id,
        at=now,
        text=text,
        manual=True,
    )


def _name(client: Client) -> str:
    """Return the client's name, empty while a number or address stands in for it."""
    stand_ins = {*client.phones, *client.emails, *client.messengers}
    return "" if client.name in stand_ins else client.name


def _segment(client: Client) -> str:
    return "" if client.segment == _FIRST_SEGMENT else client.segment


def _union(old: tuple[str, ...], new: tuple[str, ...]) -> tuple[str, ...]:
    return tuple(dict.fromkeys((*old, *new)))
