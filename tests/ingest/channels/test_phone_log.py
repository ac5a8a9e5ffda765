"""Calls from an employee's own telephone: theirs, once, and never the private ones."""

import json
from datetime import timedelta
from typing import Any

import pytest
from tests.fakes import FixedClock

from ingest.channels import phone_log
from ingest.provider import serve
from kartoteka.domain.change import SYSTEM, Actor
from kartoteka.domain.errors import NotAllowed, NotAuthentic, NotFound
from kartoteka.domain.model import Activity, Client, Lead
from kartoteka.http import Call, Reply
from kartoteka.ports import Query
from kartoteka.services.commands import execute
from kartoteka.services.office import Desk
from kartoteka.services.people import actor
from kartoteka.services.registry import COMMANDS


def do(desk: Desk, name: str, who: Actor = SYSTEM, /, **given: Any) -> Any:
    return execute(COMMANDS, desk, who, name, given=given, cause=f"command:{name}")


def who(desk: Desk, staff_id: str) -> Actor:
    person = desk.settings().person(staff_id)
    assert person is not None
    return actor(person, desk.settings())


class Phone:
    """Anna's telephone."""

    def __init__(self, desk: Desk) -> None:
        self.desk = desk
        saved = do(desk, "phone.connect", who(desk, "st_anna"))
        self.token, self.secret = saved.id, saved.secret

    def send(self, *calls: dict[str, Any], secret: str = "") -> Reply:
        body = json.dumps({"calls": calls}).encode()
        headers = {"x-kartoteka-token": secret or self.secret}
        call = Call("POST", ("phone_log", self.token), body=body, headers=headers)
        return serve(call, self.desk, phone_log, self.token)

    def rows(self, collection: str) -> list[Any]:
        return [hit.doc for hit in self.desk.store.query(Query(collection))]


@pytest.fixture
def phone(desk: Desk) -> Phone:
    return Phone(desk)


def call(desk: Desk, number: str = "+79165550101", **more: Any) -> dict[str, Any]:
    at = (desk.now() - timedelta(minutes=1)).timestamp() * 1000
    return {"number": number, "type": "incoming", "at": int(at), "seconds": 30, **more}


def test_talk_with_a_stranger_is_a_lead_of_hers_on_the_next_rung(phone: Phone) -> None:
    assert phone.send(call(phone.desk)).body == b'{"ok": true, "calls": 1}'

    [doc] = phone.rows("leads")
    lead = Lead.model_validate(doc)
    [activity] = [Activity.model_validate(it) for it in phone.rows("activities")]
    assert (lead.owner_id, lead.stage) == ("st_anna", "c1")
    assert (activity.staff_id, activity.id) == ("st_anna", lead.used_calls[0])


def test_call_moves_an_open_lead_up_the_ladder(phone: Phone, clock: FixedClock) -> None:
    phone.send(call(phone.desk, type="missed", seconds=0))
    clock.advance(timedelta(minutes=5))

    phone.send(call(phone.desk, type="outgoing", seconds=61))

    [doc] = phone.rows("leads")
    assert (doc["stage"], doc["owner_id"]) == ("c1", "st_anna")


def test_log_sent_again_and_overlapping_makes_no_duplicates(
    phone: Phone, clock: FixedClock
) -> None:
    first, second = call(phone.desk), call(phone.desk, "+79165550102")
    phone.send(first)
    clock.advance(timedelta(hours=3))
    third = call(phone.desk, "+79165550103")

    phone.send(first, second, third)
    phone.send(third, second, first)

    assert len(phone.rows("activities")) == len(phone.rows("leads")) == 3


def test_call_without_a_time_is_one_within_two_minutes_and_another_later(
    phone: Phone, clock: FixedClock
) -> None:
    ended = {"number": "+79165550101", "type": "incoming", "seconds": 30}
    phone.send(ended)
    clock.advance(timedelta(seconds=20))
    phone.send(ended)
    assert len(phone.rows("activities")) == 1

    clock.advance(timedelta(minutes=30))
    phone.send(ended)
    assert len(phone.rows("activities")) == 2


def test_calls_with_the_family_are_not_stored_at_all(phone: Phone) -> None:
    do(phone.desk, "phone.family", who(phone.desk, "st_anna"), numbers=["8 916 555-01-01"])

    phone.send(call(phone.desk))

    assert (phone.rows("inbounds"), phone.rows("clients")) == ([], [])
    log = str([entry.doc for entry in phone.desk.store.read_log("changes", None, 1000)])
    assert "9165550101" not in log


def test_calls_between_colleagues_make_no_clients(phone: Phone) -> None:
    phone.send(call(phone.desk, "+74950000104"))

    assert phone.rows("clients") == []


def test_calls_of_last_month_are_left_out(phone: Phone) -> None:
    old = (phone.desk.now() - timedelta(days=30)).isoformat()

    phone.send(call(phone.desk, at=old))

    assert phone.rows("inbounds") == []


def test_one_that_nobody_understands_hinders_no_other(phone: Phone) -> None:
    phone.send({"type": "incoming"}, call(phone.desk), {**call(phone.desk), "type": "fax"})

    states = sorted(doc["state"] for doc in phone.rows("inbounds"))
    assert states == ["done", "unknown", "unknown"]


@pytest.mark.parametrize("field", ["at", "seconds"])
@pytest.mark.parametrize("value", ["nan", "1e400", "-5", "9" * 50, "вчера", "1:x", "²"])
def test_impossible_numbers_are_kept_as_unknown(phone: Phone, field: str, value: str) -> None:
    assert phone.send(call(phone.desk, **{field: value})).status == 200

    [kept] = phone.rows("inbounds")
    assert kept["state"] == "unknown"


def test_old_and_new_secret_are_valid_and_no_third(phone: Phone) -> None:
    first = phone.secret
    second = do(phone.desk, "phone.connect", who(phone.desk, "st_anna")).secret
    assert {phone.send(secret=it).status for it in (first, second)} == {200}

    do(phone.desk, "phone.connect", who(phone.desk, "st_anna"))
    with pytest.raises(NotAuthentic):
        phone.send(secret=first)


def test_phone_is_ones_own_or_the_administrators(desk: Desk) -> None:
    boris = who(desk, "st_boris")
    with pytest.raises(NotAllowed):
        do(desk, "phone.connect", boris, staff="st_anna")
    with pytest.raises(NotFound):
        do(desk, "phone.family", boris, numbers=[])

    assert do(desk, "phone.connect", who(desk, "st_olga"), staff="st_anna").secret


def test_client_met_before_keeps_their_owner(phone: Phone, clock: FixedClock) -> None:
    phone.send(call(phone.desk))
    boris = do(phone.desk, "phone.connect", who(phone.desk, "st_boris"))
    phone.token, phone.secret = boris.id, boris.secret
    clock.advance(timedelta(hours=1))

    phone.send(call(phone.desk, type="outgoing"))

    [client] = [Client.model_validate(it) for it in phone.rows("clients")]
    assert client.owner_id == "st_anna"
    assert client.last_touch is not None
    assert client.last_touch.staff_id == "st_boris"
