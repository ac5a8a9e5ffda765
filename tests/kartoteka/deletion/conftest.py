"""The law office with a director at the terminal."""

import pytest
from tests.kartoteka.deletion.deletion_desk import Office

from kartoteka.services.office import Desk


@pytest.fixture
def office(desk: Desk) -> Office:
    return Office(desk)
