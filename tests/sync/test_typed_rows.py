"""What the add-on tells of rows that are no records yet: none of it is lost."""

import pytest
from tests.sync.sheets_office import VIKTOR, Team

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
