"""The table of routing, set by who sets the office up and judged with the whole office."""

from typing import Any

import pytest

from kartoteka.domain.errors import Invalid, NotAllowed
from kartoteka.domain.model import Lead
from kartoteka.services.commands import execute
from kartoteka.services.office import Desk, read_settings
from kartoteka.services.people import actor_by_email
from kartoteka.services.registry import COMMANDS

OLGA, ANNA, VIKTOR = (f"{name}@office.example" for name in ("olga", "anna", "viktor"))
PAIR = {"id": "big", "amount_from_minor": 100_000_00, "assign_to": ["st_vera", "st_boris"]}
POOL = {"id": "night", "hours": "closed", "pool": True}


def do(desk: Desk, email: str, name: str, /, **given: Any) -> Any:
    actor = actor_by_email(desk.settings(), email)
    return execute(COMMANDS, desk, actor, name, given=given, cause=f"command:{name}")


def table(desk: Desk) -> list[str]:
    return [rule.id for rule in read_settings(desk.store).office.routing]


def test_table_is_set_in_its_order_and_routes_the_next_request(desk: Desk) -> None:
    everything = {"id": "all", "assign_to": ["st_boris"], "stage": "new", "priority": 2}
    told = do(desk, OLGA, "routing.set", rules=[PAIR, POOL, everything])
    assert [rule.id for rule in told.rules] == table(desk) == ["big", "night", "all"]

    lead = do(desk, VIKTOR, "lead.add", phone="+79160001122")
    assert isinstance(lead, Lead)
    assert (lead.owner_id, lead.routed_by, lead.priority) == ("st_boris", "all", 2)


def test_table_shown_is_what_the_command_takes_back(desk: Desk) -> None:
    told = do(desk, OLGA, "routing.set", rules=[PAIR, POOL])
    assert do(desk, OLGA, "routing.show") == told
    again = told.model_dump(mode="json")["rules"]
    assert do(desk, OLGA, "routing.set", rules=again) == told


def test_empty_table_leaves_the_queue(desk: Desk) -> None:
    do(desk, OLGA, "routing.set", rules=[POOL])
    do(desk, OLGA, "routing.set", rules=[])
    assert table(desk) == []
    assert do(desk, VIKTOR, "lead.add", phone="+79160001122").routed_by == "queue"


@pytest.mark.parametrize(
    ("row", "place"),
    [
        ({"stage": "nowhere"}, "routing.x.stage"),
        ({"stage": "junk"}, "routing.x.stage"),
        ({"pipeline": "nowhere"}, "routing.x.pipeline"),
        ({"pipeline": "deals_law"}, "routing.x.pipeline"),
        ({"team": "nobody"}, "routing.x.team"),
        ({"assign_to": ["st_vera", "st_nobody"]}, "routing.x.assign_to"),
        ({"id": "night"}, "routing"),
        ({"id": "Не имя"}, "rules.1.id"),
        ({"pool": True, "team": "a"}, "rules.1"),
        ({"priority": 9}, "rules.1.priority"),
        ({"colour": "red"}, "rules.1.colour"),
    ],
)
def test_mistake_names_its_row_and_field_and_the_former_table_stays(
    desk: Desk, row: dict[str, Any], place: str
) -> None:
    do(desk, OLGA, "routing.set", rules=[PAIR])
    with pytest.raises(Invalid) as refused:
        do(desk, OLGA, "routing.set", rules=[POOL, {"id": "x", **row}])
    assert list(refused.value.fields) == [place]
    assert table(desk) == ["big"]


def test_new_rows_do_not_name_who_has_left_and_older_ones_do_not_keep_them(desk: Desk) -> None:
    do(desk, OLGA, "routing.set", rules=[PAIR])
    do(desk, OLGA, "staff.dismiss", staff="st_vera")
    with pytest.raises(Invalid) as refused:
        do(desk, OLGA, "routing.set", rules=[PAIR])
    assert refused.value.facts == {"where": "routing.big.assign_to", "what": "st_vera"}
    assert table(desk) == ["big"]


def test_stage_that_a_row_names_is_not_deleted_under_it(desk: Desk) -> None:
    do(desk, OLGA, "stage.add", pipeline="leads_law", stage="docs", name="Документы", after="c1")
    do(desk, OLGA, "routing.set", rules=[{"id": "papers", "stage": "docs"}])
    with pytest.raises(Invalid) as refused:
        do(desk, OLGA, "stage.delete", pipeline="leads_law", stage="docs", move_to="new")
    assert refused.value.facts["where"] == "routing.papers.stage"


@pytest.mark.parametrize("who", [ANNA, VIKTOR])
def test_who_does_not_set_the_office_up_does_not_touch_the_table(desk: Desk, who: str) -> None:
    with pytest.raises(NotAllowed):
        do(desk, who, "routing.set", rules=[POOL])
    with pytest.raises(NotAllowed):
        do(desk, who, "routing.show")
    assert table(desk) == []
