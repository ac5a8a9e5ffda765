"""The cloud shape works: the archive alone, Firestore, queues, and a lead from form to sheet."""

import json
import os
import secrets
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import functions_framework
import gspread
import httpx
import pytest
import requests
from tests.e2e.cloud import FUNCTIONS, Cloud, cloud, until

from kartoteka.adapters.clock import SystemClock
from onebox.tasks.internal_token import InternalTokens

pytestmark = [pytest.mark.emulator, pytest.mark.e2e, pytest.mark.timeout(180)]

NAME = "Марфа =IMPORTXML(1) Тайнова"
PHONE = "+79161234567"
EMAIL = "marfa.taynova@secret.example"
STORY = "Затопили соседи сверху"
SENT = {"name": NAME, "phone": PHONE, "email": EMAIL, "message": STORY}
WITHIN_S = 60.0


class StandIn(gspread.HTTPClient):
    """gspread's own client; only the host is another."""

    google = ""

    def request(self, method, endpoint, *args, **kwargs):
        return super().request(method, self.google + urlsplit(endpoint).path, *args, **kwargs)


@pytest.fixture(scope="module")
def running(tmp_path_factory, emulator_host) -> Iterator[Cloud]:
    folder = tmp_path_factory.mktemp("cloud")
    with cloud(folder, emulator_host, f"shape-{secrets.token_hex(4)}") as started:
        yield started


@pytest.fixture(scope="module")
def office(running, emulator_host) -> dict[str, Any]:
    """What `kartoteka init` says of the office that it makes in Firestore, as an operator does."""
    surroundings = {
        "FIRESTORE_EMULATOR_HOST": emulator_host,
        "KARTOTEKA_STORE": "firestore",
        "KARTOTEKA_PROJECT": running.settings.project,
        "KARTOTEKA_DATABASE": running.settings.database,
    }
    answer = subprocess.run(
        [sys.executable, "-m", "onebox", "init", "--preset", "law_firm", "--json"],
        cwd=running.logs,
        env={"PATH": os.defpath, **surroundings},
        capture_output=True,
        text=True,
        check=False,
        timeout=60,
    )
    assert answer.returncode == 0, answer.stderr
    return json.loads(answer.stdout)


@pytest.fixture(scope="module")
def form(running, office) -> str:
    """The address of the office's form."""
    return running.url(office["forms"][0]["path"])


@pytest.fixture(scope="module")
def lead(form) -> str:
    """The id of the event of one form, answered by the deployed `ingest`."""
    answer = httpx.post(form, json=SENT, trust_env=False, timeout=30)
    assert answer.status_code == 200, answer.text
    return str(answer.json()["id"])


@contextmanager
def spreadsheets(running, email) -> Iterator[gspread.Client]:
    """gspread in the hands of somebody."""
    with requests.Session() as session:
        session.trust_env = False
        session.headers["Authorization"] = f"Bearer stand-in:{email}"
        client = gspread.Client(None, session=session, http_client=StandIn)
        client.http_client.google = running.settings.google_endpoint
        yield client


@pytest.fixture
def sheets(running) -> Iterator[gspread.Client]:
    with spreadsheets(running, running.settings.google_account) as client:
        yield client


@pytest.fixture
def annas(running) -> Iterator[gspread.Client]:
    """The sheet in the hands of a manager, with the access that Kartoteka gave her."""
    with spreadsheets(running, "anna@office.example") as client:
        yield client


def scheduled(running, path):
    """Call an address as Cloud Scheduler does every minute."""
    settings = running.settings
    tokens = InternalTokens(settings.secret.get_secret_value())
    token = tokens.sign(settings.tasks_email, settings.base_url)
    headers = {"authorization": f"Bearer {token}"}
    answer = httpx.post(running.url(path), json={}, headers=headers, trust_env=False, timeout=60)
    return answer.raise_for_status().json()


def row_of(client, name):
    """The row of the lead with this name in the first tab, None while there is none."""
    for found in client.list_spreadsheet_files():
        tabs = {tab.title: tab for tab in client.open_by_key(found["id"]).worksheets()}
        rows = tabs["Лиды"].get_all_values() if "Лиды" in tabs else []
        for row in rows:
            if name in row:
                return row
    return None


def test_the_copied_functions_need_nothing_of_the_repository(running):
    packages = str(Path(functions_framework.__file__).parents[1])
    script = "import kartoteka, importlib.util; print(kartoteka.__file__);"
    script += "print(importlib.util.find_spec('onebox'))"
    answer = subprocess.run(
        [sys.executable, "-S", "-c", script],
        cwd=running.logs / "functions",
        env={"PYTHONPATH": packages},
        capture_output=True,
        text=True,
        check=True,
    )
    place, onebox = answer.stdout.split()

    assert Path(place).is_relative_to(running.logs)
    assert not Path(place).is_relative_to(FUNCTIONS)
    assert onebox == "None"


def test_a_form_becomes_a_row_through_queues_and_firestore(running, lead, sheets):
    row = until(lambda: row_of(sheets, NAME), WITHIN_S, "the lead's row in the sheet")

    assert PHONE in row
    assert "Новая заявка" in row


def people(running):
    """The contacts of the office's account as a phone gets them."""
    answer = httpx.get(
        f"{running.settings.google_endpoint}/v1/people/me/connections",
        params={"personFields": "names,phoneNumbers,organizations"},
        headers={"authorization": f"Bearer stand-in:{running.settings.google_account}"},
        trust_env=False,
    )
    return answer.raise_for_status().json().get("connections", [])


def test_the_client_becomes_a_contact_that_a_phone_recognises(running, lead):
    found = until(lambda: people(running), WITHIN_S, "the client's contact")

    assert [person["names"][0]["givenName"] for person in found] == [NAME]
    assert [item["value"] for item in found[0]["phoneNumbers"]] == [PHONE]
    assert "Новая заявка" in found[0]["organizations"][0]["title"]


def test_the_follow_ups_wait_in_the_queue_each_once(running, lead):
    def timers():
        return [row for row in running.tasks.rows() if row.path == "/automation/task/timer"]

    waiting = until(timers, WITHIN_S, "the timer of the first answer")

    assert len({row.name for row in waiting}) == len(waiting)
    assert [row.due for row in waiting if row.due < SystemClock().now()] == []


def test_a_forbidden_edit_is_found_without_a_hook_and_put_back_with_its_reason(
    running, lead, sheets, annas
):
    until(lambda: row_of(sheets, NAME), WITHIN_S, "the lead's row in the sheet")
    tab = annas.open("Картотека").worksheet("Лиды")
    column = tab.row_values(1).index("Стадия") + 1
    row = tab.col_values(tab.row_values(1).index("Имя") + 1).index(NAME) + 1
    tab.update_cell(row, column, "Качественный → сделка")

    def put_back():
        scheduled(running, "/sync/reconcile")
        return tab.cell(row, column).value == "Новая заявка"

    until(put_back, WITHIN_S, "the stage to be put back")
    note = tab.get_note(gspread.utils.rowcol_to_a1(row, column))

    assert "только после звонка" in note


def test_a_repeated_form_is_the_same_event(form, lead):
    answer = httpx.post(form, json=SENT, trust_env=False, timeout=30)

    assert answer.json()["id"] == lead


def test_the_office_is_in_firestore_and_in_no_folder(running, office):
    assert office["data"] == f"Firestore {running.settings.project}/{running.settings.database}"
    assert {account["channel"] for account in office["accounts"]} == {"call", "telegram"}
    assert not (running.logs / "var").exists()


@pytest.mark.parametrize("path", ["/automation/tick", "/sync/reconcile", "/sync/drain/sheets"])
@pytest.mark.parametrize("token", ["", "Bearer nonsense"])
def test_internal_addresses_judge_the_token_themselves(running, path, token):
    headers = {"authorization": token} if token else {}
    answer = httpx.post(running.url(path), json={}, headers=headers, trust_env=False, timeout=30)

    assert answer.status_code == 401


def test_the_logs_of_the_functions_carry_ids_only(running, lead, sheets):
    until(lambda: row_of(sheets, NAME), WITHIN_S, "the lead's row in the sheet")
    logged = running.logged()

    assert '"event": "ingest"' in logged
    for word in (NAME, "Марфа", "Тайнова", PHONE[1:], EMAIL, STORY):
        assert word not in logged
        assert json.dumps(word)[1:-1] not in logged
