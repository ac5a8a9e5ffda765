"""Refusals in the office's language instead of the programmer's."""

from collections.abc import Iterator
from contextlib import contextmanager

import click

from kartoteka.domain.errors import KartotekaError
from kartoteka.i18n import catalogue, text


@contextmanager
def in_words(locale: str) -> Iterator[None]:
    """Say what is refused inside the block in this language, when there is a text for it."""
    try:
        yield
    except KartotekaError as exc:
        if exc.code not in catalogue(locale):
            raise
        raise click.ClickException(text(exc.code, locale, **exc.facts)) from exc
