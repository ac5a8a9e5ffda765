"""A text that the office sends again and again: a letter or a message with places for fields."""

import re
from typing import ClassVar, Literal, TypeAlias

from kartoteka.domain.errors import Invalid
from kartoteka.domain.instant import Instant
from kartoteka.domain.model import Entity

Medium: TypeAlias = Literal["mail", "sms", "chat"]
MEDIA: tuple[Medium, ...] = ("mail", "sms", "chat")
LONGEST = 30_000  # characters of a body: a row of the settings book has to hold it
_PLACE = re.compile(r"\{\{([^{}\n]{1,100})\}\}")


class Template(Entity):
    """A text with `{{fields}}`; only a letter has a subject, of one line."""

    kind: ClassVar[str] = "template"
    collection: ClassVar[str] = "templates"
    id: str
    name: str
    medium: Medium = "mail"
    subject: str = ""
    body: str
    updated_at: Instant | None = None
    updated_by: str = ""  # id of the actor


def places(text: str) -> tuple[str, ...]:
    """Return the names between double braces, as typed without blanks around, each once.

    Raises:
        Invalid: a brace is not closed, or nothing stands between two.
    """
    left = _PLACE.sub("", text)
    at = min((found for sign in ("{{", "}}") if (found := left.find(sign)) >= 0), default=-1)
    names = tuple(dict.fromkeys(found.strip() for found in _PLACE.findall(text)))
    if at >= 0 or "" in names:
        there = left[max(0, at) : at + 40] if at >= 0 else "{{ }}"
        raise Invalid(
            f"a field is not closed near {there!r}",
            fields={"body": "template_place"},
            code="template_place",
            there=there,
        )
    return names


def check_template(template: Template) -> None:
    """Refuse a template that cannot be sent.

    Raises:
        Invalid: it has no name or text, a subject where none is sent, or a field is not closed.
    """
    for field in ("name", "body"):
        if not getattr(template, field).strip():
            raise _unfit(field, "template_empty")
    if template.subject and template.medium != "mail":
        raise _unfit("subject", "template_subject")
    if not template.subject.isprintable():
        raise _unfit("subject", "template_one_line")
    places(template.subject)
    places(template.body)


def _unfit(field: str, code: str) -> Invalid:
    return Invalid(f"{field}: {code}", fields={field: code}, code=code)
