"""Every command of the office by name: the same checks from sheet, API, bot, rule and terminal."""

import difflib
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any, Generic, TypeVar

from pydantic import BaseModel, JsonValue, ValidationError

from kartoteka.domain.change import Actor
from kartoteka.domain.errors import NotFound
from kartoteka.services.form_check import check_moments, refusal
from kartoteka.services.office import Desk

F = TypeVar("F", bound=BaseModel)


@dataclass(frozen=True, slots=True)
class Command(Generic[F]):
    """One thing a person may ask for: its form says which fields it takes."""

    what: str  # one line for a person who reads the list of commands
    form: type[F]
    run: Callable[[Desk, Actor, F, str], BaseModel]  # (desk, actor, form, cause) -> the record


Registry = Mapping[str, Command[Any]]


def execute(
    registry: Registry,
    desk: Desk,
    actor: Actor,
    name: str,
    *,
    given: Mapping[str, JsonValue],
    cause: str,
) -> BaseModel:
    """Return the record after the command.

    Raises:
        NotFound: there is no such command; names the nearest.
        Invalid: a field is missing, unknown or impossible; `fields` says which and why.
        NotAllowed, Conflict: as the command decides.
    """
    command = registry.get(name)
    if command is None:
        near = difflib.get_close_matches(name, registry, n=3, cutoff=0.3)
        known = ", ".join(near or sorted(registry))
        raise NotFound(
            f"there is no command {name!r}; near: {known}", code="command_unknown", known=known
        )
    return command.run(desk, actor, _filled(command, given), cause)


def _filled(command: Command[F], given: Mapping[str, JsonValue]) -> F:
    try:
        filled = command.form.model_validate(given)
    except ValidationError as exc:
        raise refusal(exc, command.form) from exc
    check_moments(filled)
    return filled
