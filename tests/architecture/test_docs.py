"""The documents name what there is: settings, channels, errors, collections, commands, packages."""

import ast
import json
import re
import runpy
import tomllib
from dataclasses import fields

import pytest
from tests.architecture.sources import (
    FUNCTIONS,
    ROOT,
    code_files,
    here,
    product_files,
    tracked,
    tree,
)
from tests.architecture.test_errors import OURS

from ingest.channels import CHANNELS
from kartoteka.services.wake import CONSUMERS
from kartoteka.settings import Settings, variable
from onebox.cli import kartoteka
from onebox.samples import sample_files

TOOLS = {
    "import-linter",
    "mypy",
    "pytest-randomly",
    "pytest-timeout",
    "pytest-xdist",
    "ruff",
    "types-PyYAML",
    "tzdata",
}
IMPORTED = {
    "PyJWT": "jwt",
    "PyYAML": "yaml",
    "google-api-python-client": "googleapiclient",
    "google-cloud-firestore": "google.cloud import firestore",
    "google-cloud-tasks": "google.cloud.tasks_v2",
    "python-dateutil": "dateutil",
    "python-hcl2": "hcl2",
}
FENCE = re.compile(r"^ *```(\w*)\n(.*?)^ *```$", re.MULTILINE | re.DOTALL)
SETTING = re.compile(r"^\| `(KARTOTEKA_\w+)` \| (\S+) \|", re.MULTILINE)
COLLECTION = re.compile(
    r'^(?: +collection: ClassVar\[str\]|_?COLLECTION|_LINKS|_GROUPS) = "(\w+)"', re.MULTILINE
)
MAKE = re.compile(r"(?:`|^)make ([a-z][\w-]*)", re.MULTILINE)
KARTOTEKA = re.compile(r"(?:`|^| )kartoteka ([a-z][\w-]*)", re.MULTILINE)
LINK = re.compile(r"\]\((?!https?://|mailto:)([^)#\s]+)")


def read(name):
    return (ROOT / name).read_text(encoding="utf-8")


def documents():
    return [path for path in tracked() if path.suffix == ".md"]


def blocks(path, *languages):
    found = FENCE.findall(path.read_text(encoding="utf-8"))
    return [code for language, code in found if language in languages]


def test_every_setting_is_documented_with_its_default():
    rows = dict(
        re.findall(r"^\| `(KARTOTEKA_\w+)` \| (\S+) \|", read("docs/settings.md"), re.MULTILINE)
    )
    defaults = {
        variable(item.name): shown(getattr(Settings(), item.name)) for item in fields(Settings)
    }

    assert rows == defaults


def shown(value):
    if hasattr(value, "get_secret_value"):
        value = value.get_secret_value()
    return f"`{value}`" if value != "" else "empty"


@pytest.mark.parametrize("name", sorted(CHANNELS))
def test_every_channel_has_its_page_for_the_operator_and_its_samples(name):
    page = (FUNCTIONS / "ingest/channels" / f"{name}.md").read_text(encoding="utf-8")
    samples = list(sample_files(name))

    assert re.search(r"^1\. ", page, re.MULTILINE), "numbered steps"
    assert re.search("[а-яё]{4}", page), "in Russian"
    assert re.search(r"\b(the|your)\b", page), "in English"
    assert samples


def test_every_module_of_a_channel_is_registered():
    modules = {path.stem for path in (FUNCTIONS / "ingest/channels").glob("*.py")} - {"__init__"}

    assert set(CHANNELS) <= modules
    assert list(CHANNELS) == sorted(CHANNELS)


def test_the_architecture_names_every_error_consumer_collection_and_entry_point():
    text = read("ARCHITECTURE.md")
    entry_points = runpy.run_path(str(FUNCTIONS / "main.py"))["_HOME"]
    wanted = {*OURS, *CONSUMERS, *collections(), *(f"{name}/" for name in entry_points)}

    assert sorted(name for name in wanted if name not in text) == []


def collections():
    """Names of collections: of the records, and those that modules keep for themselves."""
    sources = (path.read_text(encoding="utf-8") for path in FUNCTIONS.rglob("*.py"))
    return {name for source in sources for name in COLLECTION.findall(source)} | {"keys", "changes"}


def test_the_architecture_tells_every_decision_once():
    told = re.findall(r"^\*\*(D\d+)\.", read("ARCHITECTURE.md"), re.MULTILINE)

    assert told == [f"D{number}" for number in range(1, 16)]


def direct_dependencies():
    project = tomllib.loads(read("pyproject.toml"))["project"]
    groups = [project["dependencies"], *project["optional-dependencies"].values()]
    return {re.match(r"[\w.-]+", line)[0] for lines in groups for line in lines}


def test_every_direct_dependency_is_defended():
    defended = re.findall(r"^\| `([\w.-]+)` \| \S.*\|$", read("CONTRIBUTING.md"), re.MULTILINE)

    assert sorted(direct_dependencies()) == sorted(defended)


def test_every_direct_dependency_is_used():
    sources = "\n".join(path.read_text(encoding="utf-8") for path in code_files(".py"))
    unused = [
        name
        for name in direct_dependencies() - TOOLS
        if not re.search(rf"^ *(?:import|from) {imported(name)}\b", sources, re.MULTILINE)
        if f'importorskip("{name}' not in sources
    ]

    assert unused == []


def imported(package):
    return IMPORTED.get(package, package.replace("-", "_")).replace(".", r"\.")


def test_the_readme_lists_the_commands_there_are():
    listed = re.findall(r"^\| `kartoteka ([\w-]+)[^|]*` \| \S", read("README.md"), re.MULTILINE)

    assert sorted(set(listed)) == sorted(kartoteka.commands)


def test_commands_in_the_documents_exist():
    targets = set(re.findall(r"^([a-z][\w-]*):", read("Makefile"), re.MULTILINE))
    texts = [path.read_text(encoding="utf-8") for path in documents()]
    made = {name for text in texts for name in MAKE.findall(text)}
    ran = {name for text in texts for name in KARTOTEKA.findall(text)}

    assert made
    assert made <= targets
    assert ran <= {*kartoteka.commands}


def test_the_readme_leads_to_every_guide():
    readme = (ROOT / "README.md").read_text(encoding="utf-8")
    guides = {
        path for path in map(here, (ROOT / "docs").rglob("*.md")) if f"({path})" not in readme
    }

    assert guides == set()


def test_links_between_documents_lead_somewhere():
    dead = [
        f"{here(path)}: {link}"
        for path in documents()
        for link in LINK.findall(path.read_text(encoding="utf-8"))
        if not (path.parent / link).exists()
    ]

    assert dead == []


def test_python_and_json_in_the_documents_can_be_read():
    for path in documents():
        for code in blocks(path, "python"):
            compile(code, here(path), "exec")
        for code in blocks(path, "json"):
            json.loads(code)


def test_the_guides_of_both_languages_have_the_same_parts():
    russian, english = (
        [len(mark) for mark in re.findall(r"^(#+) ", read(f"docs/{name}/start.md"), re.MULTILINE)]
        for name in ("ru", "en")
    )

    assert russian == english


def test_the_changelog_speaks_of_every_channel_and_of_this_version():
    text = read("CHANGELOG.md")
    told = text.casefold()
    version = tomllib.loads(read("pyproject.toml"))["project"]["version"]

    assert [name for name in CHANNELS if f"- **{name}:**" not in told] == []
    assert f"## [{version}]" in text or "## [Unreleased]" in text


def test_every_public_function_of_the_product_says_what_the_caller_gets():
    silent = [
        f"{here(path)}: {node.name}"
        for path in product_files()
        for node in tree(path).body
        if isinstance(node, ast.FunctionDef | ast.ClassDef) and not node.name.startswith("_")
        if not ast.get_docstring(node)
    ]

    assert silent == []
