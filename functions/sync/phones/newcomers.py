"""A contact that somebody made on a phone with the label «К·Новый»: a client and a request; F17."""

from collections.abc import Sequence
from contextlib import suppress
from dataclasses import replace

from kartoteka.domain import identity
from kartoteka.domain.errors import Conflict, NotFound, Rejected
from kartoteka.domain.model import Lead
from kartoteka.ports import ContactCard, ContactSeen
from kartoteka.services.lead_by_hand import NewLead, add_lead
from kartoteka.services.leads import LONGEST_NAME, LONGEST_NOTE
from sync.phones import links
from sync.phones.coming import Look, look
from sync.phones.digest import contacts_of, digests, full_name
from sync.phones.links import CREATING, GONE, OFF, PRIVATE, Link
from sync.phones.writer import WRITE, Writer


def meet(writer: Writer, found: Sequence[ContactSeen]) -> list[str]:
    """Make clients of these contacts; return the clients whose cards have to be written.

    A contact that cannot become a client stays as its owner made it; the journal says so, and it
    is tried again when the owner changes it.

    Raises:
        Transient: Google or the store does not answer; nothing is made twice.
    """
    known = links.of_resources(writer.desk.store, writer.book.key, [it.resource for it in found])
    new = [it for it in found if not _is_settled(known.get(it.resource), it)]
    clients = [link.client_id for link in known.values() if link.client_id]  # bound, not written
    for start in range(0, len(new), WRITE):
        portion = writer.contacts.get([it.resource for it in new[start : start + WRITE]])
        for seen in portion:
            if seen is not None and not seen.card.external_id:
                clients += _met(writer, look(seen, writer.labels()))
    return clients


def _is_settled(link: Link | None, seen: ContactSeen) -> bool:
    return link is not None and (bool(link.client_id) or link.etag == seen.etag)


def _met(writer: Writer, found: Look) -> list[str]:
    try:
        lead = _lead(writer, found)
    except Conflict:
        return _known_already(writer, found)
    except Rejected:
        return _private(writer, found, found.resource)
    writer.taker.fill_in(lead.client_id, found.card)
    return _bound(writer, lead.client_id, found)


def _lead(writer: Writer, found: Look) -> Lead:
    region = writer.region
    card = found.card
    phones = [value for value, _ in card.phones if identity.phone(value, region)]
    emails = [value for value in card.emails if identity.email(value)]
    form = NewLead(
        name=full_name(card)[:LONGEST_NAME],
        phone=next(iter(phones), ""),
        email=next(iter(emails), ""),
        note=card.note[:LONGEST_NOTE],
    )
    mark = f"{writer.book.key}:{found.resource}"
    desk, editor = writer.desk, writer.book.editor
    return add_lead(desk, editor, form, cause=f"phone:{writer.book.key}", mark=mark)


def _known_already(writer: Writer, found: Look) -> list[str]:
    """Handle a contact of somebody whom the office works with: one card is enough."""
    client_id = _holder(writer, found.card)
    if client_id is None or client_id not in writer.meant([client_id]):
        return _private(writer, found, client_id or found.resource)
    writer.taker.keep_note(client_id, found)
    writer.taker.fill_in(client_id, found.card)
    return _bound(writer, client_id, found)


def _holder(writer: Writer, card: ContactCard) -> str | None:
    phones = tuple(filter(None, (identity.phone(it, writer.region) for it, _ in card.phones)))
    emails = tuple(filter(None, map(identity.email, card.emails)))
    docs = writer.desk.store.get_many("keys", identity.keys(phones, emails, ()))
    return next((str(doc["client_id"]) for doc in docs.values()), None)


def _private(writer: Writer, found: Look, record: str) -> list[str]:
    said = ", ".join([full_name(found.card), *(value for value, _ in found.card.phones)])
    writer.taker.journal(record, "contact", said)
    link = Link(writer.book.key, "", PRIVATE, found.resource, found.etag)
    links.keep(writer.desk.store, [link])
    return []


def _bound(writer: Writer, client_id: str, found: Look) -> list[str]:
    """Make the contact the client's card; one too many goes."""
    store, key = writer.desk.store, writer.book.key
    link = _link_of(writer, client_id)
    is_shown = link is not None and link.state not in {GONE, OFF}
    if link is not None and is_shown and link.resource not in {"", found.resource}:
        with suppress(NotFound):
            writer.contacts.delete([found.resource])
        return [client_id]
    adopted = replace(
        link or Link(key, client_id),
        state=links.LINKED,
        resource=found.resource,
        etag=found.etag,
        hash="",
        base=digests(found.card, writer.region),
        known=tuple(contacts_of(found.card, writer.region)),
        own=found.own,
    )
    links.keep(store, [adopted])
    links.drop(store, [Link(key, "", PRIVATE, found.resource)])
    return [client_id]


def _link_of(writer: Writer, client_id: str) -> Link | None:
    """Return the link of a client, when it is known whether a contact asked for was made."""
    store, key = writer.desk.store, writer.book.key
    link = links.of_clients(store, key, [client_id]).get(client_id)
    if link is None or link.state != CREATING:
        return link
    writer.settle([link])
    return links.of_clients(store, key, [client_id]).get(client_id)
