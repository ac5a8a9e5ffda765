"""What the add-on tells of rows that are no records yet: none of it is lost."""

import pytest
from tests.sync.fakes_sheets import FakeSheets
from tests.sync.sheets_office import ANNA, VIKTOR, Team

from sync.shelf.team import LEADS


def told(office: Team, value: str, old: str | None = None) -> None:
    """The add-on tells of a name typed into the row under the last one."""
    place = office.leads.column("Имя") + 1
    row = len(office.leads.tab.trimmed()) + 1
    office.report(
        {
            "sheet_id": LEADS.sheet_id,
            "user": VIKTOR,
            "ids": [""],
            "columns": [place, place],
            "rows": [row, row],
            "headers": ["Имя"],
            "value": value,
            "old_value": old,
        }
    )


def test_text_of_a_new_row_that_was_deleted_before_it_was_read_is_journalled(office: Team) -> None:
    office.request()
    office.drain()

    told(office, "Пришла сама")
    office.look()

    [clash] = office.conflicts()
    assert (clash["sheet_value"], clash["user"]) == ("Пришла сама", "st_viktor")


@pytest.mark.parametrize(("typed", "shown"), [("Пришла сама", "Пришла сама"), ("1500.00", 1500)])
def test_text_of_a_new_row_that_is_there_is_not_journalled(
    office: Team, typed: str, shown: str | int
) -> None:
    office.request()
    office.drain()

    told(office, typed)
    office.leads.insert_row(len(office.leads.tab.trimmed()), ["", shown])
    office.look()

    assert office.conflicts() == []


def test_text_that_was_typed_over_at_once_is_not_journalled(office: Team) -> None:
    office.request()
    office.drain()

    told(office, "Прешла")
    told(office, "Пришла", old="Прешла")
    office.leads.insert_row(len(office.leads.tab.trimmed()), ["", "Пришла"])
    office.look()

    assert office.conflicts() == []


def sorted_names(office: Team) -> None:
    """Somebody sorts the names alone, without the ids beside them."""
    there = office.leads
    there.permute(range(len(there.rows()) - 1, -1, -1), [there.column("Имя")])


def test_names_sorted_without_their_rows_go_back_and_rename_nobody(office: Team) -> None:
    ids = [office.request() for _ in range(4)]
    office.drain()

    sorted_names(office)
    office.settle()

    assert [office.lead(it).name for it in ids] == [f"Клиент {n}" for n in range(1, 5)]
    assert office.conflicts() == []
    assert office.wrong() == []


def test_name_that_nobody_told_of_before_such_a_sort_is_journalled(office: Team) -> None:
    ids = [office.request() for _ in range(4)]
    office.drain()

    office.leads.type(ids[0], "Имя", "Набрано рукой")
    sorted_names(office)
    office.settle()

    assert [office.lead(it).name for it in ids] == [f"Клиент {n}" for n in range(1, 5)]
    assert [it["sheet_value"] for it in office.conflicts()] == ["Набрано рукой"]
    assert office.wrong() == []


def test_two_names_that_a_person_exchanged_are_exchanged(office: Team) -> None:
    ids = [office.request() for _ in range(3)]
    office.drain()

    office.leads.type(ids[0], "Имя", "Клиент 2")
    office.leads.type(ids[1], "Имя", "Клиент 1")
    office.settle()

    assert [office.lead(it).name for it in ids] == ["Клиент 2", "Клиент 1", "Клиент 3"]


def test_names_that_the_addon_told_of_are_taken_whatever_they_were_before(office: Team) -> None:
    ids = [office.request() for _ in range(3)]
    office.drain()

    for place, lead in enumerate(ids):
        office.types(ANNA, lead, "Имя", f"Клиент {(place + 1) % 3 + 1}")
    office.settle()

    assert [office.lead(it).name for it in ids] == ["Клиент 2", "Клиент 3", "Клиент 1"]


def test_row_typed_where_a_write_landed_renames_nobody_and_says_what_happened(
    office: Team, sheets: FakeSheets
) -> None:
    lead = office.request()
    office.drain()
    office.rename(lead, "Из формы")

    def type_there(name: str) -> None:
        if name == "structure":
            sheets.between = lambda _name: None
            office.leads.insert_row(1, ["", "Пришла сама", "+79260000001"])
            office.leads.delete_rows(2, 3)

    sheets.between = type_there
    office.drain()
    office.settle()

    assert office.lead(lead).name == "Из формы"
    assert office.wrong() == []
    assert office.leads.tab.cell(1, office.leads.column("Телефон")) == "+79260000001"
    assert "передвинули" in office.leads.tab.notes[1, 1]
