"""The office's settings changed: each change is judged as a whole office before it is kept."""

from collections.abc import Callable, Mapping
from typing import TypeVar

from kartoteka.domain.access import Operation, check
from kartoteka.domain.change import Actor
from kartoteka.domain.consistency import check_whole, crowded
from kartoteka.domain.errors import Invalid
from kartoteka.domain.model import Entity, Value
from kartoteka.domain.office import Office, Settings
from kartoteka.services.office import Desk, SettingsCache, read_settings
from kartoteka.services.unit import Unit, transact

E = TypeVar("E", bound=Entity)
T = TypeVar("T")


class Saved(Value):
    """What a change of settings did; `warnings` are advice, with the pipelines they are about."""

    id: str
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
    first: Callable[[Unit], None] = lambda _: None,
) -> Office:
    """Return the office as `change` makes it; the last valid one stays in force on a refusal.

    `first` looks at other records in the same transaction and may refuse.

    Raises:
        NotAllowed: the actor does not set the office up.
        Invalid: the settings would not hold together; names the place.
    """
    around = read_settings(desk.store)

    def work(unit: Unit) -> Office:
        check(actor, Operation.CHANGE, Office, field="pipelines", within=around)
        first(unit)
        changed = change(unit.need(Office, around.office.id))
        check_whole(around.model_copy(update={"office": changed}))
        return unit.save(changed)

    return _kept(desk, transact(desk.store, actor, cause, desk.now(), work=work))


def save_office(
    desk: Desk, actor: Actor, change: Callable[[Office], Office], *, cause: str, name: str
) -> Saved:
    """Return what was saved under this name, with advice on the whole; see `edit_office`."""
    return Saved(id=name, warnings=warnings(edit_office(desk, actor, change, cause=cause)))


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
    field = "secrets" if kind.kind == "account" else "name" if kind.kind == "staff" else "title"

    def work(unit: Unit) -> E:
        check(actor, Operation.CHANGE, kind, field=field, within=around)
        changed = change(unit, around)
        check_whole(_with(around, changed))
        return changed

    return _kept(desk, transact(desk.store, actor, cause, desk.now(), work=work))


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


def _with(around: Settings, changed: Entity) -> Settings:
    if changed.kind != "staff":
        return around
    others = tuple(person for person in around.staff if person.id != changed.id)
    return around.model_copy(update={"staff": (*others, changed)})


def _kept(desk: Desk, record: E) -> E:
    if isinstance(desk.settings, SettingsCache):
        desk.settings.forget()
    desk.waker.after_commit()
    return record
