"""Which field of a form is the name, the phone, the mail; the rest is kept as it is."""

import json
import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from functools import cache, lru_cache
from importlib.resources import files
from types import MappingProxyType
from typing import NamedTuple

from ingest.form_names import CAPTCHA, MARK
from kartoteka.domain import identity
from kartoteka.domain.inbound import Person
from kartoteka.domain.office import FORM_SLOTS, Form

_LONGEST_FIELD_NAME = 200
_NOT_LETTERS = re.compile(r"[\W_]+")
_NUMBER_INSIDE = re.compile(r"\+?\d[\d\s().\-–]{8,24}\d")
_A_PHONE = re.compile(r"(?:\+\d|[78][\s(-]{0,2}9)[\d\s().\-–]{8,18}")
_AN_EMAIL = re.compile(r"[^\s@,;<>/:]{1,64}@[^\s@,;<>/:]{1,200}\.[^\W\d_]{2,24}")
SLOTS = frozenset(FORM_SLOTS)
_WORDS = "field_names.json"  # how sites call the fields, letters only; what means no
_BY_TYPE = {"tel": "phone", "email": "email"}
_TAGS = {
    *("gclid", "yclid", "fbclid", "ymclid", "rb_clickid", "vk_click_id"),
    *("_ga", "_ym_uid", "roistat_visit"),
}
_CAPTCHAS = {"smart-token", "cf-turnstile-response"}


class Answer(NamedTuple):
    """One field as it came.

    `id` is what the provider calls it beside the name people see, `slot` what it says it is.
    """

    name: str
    value: str
    id: str = ""
    slot: str = ""


@dataclass
class Submission:
    """A form as understood: lists are in the order of the fields, texts as typed."""

    slots: dict[str, list[str]] = field(default_factory=dict)
    fields: dict[str, str] = field(default_factory=dict)
    marks: dict[str, str] = field(default_factory=dict)
    tags: dict[str, str] = field(default_factory=dict)

    def first(self, slot: str) -> str:
        """Return the first value of a slot that says anything, empty when there is none."""
        return next((text.strip() for text in self.slots.get(slot, ()) if text.strip()), "")

    @property
    def agreed(self) -> bool:
        """Return whether the visitor ticked the consent."""
        answer = self.first("consent").casefold()
        return bool(answer) and answer not in _words()["no"]

    def person(self, region: str) -> Person:
        """Return who wrote, as far as the fields can be read."""
        given = (self.first("first"), self.first("last"))
        return Person(
            name=self.first("name") or " ".join(part for part in given if part),
            phones=_distinct(phone(text, region) for text in self.slots.get("phone", ())),
            emails=_distinct(identity.email(text) for text in self.slots.get("email", ())),
        )


def understood(answers: Iterable[Answer], own: Mapping[str, str]) -> Submission:
    """Return the fields of a form sorted into what they mean; every one is somewhere.

    Args:
        answers: the fields in their order.
        own: see `own_names`; it is asked first.
    """
    found = Submission()
    for answer in answers:
        _sort(found, answer, _target(answer, own))
    _keep_surplus(found)
    return found


def _target(answer: Answer, own: Mapping[str, str]) -> str:
    """Return the slot that a field fills, or the name it is kept under; empty: its own."""
    names = [_letters(name) for name in (answer.name, answer.id) if name]
    told = (own[name] for name in names if name in own)
    known = (_slots()[name] for name in names if name in _slots())
    return next(told, "") or answer.slot or next(known, "")


def _sort(found: Submission, answer: Answer, target: str) -> None:
    lower = (target or answer.name).strip().lower()
    if target in SLOTS:
        found.slots.setdefault(target, []).append(answer.value)
    elif lower in _CAPTCHAS:
        found.marks[CAPTCHA] = answer.value
    elif lower.startswith(MARK):
        found.marks[lower] = answer.value
    elif lower.startswith("utm_") or lower in _TAGS:
        found.tags[lower[:_LONGEST_FIELD_NAME]] = answer.value
    else:
        _keep(found.fields, target or answer.name, answer.value)


def guess(found: Submission) -> None:
    """Take a contact from a field whose name only resembles one; a known name comes first.

    For forms of other sites, whose people name fields as they like.
    """
    for slot, stems in _like().items():
        if found.first(slot):
            continue
        fits = (name for name in found.fields if any(stem in _letters(name) for stem in stems))
        name = next((name for name in fits if found.fields[name].strip()), "")
        if name:
            found.slots.setdefault(slot, []).append(found.fields.pop(name))
    if not found.first("phone") and not found.first("email"):
        _by_look(found)


def _by_look(found: Submission) -> None:
    """Take a phone or mail from a field that holds nothing else, whatever it is called."""
    for slot, looks in (("phone", _A_PHONE), ("email", _AN_EMAIL)):
        fits = (name for name, value in found.fields.items() if looks.fullmatch(value.strip()))
        name = next(fits, "")
        if name:
            found.slots.setdefault(slot, []).append(found.fields.pop(name))


def phone(text: str, region: str) -> str | None:
    """Return the number in E.164, also when words stand around it; None when there is none."""
    whole = identity.phone(text, region)
    if whole is not None or not text.strip():
        return whole
    inside = _NUMBER_INSIDE.search(text[:200])
    return identity.phone(inside[0], region) if inside else None


def keep_unread(found: Submission, person: Person) -> None:
    """Keep a phone or mail that could not be read among the fields, as typed."""
    for slot, read in (("phone", person.phones), ("email", person.emails)):
        if not read and found.first(slot):
            _keep(found.fields, slot, found.first(slot))


def canonical(found: Submission, person: Person) -> str:
    """Return the same text for the same content, however it was encoded or where it came from."""
    content = [
        *(sorted(person.phones), sorted(person.emails), person.name.casefold()),
        *(found.first("text"), sorted(found.fields.items())),
    ]
    return json.dumps(content, ensure_ascii=False)


def field_ids(form: Form | None) -> dict[str, str]:
    """Return the id of the form's field for each meaning that it asks for."""
    own = own_names(form)
    ids = ((own.get(_letters(item.id)), item.id) for item in (form.fields if form else ()))
    return {slot: item_id for slot, item_id in ids if slot}


def own_names(form: Form | None, mapping: Mapping[str, str] | None = None) -> Mapping[str, str]:
    """Return what fields mean by their names in letters: as the office says, else as the form does.

    Args:
        form: its fields tell what they are by id, by type and by both labels.
        mapping: the office's own words of another site's form: field of the site to ours.
    """
    fields = form.fields if form else ()
    told = mapping if mapping is not None else form.mapping if form else {}
    asked = tuple((item.id, item.type, item.label, item.label_en) for item in fields)
    return _own_names(asked, tuple(told.items()))


@lru_cache(maxsize=256)
def _own_names(
    fields: tuple[tuple[str, str, str, str], ...], told: tuple[tuple[str, str], ...]
) -> Mapping[str, str]:
    """Return the same for the same form: each post asks, and forms seldom change."""
    own: dict[str, str] = {}
    for name, kind, *labels in fields:
        slot = _slots().get(_letters(name)) or _BY_TYPE.get(kind)
        if slot:
            own |= dict.fromkeys(map(_letters, (name, *labels)), slot)
    return MappingProxyType(own | {_letters(name): target for name, target in told})


@cache
def _words() -> dict[str, list[str]]:
    return {slot: words for slot, words in _read().items() if isinstance(words, list)}


@cache
def _like() -> dict[str, list[str]]:
    like = _read()["like"]
    return like if isinstance(like, dict) else {}


@cache
def _read() -> dict[str, list[str] | dict[str, list[str]]]:
    found: dict[str, list[str] | dict[str, list[str]]] = json.loads(
        files("ingest").joinpath(_WORDS).read_text("utf-8")
    )
    return found


@cache
def _slots() -> dict[str, str]:
    return {word: slot for slot, words in _words().items() if slot != "no" for word in words}


def _letters(name: str) -> str:
    return _NOT_LETTERS.sub("", name[:_LONGEST_FIELD_NAME]).casefold()


def _keep(fields: dict[str, str], name: str, value: str) -> None:
    """Add a field; a repeated name becomes a list, a name no store takes loses its underscores."""
    name = name[:_LONGEST_FIELD_NAME]
    if name.startswith("__") and name.endswith("__"):
        name = name.strip("_")
    name = name or "field"
    fields[name] = f"{fields[name]}, {value}" if fields.get(name) else value


def _keep_surplus(found: Submission) -> None:
    """Keep second answers to a question that has one place."""
    for slot in ("name", "text", "page", "referrer"):
        told = [text for text in found.slots.get(slot, ()) if text.strip()]
        for text in told[1:]:
            _keep(found.fields, f"{slot}_2", text)


def _distinct(values: Iterable[str | None]) -> tuple[str, ...]:
    return tuple(dict.fromkeys(value for value in values if value))
