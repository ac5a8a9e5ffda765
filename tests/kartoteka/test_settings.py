"""Settings come from the environment once; a wrong value names its variable."""

from pathlib import Path

import pytest

from kartoteka.domain.errors import ConfigError
from kartoteka.settings import read


def test_environment_is_read_with_its_types(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("KARTOTEKA_STORE", "firestore")
    monkeypatch.setenv("KARTOTEKA_DATA", "/srv/office")
    monkeypatch.setenv("KARTOTEKA_LOG_SHARDS", "4")
    monkeypatch.setenv("KARTOTEKA_URLS", '{"sync": "https://sync.example"}')
    monkeypatch.setenv("KARTOTEKA_SECRET", "very secret")

    settings = read()

    assert (settings.store, settings.data) == ("firestore", Path("/srv/office"))
    assert (settings.log_shards, settings.urls) == (4, {"sync": "https://sync.example"})
    assert settings.secret.get_secret_value() == "very secret"
    assert "very secret" not in repr(settings)


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("KARTOTEKA_STORE", "mysql"),
        ("KARTOTEKA_LOG_SHARDS", "99"),
        ("KARTOTEKA_SETTINGS_TTL_S", "soon"),
        ("KARTOTEKA_URLS", "{not json"),
        ("KARTOTEKA_URLS", "[]"),
    ],
)
def test_impossible_value_names_its_variable(
    monkeypatch: pytest.MonkeyPatch, name: str, value: str
) -> None:
    monkeypatch.setenv(name, value)

    with pytest.raises(ConfigError, match=name):
        read()
