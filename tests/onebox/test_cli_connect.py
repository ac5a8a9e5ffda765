"""`kartoteka connect`: what each service of Google answers, and in words what to mend."""

import json
import threading
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

import pytest
from tests.sync.standin import OFFICE, stand_in

from kartoteka.adapters.google_probe import PROBES, Outcome, probe, read_key
from kartoteka.domain.errors import ConfigError
from kartoteka.settings import Secret, Settings
from onebox.cli import run
from onebox.commands.connecting import examine, line_of

KEY = {"type": "authorized_user", "client_id": "a", "client_secret": "b", "refresh_token": "c"}


@pytest.fixture(scope="module")
def office(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """Address of a stand-in."""
    with stand_in(tmp_path_factory.mktemp("google")) as (_, address):
        yield address


class Refusing(BaseHTTPRequestHandler):
    """Google, which answers everything with one refusal."""

    status, reason, message = 403, "", ""

    def do_GET(self) -> None:
        error = {"code": self.status, "message": self.message, "errors": [{"reason": self.reason}]}
        body = json.dumps({"error": error}).encode()
        self.send_response(self.status)
        self.send_header("Content-Type", "application/json")
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, *_: object) -> None:
        """Say nothing."""


@pytest.fixture
def refusing() -> Iterator[str]:
    server = ThreadingHTTPServer(("127.0.0.1", 0), Refusing)
    thread = threading.Thread(target=server.serve_forever, args=(0.01,))
    thread.start()
    yield f"http://127.0.0.1:{server.server_port}"
    server.shutdown()
    thread.join()
    server.server_close()


def test_connected_office_is_told_so(office: str, capsys: pytest.CaptureFixture[str]) -> None:
    code = run(["connect", "--endpoint", office, "--account", OFFICE, "--json"])

    lines = json.loads(capsys.readouterr().out)
    assert code == 0
    assert [line["service"] for line in lines] == [one.called for one in PROBES]
    assert all(line["ok"] for line in lines)


def test_colleagues_with_keys_are_looked_at_too(office: str) -> None:
    people = json.dumps({"anna@office.example": KEY})
    settings = Settings(google_endpoint=office, google_people=Secret(people))

    lines = list(examine(settings))

    anna = [line.service for line in lines if line.account == "anna@office.example"]
    assert anna == ["People API", "Google Calendar API"]
    assert all(line.ok for line in lines)


@pytest.mark.parametrize(
    ("status", "reason", "message", "said"),
    [
        (403, "accessNotConfigured", "People API has not been used in project 1", "switch People"),
        (403, "insufficientPermissions", "Request had insufficient scopes", "right contacts"),
        (403, "rateLimitExceeded", "Quota exceeded", "try again in a minute"),
        (500, "backendError", "", "look at the network"),
    ],
)
def test_refusal_says_what_to_mend(
    refusing: str, monkeypatch: pytest.MonkeyPatch, status: int, reason: str, *, message: str,
    said: str,
) -> None:  # fmt: skip
    for name, value in (("status", status), ("reason", reason), ("message", message)):
        monkeypatch.setattr(Refusing, name, value)
    people = next(one for one in PROBES if one.api == "people")

    assert said in probe(Settings(google_endpoint=refusing), people).fix


def test_key_of_another_account_is_named() -> None:
    drive = next(one for one in PROBES if one.api == "drive")
    settings = Settings(google_account="boss@office.example")

    line = line_of(settings, drive, Outcome(account="office@office.example"))

    assert "the key is of office@office.example" in line.fix
    assert not line.ok


def test_office_without_a_key_is_told_to_connect() -> None:
    lines = list(examine(Settings()))

    assert not any(line.ok for line in lines)
    assert all("KARTOTEKA_GOOGLE_TOKEN" in line.fix for line in lines)


@pytest.mark.parametrize(
    ("content", "said"),
    [
        ("{", "not JSON"),
        ("[]", "no key"),
        (json.dumps({"type": "service_account", "private_key": "x"}), "service account"),
        (json.dumps({"installed": {"client_id": "a"}}), "OAuth client"),
        (json.dumps({"client_id": "a", "client_secret": "b"}), "refresh_token"),
    ],
)
def test_wrong_file_is_refused_by_its_kind(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], content: str, said: str
) -> None:
    file = tmp_path / "key.json"
    file.write_text(content, "utf-8")

    with pytest.raises(ConfigError, match=said):
        read_key(content)
    assert run(["connect", "--token", str(file)]) == 2
    assert said in capsys.readouterr().err


def test_right_file_is_one_line() -> None:
    assert json.loads(read_key(json.dumps(KEY, indent=2))) == KEY
