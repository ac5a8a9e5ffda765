"""A page of settings in YAML, whose every mistake is told with its line."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import TypeAlias, TypeVar

import yaml
from pydantic import BaseModel, JsonValue, ValidationError

from kartoteka.domain.errors import ConfigError

M = TypeVar("M", bound=BaseModel)
_Place: TypeAlias = tuple[str | int, ...]
_LOADER = getattr(yaml, "CSafeLoader", yaml.SafeLoader)  # ten times as fast where libyaml is


@dataclass(frozen=True, slots=True)
class Page:
    """What a file says, and the line of every part of it; `source` is how people call the file."""

    source: str
    content: JsonValue
    lines: Mapping[_Place, int]

    def fill(self, model: type[M]) -> M:
        """Return the page as this model.

        Raises:
            ConfigError: a part is missing, unknown or impossible; names file, line and part.
        """
        try:
            return model.model_validate(self.content)
        except ValidationError as exc:
            found = exc.errors(include_input=False, include_url=False)
            raise self._wrong({error["loc"]: self._named(error) for error in found}) from exc

    def check(self, mistakes: Mapping[_Place, str]) -> None:
        """Refuse the page when there are mistakes, each told with the line of its place.

        Raises:
            ConfigError: names file, line and mistake.
        """
        if mistakes:
            raise self._wrong(mistakes)

    def _wrong(self, mistakes: Mapping[_Place, str]) -> ConfigError:
        told = [f"{self.source}:{self.line(place)}: {said}" for place, said in mistakes.items()]
        return ConfigError("; ".join(told))

    def _named(self, error: Mapping[str, object]) -> str:
        place = error["loc"]
        path = ".".join(map(str, place)) if isinstance(place, tuple) else ""
        return f"{path}: {error['msg']}"

    def line(self, place: _Place) -> int:
        """Return the line of a part, counted from 1; of what it should be in, when it lacks."""
        while place and place not in self.lines:
            place = place[:-1]
        return self.lines.get(place, 1)


def parse(text: str, source: str) -> Page:
    """Return what a YAML text says.

    Raises:
        ConfigError: it is not YAML, or a key stands twice; names file and line.
    """
    try:
        loader = _LOADER(text)
        node = loader.get_single_node()
        content = loader.construct_document(node) if node is not None else None
        lines = _lines(node, source)
    except yaml.MarkedYAMLError as exc:
        mark = exc.problem_mark or exc.context_mark
        raise ConfigError(f"{source}:{mark.line + 1 if mark else 1}: {exc.problem}") from exc
    except (yaml.YAMLError, ValueError, RecursionError) as exc:
        raise ConfigError(f"{source}:1: this is not YAML: {exc}") from exc
    return Page(source, content, lines)


def _lines(node: yaml.Node | None, source: str) -> dict[_Place, int]:
    found: dict[_Place, int] = {}
    if node is not None:
        _walk(node, (), found, source)
    return found


def _walk(node: yaml.Node, place: _Place, lines: dict[_Place, int], source: str) -> None:
    """Note the line of every part; a key's line stands for its value."""
    lines.setdefault(place, node.start_mark.line + 1)
    if isinstance(node, yaml.SequenceNode):
        for at, item in enumerate(node.value):
            _walk(item, (*place, at), lines, source)
    elif isinstance(node, yaml.MappingNode):
        for key, value in node.value:
            inner = (*place, str(key.value))
            line = key.start_mark.line + 1
            if inner in lines:
                raise ConfigError(f"{source}:{line}: {key.value!r} stands twice")
            lines[inner] = line
            _walk(value, inner, lines, source)
