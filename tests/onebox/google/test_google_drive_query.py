"""The search language of files.list."""

import re
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from onebox.google.drive.query import Facts, compiled
from onebox.google.drive.refusals import DriveError


def facts(**changes: Any) -> Facts:
    usual = {
        "name": "Сделки 2026",
        "mime_type": "application/vnd.google-apps.spreadsheet",
        "modified": "2026-11-23T09:00:00.000Z",
        "created": "2026-11-01T09:00:00.000Z",
        "trashed": False,
        "starred": False,
        "shared_with_me": False,
        "parents": ("folder", "root"),
        "owners": ("a@x.ru",),
        "writers": ("a@x.ru",),
        "readers": ("a@x.ru", "b@x.ru"),
        "properties": {},
        "app_properties": {"book": "deals"},
    }
    return Facts(**{**usual, **changes})


@pytest.mark.parametrize(
    "query",
    [
        "",
        "name = 'Сделки 2026'",
        'name="Сделки 2026"',
        "name != 'Лиды'",
        "name contains 'сдел'",
        "name contains '2026'",
        "mimeType contains 'spreadsheet'",
        "'folder' in parents and 'root' in parents",
        "'b@x.ru' in readers and not 'b@x.ru' in writers",
        "trashed = false and starred != true",
        "not sharedWithMe",
        "modifiedTime > '2026-11-22T00:00:00' and createdTime <= '2026-11-01T12:00:00+03:00'",
        "appProperties has { key='book' and value='deals' }",
        "name = 'x' or (name = 'y' or trashed=false)",
        "name = 'x' and name = 'y' or trashed = false",
    ],
)
def test_query_finds_the_file(query: str) -> None:
    assert compiled(query)(facts())


@pytest.mark.parametrize(
    "query",
    [
        "name contains 'делки'",
        "name = 'сделки 2026'",
        "trashed",
        "'c@x.ru' in owners",
        "properties has { key='book' and value='deals' }",
        "name = 'x' and (name = 'y' or trashed=false)",
        "modifiedTime < '2026-11-23T09:00:00Z'",
    ],
)
def test_query_does_not_find_the_file(query: str) -> None:
    assert not compiled(query)(facts())


@pytest.mark.parametrize(
    "query",
    [
        "name",
        "name = ",
        "name = Сделки",
        "name ~ 'x'",
        "name = 'x' and",
        "(name = 'x'",
        "name = 'x')",
        "size > '5'",
        "'x' in colours",
        "trashed = maybe",
        "modifiedTime > 'yesterday'",
        "appProperties has { key='a' }",
        "name = 'unclosed",
    ],
)
def test_unreadable_query_is_an_invalid_value(query: str) -> None:
    with pytest.raises(DriveError, match="Invalid Value"):
        compiled(query)


@given(name=st.text(max_size=30))
def test_any_escaped_name_finds_itself(name: str) -> None:
    quoted = re.sub(r"([\\'])", r"\\\1", name)

    assert compiled(f"name = '{quoted}'")(facts(name=name))
