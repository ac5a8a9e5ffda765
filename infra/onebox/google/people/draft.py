"""A person as a client sends it, checked against every documented rule and ready to be kept.

Source: people.v1 texts of createContact and updateContact; the sizes are those that users of
Google Contacts report (1,024 characters a field, 500 fields and 128 KB a contact).
"""

import json
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from onebox.google.errors import invalid
from onebox.google.methods import Json
from onebox.google.payload import refuse_unreadable, snake
from onebox.google.people.account import MY_CONTACTS, STARRED, SYSTEM_GROUPS, Account
from onebox.google.people.computed import completed
from onebox.google.people.masks import SINGLETONS, WRITABLE

FIELD_CHARACTERS = 1024
FIELDS_A_CONTACT = 500
BYTES_A_CONTACT = 128 * 1024
_JOINABLE = (MY_CONTACTS, STARRED)


@dataclass(frozen=True)
class Draft:
    """What a contact will become: field values with their computed parts, and group ids."""

    fields: Json
    groups: tuple[str, ...]


def read_draft(
    body: Json, fields: tuple[str, ...], account: Account, *, phone_region: str, path: str
) -> Draft:
    """Return the named fields of a sent person.

    Args:
        body: a Person.
        fields: which of its fields count; the rest is ignored.
        account: whose groups the memberships must name.
        phone_region: region of numbers written without a country code.
        path: how Google names the place of the person in its sentences.

    Raises:
        GoogleError: 400, an unknown name, a wrong type, a second value of a singleton, a group
            that is not there, or more than a contact may hold.
    """
    refuse_unreadable("people", "Person", body, path)
    for name in SINGLETONS:
        if name in fields and len(body.get(name) or ()) > 1:
            raise invalid(f"Multiple {path}.{snake(name)} are not allowed for a contact source.")
    kept = {name: _field(body, name, phone_region) for name in fields if name != "memberships"}
    draft = Draft({name: values for name, values in kept.items() if values}, ())
    _refuse_oversize(draft.fields)
    if "memberships" not in fields:
        return draft
    return Draft(draft.fields, _groups(body, account))


def written_fields(body: Json) -> tuple[str, ...]:
    """Return the fields of a sent person that can be written."""
    return tuple(name for name in WRITABLE if body.get(name))


def _field(body: Json, name: str, phone_region: str) -> list[Json]:
    values = body.get(name) or []
    if isinstance(values, dict):
        values = [values]
    done = [completed(name, value, phone_region) for value in values]
    return [value for value in done if any(item not in ("", None) for item in value.values())]


def _groups(body: Json, account: Account) -> tuple[str, ...]:
    chosen = []
    for membership in body.get("memberships") or ():
        named = membership.get("contactGroupMembership") or {}
        resource = named.get("contactGroupResourceName") or ""
        group_id = resource.removeprefix("contactGroups/") or named.get("contactGroupId", "")
        if not group_id:
            continue
        if account.group(group_id) is None:
            raise invalid(f"Contact group not found: contactGroups/{group_id}")
        if group_id in SYSTEM_GROUPS and group_id not in _JOINABLE:
            raise invalid("Cannot add contacts to deprecated system contact group.")
        chosen.append(group_id)
    return tuple(dict.fromkeys(chosen))


def _refuse_oversize(fields: Json) -> None:
    if any(len(text) > FIELD_CHARACTERS for text in _texts(fields)):
        raise invalid(f"A contact field is longer than {FIELD_CHARACTERS} characters.")
    if sum(len(values) for values in fields.values()) > FIELDS_A_CONTACT:
        raise invalid(f"A contact has more than {FIELDS_A_CONTACT} fields.")
    if len(json.dumps(fields, ensure_ascii=False).encode()) > BYTES_A_CONTACT:
        raise invalid(f"A contact is larger than {BYTES_A_CONTACT // 1024} KB.")


def _texts(value: Any) -> Iterator[str]:
    if isinstance(value, str):
        yield value
    elif isinstance(value, dict):
        for item in value.values():
            yield from _texts(item)
    elif isinstance(value, list):
        for item in value:
            yield from _texts(item)
