"""Google's own admin client against a server that speaks its REST: what is asked, what is said."""

import json
import threading
from datetime import UTC, datetime
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from urllib.parse import unquote

import pytest
from google.auth.credentials import AnonymousCredentials
from google.cloud.firestore_admin_v1 import FirestoreAdminClient
from google.cloud.firestore_admin_v1.services.firestore_admin.transports import (
    FirestoreAdminRestTransport,
)

from kartoteka import wiring
from kartoteka.adapters.firestore_export import FirestoreExports
from kartoteka.domain.errors import ConfigError, Invalid, ProviderDown
from kartoteka.settings import Settings

NAME = "projects/my-office/databases/(default)/operations/ASA1"
MOMENT = datetime(2026, 11, 23, 23, 59, tzinfo=UTC)


class Google(ThreadingHTTPServer):
    """Answers each request with the next answer, and keeps the requests."""

    def __init__(self):
        super().__init__(("127.0.0.1", 0), Handler)
        self.asked = []
        self.answers = []


class Handler(BaseHTTPRequestHandler):
    def do_GET(self):
        self._answer(None)

    def do_POST(self):
        self._answer(json.loads(self.rfile.read(int(self.headers["content-length"]))))

    def _answer(self, body):
        self.server.asked.append((self.command, unquote(self.path.partition("?")[0]), body))
        status, said = self.server.answers.pop(0)
        content = json.dumps(said).encode()
        self.send_response(status)
        self.send_header("content-type", "application/json")
        self.send_header("content-length", str(len(content)))
        self.end_headers()
        self.wfile.write(content)

    def log_message(self, *_):
        return


@pytest.fixture
def google():
    server = Google()
    thread = threading.Thread(target=server.serve_forever, args=(0.01,))
    thread.start()
    yield server
    server.shutdown()
    thread.join()
    server.server_close()


def exports(port):
    transport = FirestoreAdminRestTransport(
        host=f"127.0.0.1:{port}", url_scheme="http", credentials=AnonymousCredentials()
    )
    client = FirestoreAdminClient(transport=transport)
    return FirestoreExports(client, "my-office", "(default)")


def test_export_of_one_minute_is_asked_for_and_its_operation_remembered(google):
    google.answers = [(200, {"name": NAME})]

    assert exports(google.server_port).begin("gs://b/daily/2026", MOMENT) == NAME

    [(method, path, body)] = google.asked
    assert (method, path) == (
        "POST",
        "/v1/projects/my-office/databases/(default):exportDocuments",
    )
    assert body["outputUriPrefix"] == "gs://b/daily/2026"
    assert body["snapshotTime"] == "2026-11-23T23:59:00Z"


def test_operation_is_running_then_done(google):
    google.answers = [(200, {"name": NAME}), (200, {"name": NAME, "done": True})]
    looked = exports(google.server_port)

    assert [looked.is_done(NAME), looked.is_done(NAME)] == [False, True]
    assert {path for _, path, _ in google.asked} == {f"/v1/{NAME}"}


def test_operation_given_up_is_invalid(google):
    failed = {"name": NAME, "done": True, "error": {"code": 7, "message": "bucket"}}
    google.answers = [(200, failed)]

    with pytest.raises(Invalid, match="code 7"):
        exports(google.server_port).is_done(NAME)


@pytest.mark.parametrize(
    ("status", "error"), [(403, ConfigError), (400, Invalid), (503, ProviderDown)]
)
def test_refusals_of_google_say_who_must_act(google, status, error):
    google.answers = [(status, {"error": {"code": status, "message": "no"}})]

    with pytest.raises(error):
        exports(google.server_port).begin("gs://b/daily/2026", MOMENT)


def test_credentials_of_the_environment_are_used_and_missing_ones_named(monkeypatch, tmp_path):
    named = tmp_path / "credentials.json"
    monkeypatch.setenv("GOOGLE_APPLICATION_CREDENTIALS", str(named))
    app = wiring.build(Settings(store="firestore", project="my-office"))
    with pytest.raises(ConfigError):
        app.exports.begin("gs://b/daily/2026", MOMENT)

    held = {"type": "authorized_user", "client_id": "a", "client_secret": "b", "refresh_token": "c"}
    named.write_text(json.dumps(held))
    assert app.exports is app.exports


def test_silent_google_is_for_the_caller_to_repeat():
    with pytest.raises(ProviderDown):
        exports(9).begin("gs://b/daily/2026", MOMENT)
