"""Refusals in the office's language instead of the programmer's."""

from collections.abc import Callable
from functools import wraps
from pathlib import Path
from typing import Any

import click

from kartoteka.domain.errors import KartotekaError
from kartoteka.i18n import LOCALES, catalogue, text
from onebox.office import open_app


def spoken(command: Callable[..., Any]) -> Callable[..., Any]:
    """Return the command with its refusals in the language of the office in its folder `data`.

    What has no text is for the operator of the machine and stays as it is.
    """

    @wraps(command)
    def told(*args: Any, data: Path, **given: Any) -> Any:
        try:
            return command(*args, data=data, **given)
        except KartotekaError as exc:
            if exc.code not in catalogue(LOCALES[0]):
                raise
            said = text(exc.code, _locale(data), **exc.facts)
            raise click.ClickException(said) from exc

    return told


def _locale(data: Path) -> str:
    try:
        return open_app(data).desk.settings().office.locale
    except KartotekaError:  # the folder itself is what is wrong
        return LOCALES[0]
