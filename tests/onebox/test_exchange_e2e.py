"""Exchanges on one box: connected by a command, samples sent as their providers send them."""

import httpx
import pytest
from tests.onebox.reading_sheets import sheets
from tests.onebox.serving import kartoteka, served, until

pytestmark = pytest.mark.e2e

OLGA = "olga@office.example"
SECRETS = {"mango": "key:salt", "zadarma": "zadarma-secret", "twilio": "twilio-token"}
SENT = {
    "asterisk": "missed",
    "beeline": "missed",
    "exolve": "missed",
    "mango": "missed",
    "megafon": "question",
    "sipuni": "question",
    "telphin": "in_queue",
    "twilio": "dial_no_answer",
    "uis": "question",
    "zadarma": "question",
}
ROWS = {"mango": "+79165550178", "telphin": "+79165550181"}


@pytest.fixture(scope="module")
def box(tmp_path_factory):
    data = tmp_path_factory.mktemp("box") / "office"
    with served(data, "--no-page", "--clock", "2026-11-23T09:00") as found:
        yield found


@pytest.fixture(scope="module")
def connected(box):
    """The address of every exchange, as `account.add` told it."""
    return {channel: connect(box, channel) for channel in SENT}


def connect(box, channel):
    given = f'{{"channel": "{channel}", "title": "АТС {channel}"'
    given += f', "secret": "{SECRETS[channel]}"}}' if channel in SECRETS else "}"
    told = kartoteka("do", "account.add", "--as", OLGA, "--json", given, "--data", str(box.data))
    return httpx.Response(200, text=told).json()


def shown_digits(box):
    """The digits of every cell in the first tab of the book that the whole team shares."""
    [team] = [book for book in box.cli("books") if book["role"] == "team"]
    client = sheets(box.url, team["people"][0])
    cells = client.open_by_key(team["spreadsheet_id"]).get_worksheet(0).get_all_values()
    return {"".join(filter(str.isdigit, cell)) for row in cells for cell in row}


def test_address_is_told_with_a_secret(connected):
    assert connected["mango"]["secret"] == "key:salt"
    assert connected["telphin"]["path"].startswith("/ingest/telphin/telphin_")
    assert len(connected["telphin"]["secret"]) > 30


@pytest.mark.parametrize("channel", sorted(SENT))
def test_sample_is_taken_by_the_running_box(box, connected, channel):
    until(lambda: box.web.get(connected[channel]["path"]).status_code == 200)

    assert box.cli("send", channel, SENT[channel])["status"] == 200


@pytest.mark.parametrize("channel", sorted(ROWS))
def test_missed_call_becomes_a_request_a_task_and_a_row(box, connected, channel):
    until(lambda: box.web.get(connected[channel]["path"]).status_code == 200)
    box.cli("send", channel, "missed" if channel == "mango" else "in_queue")

    number = ROWS[channel]
    until(lambda: [lead for lead in box.cli("list", "leads") if lead["name"] == number])
    until(lambda: [task for task in box.cli("list", "tasks") if task["what"] == "callback"])
    until(lambda: number.removeprefix("+") in shown_digits(box))
