"""The office's settings changed: each change is judged as a whole office before it is kept."""

from collections.abc import Callable, Iterable, Mapping
from datetime import datetime
from typing import TypeVar
from zoneinfo import ZoneInfo

from pydantic import AwareDatetime

from kartoteka.domain.access import check_setup
from kartoteka.domain.change import Actor
from kartoteka.domain.consistency import check_whole, crowded
from kartoteka.domain.errors import Conflict, Invalid
from kartoteka.domain.model import Entity, Staff, Value
from kartoteka.domain.office import Account, Form, Office, Settings
from kartoteka.domain.template import Template
from kartoteka.services.office import Desk, SettingsCache, read_settings
from kartoteka.services.rule_renaming import with_rules_kept
from kartoteka.services.unit import Unit, transact

E = TypeVar("E", bound=Entity)
P = TypeVar("P", Account, Form, Office, Staff, Template)
T = TypeVar("T")
_ASKED = {"account": "secrets", "staff": "name", "template": "body"}  # field that stands for all


class Versioned(Value):
    """A change of settings; `expected` is the version read (`updated_at`), to refuse a stale one.

    Pipelines, lists, roles, teams, fields and the table of routing have the office's version;
    a person, a form and an account have their own.
    """

    expected: AwareDatetime | None = None


class Saved(Value):
    """What a change of settings did; `warnings` are advice, with the pipelines they are about."""

    id: str
    version: AwareDatetime | None = None  # what the next change names as `expected`
    moved: int = 0  # records that went elsewhere
    secret: str = ""  # a new one, told once
    hand_over: tuple[str, ...] = ()  # open requests and deals that a leaver still holds
    warnings: tuple[str, ...] = ()


def edit_office(
    desk: Desk,
    actor: Actor,
    change: Callable[[Office], Office],
    *,
    cause: str,
    expected: datetime | None = None,
    first: Callable[[Unit], None] = lambda _: None,
) -> Office:
    """Return the office as `change` makes it; the last valid one stays in force on a refusal.

    `first` looks at other records in the same transaction and may refuse.

    Raises:
        NotAllowed: the actor does not set the office up.
        Conflict: the office is not of the version `expected`; says who changed it and when.
        Invalid: the settings would not hold together; names the place.
    """
    around = read_settings(desk.store)

    def work(unit: Unit) -> Office:
        check_setup(actor, Office, around, field="pipelines")
        first(unit)
        stored = unit.need(Office, around.office.id)
        check_version(stored, expected, around)
        before = around.model_copy(update={"office": stored})
        changed = with_rules_kept(before, before.model_copy(update={"office": change(stored)}))
        check_whole(around.model_copy(update={"office": changed}))
        return unit.save(stamped(unit, changed, stored))

    return kept(desk, transact(desk.store, actor, cause, desk.now(), work=work))


def save_office(
    desk: Desk,
    actor: Actor,
    change: Callable[[Office], Office],
    *,
    cause: str,
    name: str,
    expected: datetime | None,
) -> Saved:
    """Return what was saved under this name, with advice on the whole; see `edit_office`."""
    office = edit_office(desk, actor, change, cause=cause, expected=expected)
    return Saved(id=name, version=office.updated_at, warnings=warnings(office))


def edit_part(
    desk: Desk,
    actor: Actor,
    change: Callable[[Unit, Settings], E],
    *,
    kind: type[E],
    cause: str,
) -> E:
    """Return a person, form or account as `change` makes it, judged with the whole office.

    Raises:
        NotAllowed: the actor does not set the office up.
        Invalid: the settings would not hold together; names the place.
    """
    around = read_settings(desk.store)
    field = _ASKED.get(kind.kind, "title")

    def work(unit: Unit) -> E:
        check_setup(actor, kind, around, field=field)
        changed = change(unit, around)
        after = with_person(around, changed)
        check_whole(after)
        _keep_rules(unit, around, after)
        return changed

    return kept(desk, transact(desk.store, actor, cause, desk.now(), work=work))


def _keep_rules(unit: Unit, before: Settings, after: Settings) -> None:
    """Call a renamed person by the new name in the rules; the office's version stays."""
    rules = with_rules_kept(before, after).rules
    if rules != before.office.rules:
        stored = unit.need(Office, before.office.id)
        unit.save(stored.model_copy(update={"rules": rules}))


def stored_part(
    unit: Unit, known: Iterable[P], name: str, wish: tuple[Settings, datetime | None]
) -> P:
    """Return one of the known people, forms or accounts as it is stored.

    Args:
        unit: the transaction.
        known: those there are.
        name: the id that is asked for.
        wish: the settings, and the version that the caller read.

    Raises:
        Invalid: there is none of this id; names those there are.
        Conflict: it has another version.
    """
    around, expected = wish
    found = one_of({record.id: record for record in known}, name)
    stored = unit.need(type(found), found.id)
    check_version(stored, expected, around)
    return stored


def check_version(
    stored: Account | Form | Office | Staff | Template, expected: datetime | None, around: Settings
) -> None:
    """Refuse a change of settings that the caller read before somebody else changed them.

    Raises:
        Conflict: says who changed them, and when in the office's time.
    """
    if expected is None or expected == stored.updated_at:
        return
    person = around.person(stored.updated_by)
    when = stored.updated_at and stored.updated_at.astimezone(ZoneInfo(around.office.work.zone))
    raise Conflict(
        f"{stored.kind} {stored.id} was changed meanwhile by {stored.updated_by}",
        code="settings_stale",
        who=person.name if person else stored.updated_by or "-",
        when=f"{when:%d.%m.%Y %H:%M:%S}" if when else "-",
    )


def stamped(unit: Unit, changed: P, stored: P | None) -> P:
    """Return the record with its new version and who made it; unchanged it keeps the old one."""
    if changed == stored:
        return changed
    version = {"updated_at": unit.now, "updated_by": unit.actor.id}
    return changed.model_copy(update=version)


def warnings(office: Office) -> tuple[str, ...]:
    """Return advice on the settings: `stages_many:<pipeline>` for a crowded pipeline."""
    return tuple(f"stages_many:{line.id}" for line in crowded(office))


def one_of(known: Mapping[str, T], record_id: str) -> T:
    """Return the record with this id.

    Raises:
        Invalid: there is none; names those there are.
    """
    if record_id not in known:
        listed = ", ".join(sorted(known))
        raise Invalid(
            f"there is no {record_id!r}; known: {listed}",
            fields={"id": "unknown"},
            code="settings_unknown",
            what=record_id,
            known=listed,
        )
    return known[record_id]


def with_person(around: Settings, changed: Entity) -> Settings:
    """Return the settings with a person as they shall be; other parts are not looked at."""
    if changed.kind != "staff":
        return around
    others = tuple(person for person in around.staff if person.id != changed.id)
    return around.model_copy(update={"staff": (*others, changed)})


def kept(desk: Desk, record: E) -> E:
    """Return the record, from now on in force in this instance; its consumers are called."""
    if isinstance(desk.settings, SettingsCache):
        desk.settings.forget()
    desk.waker.after_commit()
    return record
