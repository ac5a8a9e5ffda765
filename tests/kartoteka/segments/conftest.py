"""One office of clients for a module; its tests make their own clients and ask about those."""

from collections.abc import Iterator
from pathlib import Path

import pytest
from tests.kartoteka.segments.segment_office import Clients


@pytest.fixture
def clients(tmp_path: Path) -> Iterator[Clients]:
    made = Clients(tmp_path)
    yield made
    made.sqlite.close()
