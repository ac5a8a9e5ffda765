"""Reading and changing contacts, one by one and in batches.

Source: people.v1, the methods of `people`. Batches change everything or nothing.
"""

from collections.abc import Iterable
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from typing import Any

from onebox.google.errors import GoogleError, canonical, invalid, not_found, precondition
from onebox.google.methods import Call, Json
from onebox.google.payload import refuse_unreadable
from onebox.google.people import masks
from onebox.google.people.account import MY_CONTACTS, Account, Contact
from onebox.google.people.draft import Draft, read_draft, written_fields
from onebox.google.people.person import etag_source, profile, rendered, source_etag

MAX_CREATED = 200
MAX_UPDATED = 200
MAX_READ = 200
MAX_DELETED = 500
MAX_CONTACTS = 25_000
TRASH_DAYS = 30
_NOT_FOUND_CODE = 5


@dataclass(frozen=True)
class Desk:
    """An account with the region in which its owner writes phone numbers."""

    account: Account
    phone_region: str


def get(desk: Desk, call: Call) -> Json:
    """people.get: one contact, or the profile of the caller as `people/me`."""
    mask = masks.required(_mask(call), "personFields")
    return _read(desk, f"people/{call.params['peopleId']}", mask)


def get_batch(desk: Desk, call: Call) -> Json:
    """people.getBatchGet: up to 200 people, each with a status of its own."""
    mask = masks.required(_mask(call), "personFields")
    names = call.args("resourceNames")
    _refuse_count(len(names), MAX_READ, "resource_names")
    return {"responses": [_read_answer(desk, name, mask) for name in names]}


def create(desk: Desk, call: Call) -> Json:
    """people.createContact."""
    mask = masks.optional(call.arg("personFields"), "personFields")
    with desk.account.lock:
        draft = _draft(desk, call.body, written_fields(call.body), "person")
        return rendered(_add(desk, [draft])[0], mask)


def create_batch(desk: Desk, call: Call) -> Json:
    """people.batchCreateContacts: up to 200."""
    refuse_unreadable("people", "BatchCreateContactsRequest", call.body)
    sent = call.body.get("contacts") or []
    _refuse_count(len(sent), MAX_CREATED, "contacts")
    mask = _batch_mask(call)
    with desk.account.lock:
        drafts = []
        for position, item in enumerate(sent):
            body = item.get("contactPerson") or {}
            path = f"contacts[{position}].contact_person"
            drafts.append(_draft(desk, body, written_fields(body), path))
        created = _add(desk, drafts)
    return {"createdPeople": [_answer(contact, mask) for contact in created]} if mask else {}


def update(desk: Desk, call: Call) -> Json:
    """people.updateContact: replaces the masked fields whole."""
    fields = masks.to_update(call.arg("updatePersonFields"), "updatePersonFields")
    mask = masks.optional(call.arg("personFields"), "personFields")
    name = f"people/{call.params['peopleId']}"
    with desk.account.lock:
        changed = _changed(desk, name, call.body, fields, path="person")
        return rendered(desk.account.save([changed])[0], mask)


def update_batch(desk: Desk, call: Call) -> Json:
    """people.batchUpdateContacts: up to 200 with one update mask for all."""
    refuse_unreadable("people", "BatchUpdateContactsRequest", call.body)
    sent: dict[str, Json] = call.body.get("contacts") or {}
    _refuse_count(len(sent), MAX_UPDATED, "contacts")
    fields = masks.to_update(call.body.get("updateMask", ""), "updateMask")
    mask = _batch_mask(call)
    with desk.account.lock:
        changed = [
            _changed(desk, name, body, fields, path=f"contacts[{name}]")
            for name, body in sent.items()
        ]
        saved = desk.account.save(changed)
    if not mask:
        return {}
    return {"updateResult": {c.resource_name: _answer(c, mask) for c in saved}}


def delete(desk: Desk, call: Call) -> Json:
    """people.deleteContact."""
    _remove(desk, [f"people/{call.params['peopleId']}"])
    return {}


def delete_batch(desk: Desk, call: Call) -> Json:
    """people.batchDeleteContacts: up to 500."""
    refuse_unreadable("people", "BatchDeleteContactsRequest", call.body)
    names = call.body.get("resourceNames") or []
    _refuse_count(len(names), MAX_DELETED, "resource_names")
    _remove(desk, dict.fromkeys(names))
    return {}


def buried(contact: Contact) -> Contact:
    """Return the tombstone of a contact."""
    return Contact(number=contact.number, version=contact.version + 1, deleted=True)


def _mask(call: Call) -> str:
    return call.arg("personFields") or call.arg("requestMask.includeField")


def _batch_mask(call: Call) -> tuple[str, ...]:
    mask = str(call.body.get("readMask") or "")
    return masks.required(mask, "readMask") if mask.strip() else ()


def _read(desk: Desk, name: str, mask: tuple[str, ...]) -> Json:
    own = profile(desk.account.email, mask)
    if name in ("people/me", own["resourceName"]):
        return own
    with desk.account.lock:
        found = desk.account.live(name)
    if found is None:
        raise not_found()
    return rendered(found, mask)


def _read_answer(desk: Desk, name: str, mask: tuple[str, ...]) -> Json:
    try:
        person = _read(desk, name, mask)
    except GoogleError as refusal:
        return {
            "httpStatusCode": refusal.status,
            "requestedResourceName": name,
            "status": {"code": _NOT_FOUND_CODE, "message": refusal.message},
        }
    return {"httpStatusCode": 200, "person": person, "requestedResourceName": name, "status": {}}


def _answer(contact: Contact, mask: tuple[str, ...]) -> Json:
    return {
        "httpStatusCode": 200,
        "person": rendered(contact, mask),
        "requestedResourceName": contact.resource_name,
        "status": {},
    }


def _draft(desk: Desk, body: Json, fields: tuple[str, ...], path: str) -> Draft:
    return read_draft(body, fields, desk.account, phone_region=desk.phone_region, path=path)


def _add(desk: Desk, drafts: list[Draft]) -> list[Contact]:
    account = desk.account
    in_trash = account.tombstones_since(_iso(account.moment() - timedelta(days=TRASH_DAYS)))
    if account.count() + in_trash + len(drafts) > MAX_CONTACTS:
        raise canonical("RESOURCE_EXHAUSTED", "MY_CONTACTS_OVERFLOW_COUNT")
    return account.save(
        Contact(account.new_number(), draft.fields, draft.groups or (MY_CONTACTS,))
        for draft in drafts
    )


def _changed(desk: Desk, name: str, body: Json, fields: tuple[str, ...], *, path: str) -> Contact:
    found = desk.account.live(name)
    if found is None:
        raise not_found()
    draft = _draft(desk, body, fields, path)
    _refuse_stale(found, body)
    groups = found.groups
    if "memberships" in fields:
        if not draft.groups:
            raise invalid("Contact must have at least one contact group membership.")
        groups = draft.groups
    kept = {key: value for key, value in found.fields.items() if key not in fields}
    return replace(found, fields={**kept, **draft.fields}, groups=groups, version=found.version + 1)


def _refuse_stale(found: Contact, body: Json) -> None:
    sources: list[Any] = (body.get("metadata") or {}).get("sources") or []
    sent = next((s.get("etag") for s in sources if s.get("type", "CONTACT") == "CONTACT"), None)
    what = "person.metadata.sources.etag"
    if not sent:
        what, whole = "person.etag", body.get("etag") or ""
        if not whole:
            raise invalid(
                "Request must set person.etag or person.metadata.sources.etag for the source that"
                " is being updated."
            )
        sent = etag_source(whole)
    if sent != source_etag(found):
        raise precondition(
            f"Request {what} is different than the current {what}."
            " Clear local cache and get the latest person."
        )


def _remove(desk: Desk, names: Iterable[str]) -> None:
    with desk.account.lock:
        doomed = [desk.account.live(name) for name in names]
        gone = [buried(contact) for contact in doomed if contact is not None]
        if len(gone) < len(doomed):
            raise not_found()
        desk.account.save(gone)


def _refuse_count(count: int, limit: int, what: str) -> None:
    if not count:
        raise invalid(f"Request must set {what}.")
    if count > limit:
        raise invalid(f"Request must have at most {limit} {what}.")


def _iso(moment: datetime) -> str:
    return moment.strftime("%Y-%m-%dT%H:%M:%S.%fZ")
