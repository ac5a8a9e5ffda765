"""The answers of a form whose program packed them: objects inside objects, JSON inside a field.

Source: what builders of sites post to any address (Wix, JotForm, Webflow and their like): answers
lie two or three objects deep, as pairs of label and value, or as JSON in one field of a form.
"""

import json
import re
from collections.abc import Iterator
from typing import Any, NamedTuple

from ingest.form_body import FormBody, json_text
from ingest.form_mapping import Answer
from kartoteka.domain.errors import Malformed

_DEEPEST = 6  # objects inside objects; what lies deeper is kept as text
_MOST_ANSWERS = 1000
_LONGEST_PATH = 200
_ASKED = -1  # the place of what has a label
_PACKED = {"rawrequest", "payload", "data"}  # fields that hold JSON as text
_LABELS = ("label", "title", "question", "name", "key", "field", "id")
_VALUES = ("value", "answer")
_WHOLE = {"full", "value", "number", "raw"}  # parts that are the answer itself
_OF_NAMES = {"first": "firstname", "last": "lastname"}
_OTHERS = {"account", "assignee", "manager", "owner", "responsible", "shop", "site", "store"}
_CONTACTS = {"phone", "email", "tel", "телефон", "почта"}
_BRACKETS = re.compile(r"[^\[\]]{1,100}(?:\[[^\[\]]{1,100}\]){1,20}(?:\[\])?")
_NUMBERED = re.compile(r"^q\d{1,6}_|\d{1,6}$")  # JotForm counts its questions


class _Leaf(NamedTuple):
    """One answer: the names that lead to it, and the object that it lies in."""

    path: tuple[str, ...]
    value: str
    place: int


def answers(body: FormBody) -> Iterator[Answer]:
    """Yield the answers of a form, also of one that is nested.

    Those under labels and those of an object that holds a contact come first: there `name` is the
    client's, not the form's.

    Raises:
        Malformed: over a thousand answers.
    """
    opened = dict(body.nested) or _unpacked(body)
    if not opened:
        yield from (Answer(name, value) for name, value in body.pairs)
        return
    leaves: list[_Leaf] = []
    for leaf in _walk(opened, (), (0, 0)):
        leaves.append(leaf)
        if len(leaves) > _MOST_ANSWERS:
            raise Malformed("over a thousand fields", code="too_many_fields")
    first = {_ASKED, *(leaf.place for leaf in leaves if _is_contact(leaf))}
    leaves.sort(key=lambda leaf: leaf.place not in first)
    yield from map(_answer, leaves)


def _unpacked(body: FormBody) -> dict[str, Any]:
    """Return the fields if one holds an object, as text or by brackets in its name; or nothing."""
    if not any("[" in name or name.lower() in _PACKED for name, _ in body.pairs):
        return {}
    found: dict[str, Any] = {}
    for name, value in body.pairs:
        _put(found, name, _object(name, value))
    return found if any(isinstance(value, dict) for value in found.values()) else {}


def _put(found: dict[str, Any], name: str, value: Any) -> None:
    """Lay a field where its name says: `data[client][name]` is three objects deep."""
    steps = _steps(name)
    place = found
    for step in steps[:-1]:
        inner = place.setdefault(step, {})
        if not isinstance(inner, dict):
            place, steps = found, (name,)
            break
        place = inner
    told = place.get(steps[-1])
    if isinstance(told, dict):
        place, steps, told = found, (name,), found.get(name)
    place[steps[-1]] = value if told is None else [*_listed(told), value]


def _steps(name: str) -> tuple[str, ...]:
    """Return the names that lead to a field; one that is too deep has its own name only."""
    if not _BRACKETS.fullmatch(name):
        return (name,)
    steps = tuple(name.removesuffix("[]").replace("]", "").split("["))
    return steps if len(steps) <= _DEEPEST else (name,)


def _listed(told: Any) -> list[Any]:
    return told if isinstance(told, list) else [told]


def _object(name: str, value: str) -> Any:
    if name.lower() not in _PACKED or not value.lstrip().startswith("{"):
        return value
    try:
        return json.loads(value)
    except (RecursionError, ValueError):
        return value


def _walk(value: Any, path: tuple[str, ...], at: tuple[int, int]) -> Iterator[_Leaf]:
    """Yield the answers in a value; `at` is the object that it lies in, and how deep that is."""
    place, depth = at
    if isinstance(value, dict) and depth <= _DEEPEST:
        yield from _inside(value, path, depth + 1)
    elif isinstance(value, list) and any(isinstance(item, dict) for item in value):
        for item in value:
            yield from _walk(item if isinstance(item, dict) else json_text(item), path, at)
    elif isinstance(value, list):
        yield _Leaf(path, ", ".join(map(json_text, value)), place)
    else:
        yield _Leaf(path, json_text(value), place)


def _inside(found: dict[str, Any], path: tuple[str, ...], depth: int) -> Iterator[_Leaf]:
    label = next((found[key] for key in _LABELS if isinstance(found.get(key), str)), "")
    said = next((found[key] for key in _VALUES if key in found), None)
    if label and said is not None:
        yield from _walk(said, (label,), (_ASKED, depth))
    elif path and _number(found):
        yield _Leaf((*path, "phone"), _number(found), id(found))
    else:
        is_name = {"first", "last"} <= found.keys()
        for name, inner in found.items():
            own = _OF_NAMES.get(name, name) if is_name else name
            yield from _walk(inner, (*path, own), (id(found), depth))


def _number(found: dict[str, Any]) -> str:
    """Return a phone that was asked in pieces, from the country to the number; or nothing."""
    told = {name.lower(): value for name, value in found.items()}
    area = told.get("area") or told.get("area code")
    number = told.get("phone") or told.get("number")
    parts = (told.get("country"), area, number)
    return " ".join(json_text(it) for it in parts if it) if area and number else ""


def _is_contact(leaf: _Leaf) -> bool:
    return bool(leaf.value) and any(word in _called(leaf.path) for word in _CONTACTS)


def _called(path: tuple[str, ...]) -> str:
    """Return what an answer is called: its own name, or that of the object that it is part of."""
    own, parent = path[-1].lower(), path[-2].lower() if len(path) > 1 else ""
    if own in _OF_NAMES and "name" in parent:
        return _OF_NAMES[own]
    called = parent if own in _WHOLE and parent else own
    called = _NUMBERED.sub("", called)
    return called[:-1] if called in {"phones", "emails"} else called


def _answer(leaf: _Leaf) -> Answer:
    own, parent = leaf.path[-1], leaf.path[-2].lower() if len(leaf.path) > 1 else ""
    if own.lower().startswith("utm_"):
        return Answer(own, leaf.value)
    if parent == "utm":
        return Answer(f"utm_{own}", leaf.value)
    whole = ".".join(leaf.path)[-_LONGEST_PATH:]
    return Answer(whole, leaf.value, "" if of_others(whole) else _called(leaf.path))


def of_others(name: str) -> bool:
    """Return whether an answer tells of somebody of the site, not of the visitor."""
    return any(step in _OTHERS for step in name.lower().split(".")[:-1])
