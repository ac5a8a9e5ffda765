"""Cards, lists and refusals of the command line, as an operator meets them."""

import json

import pytest

from onebox.cli import REFUSED, run


@pytest.fixture
def told(tmp_path, capsys):
    """Run a command on a fresh office; return its exit code, what it printed and its refusal."""
    data = str(tmp_path / "office")
    run(["init", "--data", data])

    def command(*words):
        capsys.readouterr()
        code = run([*words, "--data", data])
        printed = capsys.readouterr()
        return code, printed.out, printed.err

    return command


def do(told, name, who="vera", /, **given):
    return told("do", name, "--as", f"{who}@office.example", "--json", json.dumps(given))


def answered(told, name, who="vera", /, **given):
    code, printed, refusal = do(told, name, who, **given)
    assert code == 0, refusal
    return json.loads(printed)


@pytest.fixture
def lead(told):
    return answered(told, "lead.add", name="Пётр Зимин", phone="8 916 000-11-22", note="Зашёл сам")


def test_card_of_a_client_has_requests_activities_and_history(told, lead):
    _, printed, _ = told("show", "client", lead["client_id"], "--json")
    card = json.loads(printed)

    assert card["client"]["phones"] == ["+79160001122"]
    assert [row["id"] for row in card["leads"]] == [lead["id"]]
    assert [row["what"] for row in card["activities"]] == ["contact"]
    assert {part["entity"] for part in card["history"]} >= {"client", "lead", "activity"}
    assert told("show", "client", lead["client_id"])[0] == 0


def test_card_of_a_deal_has_what_belongs_to_it_and_no_more(told, lead):
    given = {"lead": lead["id"], "what": "letter", "text": "Письмо о встрече"}
    answered(told, "activity.log", **given)
    deal = answered(
        told, "deal.create", client=lead["client_id"], name="Спор", deal_type="Наследство"
    )
    answered(told, "deal.comment", deal=deal["id"], text="Ждёт звонка")
    card = json.loads(told("show", "deal", deal["id"], "--json")[1])

    assert [row["text"] for row in card["activities"]] == ["Ждёт звонка"]
    assert {part["id"] for part in card["history"]} == {deal["id"]}


def test_card_of_a_product_is_shown_and_a_colleagues_client_is_not(told, lead):
    product = answered(told, "product.add", "olga", sku="К1", name="Консультация", price_minor=1)
    about = ("--as", "boris@office.example")

    assert product["id"] in told("show", "product", product["id"])[1]
    assert product["id"] in told("list", "products")[1]
    code, _, refusal = told("show", "client", lead["client_id"], *about)
    assert (code, "kartoteka list clients" in refusal) == (REFUSED, True)


@pytest.mark.parametrize(
    ("given", "says"),
    [
        (("lead.move", {"lead": "{lead}", "stage": "c1"}), "уходят только после звонка"),
        (("lead.edit", {"lead": "{lead}", "colour": 1}), "Проверьте поля команды: colour"),
        (("lead.mov", {}), "Похожие: lead.move"),
        (("lead.add", {"phone": "89160001122"}), "его ведёт Вера Лосева"),
    ],
)
def test_refusal_of_a_command_speaks_the_language_of_the_office(told, lead, given, says):
    name, fields = given
    filled = {key: lead["id"] if value == "{lead}" else value for key, value in fields.items()}
    code, printed, refusal = do(told, name, **filled)

    assert (code, printed, refusal.count("\n")) == (REFUSED, "", 1)
    assert says in refusal


def test_commands_in_a_pipe_name_every_field(capsys):
    run(["commands"])
    lines = capsys.readouterr().out.splitlines()

    assert {"wake_at", "call", "reason"} <= {
        word.strip(",") for line in lines if line.startswith("deal.move ") for word in line.split()
    }


def test_lead_is_shown_as_it_was_at_a_time(told, lead):
    answered(told, "lead.edit", lead=lead["id"], priority=2)

    def at(moment):
        code, printed, _ = told("history", "lead", lead["id"], "--at", moment, "--json")
        return code, json.loads(printed)

    steps = json.loads(told("history", "lead", lead["id"], "--json")[1])
    assert [step["actor"] for step in steps] == ["staff:st_vera"] * 2
    assert at("2020-01-01") == (0, None)
    assert [at(step["at"])[1]["priority"] for step in steps] == [0, 2]
    assert at("2099-01-01T10:00")[1]["priority"] == 2


def test_option_before_the_kind_of_record_says_where_it_belongs(capsys, tmp_path):
    code = run(["show", "--data", str(tmp_path), "lead", "ld_1"])
    refusal = capsys.readouterr().err

    assert code == REFUSED
    assert "No such option '--data'" in refusal
    assert "behind its name: `kartoteka show COMMAND ... --option`" in refusal


def test_option_that_a_command_does_not_know_is_said_without_a_place(capsys):
    assert run(["list", "leads", "--colour", "red"]) == REFUSED
    assert "COMMAND" not in capsys.readouterr().err
