"""Options that several commands share."""

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any, TypeVar

import click

from kartoteka.domain.errors import Invalid
from onebox.commands.refusal import spoken
from onebox.office import DEFAULT_DATA

F = TypeVar("F", bound=Callable[..., Any])

_DATA = click.option(
    "--data",
    type=click.Path(file_okay=False, path_type=Path),
    default=DEFAULT_DATA,
    show_default=True,
    envvar="KARTOTEKA_DATA",
    help="Folder with the office's files.",
)
_JSON = click.option("--json", "as_json", is_flag=True, help="Print JSON and nothing else.")
_AS = click.option(
    "--as", "email", default="", help="E-mail of a person: print only what they may see."
)


def as_option(command: F) -> F:
    """Give a command the option --as."""
    return _AS(command)


def data_option(command: Callable[..., Any]) -> Callable[..., Any]:
    """Give a command the option --data, and its refusals the language of the office there."""
    return _DATA(spoken(command))


def json_option(command: F) -> F:
    """Give a command the option --json."""
    return _JSON(command)


def json_object(option: str, given: str, example: str) -> dict[str, Any]:
    """Return the JSON object that an option holds.

    Raises:
        Invalid: it holds something else; shows an example.
    """
    try:
        found = json.loads(given)
    except ValueError:
        found = None
    if not isinstance(found, dict):
        raise Invalid(
            f"{option} must be a JSON object such as {example}",
            code="option_json",
            option=option,
            example=example,
        )
    return found
