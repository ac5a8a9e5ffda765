"""The office's calendars: every account of Google's in memory."""

from collections import defaultdict

import pytest
from tests.calendars.calendar_office import Diary, few
from tests.calendars.fake_calendars import FakeCalendars

from kartoteka.services.office import Desk


@pytest.fixture
def diary(desk: Desk) -> Diary:
    """An office of four with a calendar for each of them in its own account."""
    few(desk)
    found = Diary(desk, defaultdict(FakeCalendars))
    found.do("calendar.set", accounts="office")
    return found
