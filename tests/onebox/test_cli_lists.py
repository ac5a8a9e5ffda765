"""What `kartoteka list` prints beside records of clients: settings, table, mass acts, by right."""

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from onebox.cli import REFUSED, run
from onebox.commands.listing import COLUMNS

Say = Callable[..., tuple[int, str, str]]


@pytest.fixture
def say(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> Say:
    data = str(tmp_path / "office")
    run(["init", "--data", data])

    def command(*words: str) -> tuple[int, str, str]:
        capsys.readouterr()
        code = run([*words, "--data", data])
        printed = capsys.readouterr()
        return code, printed.out, printed.err

    return command


def rows(say: Say, what: str, who: str = "") -> Any:
    seen_by = ["--as", f"{who}@office.example"] if who else []
    code, printed, refusal = say("list", what, "--json", *seen_by)
    assert code == 0, refusal
    return json.loads(printed)


def do(say: Say, who: str, name: str, /, **given: Any) -> Any:
    found = say("do", name, "--as", f"{who}@office.example", "--json", json.dumps(given))
    assert found[0] == 0, found[2]
    return json.loads(found[1])


def imported(say: Say, tmp_path: Path, who: str) -> None:
    table = tmp_path / f"{who}.csv"
    table.write_text("Имя;Телефон\nПётр;8 916 000-11-22\n", "utf-8")
    assert say("import", str(table), "--as", f"{who}@office.example")[0] == 0


@pytest.mark.parametrize("what", sorted(COLUMNS))
def test_every_list_is_printed_for_people_and_for_programs(say: Say, what: str) -> None:
    assert say("list", what)[0] == 0
    assert isinstance(rows(say, what), list)
    assert isinstance(rows(say, what, "vera"), list)


def test_table_of_routing_is_listed_in_its_order(say: Say) -> None:
    night = {"id": "night", "hours": "closed", "pool": True}
    big = {"id": "big", "amount_from_minor": 100, "assign_to": ["st_vera"], "priority": 2}
    do(say, "olga", "routing.set", rules=[night, big])

    listed = rows(say, "routing", "olga")
    assert [(row["place"], row["id"]) for row in listed] == [(1, "night"), (2, "big")]
    assert listed[0]["asks"] == {"hours": "closed"}
    assert listed[1]["gives"] == {"assign_to": ["st_vera"], "priority": 2}
    assert rows(say, "routing", "vera") == [], "who does not set the office up does not see it"


def test_listed_version_of_the_settings_is_what_a_change_expects(say: Say) -> None:
    version = rows(say, "settings")[0]["version"]
    do(say, "olga", "source.add", name="Ярмарка", expected=version)

    changed = rows(say, "settings", "olga")[0]
    assert changed["changed_by"] == "Ольга Соколова"
    assert changed["version"] > version
    given = json.dumps({"name": "Выставка", "expected": version})
    code, _, refusal = say("do", "source.add", "--as", "olga@office.example", "--json", given)
    assert code == REFUSED
    assert "Ольга Соколова" in refusal


def test_accounts_are_listed_without_their_secrets(say: Say) -> None:
    from_new = do(say, "olga", "account.rotate", account=rows(say, "accounts")[0]["id"])["secret"]
    code, printed, _ = say("list", "accounts", "--json")

    assert code == 0
    assert from_new not in printed
    assert rows(say, "accounts", "olga")[0]["secrets"] == 2
    assert rows(say, "accounts", "vera") == []


def test_mass_acts_are_seen_by_who_did_them_and_by_the_director(say: Say, tmp_path: Path) -> None:
    imported(say, tmp_path, "viktor")
    for what in ("imports", "batches"):
        assert [row["by"] for row in rows(say, what)] == ["Виктор Громов"], what
        assert len(rows(say, what, "viktor")) == len(rows(say, what, "olga")) == 1
        assert rows(say, what, "vera") == [], "not theirs"


def test_moves_past_a_guard_are_listed_by_person(say: Say) -> None:
    lead = do(say, "vera", "lead.add", phone="8 916 000-11-22")
    given = {"stage": "c1", "reason": "Клиент подписал договор в офисе"}
    do(say, "viktor", "lead.move", lead=lead["id"], **given)

    assert [(row["staff"], row["count"]) for row in rows(say, "overrides")] == [
        ("Виктор Громов", 1)
    ]
    assert len(rows(say, "overrides", "viktor")) == len(rows(say, "overrides", "olga")) == 1
    assert rows(say, "overrides", "vera") == []
