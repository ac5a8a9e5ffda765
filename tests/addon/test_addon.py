"""The add-on: its own tests on Node, and permissions that are needed, all and only."""

import json
import re
import shutil
import subprocess
from pathlib import Path

import pytest

ADDON = Path(__file__).parents[2] / "sheets_addon"
GOOGLE = "https://www.googleapis.com/auth/"
UI = f"{GOOGLE}script.container.ui"
BOOK = f"{GOOGLE}spreadsheets.currentonly"
EMAIL = f"{GOOGLE}userinfo.email"

# Every service call of the sources, and what Google asks for it; a new call needs a line here.
SCOPES_OF_CALL: dict[str, frozenset[str]] = {
    "LockService.getDocumentLock": frozenset(),
    "PropertiesService.getDocumentProperties": frozenset(),
    "ScriptApp.deleteTrigger": frozenset({f"{GOOGLE}script.scriptapp"}),
    "ScriptApp.getIdentityToken": frozenset({"openid", EMAIL}),
    "ScriptApp.getUserTriggers": frozenset({f"{GOOGLE}script.scriptapp"}),
    "ScriptApp.newTrigger": frozenset({f"{GOOGLE}script.scriptapp"}),
    "Session.getActiveUser": frozenset({EMAIL}),
    "Session.getActiveUserLocale": frozenset(),
    "SpreadsheetApp.getActive": frozenset({BOOK}),
    "SpreadsheetApp.getUi": frozenset({UI}),
    "UrlFetchApp.fetch": frozenset({f"{GOOGLE}script.external_request"}),
    "Utilities.base64DecodeWebSafe": frozenset(),
    "Utilities.newBlob": frozenset(),
    "Utilities.sleep": frozenset(),
}


def code(path: Path) -> str:
    return re.sub(r"/\*.*?\*/|//[^\n]*", "", path.read_text(encoding="utf-8"), flags=re.DOTALL)


def calls() -> set[str]:
    service = re.compile(r"\b([A-Z]\w*(?:App|Service)|Session|Utilities)\s*\.\s*(\w+)")
    sources = (ADDON / "src").glob("*.js")
    return {".".join(found) for source in sources for found in service.findall(code(source))}


def manifest() -> dict[str, object]:
    document: dict[str, object] = json.loads(
        (ADDON / "appsscript.json").read_text(encoding="utf-8")
    )
    return document


@pytest.mark.node
def test_addon_on_node_passes_its_own_tests():
    node = shutil.which("node")
    if node is None:
        pytest.skip("Node.js is absent: the add-on was NOT tested (install Node 20 or newer)")
    files = sorted(str(path) for path in (ADDON / "test").glob("*.test.js"))

    run = subprocess.run(
        [node, "--test", "--test-reporter=tap", *files],
        cwd=ADDON.parent,
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
    )

    output = run.stdout + run.stderr
    passed = re.search(r"^# pass (\d+)$", run.stdout, flags=re.MULTILINE)
    assert run.returncode == 0, output
    assert passed is not None, output
    assert int(passed[1]) >= len(files), output


def test_manifest_asks_for_what_the_sources_need_and_nothing_else():
    used = calls()
    needed = frozenset().union(*(SCOPES_OF_CALL[call] for call in used))

    asked = manifest()["oauthScopes"]
    assert isinstance(asked, list)
    assert sorted(asked) == sorted(needed)
    assert used == set(SCOPES_OF_CALL)


def test_manifest_is_private_to_the_office_and_modern():
    document = manifest()

    assert document["runtimeVersion"] == "V8"
    assert not {"webapp", "executionApi", "addOns", "dependencies"} & set(document)


def test_sources_and_lock_hold_no_address_of_a_server():
    lock = (ADDON / "package-lock.json").read_text(encoding="utf-8")
    addresses = {
        found
        for source in (ADDON / "src").glob("*.js")
        for found in re.findall(r"https?://[\w.-]+", source.read_text(encoding="utf-8"))
    }

    assert "resolved" not in lock
    assert addresses <= {"https://crm.example.ru", "https://crm.example.com"}
    assert not list(ADDON.glob(".clasp.json"))
