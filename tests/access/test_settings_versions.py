"""Two people at the settings at once: the second is told who was first, and overwrites nothing."""

from datetime import timedelta
from typing import Any

import pytest
from tests.access.test_routing_commands import OLGA, POOL, do
from tests.fakes import FixedClock

from kartoteka.domain.errors import Conflict
from kartoteka.domain.office import Account, Form, Office
from kartoteka.i18n import text
from kartoteka.services.office import Desk, read_settings
from kartoteka.services.settings_commands import SETTINGS_COMMANDS

NEW = {"account.add", "staff.add"}  # makes a record: there is no version to be behind
PLACE = {"pipeline": "leads_law", "stage": "c1"}
FIELD = {"entity": "lead", "id": "budget", "name": "Бюджет"}
EDITS: dict[str, dict[str, Any]] = {
    "field.add": FIELD,
    "holiday.add": {"days": ["2027-01-01"]},
    "hours.set": {"opens": "10:00", "closes": "19:00"},
    "reason.add": {**PLACE, "stage": "junk", "reason": "Ошиблись номером"},
    "role.set": {"id": "trainee", "name": "Стажёр", "base": "manager"},
    "routing.set": {"rules": [POOL]},
    "source.add": {"name": "Ярмарка"},
    "stage.colour": {**PLACE, "colour": "#00ff00"},
    "stage.delete": {"pipeline": "hiring", "stage": "interview", "move_to": "response"},
    "stage.limit": {**PLACE, "idle_days": 3},
    "stage.rename": {**PLACE, "name": "Первый звонок"},
    "staff.dismiss": {"staff": "st_vera"},
    "staff.edit": {"staff": "st_vera", "quota": 5},
    "team.set": {"team": "Новая"},
}


def account(desk: Desk) -> Account:
    return read_settings(desk.store).accounts[0]


def form(desk: Desk) -> Form:
    return read_settings(desk.store).forms[0]


def office(desk: Desk) -> Office:
    return read_settings(desk.store).office


def test_every_change_of_settings_takes_the_version_that_was_read() -> None:
    changing = {name for name in SETTINGS_COMMANDS if not name.endswith(".show")}
    without = {
        name for name in changing if "expected" not in SETTINGS_COMMANDS[name].form.model_fields
    }
    assert without == NEW


@pytest.mark.parametrize("name", sorted(EDITS))
def test_change_behind_another_is_refused_and_names_who_and_when(
    desk: Desk, clock: FixedClock, name: str
) -> None:
    person = next(p for p in read_settings(desk.store).staff if p.id == "st_vera")
    read = person.updated_at if name.startswith("staff.") else office(desk).updated_at
    clock.advance(timedelta(minutes=7))
    do(desk, OLGA, "staff.edit", staff="st_vera", name="Вера Другая")
    do(desk, OLGA, "source.add", name="Выставка")
    before = read_settings(desk.store)

    with pytest.raises(Conflict) as refused:
        do(desk, OLGA, name, **EDITS[name], expected=read)
    assert read_settings(desk.store) == before, "nothing was overwritten"
    said = text(refused.value.code, "ru", **refused.value.facts)
    olga = next(p for p in before.staff if p.email == OLGA)
    assert olga.name in said
    assert "09:07:00" in said, "in the office's time"


def test_change_with_the_newest_version_follows_and_returns_the_next(
    desk: Desk, clock: FixedClock
) -> None:
    version = office(desk).updated_at
    for name in ("Ярмарка", "Выставка"):
        clock.advance(timedelta(minutes=1))
        version = do(desk, OLGA, "source.add", name=name, expected=version).version
    assert office(desk).sources[-2:] == ("Ярмарка", "Выставка")
    assert version == office(desk).updated_at == do(desk, OLGA, "routing.show").version


def test_people_forms_and_accounts_have_versions_of_their_own(
    desk: Desk, clock: FixedClock
) -> None:
    seen = office(desk).updated_at
    clock.advance(timedelta(minutes=1))
    do(desk, OLGA, "staff.edit", staff="st_vera", quota=1)
    do(desk, OLGA, "form.edit", form=form(desk).id, title="Спросите")
    do(desk, OLGA, "account.switch", account=account(desk).id, active=False)
    assert office(desk).updated_at == seen, "the office itself was not touched"
    changes: tuple[tuple[str, dict[str, Any]], ...] = (
        ("form.edit", {"form": form(desk).id, "title": "Пишите"}),
        ("account.rotate", {"account": account(desk).id}),
        ("account.switch", {"account": account(desk).id, "active": True}),
    )
    for name, given in changes:
        with pytest.raises(Conflict) as refused:
            do(desk, OLGA, name, **given, expected=seen)
        assert refused.value.code == "settings_stale"


def test_change_that_changes_nothing_keeps_the_version(desk: Desk, clock: FixedClock) -> None:
    do(desk, OLGA, "stage.rename", **PLACE, name="Первый звонок")
    version = office(desk).updated_at
    clock.advance(timedelta(minutes=1))
    do(desk, OLGA, "stage.rename", **PLACE, name="Первый звонок")
    assert office(desk).updated_at == version
