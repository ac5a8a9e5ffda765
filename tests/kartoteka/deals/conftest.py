"""The law office at work on its deals."""

import pytest
from tests.kartoteka.deals.deal_desk import Play

from kartoteka.services.office import Desk


@pytest.fixture
def play(desk: Desk) -> Play:
    return Play(desk)
