"""Which of Google's REST methods a request means, read from Google's own discovery documents.

Source: the discovery documents bundled with google-api-python-client (sheets v4, drive v3,
people v1, gmail v1, calendar v3): their paths, HTTP verbs, scopes and schemas.
"""

import json
import re
from collections.abc import Iterator
from dataclasses import dataclass, field
from functools import cache
from typing import Any, TypeAlias
from urllib.parse import unquote

from googleapiclient.discovery_cache import get_static_doc

from onebox.google.errors import bad_request

Json: TypeAlias = dict[str, Any]

SERVICES = {"sheets": "v4", "drive": "v3", "people": "v1", "gmail": "v1", "calendar": "v3"}
_READS_BY_POST = ("getByDataFilter", "batchGetByDataFilter", "developerMetadata.search")
_TRUE = ("true", "1")


@dataclass(frozen=True)
class Method:
    """One REST method.

    Attributes:
        id: as in the discovery document, such as `people.people.connections.list`.
        service: sheets, drive, people, gmail or calendar.
        http: the verb.
        pattern: matches the percent-encoded path, relative to the service root, no slash in front.
        scopes: a token needs one of them.
        response: name of the schema of the answer, "" when it has none.
    """

    id: str
    service: str
    http: str
    pattern: re.Pattern[str]
    scopes: frozenset[str]
    response: str

    @property
    def name(self) -> str:
        """The id without the service."""
        return self.id.partition(".")[2]

    @property
    def writes(self) -> bool:
        return self.http != "GET" and not self.id.endswith(_READS_BY_POST)


@dataclass(frozen=True)
class Call:
    """A request that was recognised: the method, who asks, and everything they sent."""

    method: Method
    params: dict[str, str]
    query: list[tuple[str, str]]
    user: str
    body: Json = field(default_factory=dict)

    def arg(self, name: str, default: str = "") -> str:
        """Return the last value of a query parameter."""
        return next((value for key, value in reversed(self.query) if key == name), default)

    def args(self, name: str) -> list[str]:
        """Return every value of a repeated query parameter."""
        return [value for key, value in self.query if key == name]

    def flag(self, name: str, default: bool = False) -> bool:
        """Return a boolean query parameter; capital letters are accepted, as Google does."""
        value = self.arg(name)
        return value.lower() in _TRUE if value else default

    def number(self, name: str, default: int) -> int:
        """Return an integer query parameter; `default` when it is absent or empty."""
        value = self.arg(name)
        try:
            return int(value) if value else default
        except ValueError:
            path = re.sub(r"(?<!^)(?=[A-Z])", "_", name).lower()
            text = f"Invalid value at '{path}' (TYPE_INT32), \"{value}\""
            raise bad_request([(path, text)]) from None


@cache
def discovery(service: str) -> Json:
    """Return the discovery document of a service."""
    document: Json = json.loads(get_static_doc(service, SERVICES[service]))
    return document


@cache
def schemas(service: str) -> Json:
    """Return the schemas of a service by name."""
    found: Json = discovery(service)["schemas"]
    return found


@cache
def methods() -> tuple[Method, ...]:
    """Return every method of the services, literal paths before those with parameters."""
    found = [method for service in SERVICES for method in _methods(service)]
    return tuple(sorted(found, key=lambda method: method.pattern.groups))


def resolve(http: str, path: str) -> tuple[Method, dict[str, str]] | None:
    """Return the method and its path parameters, decoded; None when Google has no such path.

    Args:
        http: the verb.
        path: percent-encoded, with the service path (`drive/v3/files`), no slash in front.
    """
    for method in methods():
        match = method.pattern.fullmatch(path) if method.http == http else None
        if match:
            return method, {name: unquote(value) for name, value in match.groupdict().items()}
    return None


def _methods(service: str) -> Iterator[Method]:
    document = discovery(service)
    pending = [document]
    while pending:
        node = pending.pop()
        pending.extend(node.get("resources", {}).values())
        for spec in node.get("methods", {}).values():
            yield Method(
                id=spec["id"],
                service=service,
                http=spec["httpMethod"],
                pattern=_pattern(document["servicePath"] + spec.get("flatPath", spec["path"])),
                scopes=frozenset(spec.get("scopes", ())),
                response=spec.get("response", {}).get("$ref", ""),
            )


def _pattern(template: str) -> re.Pattern[str]:
    parts = re.split(r"\{(\w+)\}", template)
    text = ""
    for position, part in enumerate(parts):
        if position % 2 == 0:
            text += re.escape(part)
        else:
            text += f"(?P<{part}>{'.+' if part == 'range' else '[^/:]+'})"
    return re.compile(text)
