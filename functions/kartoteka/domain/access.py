"""The one policy: who may do what; every output and every command asks here.

`domain.matrix` says what each role may, `domain.matrix_fields` which fields belong together,
`domain.scope` whose a record is. Fields are an allow-list: what is not named there nobody sees
but an admin.
"""

from collections.abc import Callable, Iterable
from dataclasses import replace
from datetime import datetime
from functools import partial
from typing import TypeAlias

from kartoteka.domain.change import Actor
from kartoteka.domain.channels import PAYMENT_CHANNELS, SHOP_CHANNELS
from kartoteka.domain.deal import Deal
from kartoteka.domain.errors import NotAllowed
from kartoteka.domain.fields import FieldSpec, check_known
from kartoteka.domain.inbound import Inbound
from kartoteka.domain.matrix import BOOK, BUILT_IN, MINIMAL, MONEY, Group, Level, Operation, Rights
from kartoteka.domain.matrix import Scope as Reach
from kartoteka.domain.matrix_fields import group_of
from kartoteka.domain.model import Activity, Client, Entity, Role, Staff, Task
from kartoteka.domain.office import Account, Settings
from kartoteka.domain.pipeline import Stage
from kartoteka.domain.sales_paper import OFFER, SalesPaper
from kartoteka.domain.scope import (
    Sight,
    covers,
    handed_over_at,
    hangs_on,
    in_charge,
    is_today,
    may_work,
    stage_of,
)

__all__ = [
    "BOOK",
    "Level",
    "Operation",
    "Sight",
    "can",
    "check",
    "check_fields",
    "check_presence",
    "check_setup",
    "level",
    "level_of",
    "levels_of",
    "rights_of",
]

_Record: TypeAlias = Entity | type[Entity]
_KEPT_BY_ADMIN = frozenset({Group.RECORD, Group.SETTINGS, Group.SECRETS, Group.PEOPLE})
_OF_MONEY = frozenset({"raw", "payment"})  # of an event: its body, and what it says
_OF_SALE = frozenset({"fields", "order", "raw", "raw_parts"})
_NARROW = frozenset({Reach.OWN, Reach.PAIR})
_SHOWING = frozenset({Operation.READ, Operation.EXPORT})
_BY_STAGE = frozenset({Operation.CHANGE, Operation.ASSIGN})


def can(
    actor: Actor,
    operation: Operation,
    record: _Record,
    *,
    field: str = "",
    within: Settings | None = None,
    now: datetime | None = None,
    via: Entity | None = None,
) -> bool:
    """Return whether the actor may do this with this record, or with this field of it.

    A kind instead of a record asks whether there is any such right at all. `within` are the
    office's settings: its teams, pairs, stages, own roles and fields. `now` lets former owners
    read for as long as they may. `via` is the record that led here; see `scope.Sight`.
    """
    if not actor.is_person:
        return True
    sight = Sight(actor, within, now, via)
    if not _may(sight, operation, record):
        return False
    if not field:
        return True
    found = level_of(sight, record, field)
    if operation in _SHOWING:
        return found >= Level.READ
    return found in {Level.PUT, Level.EDIT}


def check(
    actor: Actor,
    operation: Operation,
    record: _Record,
    *,
    field: str = "",
    within: Settings | None = None,
    now: datetime | None = None,
) -> None:
    """Refuse what the policy does not allow.

    Raises:
        NotAllowed: `stage_in_other_hands` when the stage of a deal is the reason, `field_closed`
            when the field is, `role_forbids` when a kind was asked for, else `not_yours`.
    """
    if can(actor, operation, record, field=field, within=within, now=now):
        return
    sight = Sight(actor, within, now)
    what = record.kind if isinstance(record, type) else f"{record.kind} {record.id}"
    stage = None if isinstance(record, type) else _foreign_stage(sight, operation, record)
    if stage is not None:
        raise NotAllowed(
            f"a deal on {stage.id} is changed by {', '.join(stage.edit_roles)}",
            code="stage_in_other_hands",
            here=stage,
        )
    if field and _may(sight, operation, record):
        raise NotAllowed(
            f"{actor.id} may not {operation} {field} of {what}", code="field_closed", field=field
        )
    code = "role_forbids" if isinstance(record, type) else "not_yours"
    raise NotAllowed(f"{actor.id} may not {operation} {what}", code=code)


def check_phone(actor: Actor, staff_id: str, within: Settings) -> None:
    """Refuse to connect a phone or to name its private numbers, unless it is one's own.

    Raises:
        NotAllowed: it is somebody else's, and the actor does not set the office up.
    """
    if actor.id == staff_id:
        return
    check(actor, Operation.CHANGE, Account, field="secrets", within=within)


def check_setup(actor: Actor, kind: type[Entity], within: Settings, *, field: str) -> None:
    """Refuse to change a part of the settings to who does not set the office up.

    Raises:
        NotAllowed: `role_forbids`.
    """
    if not can(actor, Operation.CHANGE, kind, field=field, within=within):
        raise NotAllowed(f"{actor.id} may not change {field} of {kind.kind}", code="role_forbids")


def check_presence(actor: Actor, person: Staff, within: Settings, *, field: str) -> None:
    """Refuse to say when a colleague is at work: their head does, and of an absence they too.

    Raises:
        NotAllowed: it is somebody else's, of no team below the actor's.
    """
    sight = Sight(actor, within)
    heads = (it for it in _held(sight) if it.role == Role.HEAD)
    led = any(in_charge(sight, it.scope(Operation.CHANGE), person.id) for it in heads)
    if led or (field == "absent" and actor.id == person.id):
        return
    check_setup(actor, Staff, within, field=field)


def check_fields(actor: Actor, record: _Record, fields: Iterable[str], within: Settings) -> None:
    """Refuse to change a field that the actor's roles may not fill in; names it.

    Raises:
        NotAllowed: the field is closed.
        Invalid: the office has no such field of its own; the nearest that the actor sees is named.
    """
    for name in fields:
        own = name.removeprefix("fields.")
        if own != name:
            check_known(within.office.fields, record.kind, own, partial(_told, actor, within))
        check(actor, Operation.CHANGE, record, field=name, within=within)


def _told(actor: Actor, within: Settings, spec: FieldSpec) -> bool:
    held = [rights.name for rights in _held(Sight(actor, within))]
    return not actor.is_person or any(spec.level(name) > Level.NONE for name in held)


def level(actor: Actor, kind: type[Entity], field: str, *, within: Settings | None = None) -> Level:
    """Return the level that the actor has in a field of their records of this kind."""
    return level_of(Sight(actor, within), kind, field)


def level_of(sight: Sight, record: _Record, field: str) -> Level:
    """Return the level of the actor in one field of one record; of several fields: `levels_of`."""
    return levels_of(sight, record)(field)


def levels_of(sight: Sight, record: _Record) -> Callable[[str], Level]:
    """Return what tells the level of the actor in each field of one record.

    Of several roles the widest that reaches the record decides, in money the narrowest of all.
    """
    if not sight.actor.is_person:
        return lambda _: Level.EDIT
    if isinstance(record, Task) and record.personal:
        own = Level.EDIT if sight.actor.id == record.assignee_id else Level.NONE
        return lambda _: own
    held = _held(sight)
    seeing = [rights for rights in held if _sees(sight, rights, record)]
    if not seeing:
        return lambda _: Level.NONE
    return lambda field: _level_among(sight, held, seeing, (record, field))


def _level_among(
    sight: Sight, held: list[Rights], seeing: list[Rights], place: tuple[_Record, str]
) -> Level:
    record, field = place
    group = _group(record, field)
    if group is Group.CUSTOM:
        return _custom_level(sight, field, held, seeing)
    if group is None:
        return Level.EDIT if any(it.role == Role.ADMIN for it in seeing) else Level.NONE
    if group in MONEY:
        return min(_in_group(sight, rights, group, record) for rights in held)
    return max(_in_group(sight, rights, group, record) for rights in seeing)


def _group(record: _Record, field: str) -> Group | None:
    """Return the group of a field.

    What a payment service sent is as closed as the payment, what a shop sent as amounts are. An
    offer is seen by who sees offers, an invoice by who sees invoices.
    """
    if isinstance(record, Inbound):
        part = field.partition(".")[0]
        if record.channel in PAYMENT_CHANNELS and part in _OF_MONEY:
            return Group.PAID
        if record.channel in SHOP_CHANNELS and part in _OF_SALE:
            return Group.AMOUNT
    group = group_of(record.kind, field)
    if group is Group.INVOICES and isinstance(record, SalesPaper) and record.what == OFFER:
        return Group.PAPERS
    return group


def rights_of(role: str, within: Settings | None = None) -> Rights:
    """Return what a role may in this office; an unknown role may nothing."""
    specs = within.office.roles if within is not None else ()
    nothing = BUILT_IN.get(role, Rights(role, role, {}, {}, {}))
    found = next((spec.rights for spec in specs if spec.id == role), nothing)
    if role != Role.ADMIN or within is None or within.office.admin_reads:
        return found
    kept = {group: lvl for group, lvl in found.levels.items() if group in _KEPT_BY_ADMIN}
    return replace(found, levels=kept)


def _held(sight: Sight) -> list[Rights]:
    return [rights_of(role, sight.within) for role in sight.roles]


def _may(sight: Sight, operation: Operation, record: _Record) -> bool:
    if isinstance(record, type):
        return any(rights.reaches(operation, record.kind) for rights in _held(sight))
    if not _reached(sight, operation, record):
        return False
    return operation not in _BY_STAGE or _works(sight, record)


def _reached(sight: Sight, operation: Operation, record: Entity) -> bool:
    if isinstance(record, Task) and record.personal:
        return sight.actor.id == record.assignee_id
    if any(covers(sight, rights, operation, record) for rights in _held(sight)):
        return True
    return operation is Operation.READ and _reads_by_way(sight, record)


def _reads_by_way(sight: Sight, record: Entity) -> bool:
    via = sight.via
    if via is None or not hangs_on(record, via):
        return False
    return _reached(replace(sight, via=None), Operation.READ, via)


def _sees(sight: Sight, rights: Rights, record: _Record) -> bool:
    if isinstance(record, type):
        return rights.reaches(Operation.READ, record.kind)
    if covers(sight, rights, Operation.READ, record):
        return True
    via = sight.via
    if via is None or not hangs_on(record, via):
        return False
    return _sees(replace(sight, via=None), rights, via)


def _foreign_stage(sight: Sight, operation: Operation, record: Entity) -> Stage | None:
    """Return the stage, when it alone keeps the actor away."""
    alone = _reached(sight, operation, record) and not _works(sight, record)
    return stage_of(record, sight.within) if alone else None


def _works(sight: Sight, record: Entity) -> bool:
    """Return whether the stage of a deal is in the hands of the actor's roles."""
    stage = stage_of(record, sight.within)
    bases = tuple(rights.role for rights in _held(sight))
    return stage is None or may_work(stage, sight.actor, (*sight.roles, *bases))


def _in_group(sight: Sight, rights: Rights, group: Group, record: _Record) -> Level:
    found = rights.level(group)
    if isinstance(record, type) or found is Level.NONE:
        return found
    if isinstance(record, Activity):
        return found if _in_time(sight, rights.role, record) else Level.NONE
    if isinstance(record, Deal) and not _works(sight, record):
        if rights.scope(Operation.READ) in _NARROW and group not in MINIMAL:
            return Level.NONE
        return min(found, Level.READ) if group is Group.FLOW else found
    if isinstance(record, Client) and rights.role == Role.EXECUTOR and group is Group.REACH:
        needed = isinstance(sight.via, Deal) and sight.via.contact_needed
        return found if needed or record.owner_id == sight.actor.id else Level.NONE
    return found


def _in_time(sight: Sight, role: str, activity: Activity) -> bool:
    """Return whether the role's view of history reaches back to this activity."""
    if role == Role.OPERATOR:
        return is_today(sight, activity.at)
    if role != Role.EXECUTOR or activity.staff_id == sight.actor.id:
        return True
    if not isinstance(sight.via, Deal) or sight.within is None:
        return False
    since = handed_over_at(sight.via, role, sight.within)
    return since is not None and activity.at >= since


def _custom_level(sight: Sight, field: str, held: list[Rights], seeing: list[Rights]) -> Level:
    """Return the level in a field of the office's own; in all of them together, EDIT."""
    name = field.partition(".")[2]
    specs = sight.within.office.fields if sight.within is not None else ()
    found = next((spec for spec in specs if spec.id == name), None)
    if not name:
        return Level.EDIT
    if found is None:
        return Level.EDIT if any(it.role == Role.ADMIN for it in seeing) else Level.NONE
    if found.is_money:
        return min(found.level(rights.name) for rights in held)
    return max(found.level(rights.name) for rights in seeing)
