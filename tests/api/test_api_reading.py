"""Lists, records, cards and the past over HTTP, as the person behind the key sees them."""

from datetime import timedelta

import pytest
from tests.api.api_office import Api

from api.v1.reading import ENTITIES
from kartoteka.services.cards import card, lead_card
from kartoteka.services.people import actor_by_email
from kartoteka.services.read import KINDS, Look
from kartoteka.services.searching import shapes


def ids(api: Api, address: str) -> list[str]:
    answer = api.get(address)
    assert answer.status == 200, answer.body
    return [record["id"] for record in answer.body["records"]]


def test_a_list_holds_what_the_person_of_the_key_reads(api: Api) -> None:
    assert ids(api, "leads") == ["ld_1", "ld_2"]
    assert ids(api.program("read"), "leads") == ["ld_1"]
    assert ids(api.person("boris"), "deals") == ["dl_2"]


@pytest.mark.parametrize("name", ENTITIES)
def test_every_kind_of_record_is_listed_for_everybody(still: Api, name: str) -> None:
    for who in ("olga", "anna", "vera", "dina"):
        assert still.person(who).get(name).status == 200, who


@pytest.mark.parametrize("name", ENTITIES)
def test_every_declared_question_is_answered(still: Api, name: str) -> None:
    for shape in shapes(name):
        given = [f"{field}=x" for field in shape.equal]
        given += [f"sort={shape.sort}"] if shape.sort else []
        if shape.field.endswith("at"):
            given.append(f"{shape.field}_from=2026-11-23T10:00:00Z")

        assert still.get(f"{name}?{'&'.join(given)}").status == 200, shape


def test_a_list_is_filtered_by_declared_fields(still: Api) -> None:
    assert ids(still, "leads?client_id=cl_1") == ["ld_1"]
    assert ids(still, "deals?pipeline=deals_law&stage=kp,work") == ["dl_1", "dl_2"]
    assert ids(still, "deals?stage=kp&stage=work&pipeline=deals_law") == ["dl_1", "dl_2"]
    assert ids(still, "deals?pipeline=deals_law&stage=work") == ["dl_2"]
    assert ids(still, "clients?updated_at_from=2026-11-23T12:00:00%2B03:00") == ["cl_1", "cl_2"]
    assert ids(still, "clients?updated_at_from=2026-11-23T12:00:01") == []
    assert ids(still, "clients?updated_at_to=2026-11-24") == ["cl_1", "cl_2"]
    assert ids(still, "clients?company_id=") == ["cl_1", "cl_2"], "nothing: no company"


@pytest.mark.parametrize(
    ("address", "code", "told"),
    [
        ("leads?name=x", "api_filter", "client_id"),
        ("leads?state=open&name=x", "api_filter", "owner_id&state"),
        ("leads?sort=name", "api_filter", "sort=created_at"),
        ("leads?created_at_from=x", "api_time", "created_at_from"),
        ("leads?created_at_from=9999-99-99", "api_time", "created_at_from"),
        ("leads?limit=0", "api_limit", "200"),
        ("leads?limit=201", "api_limit", "200"),
        ("leads?limit=-1", "api_limit", "200"),
        ("leads?limit=²", "api_limit", "200"),
        ("leads?after=zzz", "api_cursor", "next"),
        ("leads?after=%00", "api_cursor", "next"),
        (f"leads?client_id={','.join('x' * 31)}", "api_values", "30"),
        ("leads?client_id=a,", "api_values", "30"),
    ],
)
def test_what_cannot_be_asked_is_a_400_that_says_what_can(
    still: Api, address: str, code: str, told: str
) -> None:
    refused = still.get(address)

    assert (refused.status, refused.code) == (400, code)
    assert told in refused.body["error"]["message"]


def test_a_filter_by_a_closed_field_is_refused_as_one_that_is_not_there(still: Api) -> None:
    asked = "payments?state=waiting&sort=at"

    assert still.person("olga").get(asked).status == 200
    refused = still.person("anna").get(asked)
    assert refused.code == "api_filter"
    assert "state" not in refused.body["error"]["message"].partition("Можно")[2]


def test_pages_hold_every_record_once_whatever_their_size(api: Api) -> None:
    for _ in range(5):
        api.do("olga", "lead.add", phone=f"+7916000{len(ids(api, 'leads')):04}")
    for order in ("", "&sort=created_at"):
        whole, after, found = ids(api, f"leads?limit=200{order}"), "", []
        for _ in range(10):
            page = api.get(f"leads?limit=2{order}{after}").body
            found += [record["id"] for record in page["records"]]
            if page["next"] is None:
                break
            after = f"&after={page['next']}"

        assert found == whole
        assert len(found) == 7


def test_a_cursor_of_another_question_is_refused(still: Api) -> None:
    after = still.get("leads?limit=1&sort=created_at").body["next"]

    assert still.get(f"leads?after={after}").code == "api_cursor"


def test_a_record_is_what_the_command_line_shows(still: Api) -> None:
    actor = actor_by_email(still.desk.settings(), "anna@office.example")
    look = Look(still.desk.store, still.desk.settings(), actor, still.clock.now())
    anna = still.person("anna")

    shown = lead_card(look, "ld_1")
    assert anna.get("leads/ld_1").body == {"record": shown["lead"]}
    assert anna.get("leads/ld_1/card").body == shown
    assert anna.get("leads").body["records"] == [shown["lead"]]
    assert anna.get("deals/dl_1/card").body == card(look, KINDS["deals"], "dl_1")


@pytest.mark.parametrize("part", ["", "/card", "/history", "/history?at=2026-11-23"])
@pytest.mark.parametrize("place", ["leads/ld_2", "clients/cl_2", "deals/dl_2"])
def test_a_foreign_record_is_answered_as_one_that_is_not_there(
    still: Api, place: str, part: str
) -> None:
    anna = still.person("anna")
    absent = anna.get(place.replace("_2", "_9") + part)

    assert anna.get(place + part) == absent
    assert (absent.status, absent.code) == (404, "record_unknown")


@pytest.mark.parametrize(
    "address",
    [
        "",
        "x",
        "settings",
        "accounts/a",
        "leads/ld_1/x",
        "leads/ld_1/history/x",
        "leads/%00",
        "leads/..",
    ],
)
def test_an_address_that_leads_nowhere_is_a_404(still: Api, address: str) -> None:
    assert still.get(address).status == 404


def test_the_past_is_told_by_right(api: Api) -> None:
    before = api.clock.now()
    api.clock.advance(timedelta(minutes=1))
    api.do("anna", "deal.edit", deal="dl_1", tags=["важно"])
    api.clock.advance(timedelta(minutes=1))
    api.do("olga", "deal.edit", deal="dl_1", amount_minor=77_700, note="скидка до 777 руб.")
    director, anna = api.person("olga"), api.person("anna")

    steps = director.get("deals/dl_1/history").body["steps"]
    assert [step["actor"] for step in steps] == ["staff:st_anna", "staff:st_olga"]
    assert steps[1]["after"]["amount_minor"] == 77_700
    narrow = anna.get("deals/dl_1/history").body["steps"]
    assert [step["change"] for step in narrow] == [step["change"] for step in steps]
    assert "777" not in str(narrow)

    then = director.get(f"deals/dl_1/history?at={before:%Y-%m-%dT%H:%M:%SZ}").body["record"]
    assert (then["tags"], then["amount_minor"]) == ([], 4_500_000)
    middle = f"{before + timedelta(seconds=90):%Y-%m-%dT%H:%M:%SZ}"
    seen = anna.get(f"deals/dl_1/history?at={middle}").body["record"]
    assert seen["stage"] == "kp"
    assert not {"amount_minor", "note", "tags", "cost_minor"} & seen.keys(), "words may tell it"
    assert anna.get("deals/dl_1/history?at=x").code == "api_time"


def test_a_record_that_was_not_there_yet_is_a_404(api: Api) -> None:
    made = api.do("anna", "lead.add", phone="+79160009999")

    assert api.get(f"leads/{made.id}/history?at=2020-01-01").code == "api_no_then"
    assert api.get("staff/st_anna/history").code == "api_no_history"
