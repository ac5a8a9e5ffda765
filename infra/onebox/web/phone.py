"""A ringing phone: what stock Android shows of a Google contact when it calls."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from typing import Any

Person = Mapping[str, Any]
_MARKED = " · "  # in a name: what kind of client it is comes behind
_LABELS = {"mobile": "Mobile", "home": "Home", "work": "Work", "main": "Main", "other": "Other"}


@dataclass(frozen=True, slots=True)
class Ringing:
    """The screen of an incoming call; empty parts are not shown. `known`: it is a contact."""

    number: str
    known: bool = False
    name: str = ""
    label: str = ""
    work: str = ""  # company · title, without a title that the label tells already
    note: tuple[str, ...] = field(default=())

    @property
    def initial(self) -> str:
        """Return what the circle shows: the first letter or digit of the name, none of a number."""
        bare = self.name.partition(_MARKED)[0]
        if not any(c.isalpha() for c in bare):
            return ""
        return next(c.upper() for c in bare if c.isalnum())

    @property
    def below(self) -> str:
        """Return the line under the name: the label and the number, which a name may be itself."""
        is_title = (self.name or self.number).startswith(self.number)
        return " · ".join(part for part in (self.label, "" if is_title else self.number) if part)


def ringing(person: Person, number: str) -> Ringing:
    """Return the screen for a contact that calls from `number` (E.164); "" is its first number."""
    phone = _phone(person, number)
    label = _label(phone)
    return Ringing(
        number=str(phone.get("value", number)),
        known=True,
        name=display_name(person),
        label=label,
        work=_work(person, label),
        note=_note(person),
    )


def caller(people: Iterable[Person], number: str) -> Ringing:
    """Return the screen for a call from `number`: the phone finds contacts by number alone."""
    for person in people:
        if any(_same(phone, number) for phone in _values(person, "phoneNumbers")):
            return ringing(person, number)
    return Ringing(number=number)


def display_name(person: Person) -> str:
    """Return the name as the contact list shows it, suffix included."""
    names = _values(person, "names")
    return str(names[0].get("displayName", "")) if names else ""


def _phone(person: Person, number: str) -> Mapping[str, Any]:
    phones = _values(person, "phoneNumbers")
    matching = [phone for phone in phones if _same(phone, number)]
    return next(iter(matching or phones), {})


def _same(phone: Mapping[str, Any], number: str) -> bool:
    return bool(number) and number in {phone.get("canonicalForm"), phone.get("value")}


def _label(phone: Mapping[str, Any]) -> str:
    kind = str(phone.get("type", ""))
    return str(phone.get("formattedType") or _LABELS.get(kind, kind))


def _work(person: Person, label: str) -> str:
    for job in _values(person, "organizations"):
        parts = (str(job.get("name", "")), str(job.get("title", "")))
        return " · ".join(part for part in parts if part and part != label)
    return ""


def _note(person: Person) -> tuple[str, ...]:
    texts = _values(person, "biographies")
    return tuple(str(texts[0].get("value", "")).splitlines()) if texts else ()


def _values(person: Person, name: str) -> list[Mapping[str, Any]]:
    found = person.get(name)
    return list(found) if isinstance(found, list | tuple) else []
