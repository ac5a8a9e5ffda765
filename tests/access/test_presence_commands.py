"""Shifts and absences by command: one's own, those of one's teams; what the queue makes of them."""

from datetime import timedelta
from typing import Any

import pytest
from tests.access.test_routing_commands import ANNA, OLGA, VIKTOR, do
from tests.fakes import FixedClock

from kartoteka.domain.errors import Conflict, Invalid, NotAllowed
from kartoteka.domain.model import Staff
from kartoteka.services.office import Desk, read_settings

BORIS = "boris@office.example"
TODAY, TOMORROW = "2026-11-23", "2026-11-24"


def person(desk: Desk, name: str) -> Staff:
    found = read_settings(desk.store).person(f"st_{name}")
    assert found is not None
    return found


def owners(desk: Desk, count: int) -> set[str]:
    leads = (do(desk, VIKTOR, "lead.add", phone=f"+7916000{n:04}") for n in range(count))
    return {str(lead.owner_id) for lead in leads}


def test_absence_of_days_keeps_the_queue_away_until_it_is_taken_back(desk: Desk) -> None:
    do(desk, ANNA, "absence.add", first=TODAY, last="2026-11-27")
    assert person(desk, "anna").absent[0] == TODAY
    assert len(person(desk, "anna").absent) == 5
    assert "st_anna" not in owners(desk, 8)

    do(desk, ANNA, "absence.remove", first=TODAY, last=TOMORROW)
    assert person(desk, "anna").absent == ("2026-11-25", "2026-11-26", "2026-11-27")


def test_shift_of_a_person_is_set_by_the_head(desk: Desk) -> None:
    do(desk, VIKTOR, "shift.set", staff="st_anna", days=[5, 1, 1])
    assert person(desk, "anna").shift == (1, 5)
    assert "st_anna" not in owners(desk, 8), "it is Monday"


@pytest.mark.parametrize(
    ("who", "name", "given"),
    [
        (ANNA, "absence.add", {"staff": "st_boris", "first": TOMORROW}),
        (ANNA, "absence.remove", {"staff": "st_boris", "first": TOMORROW}),
        (ANNA, "shift.set", {"days": [0]}),
        (VIKTOR, "absence.add", {"staff": "st_olga", "first": TOMORROW}),
        (VIKTOR, "shift.set", {"staff": "st_mark", "days": [0]}),
    ],
)
def test_who_is_not_in_charge_says_nothing_of_a_colleague(
    desk: Desk, who: str, name: str, given: dict[str, Any]
) -> None:
    before = read_settings(desk.store)
    with pytest.raises(NotAllowed):
        do(desk, who, name, **given)
    assert read_settings(desk.store) == before


@pytest.mark.parametrize("who", [OLGA, VIKTOR, BORIS])
def test_director_head_and_the_person_say_it(desk: Desk, who: str) -> None:
    do(desk, who, "absence.add", staff="st_boris", first=TOMORROW)
    assert person(desk, "boris").absent == (TOMORROW,)


@pytest.mark.parametrize(
    "given",
    [
        {"first": "2026-11-20", "last": "2026-11-22"},
        {"first": TOMORROW, "last": TODAY},
        {"first": TODAY, "last": "2027-12-01"},
        {"first": "9999-12-31", "last": TODAY},
    ],
)
def test_impossible_days_are_refused(desk: Desk, given: dict[str, Any]) -> None:
    for name in ("absence.add", "absence.remove"):
        with pytest.raises(Invalid) as refused:
            do(desk, ANNA, name, **given)
        assert refused.value.code == "absence_range"


@pytest.mark.parametrize(
    "given", [{"absent": ["завтра"]}, {"absent": ["2026-02-30"]}, {"shift": [7]}]
)
def test_staff_card_with_impossible_days_is_refused(desk: Desk, given: dict[str, Any]) -> None:
    with pytest.raises(Invalid) as refused:
        do(desk, OLGA, "staff.edit", staff="st_anna", **given)
    assert refused.value.code in {"settings_day", "settings_shift"}


def test_two_at_one_persons_days_do_not_overwrite_each_other(desk: Desk, clock: FixedClock) -> None:
    read = person(desk, "anna").updated_at
    clock.advance(timedelta(minutes=1))
    do(desk, VIKTOR, "absence.add", staff="st_anna", first=TOMORROW)
    with pytest.raises(Conflict) as refused:
        do(desk, ANNA, "absence.add", first=TODAY, expected=read)
    assert refused.value.facts["who"] == "Виктор Громов"


def test_absences_older_than_a_year_are_forgotten(desk: Desk, clock: FixedClock) -> None:
    do(desk, ANNA, "absence.add", first=TODAY)
    clock.advance(timedelta(days=400))
    do(desk, ANNA, "absence.add", first="2028-01-03")
    assert person(desk, "anna").absent == ("2028-01-03",)
