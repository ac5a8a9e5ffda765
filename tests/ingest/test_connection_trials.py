"""Every channel can be tried: a sample goes through, and says something that the office keeps."""

from dataclasses import replace

import pytest
from flask.testing import FlaskClient
from tests.ingest.channels.test_contract import account
from tests.ingest.test_connections import tried

from kartoteka.domain.channels import CHANNEL_NAMES
from kartoteka.wiring import App


@pytest.mark.parametrize("channel", sorted({*CHANNEL_NAMES} - {"form"}))
def test_every_channel_can_be_tried(http: FlaskClient, app: App, channel: str) -> None:
    account(app, channel)

    found = tried(http, app, channel)

    assert found.status == 200
    assert {one.state for one in found.events} == {"done"}
    assert replace(found, passed=True).ok
