"""The command line, in this process: what it prints, refuses and leaves on the disk."""

import json
import stat

import pytest
from tests.fakes import FakeTasks

from kartoteka import wiring
from kartoteka.adapters.clock import SystemClock
from kartoteka.domain.ids import InboundId, derived
from kartoteka.domain.inbound import Inbound, Kind, Person
from kartoteka.services.office import Desk, SettingsCache
from kartoteka.services.record_inbound import record
from kartoteka.services.wake import Waker
from onebox.cli import REFUSED, run
from onebox.office import keys, open_app, remember, serving, settings


@pytest.fixture
def data(tmp_path):
    return tmp_path / "office"


@pytest.fixture
def cli(data, capsys):
    """Run a command on the office; return its exit code, standard output and errors."""

    def command(*words, place=data):
        code = run([*words, "--data", str(place)])
        printed = capsys.readouterr()
        return code, printed.out, printed.err

    return command


@pytest.fixture
def lead(cli, data):
    """An office with one lead from its form; returns the lead's id."""
    cli("init")
    app = open_app(data)
    now = SystemClock().now()
    tasks = FakeTasks()
    desk = Desk(
        app.store,
        tasks,
        SystemClock(),
        SettingsCache(app.store, 60),
        Waker(tasks, SystemClock()),
    )
    inbound = Inbound(
        id=InboundId(derived("in", "form", "consult", "1")),
        channel="form",
        account="consult",
        event_id="1",
        what=Kind.FORM,
        at=now,
        received_at=now,
        sender=Person(name="Мария \x1b[31m=IMPORTXML()", phones=("+79160001122",)),
    )
    stored = record(desk, inbound)
    app.store.close()
    return stored.lead_id


def test_init_in_english_makes_an_office_that_speaks_english(cli):
    cli("init", "--language", "en")

    code, _, errors = cli(
        "do", "lead.take", "--as", "anna@office.example", "--json", '{"lead":"x"}'
    )

    assert (code, errors) == (2, "kartoteka: There is no such record.\n")


def test_init_prints_the_same_again(cli):
    first, again = cli("init", "--json"), cli("init", "--json")

    assert first == again
    sheet = json.loads(first[1])
    assert [form["id"] for form in sheet["forms"]] == ["consult"]
    assert {account["channel"] for account in sheet["accounts"]} == {"call", "telegram"}


def test_two_offices_share_no_token_and_no_secret(cli, tmp_path):
    sheets = [json.loads(cli("init", "--json", place=tmp_path / name)[1]) for name in "ab"]
    known = [
        {account[key] for account in sheet["accounts"] for key in ("token", "secret")}
        for sheet in sheets
    ]

    assert not known[0] & known[1]
    assert all(len(word) >= 16 for word in known[0] | known[1])


def test_secrets_of_the_box_are_for_its_owner_only(cli, data):
    cli("init")

    assert stat.S_IMODE((data / "box.json").stat().st_mode) == 0o600
    assert stat.S_IMODE(data.stat().st_mode) == 0o700


def test_setup_is_in_the_log_without_secrets(cli):
    sheet = json.loads(cli("init", "--json")[1])
    changes = cli("list", "changes", "--json")[1]

    told = {row["entity"] for row in json.loads(changes)}
    assert told == {"office", "staff", "form", "account", "template"}
    assert not any(account["secret"] in changes for account in sheet["accounts"])


def test_leads_come_with_names_people_use(cli, lead):
    (row,) = json.loads(cli("list", "leads", "--json")[1])

    assert row["id"] == lead
    assert (row["stage_name"], row["phone"]) == ("Новая заявка", "+79160001122")
    assert row["owner"] in {"Анна Белова", "Борис Ким", "Вера Лосева", "Глеб Орлов"}


def test_table_keeps_what_clients_typed_from_steering_the_terminal(cli, lead):
    code, printed, _ = cli("list", "leads")

    assert code == 0
    assert "Мария" in printed
    assert "\x1b" not in printed


def test_limit_gives_the_newest(cli, lead):
    everything = json.loads(cli("list", "changes", "--json")[1])
    newest = json.loads(cli("list", "changes", "--json", "--limit", "2")[1])

    assert newest == everything[-2:]


@pytest.mark.parametrize(
    "what", ["activities", "changes", "clients", "inbounds", "leads", "notices", "staff", "tasks"]
)
def test_every_kind_is_listed_both_ways(cli, lead, what):
    assert isinstance(json.loads(cli("list", what, "--json")[1]), list)
    assert cli("list", what)[0] == 0


def test_card_of_a_lead_has_all_that_belongs_to_it(cli, lead):
    card = json.loads(cli("show", "lead", lead, "--json")[1])

    assert card["lead"]["id"] == lead
    assert card["client"]["phones"] == ["+79160001122"]
    assert [activity["what"] for activity in card["activities"]] == ["form"]
    assert {part["entity"] for part in card["history"]} >= {"lead", "client", "activity"}
    assert cli("show", "lead", lead)[0] == 0


def test_books_before_the_first_serving_are_an_empty_list(cli, lead):
    assert json.loads(cli("books", "--json")[1]) == []


@pytest.mark.parametrize(
    ("words", "hint"),
    [
        (("list", "leeds"), "leads"),
        (("show", "lead", "ld_none"), "list leads"),
        (("init", "--preset", "bakery"), "law_firm"),
        (("send", "pigeon", "hello"), "telegram"),
        (("send", "form", "nothing"), "has no sample"),
        (("serve", "--clock", "tomorrow"), "2026-11-23T09:00"),
        (("frobnicate",), "frobnicate"),
    ],
)
def test_wrong_input_is_one_line_that_says_what_to_change(cli, lead, words, hint):
    code, printed, errors = cli(*words)

    assert (code, printed, errors.count("\n")) == (REFUSED, "", 1)
    assert hint in errors


def test_folder_without_an_office_names_the_command_that_makes_one(cli):
    code, _, errors = cli("list", "leads")

    assert code == REFUSED
    assert "kartoteka init" in errors


def test_damaged_keys_are_refused_by_name(cli, data):
    cli("init")
    (data / "box.json").write_text("{")

    code, _, errors = cli("init")

    assert code == REFUSED
    assert "box.json" in errors


def test_nobody_serving_is_told(cli, lead):
    code, _, errors = cli("send", "call", "missed", "--port", "1")

    assert code == REFUSED
    assert "kartoteka serve" in errors


def test_doctor_finds_an_office_and_a_free_port(cli, lead):
    code, printed, _ = cli("doctor", "--json", "--port", "1")
    found = {finding["what"]: finding for finding in json.loads(printed)}

    assert code == 0
    assert "an office is here" in found["data folder"]["found"]
    assert found["Python"]["ok"]
    assert {"Java", "Node.js", "Chromium"} <= set(found)


def test_settings_of_a_box_point_at_itself(data):
    found = settings(data, "http://127.0.0.1:8123")

    assert found.tasks_endpoint == "127.0.0.1:8123"
    assert found.google_endpoint == "http://127.0.0.1:8123/google"
    assert found.secret.get_secret_value() == keys(data).secret
    assert wiring.build(found).settings is found


def test_place_of_serving_is_remembered(data):
    keys(data)
    assert serving(data) is None

    remember(data, "http://127.0.0.1:8123")

    place = serving(data)
    assert place is not None
    assert place.base_url == "http://127.0.0.1:8123"
