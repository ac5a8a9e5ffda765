"""The office of the stories, once in Russian and once in English."""

from pathlib import Path

import pytest
from tests.office.counter import Counter, opened


@pytest.fixture(params=["ru", "en"])
def office(
    request: pytest.FixtureRequest, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> Counter:
    return opened(tmp_path / "office", request.param, capsys)
