from typing import Any

import pytest

from kartoteka.domain.errors import Conflict, Invalid, NotAllowed
from kartoteka.domain.model import Client, Lead
from kartoteka.domain.routing_rules import RoutingRule
from kartoteka.ports import Query
from kartoteka.services.commands import execute
from kartoteka.services.office import Desk, SettingsCache
from kartoteka.services.people import actor_by_email
from kartoteka.services.registry import COMMANDS


def _add(desk: Desk, who: str, **given: Any) -> Lead:
    actor = actor_by_email(desk.settings(), f"{who}@office.example")
    record = execute(COMMANDS, desk, actor, "lead.add", given=given, cause="test")
    assert isinstance(record, Lead)
    return record


def test_a_manager_writes_a_request_down_and_it_is_theirs_with_its_first_step(desk: Desk) -> None:
    lead = _add(
        desk, "vera", name="Пётр Зимин", phone="8 (916) 000-11-22", note="Зашёл", source="Партнёр"
    )
    client = Client.model_validate(desk.store.get("clients", lead.client_id))
    assert (lead.owner_id, lead.stage, lead.note) == ("st_vera", "new", "Зашёл")
    assert lead.first_touch.name == "Партнёр"
    assert lead.next_action is not None
    assert (client.phones, client.open_lead_id) == (("+79160001122",), lead.id)


def test_who_wrote_it_down_has_it_before_the_rules_of_routing(desk: Desk) -> None:
    office = desk.settings().office
    rule = RoutingRule(id="all", assign_to=("st_boris",))
    ruled = office.model_copy(update={"routing": (rule,)}).model_dump(mode="json")
    desk.store.run(lambda tx: tx.put(office.collection, office.id, ruled))
    assert isinstance(desk.settings, SettingsCache)
    desk.settings.forget()

    assert _add(desk, "vera", phone="+79160001126").owner_id == "st_vera"
    assert _add(desk, "viktor", phone="+79160001127").owner_id == "st_boris"


def test_a_request_of_a_client_in_work_names_the_colleague_instead_of_a_second_one(
    desk: Desk,
) -> None:
    _add(desk, "vera", name="Пётр", email="Petr@Example.ru")
    with pytest.raises(Conflict) as refused:
        _add(desk, "boris", name="Пётр", email="petr@example.ru")
    assert refused.value.code == "client_in_work"
    assert refused.value.facts == {"owner": "Вера Лосева", "since": "23.11.2026"}
    assert len(list(desk.store.query(Query("leads")))) == 1


def test_who_takes_no_requests_has_it_routed(desk: Desk) -> None:
    assert _add(desk, "viktor", phone="+79160001123").owner_id not in {None, "st_viktor"}


@pytest.mark.parametrize(
    ("given", "code"),
    [
        ({"name": "Никто"}, "contact_needed"),
        ({"phone": "12"}, "phone_invalid"),
        ({"email": "не почта"}, "email_invalid"),
        ({"phone": "+79160001124", "source": "Сарафан"}, "source_unknown"),
        ({"phone": "+79160001124", "owner": "st_nobody"}, "staff_unknown"),
        ({"phone": "+74950000103"}, "own_number"),
    ],
)
def test_an_impossible_request_says_what_to_change_and_leaves_nothing(
    desk: Desk, given: dict[str, str], code: str
) -> None:
    with pytest.raises(Invalid) as refused:
        _add(desk, "vera", **given)
    assert refused.value.code == code
    assert not list(desk.store.query(Query("inbounds")))


@pytest.mark.parametrize("who", ["dina", "inna", "mark"])
def test_who_changes_no_names_and_numbers_writes_no_requests_down(desk: Desk, who: str) -> None:
    with pytest.raises(NotAllowed):
        _add(desk, who, phone="+79160001125")
