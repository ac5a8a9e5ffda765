"""What the recipes of the page send is understood as the page says, body by body."""

import json
import re
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from tests.fakes import FixedClock

from ingest.channels import phone_log
from ingest.provider import serve
from kartoteka.domain.change import SYSTEM
from kartoteka.domain.model import Activity
from kartoteka.http import Call
from kartoteka.ports import Query
from kartoteka.services.commands import execute
from kartoteka.services.office import Desk
from kartoteka.services.registry import COMMANDS

PAGE = Path(phone_log.__file__).with_suffix(".md").read_text(encoding="utf-8")
BODIES = sorted(set(re.findall(r'`(\{"number".*?"\})`', PAGE)))
FILLED = {
    "{call_number}": "8 916 555-01-01", "%CNUM": "+79165550101", "%CONUM": "89165550101",
    "{v=talk}": "75", "%KTalk": "75",
}  # fmt: skip
WORDS = {"incoming": "in", "outgoing": "out", "missed": "in", "Исходящий": "out"}


def filled(body: str) -> dict[str, Any]:
    for place, value in FILLED.items():
        body = body.replace(place, value)
    found: dict[str, Any] = json.loads(body)
    return found


def send(desk: Desk, body: Any, zone: str = "") -> list[Activity]:
    saved: Any = execute(
        COMMANDS, desk, SYSTEM, "phone.connect", given={"staff": "st_anna"}, cause="t"
    )
    headers = {"x-kartoteka-token": saved.secret, "x-kartoteka-zone": zone}
    told = json.dumps(body, ensure_ascii=False).encode()
    call = Call("POST", ("phone_log", saved.id), body=told, headers=headers)
    assert serve(call, desk, phone_log, saved.id).status == 200
    kept = [hit.doc for hit in desk.store.query(Query("activities"))]
    return sorted((Activity.model_validate(doc) for doc in kept), key=lambda it: it.at)


def test_page_has_bodies_of_every_recipe_and_no_other_places() -> None:
    assert len(BODIES) == 7
    assert not any(re.search(r"[%<{]\w", json.dumps(filled(body))[1:]) for body in BODIES)


@pytest.mark.parametrize("body", BODIES)
def test_body_of_a_recipe_is_a_call_with_that_number(desk: Desk, body: str) -> None:
    told = filled(body)
    [activity] = send(desk, told)

    assert activity.direction == WORDS[told["type"]]
    assert activity.call is not None
    assert activity.call.client_number == "+79165550101"
    assert activity.call.status == ("missed" if told["type"] == "missed" else "answered")


@pytest.mark.parametrize("seconds", ["90.0", 90.0, 90.4, "90,5", "78.00000000000001", ".5"])
def test_seconds_that_an_app_computed_are_no_reason_to_doubt(desk: Desk, seconds: Any) -> None:
    told = {"number": "+79165550101", "type": "incoming", "seconds": seconds}
    [activity] = send(desk, told)

    fact = activity.call
    assert fact is not None
    assert fact.started_at is not None
    assert fact.ended_at is not None
    talked = fact.ended_at - fact.started_at
    assert talked == timedelta(seconds=int(float(str(seconds).replace(",", "."))))


@pytest.mark.parametrize("zone", ["+1000", "Asia/Vladivostok"])
def test_times_of_a_phone_elsewhere_are_read_in_its_zone(desk: Desk, zone: str) -> None:
    body = [{"phone_number": "+79165550101", "type": "INCOMING", "date": "2026-11-23 15:30:00",
             "duration": "01:15", "name": "UNKNOWN_CALLER", "sim_id": "8970"}]  # fmt: skip
    [activity] = send(desk, body, zone)

    assert activity.call is not None
    assert activity.call.started_at == datetime(2026, 11, 23, 5, 30, tzinfo=UTC)


def test_zone_that_does_not_exist_is_named_and_the_calls_are_kept(desk: Desk) -> None:
    assert send(desk, {"number": "+79165550101", "type": "missed"}, "Луна/Кратер") == []

    [kept] = [hit.doc for hit in desk.store.query(Query("inbounds"))]
    assert kept["state"] == "unknown"
    assert "x-kartoteka-zone" in str(kept)


def test_clock_that_is_fast_makes_no_call_of_the_future_and_no_second_one(
    desk: Desk, clock: FixedClock
) -> None:
    at = (clock.now() + timedelta(hours=3)).isoformat()
    told = {"number": "+79165550101", "type": "incoming", "seconds": 60, "at": at}
    [activity] = send(desk, told)
    assert activity.at == clock.now()

    clock.advance(timedelta(hours=5))
    assert len(send(desk, [told, told])) == 1


def test_hours_of_backlog_come_in_their_order(desk: Desk, clock: FixedClock) -> None:
    hours = [5, 1, 3, 4, 2]
    body = [
        {"number": f"+7916555010{hour}", "type": "missed",
         "at": (clock.now() - timedelta(hours=hour)).isoformat()}
        for hour in hours
    ]  # fmt: skip
    found = send(desk, body)

    assert [it.at for it in found] == [clock.now() - timedelta(hours=n) for n in (5, 4, 3, 2, 1)]
