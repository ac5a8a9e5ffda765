"""A contact as the Person resource of the People API, etags included."""

import base64
import hashlib
from collections.abc import Iterable

from onebox.google.auth import account_id
from onebox.google.methods import Json
from onebox.google.people.account import Contact
from onebox.google.people.masks import READABLE

_LIST_LIMIT = 100
_LIMITED_IN_LISTS = ("emailAddresses", "phoneNumbers")
_ETAG_HEAD = b"\x12"
_ETAG_MIDDLE = b"\x1a\x04\x01\x02\x05\x07\x22"
_PHOTO = "https://lh3.googleusercontent.com/cm/{0}=s100"


def source_etag(contact: Contact) -> str:
    """Return the etag of the contact's source, such as `#WO+g2zDkGQg=`."""
    seed = f"{contact.number}:{contact.version}".encode()
    return "#" + base64.b64encode(hashlib.sha256(seed).digest()[:8]).decode()


def person_etag(contact: Contact, mask: Iterable[str]) -> str:
    """Return the etag of the person as read through a mask.

    It differs from mask to mask; what decides on an update is the source etag inside.
    """
    fields = bytes(READABLE.index(name) + 1 for name in sorted(mask))
    source = source_etag(contact).removeprefix("#").encode()
    packed = (
        _ETAG_HEAD + bytes([len(fields)]) + fields + _ETAG_MIDDLE + bytes([len(source)]) + source
    )
    return "%" + base64.b64encode(packed).decode()


def etag_source(etag: str) -> str:
    """Return the source etag inside a person etag, or "" when it is not one of ours."""
    try:
        packed = base64.b64decode(etag.removeprefix("%"), validate=True)
        _, _, tail = packed.partition(_ETAG_MIDDLE)
        return "#" + tail[1:].decode("ascii") if tail else ""
    except ValueError:
        return ""


def rendered(contact: Contact, mask: tuple[str, ...], *, in_list: bool = False) -> Json:
    """Return the Person resource with the masked fields only.

    Args:
        contact: what to show.
        mask: person fields to show.
        in_list: lists show at most 100 phones and addresses of a person.
    """
    person: Json = {"resourceName": contact.resource_name, "etag": person_etag(contact, mask)}
    if "metadata" in mask:
        person["metadata"] = _metadata(contact)
    source = {"type": "CONTACT", "id": contact.source_id}
    for name in mask:
        values = _values(contact, name, source)
        if in_list and name in _LIMITED_IN_LISTS:
            values = values[:_LIST_LIMIT]
        if values:
            person[name] = values
    return person


def tombstone(contact: Contact, mask: tuple[str, ...]) -> Json:
    """Return the Person resource of a deleted contact, as sync calls show it."""
    sources = [{"type": "CONTACT", "id": contact.source_id}]
    return {
        "resourceName": contact.resource_name,
        "etag": person_etag(contact, mask),
        "metadata": {"sources": sources, "deleted": True, "objectType": "PERSON"},
    }


def profile(email: str, mask: tuple[str, ...]) -> Json:
    """Return `people/me`: the profile of the account's owner, made from the address."""
    number = account_id(email)
    given = email.partition("@")[0].replace(".", " ").title()
    etag = "%" + base64.b64encode(hashlib.sha256(email.encode()).digest()[:15]).decode()
    primary = {"primary": True, "source": {"type": "PROFILE", "id": number}}
    address = {"verified": True, "sourcePrimary": True, "primary": True}
    fields: Json = {
        "metadata": {
            "sources": [
                {
                    "type": "PROFILE",
                    "id": number,
                    "etag": "#" + etag[1:],
                    "profileMetadata": {"objectType": "PERSON", "userTypes": ["GOOGLE_USER"]},
                }
            ],
            "objectType": "PERSON",
        },
        "names": [
            {
                "metadata": {**primary, "sourcePrimary": True},
                "displayName": given,
                "givenName": given,
                "displayNameLastFirst": given,
                "unstructuredName": given,
            }
        ],
        "emailAddresses": [
            {"metadata": {**address, "source": {"type": "ACCOUNT", "id": number}}, "value": email}
        ],
    }
    shown = {name: fields[name] for name in fields if name in mask}
    return {"resourceName": f"people/{number}", "etag": etag, **shown}


def _metadata(contact: Contact) -> Json:
    source = {
        "type": "CONTACT",
        "id": contact.source_id,
        "etag": source_etag(contact),
        "updateTime": contact.updated,
    }
    return {"sources": [source], "objectType": "PERSON"}


def _values(contact: Contact, name: str, source: Json) -> list[Json]:
    if name == "memberships":
        return [_membership(group_id, source) for group_id in contact.groups]
    if name == "photos":
        url = _PHOTO.format(contact.source_id)
        return [{"metadata": {"primary": True, "source": source}, "url": url, "default": True}]
    first = {"primary": True, "source": source, "sourcePrimary": True}
    return [
        {"metadata": first if position == 0 else {"source": source}, **value}
        for position, value in enumerate(contact.fields.get(name, ()))
    ]


def _membership(group_id: str, source: Json) -> Json:
    return {
        "metadata": {"source": source},
        "contactGroupMembership": {
            "contactGroupId": group_id,
            "contactGroupResourceName": f"contactGroups/{group_id}",
        },
    }
