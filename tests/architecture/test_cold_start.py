"""Cold start is a feature: a function loads its own module, vendor software on first use (D13)."""

import json
import runpy
import subprocess
import sys

import pytest
from tests.architecture.sources import FUNCTIONS
from tests.furnished import furnish

from kartoteka.adapters.sqlite import SqliteStore
from kartoteka.domain.office import Account

HOMES = runpy.run_path(str(FUNCTIONS / "main.py"))["_HOME"]
VENDORS = {
    "cryptography",
    "google",
    "googleapiclient",
    "gspread",
    "grpc",
    "holidays",
    "httplib2",
    "httpx",
    "jwt",
    "lark",
    "requests",
    "sqlite3",
}
OF_THE_FRAMEWORK = "google.cloud.functions"  # types that functions-framework brings along
SHOW = """
import json, sys
before = set(sys.modules)
{statement}
print(json.dumps(sorted(set(sys.modules) - before)))
"""


PAGE = """import functions_framework
app = functions_framework.create_app("ingest", "main.py").test_client()
answer = app.get("{path}")
assert answer.status_code == 200, answer.text
"""
NOT_FOR_A_PAGE = {
    "ingest.intake",
    "ingest.channels.form",
    "kartoteka.domain.deal",
    "kartoteka.domain.model",
    "kartoteka.services.decide",
    "phonenumbers",
    "pydantic",
}


def loaded(statement):
    """The modules that a fresh interpreter loads while it runs the statement."""
    answer = subprocess.run(
        [sys.executable, "-W", "error", "-c", SHOW.format(statement=statement)],
        cwd=FUNCTIONS,
        capture_output=True,
        text=True,
        check=False,
        timeout=60,
    )
    assert answer.returncode == 0, answer.stderr
    return {
        name
        for name in json.loads(answer.stdout.splitlines()[-1])
        if not name.startswith(OF_THE_FRAMEWORK)
    }


def packages(names):
    return {name.partition(".")[0] for name in names}


def test_the_table_of_entry_points_loads_nothing():
    names = packages(loaded("import main"))

    assert names & {*VENDORS, *HOMES, "kartoteka", "flask"} == set()


@pytest.mark.parametrize("name", sorted(HOMES))
def test_an_entry_point_loads_its_own_module_and_no_vendor(name):
    names = packages(loaded(f"import main; assert callable(main.{name})"))

    assert names & VENDORS == set()
    assert names & set(HOMES) == {name}


@pytest.mark.parametrize("path", ["/ingest/form/consult", "/ingest/form/consult/embed.js"])
def test_a_page_of_a_form_loads_neither_the_intake_nor_the_models(tmp_path, monkeypatch, path):
    monkeypatch.setenv("KARTOTEKA_DATA", str(tmp_path))
    furnish(tmp_path / "office.sqlite3")

    names = loaded(PAGE.format(path=path))

    assert {"ingest.page", "kartoteka.adapters.sqlite"} <= names
    assert names & NOT_FOR_A_PAGE == set()


HEALTH = """import functions_framework
app = functions_framework.create_app("api", "main.py").test_client()
assert app.get("/api/health").status_code in (200, 503)
"""


def test_health_waits_for_none_of_the_commands(tmp_path, monkeypatch):
    monkeypatch.setenv("KARTOTEKA_DATA", str(tmp_path))
    furnish(tmp_path / "office.sqlite3")
    names = loaded(HEALTH)

    assert names & {"api.v1.door", "kartoteka.services.registry", "cryptography"} == set()


TALK = """import functions_framework
from kartoteka.domain.visitor import token
app = functions_framework.create_app("ingest", "main.py").test_client()
head = {{"authorization": "Bearer " + token("v_0123456789abcdef", "s")}}
assert app.get("/ingest/chat/site_cold/embed.js").status_code == 200
assert app.get("/ingest/chat/site_cold/talk", headers=head).status_code == 200
"""


def test_the_chat_of_a_site_waits_for_neither_the_intake_nor_the_models(tmp_path, monkeypatch):
    monkeypatch.setenv("KARTOTEKA_DATA", str(tmp_path))
    furnish(tmp_path / "office.sqlite3")
    site = Account(id="site_cold", channel="site", title="s", source="s", secrets=("s",))
    store = SqliteStore(tmp_path / "office.sqlite3")
    store.run(lambda tx: tx.put("accounts", site.id, site.model_dump(mode="json")))
    store.close()

    assert loaded(TALK.format()) & NOT_FOR_A_PAGE == set()


def test_a_look_at_one_channel_loads_no_other():
    names = loaded('from ingest.channels import CHANNELS; assert CHANNELS["call"].name == "call"')

    assert "ingest.channels.call" in names
    assert names & {"ingest.channels.form", "ingest.channels.telegram"} == set()


def test_an_unknown_entry_point_is_refused_with_the_names_there_are():
    table = runpy.run_path(str(FUNCTIONS / "main.py"))

    with pytest.raises(AttributeError, match="ingest"):
        table["__getattr__"]("inges")
