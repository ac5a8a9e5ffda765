"""Keys of the open API: who makes them, what is kept of them, when they stop."""

import json
from datetime import timedelta

import pytest
from tests.fakes import FixedClock

from kartoteka.domain.access import Sight
from kartoteka.domain.api_key import KEEPERS, ApiKey, gives, known_scopes
from kartoteka.domain.change import Actor
from kartoteka.domain.errors import Invalid, NotAllowed, NotAuthentic, NotFound
from kartoteka.domain.visibility import shown_result
from kartoteka.ports import Query
from kartoteka.services.api_keys import recognise
from kartoteka.services.commands import execute
from kartoteka.services.office import Desk
from kartoteka.services.people import actor_by_email
from kartoteka.services.registry import COMMANDS
from kartoteka.services.unit import LOG


def who(desk: Desk, name: str) -> Actor:
    return actor_by_email(desk.settings(), f"{name}@office.example")


def do(desk: Desk, name: str, command: str, /, **given: object) -> dict:
    actor = who(desk, name)
    found = execute(COMMANDS, desk, actor, command, given=given, cause=f"command:{command}")
    plain = found.model_dump(mode="json")
    return shown_result(Sight(actor, desk.settings(), desk.now()), found, plain)


def made(desk: Desk, *scopes: str, staff: str = "st_anna") -> dict:
    given = {"title": "Сайт", "scopes": scopes or ("read",), "staff": staff}
    return do(desk, "olga", "apikey.make", **given)


def test_a_new_key_is_told_once_and_kept_as_a_hash(desk: Desk) -> None:
    key = made(desk)
    _, _, secret = key["key"].partition(".")

    assert recognise(desk, key["key"]).staff_id == "st_anna"
    kept = json.dumps([hit.doc for hit in desk.store.query(Query(ApiKey.collection))])
    log = json.dumps([entry.doc for entry in desk.store.read_log(LOG, None, 1000)])
    shown = json.dumps(do(desk, "olga", "apikey.list"))
    assert len(secret) >= 43
    for place in (kept, log, shown):
        assert key["id"] in place
        assert secret not in place
    digest = ApiKey.model_validate(json.loads(kept)[0]).digest
    assert digest not in log
    assert digest not in shown


@pytest.mark.parametrize("name", ["anna", "viktor"])
@pytest.mark.parametrize(
    ("command", "given"),
    [
        ("apikey.make", {"title": "x", "scopes": ["read"]}),
        ("apikey.list", {}),
        ("apikey.revoke", {"key": "ak_1"}),
    ],
)
def test_who_does_not_set_the_office_up_handles_no_keys(
    desk: Desk, name: str, command: str, given: dict[str, object]
) -> None:
    with pytest.raises(NotAllowed):
        do(desk, name, command, **given)


def test_a_revoked_key_is_refused_at_once_and_revoking_twice_is_revoking_once(desk: Desk) -> None:
    key = made(desk)
    do(desk, "olga", "apikey.revoke", key=key["id"])
    length = len(desk.store.read_log(LOG, None, 1000))

    again = do(desk, "olga", "apikey.revoke", key=key["id"])
    assert again["active"] is False
    assert len(desk.store.read_log(LOG, None, 1000)) == length
    with pytest.raises(NotAuthentic):
        recognise(desk, key["key"])
    with pytest.raises(NotFound):
        do(desk, "olga", "apikey.revoke", key="ak_none")


@pytest.mark.parametrize(
    "spoiled",
    [
        "",
        "ak_" + "0" * 9000 + ".x",
        "ak_/../x.y",
        "ak_1",
        "ak_1.",
        ".x",
        "ak_1.x",
        "{}.",
        "{}x",
        "{}.x",
    ],
)
def test_what_is_no_key_is_refused(desk: Desk, spoiled: str) -> None:
    key = made(desk)["key"]
    name = key.partition(".")[0]

    with pytest.raises(NotAuthentic):
        recognise(desk, spoiled.format(key if spoiled.endswith("}x") else name))


def test_a_key_stops_with_the_person_it_acts_for(desk: Desk) -> None:
    key = made(desk)["key"]
    do(desk, "olga", "staff.dismiss", staff="st_anna")

    with pytest.raises(NotAuthentic):
        recognise(desk, key)


def test_the_use_of_a_key_is_written_once_a_day(desk: Desk, clock: FixedClock) -> None:
    key = made(desk)
    days = []
    for hours in (0, 1, 24):
        clock.advance(timedelta(hours=hours))
        recognise(desk, key["key"])
        versions = desk.store.get(ApiKey.collection, key["id"])
        days.append(versions["used_on"])
        assert recognise(desk, key["key"]).used_on == days[-1], "nothing to write any more"

    assert days == ["2026-11-23", "2026-11-23", "2026-11-24"]


@pytest.mark.parametrize(
    "scope", ["reed", "write:deals", "deal.mov", "write:apikey", "apikey.make"]
)
def test_an_unknown_scope_is_refused_with_the_nearest(desk: Desk, scope: str) -> None:
    with pytest.raises(Invalid) as refused:
        made(desk, scope)

    assert refused.value.code == "api_scope_unknown"
    assert set(refused.value.facts["known"].split(", ")) <= set(known_scopes(COMMANDS))


def test_a_scope_reaches_its_family_or_its_command_and_never_the_keys() -> None:
    assert gives(("write:deal",), "deal.move")
    assert gives(("deal.move",), "deal.move")
    assert gives(("write:*",), "deal.move")
    assert not gives(("deal.move",), "deal.delete")
    assert not gives(("write:lead", "read"), "deal.move")
    everything = known_scopes(COMMANDS)
    assert not [name for name in COMMANDS if name.startswith(KEEPERS) and gives(everything, name)]


def test_a_key_for_somebody_unknown_is_refused(desk: Desk) -> None:
    with pytest.raises(Invalid):
        made(desk, staff="st_nobody")
