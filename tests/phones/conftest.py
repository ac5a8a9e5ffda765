"""The office's phones: every account of Google's in memory."""

from collections import defaultdict

import pytest
from tests.phones.fake_contacts import FakeContacts
from tests.phones.phone_office import Phones

from kartoteka.services.office import Desk


@pytest.fixture
def accounts() -> dict[str, FakeContacts]:
    return defaultdict(FakeContacts)


@pytest.fixture
def phones(desk: Desk, accounts: dict[str, FakeContacts]) -> Phones:
    """The office, whose one account every phone shows."""
    return Phones(desk, accounts)
