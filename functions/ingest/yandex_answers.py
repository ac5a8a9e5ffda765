"""All answers of a Yandex form at once, as its variable "Answers in JSON" tells them.

Source: public receivers of such calls; Yandex's documents do not show the shape. It is the text of
a list of answers, or of an object of them by the slug of the question.
"""

import json
from collections.abc import Iterator, Mapping
from typing import Any

from ingest.form_event import spelled
from ingest.form_mapping import Answer

_SLOTS = {
    "answer_phone": "phone",
    "answer_email": "email",
    "answer_non_profile_email": "email",
    "answer_name": "first",
    "answer_surname": "last",
}
_SAID = ("value", "text", "choices")
_TITLES = ("label", "title", "question", "name")
_MARKS = ("{", "[")


def answers_of(told: str) -> tuple[list[Answer], str]:
    """Return the answers that a text holds and the id of the whole; nothing of any other text."""
    if not told.lstrip().startswith(_MARKS):
        return [], ""
    try:
        found = json.loads(told)
    except (ValueError, RecursionError):
        return [], ""
    whole = found.get("answer", found) if isinstance(found, dict) else found
    inside = whole.get("data", whole) if isinstance(whole, dict) else whole
    number = whole.get("id", "") if isinstance(whole, dict) and inside is not whole else ""
    return [_answer(slug, item) for slug, item in _items(inside)], spelled(number)


def _items(inside: Any) -> Iterator[tuple[str, Mapping[str, Any]]]:
    if isinstance(inside, dict) and isinstance(inside.get("id", inside.get("slug")), str):
        inside = [inside]  # one of a list whose members came apart
    if isinstance(inside, dict):
        named = list(inside.items())
    elif isinstance(inside, list):
        named = [(it.get("id") or it.get("slug"), it) for it in inside if isinstance(it, dict)]
    else:
        return
    for slug, item in named:
        if isinstance(slug, str) and isinstance(item, dict) and any(it in item for it in _SAID):
            yield slug, item


def _answer(slug: str, item: Mapping[str, Any]) -> Answer:
    title = next((said for name in _TITLES if (said := _title(item.get(name)))), slug)
    value = next((said for name in _SAID if (said := _said(item.get(name)))), "")
    kind = slug.rstrip("0123456789").rstrip("_")
    return Answer(title, value, id=slug, slot=_SLOTS.get(kind, ""))


def _title(value: Any) -> str:
    """Return what people see of a question, told as a text, by language or with its question."""
    if isinstance(value, dict):
        return _title(value.get("label") or value.get("ru") or next(iter(value.values()), ""))
    return value if isinstance(value, str) else ""


def _said(value: Any) -> str:
    """Return an answer as people see it: of a choice its words."""
    if isinstance(value, list):
        return ", ".join(filter(None, map(_said, value)))
    if isinstance(value, dict):
        chosen = [_said(value.get(name)) for name in ("labels", "other")]
        words = next(
            (value[name] for name in ("text", "label", "slug", "key") if value.get(name)), ""
        )
        return ", ".join(filter(None, chosen)) or _title(words)
    return spelled(value)
