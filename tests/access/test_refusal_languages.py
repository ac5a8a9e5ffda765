"""Every command, given what it cannot take, refuses in the language of the office and no other."""

import re
from collections.abc import Iterator, Mapping
from itertools import islice
from typing import Any

import pytest
from pydantic import BaseModel

from ingest.channels import CHANNELS
from kartoteka.domain.api_key import known_scopes
from kartoteka.domain.card_layout import PARTS
from kartoteka.domain.channels import SENDING_ONLY
from kartoteka.domain.deal import Deal
from kartoteka.domain.errors import KartotekaError
from kartoteka.domain.model import Client, Lead, Role, Task
from kartoteka.i18n import catalogue, text
from kartoteka.ports import Query
from kartoteka.services.commands import execute
from kartoteka.services.office import Desk, read_settings
from kartoteka.services.people import actor_by_email
from kartoteka.services.registry import COMMANDS

PEOPLE = tuple(f"{name}@office.example" for name in ("olga", "viktor", "anna", "dina", "mark"))
MOMENT = "2026-11-24T09:00:00+03:00"
IMPOSSIBLE: tuple[Any, ...] = (
    "", " ", "нет такого", "x" * 60_000, "a\0b", "31.02.2026", -1, 10**30, 1.5, True, None,
    [], ["нет"], [[]], {}, {"нет": "такого"}, {"what": "call"}, "2020-01-01T00:00:00Z",
    "2026-11-24T09:00:00", float("nan"),
)  # fmt: skip
CYRILLIC = re.compile("[А-Яа-яЁё]{2,}")
LATIN = re.compile(r"[A-Za-z]{3,}")
SPOKEN_BY_ALL = {
    "true", "false", "vCard", "https", "http", "Google", "Excel", "FREQ", "MONTHLY", "BYMONTHDAY",
    "INTERVAL", "BYDAY", "COUNT", "UNTIL", "CSV", "XLSX", "None", "name", "example", "domain",
    "records", "Chat", "Telegram", "WhatsApp", "Manager",
}  # fmt: skip


def names_in(model: type[BaseModel]) -> set[str]:
    """Return the words that a form calls its fields and choices by."""
    found: set[str] = set()
    pending: list[Any] = [model.model_json_schema()]
    while pending:
        item = pending.pop()
        if isinstance(item, dict):
            found.update(map(str, item.get("properties", {})))
            found.update(map(str, item.get("enum", [])))
            found.update([str(item["const"])] if "const" in item else [])
            found.update(map(str, item.get("examples", [])))
            found.update([str(item["pattern"])] if "pattern" in item else [])
            pending.extend(item.values())
        elif isinstance(item, list):
            pending.extend(item)
    return found


SIMPLE = {"string": "zz", "integer": 1, "number": 1, "boolean": True, "object": {}, "null": None}
FORMATS = {"date-time": MOMENT, "date": "2026-11-24", "time": "09:00:00"}


def plausible(schema: Mapping[str, Any], defs: Mapping[str, Any]) -> Any:
    """Return a value of the right shape that means nothing in the office."""
    if "$ref" in schema or "anyOf" in schema:
        inner = defs[schema["$ref"].rpartition("/")[2]] if "$ref" in schema else schema["anyOf"][0]
        return plausible(inner, defs)
    if "properties" in schema:
        return filled(schema, defs)
    if schema.get("type") == "array":
        return [plausible(item, defs) for item in schema.get("prefixItems", [schema["items"]])]
    chosen = [*schema.get("enum", []), *([schema["const"]] if "const" in schema else [])]
    known = [*chosen, FORMATS.get(schema.get("format", ""))]
    return known[0] or schema.get("minimum", SIMPLE[schema.get("type", "string")])


def filled(schema: Mapping[str, Any], defs: Mapping[str, Any]) -> dict[str, Any]:
    return {
        name: plausible(schema["properties"][name], defs) for name in schema.get("required", [])
    }


def wrong_inputs(form: type[BaseModel]) -> Iterator[dict[str, Any]]:
    """Yield what nobody should send: nothing, unknown fields, each field impossible in each way."""
    schema = form.model_json_schema()
    right = filled(schema, schema.get("$defs", {}))
    yield from ({}, right, {**right, "colour": "red"}, {**right, "expcted": MOMENT})
    for name in schema.get("properties", {}):
        yield from ({**right, name: value} for value in IMPOSSIBLE)


def words_of(facts: Any) -> str:
    """Return what the caller or the office said themselves, in whatever language."""
    if isinstance(facts, Mapping):
        return " ".join(f"{name} {words_of(item)}" for name, item in facts.items())
    return str(facts)


@pytest.mark.parametrize("name", sorted(COMMANDS))
def test_refusals_of_a_command_are_in_one_language(desk: Desk, name: str) -> None:
    settings = read_settings(desk.store)
    command = COMMANDS[name]
    told = names_in(command.form) | set(COMMANDS) | set(CHANNELS) | SPOKEN_BY_ALL
    told |= set(re.findall(r"[A-Za-z_0-9]+", settings.model_dump_json()))
    told |= {field for kind in (Client, Deal, Lead, Task) for field in kind.model_fields}
    told |= {
        *Role,
        *SENDING_ONLY,
        *known_scopes(COMMANDS),
        *PARTS,
        *(found.id for found in desk.store.query(Query("templates"))),
    }
    own = (*(person.name for person in settings.staff), *settings.office.sources)
    own += tuple(row.name for row in settings.office.rules)
    for email in PEOPLE:
        actor = actor_by_email(settings, email)
        for given in islice(wrong_inputs(command.form), None if email == PEOPLE[0] else 2):
            try:
                execute(COMMANDS, desk, actor, name, given=given, cause=f"command:{name}")
            except KartotekaError as refused:
                check(refused, told, " ".join((words_of(given), *own)))


def check(refused: KartotekaError, told: set[str], typed: str) -> None:
    assert refused.code in catalogue("ru"), f"no text for: {refused!r}"
    russian = text(refused.code, "ru", **refused.facts)
    english = text(refused.code, "en", **refused.facts)
    own = {word for entry in told for word in LATIN.findall(entry)} | set(LATIN.findall(typed))
    assert CYRILLIC.search(russian), f"not Russian: {russian}"
    assert set(LATIN.findall(russian)) <= own, f"English in: {russian}"
    foreign = set(CYRILLIC.findall(english)) - set(CYRILLIC.findall(typed))
    assert not foreign, f"Russian in: {english}"
