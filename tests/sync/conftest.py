"""The office of the sheets mirror's tests."""

import pytest
from tests.fakes import FakeTasks, FixedClock
from tests.sync.books_office import Shelf
from tests.sync.books_office import shelf as all_books
from tests.sync.fakes_sheets import FakeSheets
from tests.sync.sheets_office import Team, team

from kartoteka.services.office import Desk


@pytest.fixture
def sheets() -> FakeSheets:
    return FakeSheets()


@pytest.fixture
def office(desk: Desk, clock: FixedClock, tasks: FakeTasks, sheets: FakeSheets) -> Team:
    """A team whose workbook does not exist yet."""
    return team(desk, clock, tasks, sheets)


@pytest.fixture
def shelf(desk: Desk, clock: FixedClock, tasks: FakeTasks, sheets: FakeSheets) -> Shelf:
    """The office with a book for everybody, none of which exists yet."""
    return all_books(desk, clock, tasks, sheets)
