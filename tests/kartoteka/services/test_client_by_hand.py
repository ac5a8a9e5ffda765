"""A client written down without a request: found by their number from then on."""

from typing import Any

import pytest

from kartoteka.domain.errors import Conflict, Invalid, NotAllowed
from kartoteka.domain.model import Client
from kartoteka.ports import Query
from kartoteka.services.commands import execute
from kartoteka.services.office import Desk
from kartoteka.services.people import actor_by_email
from kartoteka.services.registry import COMMANDS


def _do(desk: Desk, who: str, command: str, /, **given: Any) -> Any:
    actor = actor_by_email(desk.settings(), f"{who}@office.example")
    return execute(COMMANDS, desk, actor, command, given=given, cause="test")


def _clients(desk: Desk) -> list[Client]:
    return [Client.model_validate(hit.doc) for hit in desk.store.query(Query("clients"))]


def test_a_client_written_down_is_whole_and_is_its_authors(desk: Desk) -> None:
    client = _do(
        desk, "vera", "client.add",
        name=" Пётр Зимин ", phone="8 (916) 000-11-22", email="Petr@Example.ru", company="Зима",
    )  # fmt: skip
    assert _clients(desk) == [client]
    assert (client.name, client.company, client.owner_id) == ("Пётр Зимин", "Зима", "st_vera")
    assert (client.phones, client.emails) == (("+79160001122",), ("petr@example.ru",))
    assert client.open_lead_id is None


def test_a_later_request_from_the_number_meets_the_client_and_their_person(desk: Desk) -> None:
    client = _do(desk, "vera", "client.add", name="Пётр", phone="+79160001122")
    lead = _do(desk, "viktor", "lead.add", name="Пётр З.", phone="+79160001122")
    assert (lead.client_id, lead.owner_id, lead.repeat) == (client.id, "st_vera", True)


@pytest.mark.parametrize(
    "again", [{"phone": "89160001122"}, {"email": "PETR@example.ru", "phone": "+79160009999"}]
)
def test_a_known_number_or_address_names_the_client_and_makes_no_second_one(
    desk: Desk, again: dict[str, str]
) -> None:
    _do(desk, "vera", "client.add", name="Пётр", phone="+79160001122", email="petr@example.ru")
    with pytest.raises(Conflict) as refused:
        _do(desk, "viktor", "client.add", name="Другой", **again)
    assert refused.value.code == "client_known"
    owner, since = "Вера Лосева", "23.11.2026"
    assert refused.value.facts == {"client": "Пётр", "owner": owner, "since": since}
    assert len(_clients(desk)) == 1


def test_who_may_not_read_the_known_client_is_told_only_whose_they_are(desk: Desk) -> None:
    _do(desk, "vera", "client.add", name="Пётр", phone="+79160001122")
    with pytest.raises(Conflict) as refused:
        _do(desk, "boris", "client.add", name="Пётр", phone="+79160001122")
    assert (refused.value.facts["client"], refused.value.facts["owner"]) == ("—", "Вера Лосева")


@pytest.mark.parametrize(
    ("given", "code"),
    [
        ({"name": "Никто"}, "contact_needed"),
        ({"name": "  ", "phone": "+79160001122"}, "name_length"),
        ({"phone": "+79160001122"}, "command_fields"),
        ({"name": "Пётр", "phone": "12"}, "phone_invalid"),
        ({"name": "Пётр", "email": "не почта"}, "email_invalid"),
        ({"name": "Пётр", "phone": "+79160001122", "owner": "st_nobody"}, "staff_unknown"),
        ({"name": "Пётр", "phone": "+74950000103"}, "own_number"),
    ],
)
def test_an_impossible_client_says_what_to_change_and_leaves_nothing(
    desk: Desk, given: dict[str, str], code: str
) -> None:
    with pytest.raises(Invalid) as refused:
        _do(desk, "vera", "client.add", **given)
    assert refused.value.code == code
    assert not _clients(desk)


def test_an_unknown_field_of_the_office_is_refused(desk: Desk) -> None:
    with pytest.raises(Invalid) as refused:
        _do(desk, "vera", "client.add", name="П", phone="+79160001122", fields={"nothing": "1"})
    assert (refused.value.code, refused.value.facts["field"]) == ("field_unknown", "nothing")
    assert not _clients(desk)


@pytest.mark.parametrize("who", ["dina", "inna", "mark"])
def test_who_changes_no_names_and_numbers_writes_no_clients_down(desk: Desk, who: str) -> None:
    with pytest.raises(NotAllowed):
        _do(desk, who, "client.add", name="Пётр", phone="+79160001125")
    assert not _clients(desk)
