"""Dropdowns of every book of every kind of business are ones that Google takes."""

import json

import pytest

from kartoteka.ports import Clock, Store
from kartoteka.services.office import read_settings
from kartoteka.services.setup import read_preset, set_up
from sync.columns import Frame
from sync.layout import dropdown_requests
from sync.shelf.editions import editions
from sync.shelf.shelf import BOOKS


@pytest.mark.parametrize("preset", ["law_firm", "services", "shop", "small_team"])
def test_dropdown_without_choices_is_none(store: Store, clock: Clock, preset: str) -> None:
    set_up(store, clock, read_preset(preset))
    settings = read_settings(store)

    sent = [
        json.dumps(asked)
        for edition in editions(settings, BOOKS).values()
        for tab in edition.tabs
        for asked in dropdown_requests(tab, Frame(settings, edition.reader, clock.now()))
    ]

    assert any("ONE_OF_LIST" in asked for asked in sent)
    assert [asked for asked in sent if '"values": []' in asked] == []
