"""A contact opened on a phone: everything that Google Contacts holds of it."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any

from onebox.web.phone import display_name

Person = Mapping[str, Any]
_SYSTEM = frozenset({"", "myContacts", "starred", "all"})


@dataclass(frozen=True, slots=True)
class ContactCard:
    """One contact; lists are in Google's order, pairs are (value, label)."""

    name: str
    work: tuple[str, ...]  # company, title
    phones: tuple[tuple[str, str], ...]
    emails: tuple[str, ...]
    labels: tuple[str, ...]
    note: tuple[str, ...]


def contact_card(person: Person, groups: Iterable[str]) -> ContactCard:
    """Return the card of a contact; `groups` are the names of its labels, Google's own included."""
    jobs, notes = _values(person, "organizations"), _values(person, "biographies")
    work = (str(jobs[0].get(part, "")) for part in ("name", "title")) if jobs else ()
    return ContactCard(
        name=display_name(person),
        work=tuple(part for part in work if part),
        phones=tuple(
            (str(it.get("value", "")), str(it.get("formattedType") or it.get("type", "")))
            for it in _values(person, "phoneNumbers")
        ),
        emails=tuple(str(it.get("value", "")) for it in _values(person, "emailAddresses")),
        labels=tuple(name for name in groups if name not in _SYSTEM),
        note=tuple(str(notes[0].get("value", "")).splitlines()) if notes else (),
    )


def _values(person: Person, name: str) -> list[Mapping[str, Any]]:
    found = person.get(name)
    return list(found) if isinstance(found, list | tuple) else []
