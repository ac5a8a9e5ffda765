"""Whether an office's settings hold together: every name that one part uses, another declares."""

import re
from collections import Counter
from collections.abc import Iterable, Iterator
from datetime import date, timedelta
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from kartoteka.domain.access import rights_of
from kartoteka.domain.errors import Invalid
from kartoteka.domain.matrix import BUILT_IN, Group, Level
from kartoteka.domain.model import Staff, Value
from kartoteka.domain.office import Office, Settings
from kartoteka.domain.pipeline import Pipeline, Stage
from kartoteka.domain.routing_consistency import unknown_names
from kartoteka.domain.worktime import WorkTime

MANY_STAGES = 12
_COLOUR = re.compile(r"#[0-9a-fA-F]{6}")
_WEEK = range(7)
_JUNE = 6
_HALF_YEAR = 181  # days, at least
_WAYS = ("on_conversation", "on_attempt", "exhausted", "on_paid", "on_cold", "moves_to")
_ROLE_LISTS = ("edit_roles", "reopen_roles")

Place = tuple[str | int, ...]  # where in the settings: ("pipelines", 0, "stages", 3, "exhausted")


class Problem(Value):
    """One thing that does not hold together; `code` names its text, `what` is the wrong value."""

    place: Place
    where: str  # the same place in the office's own names: leads_law.r1.exhausted
    code: str
    what: str = ""


def problems(settings: Settings) -> list[Problem]:
    """Return everything that does not hold together in these settings, in their order."""
    return [
        *_office_problems(settings.office),
        *_pipeline_problems(settings.office),
        *_field_problems(settings.office),
        *_people_problems(settings),
        *_routing_problems(settings),
    ]


def check_whole(settings: Settings) -> None:
    """Refuse settings that do not hold together.

    Raises:
        Invalid: `fields` names every place; the text tells the first.
    """
    found = problems(settings)
    if not found:
        return
    first = found[0]
    raise Invalid(
        "; ".join(f"{item.where}: {item.code} {item.what}".strip() for item in found),
        fields={item.where: item.code for item in found},
        code=first.code,
        where=first.where,
        what=first.what,
    )


def crowded(office: Office) -> tuple[Pipeline, ...]:
    """Return the pipelines with more stages than people keep in mind (D4)."""
    return tuple(line for line in office.pipelines if len(line.stages) > MANY_STAGES)


def _office_problems(office: Office) -> Iterator[Problem]:
    work = office.work
    if work.opens >= work.closes or not work.days or not set(work.days) <= set(_WEEK):
        yield Problem(place=("work",), where="work", code="settings_hours")
    for year in sorted({day.year for day in work.holidays if _closed_around(work, day)}):
        yield Problem(place=("work",), where="work", code="settings_holidays", what=str(year))
    try:
        ZoneInfo(work.zone)
    except (ZoneInfoNotFoundError, ValueError, OSError):  # no name of a file either
        yield Problem(place=("zone",), where="zone", code="settings_zone", what=work.zone)
    for team, above in office.teams.items():
        if above and above not in office.teams:
            yield _of(("teams", team), team, "settings_reference", above)
        elif team in _above(team, office.teams):
            yield _of(("teams", team), team, "settings_circle", team)
    yield from _twice(("roles",), [spec.id for spec in office.roles])
    yield from _twice(("sources",), [name.casefold() for name in office.sources])


def _closed_around(work: WorkTime, day: date) -> bool:
    """Return whether the office never opens in the half of the year that holds the day."""
    first = day.replace(month=1 if day.month <= _JUNE else 7, day=1)
    return not any(work.is_working_day(first + timedelta(days=n)) for n in range(_HALF_YEAR))


def _above(team: str, parents: dict[str, str]) -> set[str]:
    found: set[str] = set()
    above = parents.get(team, "")
    while above and above not in found:
        found.add(above)
        above = parents.get(above, "")
    return found


def _pipeline_problems(office: Office) -> Iterator[Problem]:
    yield from _twice(("pipelines",), [line.id for line in office.pipelines])
    roles = {*BUILT_IN, *(spec.id for spec in office.roles)}
    if office.leads.kind != "lead":
        yield _of(("pipelines", 0, "kind"), office.leads.id, "settings_leads_first", "")
    for number, line in enumerate(office.pipelines):
        place: Place = ("pipelines", number, "stages")
        yield from _twice(place, [stage.id for stage in line.stages], line.id)
        if line.first.state != "open":
            yield _of((*place, 0, "state"), line.id, "settings_first_stage", line.first.id)
        for at, stage in enumerate(line.stages):
            yield from _stage_problems(line, stage, (*place, at))
            yield from _unknown_roles(stage, f"{line.id}.{stage.id}", (*place, at), roles)


def _stage_problems(line: Pipeline, stage: Stage, place: Place) -> Iterator[Problem]:
    known = {item.id for item in line.stages}
    where = f"{line.id}.{stage.id}"
    for path, target in references(stage):
        if target not in known:
            yield _of((*place, *path), f"{where}.{path[0]}", "settings_reference", target)
    if stage.gated and not stage.on_conversation:
        yield _of((*place, "gated"), where, "settings_gate", stage.id)
    if stage.tries and (stage.retry is None or not stage.exhausted):
        yield _of((*place, "tries"), where, "settings_tries", stage.id)
    if stage.colour and not _COLOUR.fullmatch(stage.colour):
        yield _of((*place, "colour"), f"{where}.colour", "settings_colour", stage.colour)
    if stage.state not in {"open", "ongoing", "won", "lost"}:
        yield _of((*place, "state"), f"{where}.state", "settings_state", stage.state)


def references(stage: Stage) -> Iterator[tuple[Place, str]]:
    """Yield every stage that this one names, with the place of the name in it."""
    for name in _WAYS:
        if getattr(stage, name):
            yield (name,), getattr(stage, name)
    yield from ((("leads_to", at), target) for at, target in enumerate(stage.leads_to))
    yield from ((("exits", at), way.to) for at, way in enumerate(stage.exits))


def _unknown_roles(stage: Stage, where: str, place: Place, roles: set[str]) -> Iterator[Problem]:
    for name in _ROLE_LISTS:
        for at, role in enumerate(getattr(stage, name)):
            if role not in roles:
                yield _of((*place, name, at), f"{where}.{name}", "settings_reference", role)


def _field_problems(office: Office) -> Iterator[Problem]:
    roles = {*BUILT_IN, *(spec.id for spec in office.roles)}
    stages = {stage.id for line in office.pipelines for stage in line.stages}
    yield from _twice(("fields",), [f"{spec.entity}.{spec.id}" for spec in office.fields])
    for at, spec in enumerate(office.fields):
        place: Place = ("fields", at)
        where = f"{spec.entity}.{spec.id}"
        if spec.required_from and spec.required_from not in stages:
            path = (*place, "required_from")
            yield _of(path, f"{where}.required_from", "settings_reference", spec.required_from)
        if spec.type == "list" and not spec.values:
            yield _of((*place, "values"), f"{where}.values", "settings_list", spec.id)
        for role in (*spec.read_roles, *spec.edit_roles):
            if role not in roles:
                yield _of(place, f"{where}.roles", "settings_reference", role)


def _people_problems(settings: Settings) -> Iterator[Problem]:
    people = settings.staff
    roles = {*BUILT_IN, *(spec.id for spec in settings.office.roles)}
    ids = {person.id for person in people}
    yield from _twice(("staff",), [person.id for person in people])
    yield from _twice(("staff",), [p.email.casefold() for p in people if p.active])
    for at, person in enumerate(people):
        for role in (str(person.role), *person.also):
            if role not in roles:
                yield _of(("staff", at, "role"), f"{person.id}.role", "settings_reference", role)
        yield from _presence_problems(at, person)
        if person.pair is not None and (person.pair not in ids or person.pair == person.id):
            yield _of(("staff", at, "pair"), f"{person.id}.pair", "settings_reference", person.pair)
    if people and not any(_sets_up(person, settings) for person in people):
        yield _of(("staff",), "staff", "settings_nobody", "")


def _presence_problems(at: int, person: Staff) -> Iterator[Problem]:
    if not set(person.shift) <= set(_WEEK):
        yield _of(("staff", at, "shift"), f"{person.id}.shift", "settings_shift", "")
    for day in person.absent:
        try:
            date.fromisoformat(day)
        except ValueError:
            yield _of(("staff", at, "absent"), f"{person.id}.absent", "settings_day", day)


def _routing_problems(settings: Settings) -> Iterator[Problem]:
    yield from _twice(("routing",), [rule.id for rule in settings.office.routing])
    team = settings.office.default_team
    if team and team not in {*settings.office.teams, *(person.team for person in settings.staff)}:
        yield _of(("default_team",), "default_team", "settings_reference", team)
    for at, rule, field, name in unknown_names(settings):
        yield _of(("routing", at, field), f"routing.{rule.id}.{field}", "settings_reference", name)


def _sets_up(person: Staff, settings: Settings) -> bool:
    rights = rights_of(str(person.role), settings)
    return person.active and rights.level(Group.SETTINGS) is Level.EDIT


def _twice(place: Place, names: Iterable[str], where: str = "") -> Iterator[Problem]:
    listed = list(names)
    for name, count in Counter(listed).items():
        if count > 1:
            last = len(listed) - 1 - listed[::-1].index(name)
            spelled = where or str(place[0])
            yield _of((*place, last), spelled, "settings_twice", name)


def _of(place: Place, where: str, code: str, what: str) -> Problem:
    return Problem(place=place, where=where, code=code, what=what)
