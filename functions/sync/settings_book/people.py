"""Tabs of the people: who works here in which role, on which days, and what they plan to sell."""

from collections.abc import Iterator, Mapping
from datetime import date

from kartoteka.domain.plan import Plan, plan_id
from kartoteka.ports import CellValue, Query, Store
from sync.actions.offering import Asked, Command
from sync.columns import Frame, Kind, Setting
from sync.settings_book import naming
from sync.settings_book.asking import (
    Edited,
    Given,
    New,
    Page,
    asked_for,
    expected,
    setting,
    shown,
    typed,
    yes_no,
)
from sync.settings_book.readers import (
    Readers,
    filled,
    many,
    number,
    one,
    plain,
    said,
    several,
    switch,
    unless_blank,
)
from sync.settings_book.typed import (
    amount,
    days,
    days_of,
    flag,
    joined,
    minor,
    week,
    weekdays,
)


def _staff(frame: Frame, _store: Store) -> Iterator[Setting]:
    roles, names = naming.roles(frame), naming.people(frame)
    for person in frame.settings.staff:
        if person.active:
            cells: dict[str, CellValue] = {
                "name": person.name,
                "email": person.email,
                "role": roles.shown(str(person.role)),
                "also": roles.listed(person.also),
                "team": person.team,
                "pair": names.shown(person.pair),
                "phones": joined(person.phones),
                "takes_leads": flag(person.takes_leads, frame),
                "quota": person.quota,
            }
            yield setting(f"staff:{person.id}", (person.id,), cells, person)


_PERSON: Readers = {
    "name": ("name", plain),
    "email": ("email", plain),
    "role": ("role", one(naming.roles)),
    "also": ("also", many(naming.roles)),
    "team": ("team", plain),
    "pair": ("pair", unless_blank(one(naming.people))),
    "phones": ("phones", several),
    "takes_leads": ("takes_leads", switch),
    "quota": ("quota", number),
}


def _change_person(edit: Edited) -> Command:
    wish = said(_PERSON, edit.column, edit.typed, edit.frame)
    return "staff.edit", {"staff": edit.setting.key[0], **wish, **edit.expected}


def _add_person(cells: Mapping[str, str], frame: Frame) -> New:
    return New(("staff.add", {"name": "", "email": "", **filled(_PERSON, cells, frame)}))


def _dismiss(asked: Asked) -> Command:
    row = asked_for(asked)
    return "staff.dismiss", {"staff": row.key[0], **expected(row)}


def role_choices(frame: Frame) -> list[str]:
    """Return the names of all roles."""
    return list(naming.roles(frame).by_id.values())


def people_choices(frame: Frame) -> list[str]:
    """Return the names of the active staff."""
    return list(naming.people(frame).by_id.values())


def team_choices(frame: Frame) -> list[str]:
    """Return the teams."""
    return sorted(frame.settings.office.teams)


STAFF = Page(
    code="staff",
    columns=(
        typed("name", 180),
        typed("email", 200),
        typed("role", 140, choices=role_choices),
        typed("also", 150),
        typed("team", 130, choices=team_choices),
        typed("pair", 160, choices=people_choices),
        typed("phones", 180, header="own_phones"),
        typed("takes_leads", 110, choices=yes_no),
        typed("quota", 90, kind=Kind.NUMBER),
    ),
    rows=_staff,
    change=_change_person,
    add=_add_person,
    drop=_dismiss,
)


def _shifts(frame: Frame, _store: Store) -> Iterator[Setting]:
    for person in frame.settings.staff:
        if person.active:
            absent = (date.fromisoformat(said) for said in person.absent)
            cells: dict[str, CellValue] = {
                "name": person.name,
                "shift": weekdays(person.shift, frame),
                "absent": days(absent),
            }
            yield setting(f"shift:{person.id}", (person.id,), cells, person)


def _change_shift(edit: Edited) -> Command:
    given: Given = {"staff": edit.setting.key[0], **edit.expected}
    if edit.column == "shift":
        return "shift.set", {**given, "days": [*week(edit.typed, edit.frame)]}
    away = days_of(edit.typed, edit.frame.settings.office.work.zone)
    return "staff.edit", {**given, "absent": [day.isoformat() for day in away]}


SHIFTS = Page(
    code="shifts",
    columns=(shown("name", 180), typed("shift", 220), typed("absent", 320)),
    rows=_shifts,
    change=_change_shift,
)


def _plans(frame: Frame, store: Store) -> Iterator[Setting]:
    names = naming.people(frame)
    known = (Plan.model_validate(hit.doc) for hit in store.query(Query(Plan.collection)))
    for plan in sorted(known, key=lambda plan: (plan.month, plan.staff_id or "")):
        if plan.amount_minor:
            cells: dict[str, CellValue] = {
                "month": plan.month,
                "person": names.shown(plan.staff_id),
                "sum": amount(plan.amount_minor),
            }
            key = (plan.month, str(plan.staff_id or ""))
            yield setting(f"plan:{plan.id}", key, cells, plan)


def _change_plan(edit: Edited) -> Command:
    month, staff = edit.setting.key
    return "plan.set", {"month": month, "staff": staff, "amount_minor": minor(edit.typed)}


def _add_plan(cells: Mapping[str, str], frame: Frame) -> New:
    person = cells["person"]
    staff = naming.people(frame).read(person) if person else ""
    given: Given = {"month": cells["month"], "staff": staff, "amount_minor": minor(cells["sum"])}
    return New(("plan.set", given), f"plan:{plan_id(cells['month'], staff)}")


def _drop_plan(asked: Asked) -> Command:
    month, staff = asked_for(asked).key
    return "plan.set", {"month": month, "staff": staff, "amount_minor": 0}


PLANS = Page(
    code="plans",
    columns=(
        shown("month", 100),
        shown("person", 180, choices=people_choices),
        typed("sum", 130, header="plan", kind=Kind.MONEY),
    ),
    rows=_plans,
    change=_change_plan,
    add=_add_plan,
    drop=_drop_plan,
)
