"""The tab of roles: whose records each reaches, and which fields are otherwise than built in."""

from collections.abc import Iterator, Mapping
from functools import partial

from pydantic import JsonValue

from kartoteka.domain.errors import Invalid
from kartoteka.domain.matrix import Group, Level, Operation, RoleSpec, Scope
from kartoteka.domain.model import Role
from kartoteka.ports import CellValue, Store
from sync.actions.offering import Asked, Command
from sync.columns import Frame, Setting
from sync.settings_book import naming
from sync.settings_book.asking import (
    Edited,
    New,
    Page,
    asked_for,
    expected,
    named_id,
    setting,
    shown,
    typed,
)
from sync.settings_book.typed import Names, joined, parts

_SCOPES = tuple(scope.name.lower() for scope in Scope)
_CODES = tuple(level.name.lower() for level in Level)
_OPERATIONS = tuple(operation.value for operation in Operation)
_scopes = partial(naming.words, "scope", _SCOPES)
_levels = partial(naming.words, "level", _CODES)
_groups = partial(naming.words, "group", tuple(Group))


def _roles(frame: Frame, _store: Store) -> Iterator[Setting]:
    office = frame.settings.office
    own = {spec.id: spec for spec in office.roles}
    for name in dict.fromkeys((*(role.value for role in Role), *own)):
        spec = own.get(name) or _built_in(name, frame)
        yield setting(f"role:{name}", (name,), _cells_of(spec, frame), office)


def _built_in(name: str, frame: Frame) -> RoleSpec:
    called = frame.say(f"setting_role_{name}")
    return RoleSpec(id=name, name=called, base=Role(name))


def _cells_of(spec: RoleSpec, frame: Frame) -> dict[str, CellValue]:
    scopes = _scopes(frame)
    reach = {f"may_{it}": scopes.shown(spec.reach.get(Operation(it))) for it in _OPERATIONS}
    groups, levels = _groups(frame), _levels(frame)
    told = [
        f"{groups.shown(it)}: {levels.shown(spec.levels[it])}" for it in Group if it in spec.levels
    ]
    return {
        "name": spec.name,
        "name_en": spec.name_en,
        "origin": naming.roles(frame).shown(spec.base.value),
        **reach,
        "levels": joined(told),
    }


def _change_role(edit: Edited) -> Command:
    name = edit.setting.key[0]
    office = edit.frame.settings.office
    spec = next((it for it in office.roles if it.id == name), None) or _built_in(name, edit.frame)
    given = _with(spec.model_dump(mode="json"), edit.column, edit.typed, edit.frame)
    if name in set(Role) and given == _built_in(name, edit.frame).model_dump(mode="json"):
        return "role.remove", {"role": name, **edit.expected}
    return "role.set", {**given, **edit.expected}


def _with(
    given: dict[str, JsonValue], column: str, cell: str, frame: Frame
) -> dict[str, JsonValue]:
    """Return a role with what a cell says of it; an empty cell is as the role came."""
    if column == "levels":
        return {**given, "levels": _told(cell, frame)}
    if not column.startswith("may_"):
        return {**given, column: cell.strip()}
    reach = dict(given["reach"]) if isinstance(given["reach"], dict) else {}
    reach.pop(column.removeprefix("may_"), None)
    wanted = {column.removeprefix("may_"): _scopes(frame).read(cell)} if cell.strip() else {}
    return {**given, "reach": {**reach, **wanted}}


def _told(cell: str, frame: Frame) -> JsonValue:
    """Return the levels by group, written as `сумма: видит`; codes (`amount=read`) will do.

    Raises:
        Invalid: no such group or level; names those there are.
    """
    groups, levels = _groups(frame), _levels(frame)
    found: dict[str, JsonValue] = {}
    for part in parts(cell):
        group, _, level = part.replace("=", ":", 1).partition(":")
        try:
            found[groups.read(group)] = levels.read(level)
        except Invalid as exc:
            raise _unclear(part, groups, levels) from exc
    return found


def _unclear(part: str, groups: Names[str], levels: Names[str]) -> Invalid:
    return Invalid(
        f"{part!r} is no group with a level",
        code="role_levels",
        what=part,
        example=f"{groups.shown(Group.AMOUNT)}: {levels.shown(Level.READ.name.lower())}",
        groups=", ".join(groups.by_id.values()),
        levels=", ".join(levels.by_id.values()),
    )


def _add_role(cells: Mapping[str, str], frame: Frame) -> New:
    if not cells["name"]:
        raise Invalid("a role has a name", code="name_length")
    name = named_id("role", cells["name"])
    base = naming.roles(frame).read(cells["origin"])
    given: dict[str, JsonValue] = {"id": name, "name": "", "base": base, "reach": {}, "levels": {}}
    for column, cell in cells.items():
        if cell and column in _TYPED:
            given = _with(given, column, cell, frame)
    return New(("role.set", given), f"role:{name}")


def _drop_role(asked: Asked) -> Command:
    row = asked_for(asked)
    return "role.remove", {"role": row.key[0], **expected(row)}


def _bases(frame: Frame) -> list[str]:
    names = naming.roles(frame)
    return [names.shown(role.value) for role in Role]


def _scope_choices(frame: Frame) -> list[str]:
    return list(_scopes(frame).by_id.values())


_TYPED = frozenset({"name", "name_en", "levels", *(f"may_{it}" for it in _OPERATIONS)})
ROLES = Page(
    code="roles",
    columns=(
        typed("name", 170, header="title"),
        typed("name_en", 150),
        shown("origin", 150, header="role_base", choices=_bases),
        *(typed(f"may_{it}", 120, choices=_scope_choices) for it in _OPERATIONS),
        typed("levels", 320, header="role_levels"),
    ),
    rows=_roles,
    change=_change_role,
    add=_add_role,
    drop=_drop_role,
)
