"""The API of a law office with records of two managers."""

import pytest
from tests.api.api_office import Api, api_of, furnished

from kartoteka.services.office import Desk


@pytest.fixture
def api(desk: Desk) -> Api:
    furnished(desk)
    return api_of(desk, api_calls_per_minute=0)
