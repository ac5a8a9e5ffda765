"""Where an office is kept, as one word of the command line: a folder or a database of the cloud."""

import re
from dataclasses import replace
from pathlib import Path

from kartoteka.domain.errors import ConfigError
from kartoteka.settings import Settings

_CLOUD = "firestore:"
_NAMED = re.compile(r"firestore:(?P<project>[a-z][a-z0-9.:-]*)(?:/(?P<database>[a-z0-9()-]+))?")


def at(text: str, around: Settings) -> Settings:
    """Return the settings of the office kept at `text`.

    Args:
        text: a folder, or `firestore:PROJECT` or `firestore:PROJECT/DATABASE`.
        around: the settings for everything else.

    Raises:
        ConfigError: the database is not named in this way.
    """
    if not text.startswith(_CLOUD):
        return replace(around, store="sqlite", data=Path(text))
    named = _NAMED.fullmatch(text)
    if named is None:
        raise ConfigError(f"{text!r} is no database: write firestore:PROJECT/DATABASE")
    database = named["database"] or Settings.database
    return replace(around, store="firestore", project=named["project"], database=database)


def place(settings: Settings) -> str:
    """Return where the office of these settings is kept, as `at` takes it."""
    if settings.store == "sqlite":
        return str(settings.data)
    return f"{_CLOUD}{settings.project}/{settings.database}"
