"""Commands over HTTP: what they answer, what is refused and how, and what a key may not."""

import json
from collections.abc import Callable
from pathlib import Path

import pytest
from tests.api.api_office import Answer, Api, api_of, furnished
from tests.conftest import STORE

from kartoteka.adapters.sqlite_moment import SqliteMoment
from kartoteka.domain.instant import spell
from kartoteka.domain.model import Lead
from kartoteka.services.office import Desk
from kartoteka.services.unit import LOG
from onebox.cli import run
from onebox.office import open_app

HOSTILE = '=HYPERLINK("http://x.example";"a")<script>alert(1)</script>'


def changes(api: Api) -> list[str]:
    """The changes since the office was set up."""
    return [entry.id for entry in api.desk.store.read_log(LOG, None, 1000)][1:]


def test_a_command_answers_with_its_change_and_the_record(api: Api) -> None:
    answer = api.command("lead.edit", lead="ld_1", priority=2, note=HOSTILE)

    assert answer.status == 200
    assert [answer.body["change"]] == changes(api)
    assert answer.body["result"]["note"] == HOSTILE
    assert api.get("leads/ld_1").body["record"]["priority"] == 2
    again = api.command("lead.edit", lead="ld_1", priority=2)
    assert (again.status, again.body["change"]) == (200, None)


def test_the_change_names_the_key_as_its_cause_and_the_person_as_who_did_it(api: Api) -> None:
    program = api.program("write:lead")
    program.command("lead.edit", lead="ld_1", priority=1)

    entry = api.desk.store.read_log(LOG, None, 1000)[-1].doc
    assert entry["actor"]["id"] == "st_anna"
    assert entry["cause"] == "api:" + program.token.partition(".")[0]


def test_an_answer_holds_what_the_person_may_see(api: Api) -> None:
    director = api.command("deal.comment", deal="dl_1", text="звонил").body["result"]
    manager = api.person("anna").command("deal.comment", deal="dl_1", text="звонил")

    assert manager.status == 200
    assert "45" in json.dumps(api.get("deals/dl_1").body)
    assert "amount_minor" not in json.dumps(manager.body)
    assert director["id"].startswith("ac_")


@pytest.mark.parametrize(
    "body",
    [
        b"", b"[]", b"1", b"null", b'"x"', b"{", b"\xff\xfe", b"[" * 100_000, b'{"a":' * 50_000,
        b'{"lead": "ld_1", "priority": NaN}', b'{"lead": "ld_1", "priority": 1e999}',
        b'{"lead": "ld_1", "priority": ' + b"9" * 5000 + b"}",
        b'{"lead": "ld_1", "fields": {"x": -Infinity}}',
        b'{"lead": "ld_1", "note": "\\ud800"}', b'{"lead": ["ld_1"]}', b'{"lead": {"id": "ld_1"}}',
        b'{"lead": "ld_1", "note": "' + b"x" * 900_000 + b'"}', b'{"lead": "\\u0000"}',
        b'{"lead": ""}', b'{"lead": "ld_1", "__proto__": 1}', b'{"lead": "../settings/office"}',
        b'{"lead": "ld_1", "fields": {"\\udc00": 1}}',
        b'{"lead": "ld_1", "expected": "9999-12-31T23:59:59-23:59"}',
        b'{"lead": "ld_1", "expected": "yesterday"}', b'{"lead": "ld_1", "priority": 99}',
    ],
    ids=lambda body: body[:24].decode("latin-1"),
)  # fmt: skip
def test_a_hostile_body_is_refused_in_words_and_changes_nothing(still: Api, body: bytes) -> None:
    refused = still.raw("POST", "v1/commands/lead.edit", body)

    assert refused.status in {400, 404, 422}
    assert refused.body["error"]["message"]
    assert changes(still) == []


def test_wrong_fields_are_named_in_the_callers_language(api: Api) -> None:
    russian = api.command("lead.edit", lead="ld_1", prioritet=1)
    english = api.ask(
        "POST", "v1/commands/lead.edit", {"lead": 1, "prioritet": 1}, accept_language="en"
    )

    assert (russian.status, russian.code) == (422, "command_fields")
    assert russian.body["error"]["fields"] == {"prioritet": "given_unknown"}
    assert "priority" in russian.body["error"]["message"], "the nearest field is told"
    assert english.body["error"]["fields"] == {"lead": "given_text", "prioritet": "given_unknown"}
    assert english.body["error"]["message"].startswith("Check the fields")


def test_a_stale_version_is_a_conflict(api: Api) -> None:
    seen = api.get("leads/ld_1").body["record"]["updated_at"]
    assert api.command("lead.edit", lead="ld_1", priority=1, expected=seen).status == 200
    api.clock.advance(api.clock.now() - api.clock.now().replace(hour=1))
    api.command("lead.edit", lead="ld_1", priority=2)

    refused = api.command("lead.edit", lead="ld_1", priority=3, expected=seen)
    assert (refused.status, refused.code) == (409, "stale")


@pytest.mark.parametrize(
    ("name", "given"),
    [
        ("lead.edit", {"lead": "ld_2", "note": "x"}),
        ("lead.move", {"lead": "ld_2", "stage": "c1"}),
        ("lead.assign", {"lead": "ld_2", "owner": "st_anna"}),
        ("client.edit", {"client": "cl_2", "name": "x"}),
        ("client.comment", {"client": "cl_2", "text": "x"}),
        ("deal.edit", {"deal": "dl_2", "note": "x"}),
        ("deal.move", {"deal": "dl_2", "stage": "pay"}),
        ("task.create", {"title": "x", "due": "2026-11-24T10:00:00Z", "lead": "ld_2"}),
        ("activity.log", {"what": "call", "text": "Перезвонил клиенту", "deal": "dl_2"}),
        ("lead.next", {"lead": "ld_2", "what": "call", "due_at": "2026-11-24T10:00:00Z"}),
    ],
)
def test_a_foreign_record_is_refused_as_one_that_is_not_there(
    still: Api, name: str, given: dict[str, str]
) -> None:
    anna = still.person("anna")
    absent = {key: value.replace("_2", "_9") for key, value in given.items()}
    foreign = anna.command(name, **given)

    assert (foreign.status, foreign.code) == (404, "record_unknown")
    assert foreign.body == anna.command(name, **absent).body
    assert changes(still) == []


def test_a_record_that_is_seen_but_not_theirs_is_a_403(still: Api) -> None:
    refused = still.person("anna").command("lead.delete", lead="ld_1", reason="ошибка")

    assert refused.status == 403


@pytest.mark.parametrize(
    ("asked", "scopes", "lacks"),
    [
        ("GET v1/leads", ("write:lead",), "read"),
        ("GET v1/leads/ld_1/history", ("lead.edit",), "read"),
        ("POST v1/commands/lead.edit", ("read", "write:deal", "lead.note"), "write:lead"),
        ("PATCH v1/leads/ld_1", ("read",), "write:lead"),
        ("DELETE v1/leads/ld_1", ("lead.edit",), "write:lead"),
    ],
)
def test_a_key_does_what_its_scopes_say_and_nothing_else(
    api: Api, asked: str, scopes: tuple[str, ...], lacks: str
) -> None:
    told = changes(api)
    refused = api.program(*scopes).ask(*asked.split(), {"priority": 1})

    assert (refused.status, refused.code) == (403, "api_scope")
    assert lacks in refused.body["error"]["message"]
    assert len(changes(api)) == len(told) + 1, "the new key and nothing else"


def test_a_key_never_outgrows_the_person_it_acts_for(api: Api) -> None:
    program = api.program("read", "write:*", staff="st_anna")

    assert program.command("source.add", name="Ярмарка").status == 403
    assert program.command("lead.edit", lead="ld_2", priority=1).status == 404
    assert program.command("lead.edit", lead="ld_1", priority=1).status == 200


def test_a_key_of_the_director_makes_no_keys(api: Api) -> None:
    program = api.program("write:*", staff="st_olga")
    refused = program.command("apikey.make", title="x", scopes=["read"])

    assert (refused.status, refused.code) == (403, "api_keys_closed")
    assert api.person("olga").command("apikey.make", title="x", scopes=["read"]).status == 200


@pytest.mark.parametrize(
    ("token", "status", "code"),
    [
        ("", 401, "api_no_token"),
        ("forged", 401, "api_key_wrong"),
        ("ak_1.x", 401, "api_key_wrong"),
        ("stranger@elsewhere.example", 403, "stranger"),
    ],
)
def test_who_is_not_of_the_office_is_refused_everywhere(
    still: Api, token: str, status: int, code: str
) -> None:
    stranger = still.of(token)
    asked = [stranger.get("leads"), stranger.get("x"), stranger.command("lead.edit", lead="ld_1")]
    asked.append(stranger.ask("DELETE", "v1/leads/ld_1"))

    assert {(it.status, it.code) for it in asked} == {(status, code)}
    assert ("www-authenticate" in asked[0].headers) is (status == 401)


def test_an_unknown_command_is_told_the_nearest(still: Api) -> None:
    refused = still.command("lead.mov", lead="ld_1")

    assert (refused.status, refused.code) == (404, "command_unknown")
    assert "lead.move" in refused.body["error"]["message"]


def test_a_record_is_edited_and_deleted_at_its_address(api: Api) -> None:
    edited = api.ask("PATCH", "v1/leads/ld_1", {"priority": 3})
    twice = api.ask("PATCH", "v1/leads/ld_1", {"priority": 3, "lead": "ld_2"})
    bare = api.ask("DELETE", "v1/tasks/ts_1")
    gone = api.ask("DELETE", "v1/leads/ld_2?reason=test&lang=ru")

    assert edited.body["result"]["priority"] == 3
    assert (twice.status, twice.code) == (400, "api_given_twice")
    assert (bare.status, bare.body["error"]["fields"]) == (422, {"reason": "given_missing"})
    assert gone.body["result"]["what"] == "delete"
    assert api.get("leads/ld_2").status == 404


@pytest.mark.parametrize(
    ("method", "address"),
    [
        ("DELETE", "v1/products/x"),
        ("PATCH", "v1/pairs/x"),
        ("POST", "v1/leads"),
        ("PUT", "v1/leads/x"),
        ("PATCH", "v1/leads"),
        ("GET", "v1/commands/lead.edit"),
        ("POST", "v1/commands"),
    ],
)
def test_what_has_no_command_is_a_404(still: Api, method: str, address: str) -> None:
    refused = still.ask(method, address, {})

    assert (refused.status, refused.code) == (404, "api_nothing")


def test_calls_over_the_limit_of_a_key_wait_and_other_keys_do_not(desk: Desk) -> None:
    furnished(desk)
    api = api_of(desk, api_calls_per_minute=3)
    one, other = api.program("read"), api.program("read")

    assert [one.get("leads").status for _ in range(4)] == [200, 200, 200, 429]
    assert other.get("leads").status == 200
    assert one.get("leads").headers["retry-after"] == "60"


Way = Callable[[], object]


def test_one_command_ends_alike_from_the_terminal_and_from_the_api(
    desk: Desk, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """The same wish, by two ways, in two offices: the same record, change and refusal."""
    data = tmp_path / "office"
    run(["init", "--data", str(data)])
    box = open_app(data)
    furnished(box.desk)
    box.store.close()
    furnished(desk)
    api = api_of(desk).person("anna")

    for given in ({"lead": "ld_1", "priority": 2, "note": "ждёт"}, {"lead": "ld_1", "prio": 1}):
        capsys.readouterr()
        words = ["--as", "anna@office.example", "--json", json.dumps(given), "--data", str(data)]
        code = run(["do", "lead.edit", *words])
        printed = capsys.readouterr()
        answer = api.command("lead.edit", **given)
        if answer.status == 200:
            told, told_here = json.loads(printed.out), answer.body["result"]
            assert code == 0
            assert without_times(told) == without_times(told_here)
        else:
            assert code != 0
            assert answer.body["error"]["message"] in printed.err


def without_times(record: dict[str, object]) -> dict[str, object]:
    return {name: value for name, value in record.items() if name != "updated_at"}


def kept(folder: Path) -> dict[str, object]:
    moment = SqliteMoment(folder / STORE)
    return {
        f"{kind}/{one.id}": one.doc for kind in moment.collections() for one in moment.records(kind)
    }


def test_a_refused_command_leaves_the_office_as_it_was(api: Api, tmp_path: Path) -> None:
    before = kept(tmp_path)
    for name, given in (("lead.move", {"lead": "ld_1", "stage": "won"}), ("deal.pay", {})):
        refused: Answer = api.person("anna").command(name, repeat="r-1", **given)
        assert refused.status in {403, 404, 422}

    assert kept(tmp_path) == before


def test_times_are_spelled_as_they_are_stored(api: Api) -> None:
    stored = api.desk.store.get(Lead.collection, "ld_1")

    assert api.get("leads/ld_1").body["record"]["created_at"] == stored["created_at"]
    assert stored["created_at"].endswith(spell(api.clock.now())[-1])
