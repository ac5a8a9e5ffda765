"""Hours, sources, reasons, fields and channel secrets of the office."""

import secrets
from datetime import time
from typing import Annotated, Literal

from pydantic import AfterValidator, Field
from pydantic_core import PydanticCustomError

from kartoteka.domain.change import Actor
from kartoteka.domain.errors import Invalid
from kartoteka.domain.fields import FieldSpec
from kartoteka.domain.office import Account, Office, Settings
from kartoteka.domain.pipeline import Stage
from kartoteka.services.office import Desk
from kartoteka.services.settings_accounts import check_secret
from kartoteka.services.settings_edit import (
    Saved,
    Versioned,
    edit_part,
    one_of,
    save_office,
    stamped,
    stored_part,
)
from kartoteka.services.settings_stages import OneStage, with_stage
from kartoteka.services.unit import Unit

_SECRET_BYTES = 32
_VALID = 2  # secrets of an account at once: the new one and the one before


def _local(clock: time) -> time:
    if clock.tzinfo is not None:
        raise PydanticCustomError("given_clock", "give the time without a zone")
    return clock


LocalClock = Annotated[time, AfterValidator(_local)]


class SetHours(Versioned):
    """When the office works, local time; days are 0 (Monday) to 6."""

    opens: LocalClock
    closes: LocalClock
    days: tuple[int, ...] | None = None
    zone: str | None = None


class OneName(Versioned):
    """A name in a list of the office."""

    name: str = Field(min_length=1, max_length=200)


class Reason(OneStage):
    """A reason that a stage offers; `note`: it must be explained."""

    reason: str = Field(min_length=1, max_length=200)
    note: bool = False


class NewField(FieldSpec, Versioned):
    """A field of the office's own."""


class EditField(Versioned):
    """Change a field; its id, kind of record and type never change. What is not given stays."""

    entity: Literal["lead", "client", "company", "deal"]
    id: str
    name: str | None = Field(default=None, min_length=1, max_length=200)
    name_en: str | None = None
    values: tuple[str, ...] | None = None
    required_from: str | None = None
    read_roles: tuple[str, ...] | None = None
    edit_roles: tuple[str, ...] | None = None
    order: int | None = None


class RemoveField(Versioned):
    """Take a field away; values that records hold stay, unseen."""

    entity: Literal["lead", "client", "company", "deal"]
    id: str


class RotateSecret(Versioned):
    """Give a channel account a new secret; the one before stays valid until the next change."""

    account: str
    secret: str = Field(default="", max_length=500, repr=False, description="the provider's own")


class SwitchAccount(Versioned):
    """Switch a channel account off or on; telephony that is off lets calls be written down."""

    account: str
    active: bool


def hours(desk: Desk, actor: Actor, form: SetHours, cause: str) -> Saved:
    """Return what was saved: the office's working hours."""
    given = form.model_dump(exclude={"expected"}, exclude_none=True)

    def change(office: Office) -> Office:
        work = type(office.work).model_validate({**office.work.model_dump(), **given})
        return office.model_copy(update={"work": work})

    return save_office(desk, actor, change, cause=cause, expected=form.expected, name="hours")


def add_source(desk: Desk, actor: Actor, form: OneName, cause: str) -> Saved:
    """Return what was saved: one source more."""

    def change(office: Office) -> Office:
        return office.model_copy(update={"sources": (*office.sources, form.name.strip())})

    return save_office(desk, actor, change, cause=cause, expected=form.expected, name=form.name)


def remove_source(desk: Desk, actor: Actor, form: OneName, cause: str) -> Saved:
    """Return what was saved: the list without it; requests keep the name they have."""

    def change(office: Office) -> Office:
        one_of(dict.fromkeys(office.sources, office), form.name)
        left = tuple(name for name in office.sources if name != form.name)
        return office.model_copy(update={"sources": left})

    return save_office(desk, actor, change, cause=cause, expected=form.expected, name=form.name)


def add_reason(desk: Desk, actor: Actor, form: Reason, cause: str) -> Saved:
    """Return what was saved: the stage offers one reason more."""

    def change(stage: Stage) -> Stage:
        if form.reason in stage.reasons:
            raise _taken(form.reason)
        noted = (*stage.note_reasons, form.reason) if form.note else stage.note_reasons
        update = {"reasons": (*stage.reasons, form.reason), "note_reasons": noted}
        return stage.model_copy(update=update)

    return save_office(
        desk,
        actor,
        lambda it: with_stage(it, form, change),
        cause=cause,
        expected=form.expected,
        name=form.stage,
    )


def remove_reason(desk: Desk, actor: Actor, form: Reason, cause: str) -> Saved:
    """Return what was saved: the stage without the reason; records keep the one they have."""

    def change(stage: Stage) -> Stage:
        lists = {name: getattr(stage, name) for name in ("reasons", "note_reasons")}
        left = {name: tuple(r for r in kept if r != form.reason) for name, kept in lists.items()}
        return stage.model_copy(update=left)

    return save_office(
        desk,
        actor,
        lambda it: with_stage(it, form, change),
        cause=cause,
        expected=form.expected,
        name=form.stage,
    )


def add_field(desk: Desk, actor: Actor, form: NewField, cause: str) -> Saved:
    """Return what was saved: one field more; a taken id is refused."""
    spec = FieldSpec.model_validate(form.model_dump(exclude={"expected"}))

    def change(office: Office) -> Office:
        return office.model_copy(update={"fields": (*office.fields, spec)})

    return save_office(desk, actor, change, cause=cause, expected=form.expected, name=spec.id)


def edit_field(desk: Desk, actor: Actor, form: EditField, cause: str) -> Saved:
    """Return what was saved: the field as the form wants it."""
    given = form.model_dump(exclude={"entity", "id", "expected"})
    update = {name: value for name, value in given.items() if value is not None}

    def change(office: Office) -> Office:
        wanted = _field(office, form.entity, form.id)
        edited = wanted.model_copy(update=update)
        specs = tuple(edited if spec is wanted else spec for spec in office.fields)
        return office.model_copy(update={"fields": specs})

    return save_office(desk, actor, change, cause=cause, expected=form.expected, name=form.id)


def remove_field(desk: Desk, actor: Actor, form: RemoveField, cause: str) -> Saved:
    """Return what was saved: the office without the field."""

    def change(office: Office) -> Office:
        wanted = _field(office, form.entity, form.id)
        left = tuple(spec for spec in office.fields if spec is not wanted)
        return office.model_copy(update={"fields": left})

    return save_office(desk, actor, change, cause=cause, expected=form.expected, name=form.id)


def rotate(desk: Desk, actor: Actor, form: RotateSecret, cause: str) -> Saved:
    """Return what was saved, with the new secret; two are valid at once, so nothing is lost.

    The same secret given once more ends the one before.

    Raises:
        Invalid: the provider issues this secret, and it was not given.
    """
    fresh = form.secret or secrets.token_urlsafe(_SECRET_BYTES)

    def change(unit: Unit, around: Settings) -> Account:
        account = stored_part(unit, around.accounts, form.account, (around, form.expected))
        check_secret(account.channel, form.secret)
        kept = tuple(dict.fromkeys((fresh, *account.secrets[: _VALID - 1])))
        turned = stamped(unit, account.model_copy(update={"secrets": kept}), account)
        unit.subject = account.channel
        unit.keep(turned, shown=("channel", "title"))
        return turned

    account = edit_part(desk, actor, change, kind=Account, cause=cause)
    return Saved(id=account.id, secret=fresh, version=account.updated_at)


def switch(desk: Desk, actor: Actor, form: SwitchAccount, cause: str) -> Saved:
    """Return what was saved: events of an account that is off are refused."""

    def change(unit: Unit, around: Settings) -> Account:
        account = stored_part(unit, around.accounts, form.account, (around, form.expected))
        turned = stamped(unit, account.model_copy(update={"active": form.active}), account)
        unit.subject = account.channel
        unit.keep(turned, shown=("channel", "title", "active"))
        return turned

    turned = edit_part(desk, actor, change, kind=Account, cause=cause)
    return Saved(id=turned.id, version=turned.updated_at)


def _field(office: Office, entity: str, field_id: str) -> FieldSpec:
    known = {spec.id: spec for spec in office.fields if spec.entity == entity}
    return one_of(known, field_id)


def _taken(name: str) -> Invalid:
    return Invalid(
        f"there is {name!r} already", fields={"reason": "taken"}, code="settings_taken", what=name
    )
