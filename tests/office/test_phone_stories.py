"""One number in twenty spellings is one client, by hand and in a file."""

import json
from pathlib import Path

import pytest
from tests.office.counter import Counter

SPELLINGS = (
    "+79160001122", "79160001122", "89160001122", "9160001122", "8 916 000 11 22",
    "8 (916) 000-11-22", "+7 (916) 000-11-22", "+7(916)0001122", "+7-916-000-11-22",
    "7 916 000-11-22", "8.916.000.11.22", "8-916-000-11-22", "(916) 000-11-22", "916 000 11 22",
    "+7 916 000 1122",
    "8\u00a0916\u00a0000\u00a011\u00a022", "+7\u2011916\u2011000\u201111\u201122",
    "tel:+79160001122", "8 916 000-11-22 доб. 12", "  8916 000-11-22  ",
)  # fmt: skip
FOREIGN = {
    "+49 30 901820": "+4930901820",
    "8 10 49 30 901820": "+4930901820",
    "+1 (650) 253-0000": "+16502530000",
    "+375 29 123-45-67": "+375291234567",
}
WRONG = ("12", "нет", "8 916 000", "+7 916 000-11-22-33", "00000000000")


def test_twenty_spellings_by_hand_are_one_client(office: Counter) -> None:
    assert len(set(SPELLINGS)) == 20
    first, *others = SPELLINGS
    lead = office.do("anna", "lead.add", name="Пётр", phone=first)
    for spelling in others:
        said = office.refused("boris", "lead.add", "client_in_work", name="Анна", phone=spelling)
        assert "Анна Белова" in said, "who has them"
    assert office.row("clients", lead["client_id"])["phones"] == ["+79160001122"]
    assert len(office.rows("clients")) == 1


def test_twenty_spellings_in_a_file_are_one_client(office: Counter, tmp_path: Path) -> None:
    table = tmp_path / "list.csv"
    rows = "".join(f'Пётр;"{spelling}"\n' for spelling in SPELLINGS)
    table.write_text(f"Имя;Телефон\n{rows}", "utf-8")
    code, told, wrong = office.run("import", str(table), "--as", "viktor@office.example", "--json")

    assert code == 0, wrong
    answer = json.loads(told)
    assert answer["totals"] == {"new": 1, "update": 0, "duplicate": 19, "error": 0}, answer["rows"]
    assert [row["phones"] for row in office.rows("clients")] == [["+79160001122"]]


@pytest.mark.parametrize(("typed", "stored"), FOREIGN.items())
def test_foreign_number_keeps_its_country(office: Counter, typed: str, stored: str) -> None:
    lead = office.do("anna", "lead.add", name="Пётр", phone=typed)
    assert office.row("clients", lead["client_id"])["phones"] == [stored]


def test_what_is_no_number_is_refused_by_hand_and_row_by_row(
    office: Counter, tmp_path: Path
) -> None:
    for typed in WRONG:
        office.refused("anna", "lead.add", "phone_invalid", name="Пётр", phone=typed)
    office.refused("anna", "lead.add", "contact_needed", name="Пётр")
    table = tmp_path / "list.csv"
    table.write_text("Имя;Телефон\n" + "".join(f"Пётр;{typed}\n" for typed in WRONG), "utf-8")
    code, told, _ = office.run("import", str(table), "--as", "viktor@office.example", "--json")
    assert code == 0
    answer = json.loads(told)
    assert answer["totals"]["error"] == len(WRONG), answer["rows"]
    assert all(row["why"] for row in answer["rows"])
    assert office.rows("clients") == []
