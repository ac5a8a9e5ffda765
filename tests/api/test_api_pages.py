"""What the API says of itself, and the function as the platform runs it."""

import json
import re
from collections.abc import Iterator
from html.parser import HTMLParser
from typing import Any

import functions_framework
import pytest
from tests.api.api_office import Api
from tests.architecture.sources import FUNCTIONS

from api.v1 import handbook
from api.v1.openapi import description
from api.v1.reading import ENTITIES
from kartoteka import wiring
from kartoteka.services.registry import COMMANDS

NAME = re.compile(r"[a-zA-Z0-9._-]+")


@pytest.fixture(scope="module")
def told() -> dict[str, Any]:
    return json.loads(json.dumps(description()))


def inside(value: Any) -> Iterator[dict[str, Any]]:
    if isinstance(value, dict):
        yield value
        for one in value.values():
            yield from inside(one)
    elif isinstance(value, list):
        for one in value:
            yield from inside(one)


def at(told: dict[str, Any], ref: str) -> Any:
    found: Any = told
    for part in ref.removeprefix("#/").split("/"):
        found = found[part]
    return found


def test_every_reference_of_the_description_leads_somewhere(told: dict[str, Any]) -> None:
    refs = {it["$ref"] for it in inside(told) if isinstance(it.get("$ref"), str)}

    assert refs
    for ref in refs:
        assert ref.startswith("#/components/")
        assert isinstance(at(told, ref), dict), ref
    assert all(NAME.fullmatch(name) for name in told["components"]["schemas"])


def test_every_command_is_described_with_the_fields_of_its_form(told: dict[str, Any]) -> None:
    for name, command in COMMANDS.items():
        operation = told["paths"][f"/api/v1/commands/{name}"]["post"]
        schema = operation["requestBody"]["content"]["application/json"]["schema"]
        form = at(told, schema["$ref"])

        assert form["properties"].keys() == command.form.model_fields.keys(), name
        assert operation["summary"] == command.what


def test_every_list_is_described_and_every_operation_has_its_own_name(
    told: dict[str, Any],
) -> None:
    operations = [
        (place, method, it)
        for place, methods in told["paths"].items()
        for method, it in methods.items()
        if method != "parameters"
    ]
    names = [it["operationId"] for _, _, it in operations]

    assert {f"/api/v1/{name}" for name in ENTITIES} <= told["paths"].keys()
    assert len(names) == len(set(names))
    for place, _, it in operations:
        assert it["responses"]["200"]["description"], place
        parameters = [*told["paths"][place].get("parameters", []), *it.get("parameters", [])]
        named = [(one["name"], one["in"]) for one in parameters]
        assert len(named) == len(set(named)), place
        in_path = {name for name, where in named if where == "path"}
        assert in_path == set(re.findall(r"\{(\w+)\}", place))


def test_every_described_list_and_record_is_there(told: dict[str, Any], still: Api) -> None:
    for place, methods in told["paths"].items():
        if "get" in methods and "{id}" not in place:
            assert still.get(place.removeprefix("/api/v1/")).status == 200


@pytest.mark.parametrize("method", ["patch", "delete"])
def test_what_is_described_for_one_record_is_what_there_is(
    told: dict[str, Any], still: Api, method: str
) -> None:
    for name in ENTITIES:
        described = method in told["paths"][f"/api/v1/{name}/{{id}}"]
        answer = still.ask(method.upper(), f"v1/{name}/none", {"x": 1})

        assert (answer.code == "api_nothing") is not described, name


class Page(HTMLParser):
    """What a page fetches, and where its tags stand."""

    def __init__(self, text: str) -> None:
        super().__init__()
        self.fetched: list[str] = []
        self.ids: set[str] = set()
        self.feed(text)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        given = dict(attrs)
        self.ids |= {given["id"] or ""} if "id" in given else set()
        if tag in {"script", "link", "img", "iframe", "style"} and given:
            self.fetched.append(tag)


@pytest.mark.parametrize("locale", ["ru", "en"])
def test_the_page_names_every_command_and_fetches_nothing(locale: str) -> None:
    page = Page(handbook.page(locale))

    assert page.fetched == []
    assert set(COMMANDS) <= page.ids


def test_the_function_answers_health_the_page_and_refusals(
    api: Api, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(wiring, "_installed", [api.app])
    source = FUNCTIONS / "main.py"
    web = functions_framework.create_app("api", str(source)).test_client()
    key = {"authorization": f"Bearer {api.program('read').token}"}

    assert web.get("/api/health").status_code in {200, 503}
    assert web.get("/api/openapi.json").get_json()["openapi"].startswith("3.1")
    assert "Картотеки" in web.get("/api/docs", headers={"accept-language": "ru"}).text
    assert "Kartoteka" in web.get("/api/docs?lang=en").text
    assert [it["id"] for it in web.get("/api/v1/leads", headers=key).get_json()["records"]] == [
        "ld_1"
    ]
    assert web.get("/api/v1/leads").status_code == 401
    large = web.post("/api/v1/commands/lead.edit", data=b"x" * (2**20 + 1), headers=key)
    assert (large.status_code, large.get_json()["error"]["code"]) == (413, "too_large")
    assert web.get("/api/v2").status_code == 404
    lost = web.get("/api/d/pp_nothing")
    assert (lost.status_code, lost.content_type) == (404, "text/html; charset=utf-8")
