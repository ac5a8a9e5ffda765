"""People of the office: added, changed, dismissed; teams and roles."""

from typing import Literal

from pydantic import Field

from kartoteka.domain import identity
from kartoteka.domain.change import Actor
from kartoteka.domain.errors import Invalid
from kartoteka.domain.ids import StaffId, fresh
from kartoteka.domain.matrix import RoleSpec
from kartoteka.domain.model import Role, Staff, Value
from kartoteka.domain.office import Office, Settings
from kartoteka.ports import Order, Query, Where
from kartoteka.services.office import Desk
from kartoteka.services.settings_edit import (
    Saved,
    Versioned,
    edit_part,
    save_office,
    stamped,
    stored_part,
)
from kartoteka.services.unit import Unit

_EMAIL = r"^[^@\s]{1,64}@[^@\s]{1,190}$"
_MOST_TOLD = 50  # records a leaver still holds, told by id
_OPEN = ("open", "ongoing")


class AddStaff(Value):
    """Take a person into the office."""

    name: str = Field(min_length=1, max_length=200)
    email: str = Field(pattern=_EMAIL, examples=["anna@office.example"])
    role: str = Role.MANAGER.value
    also: tuple[str, ...] = ()
    team: str = ""
    pair: str | None = None
    phones: tuple[str, ...] = ()
    takes_leads: bool = True
    shift: tuple[int, ...] = (0, 1, 2, 3, 4)
    quota: int = Field(default=30, ge=0)


class EditStaff(Versioned):
    """Change what the office knows of a person; what is not given stays."""

    staff: str
    name: str | None = Field(default=None, min_length=1, max_length=200)
    email: str | None = Field(default=None, pattern=_EMAIL, examples=["anna@office.example"])
    role: str | None = None
    also: tuple[str, ...] | None = None
    team: str | None = None
    pair: str | None = Field(default=None, description="staff id; an empty text ends the pair")
    phones: tuple[str, ...] | None = None
    takes_leads: bool | None = None
    shift: tuple[int, ...] | None = None
    absent: tuple[str, ...] | None = None
    quota: int | None = Field(default=None, ge=0)


class DismissStaff(Versioned):
    """Let a person go: no rights and no new requests; what they hold is named, to hand over."""

    staff: str


class SetTeam(Versioned):
    """Put a team below another one, or at the top."""

    team: str = Field(min_length=1, max_length=200)
    above: str = ""


class RemoveTeam(Versioned):
    """Take a team without people out of the tree."""

    team: str


class SetRole(RoleSpec, Versioned):
    """Change a role, or add one of the office's own; it replaces what was set before."""


class RemoveRole(Versioned):
    """Take back what the office set for a role; its own role must have nobody left."""

    role: str


def add(desk: Desk, actor: Actor, form: AddStaff, cause: str) -> Staff:
    """Return the new person; who they are is judged with the whole office."""
    given = {**form.model_dump(), "id": fresh("st")}

    def change(unit: Unit, around: Settings) -> Staff:
        return unit.add(stamped(unit, _person(given, around.office.region), None))

    return edit_part(desk, actor, change, kind=Staff, cause=cause)


def edit(desk: Desk, actor: Actor, form: EditStaff, cause: str) -> Staff:
    """Return the person with what the form gives; rights follow at once."""
    given = form.model_dump(exclude={"staff", "expected"}, exclude_unset=True)
    update = {name: value for name, value in given.items() if value is not None}
    if form.pair == "":
        update["pair"] = None

    def change(unit: Unit, around: Settings) -> Staff:
        person = stored_part(unit, around.staff, form.staff, (around, form.expected))
        return unit.save(
            stamped(unit, _person({**person.model_dump(), **update}, around.office.region), person)
        )

    return edit_part(desk, actor, change, kind=Staff, cause=cause)


def dismiss(desk: Desk, actor: Actor, form: DismissStaff, cause: str) -> Saved:
    """Return what was saved, with the open requests and deals to hand over (at most 50 named)."""

    def change(unit: Unit, around: Settings) -> Staff:
        person = stored_part(unit, around.staff, form.staff, (around, form.expected))
        left = person.model_copy(update={"active": False, "takes_leads": False})
        return unit.save(stamped(unit, left, person))

    person = edit_part(desk, actor, change, kind=Staff, cause=cause)
    held = _held_by(desk, person.id)
    return Saved(id=person.id, version=person.updated_at, hand_over=held)


def set_team(desk: Desk, actor: Actor, form: SetTeam, cause: str) -> Saved:
    """Return what was saved: the team in the tree."""

    def change(office: Office) -> Office:
        return office.model_copy(update={"teams": office.teams | {form.team: form.above}})

    return save_office(desk, actor, change, cause=cause, expected=form.expected, name=form.team)


def remove_team(desk: Desk, actor: Actor, form: RemoveTeam, cause: str) -> Saved:
    """Return what was saved: the tree without the team.

    Raises:
        Invalid: somebody is in it, or a team is below it.
    """
    inside = [person.id for person in desk.settings().staff if person.team == form.team]

    def change(office: Office) -> Office:
        if inside:
            raise _in_use(form.team, ", ".join(inside))
        teams = {name: above for name, above in office.teams.items() if name != form.team}
        return office.model_copy(update={"teams": teams})

    return save_office(desk, actor, change, cause=cause, expected=form.expected, name=form.team)


def set_role(desk: Desk, actor: Actor, form: SetRole, cause: str) -> Saved:
    """Return what was saved: the role as the office wants it."""
    spec = RoleSpec.model_validate(form.model_dump(exclude={"expected"}))

    def change(office: Office) -> Office:
        others = tuple(role for role in office.roles if role.id != spec.id)
        return office.model_copy(update={"roles": (*others, spec)})

    return save_office(desk, actor, change, cause=cause, expected=form.expected, name=form.id)


def remove_role(desk: Desk, actor: Actor, form: RemoveRole, cause: str) -> Saved:
    """Return what was saved: a built-in role as it came, or one role less.

    Raises:
        Invalid: a person, a stage or a field still names the office's own role.
    """

    def change(office: Office) -> Office:
        others = tuple(role for role in office.roles if role.id != form.role)
        return office.model_copy(update={"roles": others})

    return save_office(desk, actor, change, cause=cause, expected=form.expected, name=form.role)


def _person(given: dict[str, object], region: str) -> Staff:
    address = str(given["email"]).strip().lower()
    person = Staff.model_validate({**given, "email": address, "pair": given.get("pair") or None})
    own = (identity.phone(text, region) or text.strip().lower() for text in person.phones)
    return person.model_copy(update={"phones": tuple(dict.fromkeys(filter(None, own)))})


def _in_use(name: str, known: str) -> Invalid:
    return Invalid(
        f"{name} is in use by {known}",
        fields={name: "in_use"},
        code="settings_in_use",
        what=name,
        known=known,
    )


def _held_by(desk: Desk, staff_id: StaffId) -> tuple[str, ...]:
    kinds: tuple[Literal["leads", "deals"], ...] = ("leads", "deals")
    where = (Where("owner_id", "==", staff_id), Where("state", "in", _OPEN))
    found = (
        hit.id
        for kind in kinds
        for hit in desk.store.query(Query(kind, where, (Order("next_at"),), limit=_MOST_TOLD))
    )
    return tuple(found)[:_MOST_TOLD]
