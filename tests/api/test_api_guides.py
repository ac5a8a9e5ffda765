"""The examples of the guides, run by the shell against a server, as a reader would run them."""

import json
import os
import re
import shutil
import subprocess
import threading
from collections.abc import Iterator
from pathlib import Path

import functions_framework
import pytest
from tests.api.api_office import Api
from tests.architecture.sources import FUNCTIONS, ROOT
from werkzeug.serving import make_server

from api.v1.openapi import _WRONG
from kartoteka import wiring
from kartoteka.domain.api_key import gives

GUIDES = [ROOT / "docs" / language / "api.md" for language in ("ru", "en")]
BLOCK = re.compile(r"```sh\n(.*?)```", re.DOTALL)
MAKING = re.compile(r"```text\nkartoteka do apikey\.make .*--json '(.*)'\n```")
SCOPE = re.compile(r"^\| `([a-z:.*]+)` \|", re.MULTILINE)


@pytest.fixture
def address(api: Api, monkeypatch: pytest.MonkeyPatch) -> Iterator[str]:
    monkeypatch.setattr(wiring, "_installed", [api.app])
    app = functions_framework.create_app("api", str(FUNCTIONS / "main.py"))
    server = make_server("127.0.0.1", 0, app)
    thread = threading.Thread(target=server.serve_forever)
    thread.start()
    yield f"http://127.0.0.1:{server.server_port}"
    server.shutdown()
    thread.join(10)
    server.server_close()


def examples(guide: Path) -> list[str]:
    found = BLOCK.findall(guide.read_text("utf-8"))
    return [line for block in found for line in block.splitlines()]


@pytest.mark.skipif(shutil.which("curl") is None, reason="curl is not installed here")
@pytest.mark.parametrize("guide", GUIDES, ids=lambda it: it.parent.name)
def test_every_example_of_the_guide_works_as_it_is_printed(
    api: Api, address: str, guide: Path
) -> None:
    key = api.program("read", "write:lead", staff="st_olga").token
    around = {"KARTOTEKA_URL": address, "KARTOTEKA_KEY": key, "LEAD": "ld_1"}
    told = [
        subprocess.run(
            ["sh", "-c", line],
            env={"PATH": os.defpath, "no_proxy": "*", **around},
            capture_output=True,
            timeout=30,
            check=True,
        ).stdout
        for line in examples(guide)
    ]

    answers = [json.loads(text) for text in told]
    assert len(answers) == 9
    assert [answer for answer in answers if "error" in answer] == []
    assert api.get("leads/ld_1").status == 404, "the last example deletes it"


@pytest.mark.parametrize("guide", GUIDES, ids=lambda it: it.parent.name)
def test_the_guide_names_the_scopes_and_the_statuses_there_are(api: Api, guide: Path) -> None:
    text = guide.read_text("utf-8")
    given = json.loads(MAKING.findall(text)[0])
    told = dict.fromkeys(SCOPE.findall(text))

    assert api.command("apikey.make", **given).status == 200
    assert api.command("apikey.make", title="x", scopes=list(told)).status == 200
    assert gives(told, "deal.move")
    assert re.findall(r"^\| (\d{3}) \|", text, re.MULTILINE) == list(_WRONG)


def test_both_guides_show_the_same_requests() -> None:
    russian, english = ([line.partition(" -d ")[0] for line in examples(guide)] for guide in GUIDES)

    assert russian == english
