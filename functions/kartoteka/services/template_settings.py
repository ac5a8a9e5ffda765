"""Texts that the office sends: who may change them, the templates there are."""

from typing import Any

from pydantic import Field

from kartoteka.domain.change import Actor
from kartoteka.domain.errors import Invalid
from kartoteka.domain.mail_merge import check_places
from kartoteka.domain.office import Settings
from kartoteka.domain.template import LONGEST, Medium, Template, check_template
from kartoteka.ports import Query, Store
from kartoteka.services.commands import Command, Registry
from kartoteka.services.mailing_values import known_names
from kartoteka.services.office import Desk
from kartoteka.services.settings_edit import (
    Saved,
    Versioned,
    check_version,
    edit_part,
    one_of,
    stamped,
)
from kartoteka.services.unit import Unit

_MOST = 500
_ALL = Query(Template.collection)


class SetTemplate(Versioned):
    """Make a template or change one; what is not given stays."""

    template: str = Field(pattern=r"^[a-z][a-z0-9_]{0,39}$", examples=["t_greeting"])
    name: str | None = Field(default=None, max_length=200)
    medium: Medium | None = None
    subject: str | None = Field(default=None, max_length=500, description="of a letter")
    body: str | None = Field(
        default=None, max_length=LONGEST, description="text; {{field}} is filled in when it is sent"
    )


class RemoveTemplate(Versioned):
    """Take a template away; what was sent stays."""

    template: str


def set_template(desk: Desk, actor: Actor, form: SetTemplate, cause: str) -> Saved:
    """Return what was saved.

    Raises:
        NotAllowed: the actor may not change the office's texts.
        Invalid: it cannot be sent, or nothing fills one of its places; says what to change.
        Conflict: it has another version.
    """
    given: dict[str, Any] = form.model_dump(exclude={"template", "expected"}, exclude_none=True)

    def change(unit: Unit, around: Settings) -> Template:
        stored = unit.find(Template, form.template)
        if stored is None and len(unit.search(Template, _ALL)) >= _MOST:
            raise Invalid("too many templates", fields={"template": "full"}, code="template_full")
        if stored is not None:
            check_version(stored, form.expected, around)
        blank = {"id": form.template, "name": "", "body": ""}
        changed = Template.model_validate((stored.model_dump() if stored else blank) | given)
        check_template(changed)
        check_places((changed.subject, changed.body), known_names(around))
        return unit.save(stamped(unit, changed, stored))

    kept = edit_part(desk, actor, change, kind=Template, cause=cause)
    return Saved(id=kept.id, version=kept.updated_at)


def remove_template(desk: Desk, actor: Actor, form: RemoveTemplate, cause: str) -> Saved:
    """Return what was saved: the office without the template.

    Raises:
        NotAllowed: the actor may not change the office's texts.
        Invalid: there is none of this id. Conflict: it has another version.
    """

    def change(unit: Unit, around: Settings) -> Template:
        stored = unit.find(Template, form.template)
        if stored is None:
            return one_of({item.id: item for item in unit.search(Template, _ALL)}, form.template)
        check_version(stored, form.expected, around)
        unit.remove(stored)
        return stored

    gone = edit_part(desk, actor, change, kind=Template, cause=cause)
    return Saved(id=gone.id)


def templates(store: Store) -> list[Template]:
    """Return every template of the office, by name."""
    found = (Template.model_validate(hit.doc) for hit in store.query(_ALL))
    return sorted(found, key=lambda template: (template.name.casefold(), template.id))


TEMPLATE_COMMANDS: Registry = {
    "template.remove": Command("take a template away", RemoveTemplate, remove_template),
    "template.set": Command("make or change a text to send", SetTemplate, set_template),
}
