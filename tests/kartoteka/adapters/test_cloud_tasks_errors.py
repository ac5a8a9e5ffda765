"""What each error of the vendor's client becomes; nothing here opens a connection."""

import inspect
import json
from datetime import UTC, datetime

import pytest
import requests
from google.api_core import exceptions as api
from google.auth import exceptions as auth

from kartoteka.adapters.cloud_tasks import (
    CALL_TIMEOUT_S,
    CloudTasks,
    Target,
    build,
    cloud_client,
    translate,
)
from kartoteka.domain.errors import (
    ConfigError,
    Invalid,
    KartotekaError,
    ProviderDown,
    RateLimited,
    Transient,
)
from kartoteka.ports import QueuedTask

TARGET = Target("p", "l", "https://box", "a@b", {"sync": "https://sync.example/"})
TASK = QueuedTask("q", "t", "/sync/drain/sheets")

EXPECTED = {
    api.GoogleAPIError: ProviderDown,
    api.GoogleAPICallError: ProviderDown,
    api.DuplicateCredentialArgs: ConfigError,
    api.RetryError: ProviderDown,
    api.Redirection: ConfigError,
    api.MovedPermanently: ConfigError,
    api.NotModified: ConfigError,
    api.TemporaryRedirect: ConfigError,
    api.ResumeIncomplete: ConfigError,
    api.ClientError: ConfigError,
    api.BadRequest: Invalid,
    api.InvalidArgument: Invalid,
    api.FailedPrecondition: ConfigError,
    api.OutOfRange: Invalid,
    api.Unauthorized: ConfigError,
    api.Unauthenticated: ConfigError,
    api.Forbidden: ConfigError,
    api.PermissionDenied: ConfigError,
    api.NotFound: ConfigError,
    api.MethodNotAllowed: ConfigError,
    api.Conflict: Transient,
    api.AlreadyExists: Transient,  # never reached: an enqueue answers False
    api.Aborted: Transient,
    api.LengthRequired: ConfigError,
    api.PreconditionFailed: ConfigError,
    api.RequestRangeNotSatisfiable: ConfigError,
    api.TooManyRequests: RateLimited,
    api.ResourceExhausted: RateLimited,
    api.Cancelled: Transient,
    api.ServerError: ProviderDown,
    api.InternalServerError: ProviderDown,
    api.Unknown: ProviderDown,
    api.DataLoss: ProviderDown,
    api.MethodNotImplemented: ConfigError,
    api.BadGateway: ProviderDown,
    api.ServiceUnavailable: ProviderDown,
    api.GatewayTimeout: ProviderDown,
    api.DeadlineExceeded: ProviderDown,
    api.ResumableTransferError: ProviderDown,
    api.TransferStalledError: ProviderDown,
    api.UnseekableStreamError: ProviderDown,
    api.UploadCancelledError: ProviderDown,
    api.MissingStatusHeaderError: ProviderDown,
    auth.GoogleAuthError: ConfigError,
    auth.DefaultCredentialsError: ConfigError,
    auth.RefreshError: ConfigError,
    auth.TransportError: ProviderDown,
    requests.ConnectionError: ProviderDown,
    requests.Timeout: ProviderDown,
}


def make(kind):
    return api.RetryError("x", None) if kind is api.RetryError else kind("x")


class FailingClient:
    """Raises the planned errors one after the other, then succeeds."""

    def __init__(self, *errors):
        self.errors = list(errors)
        self.requests = []

    def create_task(self, request, timeout):
        assert timeout == CALL_TIMEOUT_S
        self.requests.append(request)
        if self.errors:
            raise self.errors.pop(0)


def tasks(*errors):
    client, slept = FailingClient(*errors), []
    return CloudTasks(client, TARGET, slept.append), client, slept


def test_every_error_of_the_clients_core_is_in_the_table():
    kinds = {
        kind
        for _, kind in inspect.getmembers(api, inspect.isclass)
        if issubclass(kind, api.GoogleAPIError)
    }
    assert kinds <= set(EXPECTED)


@pytest.mark.parametrize("kind", EXPECTED, ids=lambda kind: kind.__name__)
def test_vendor_error_becomes_ours(kind):
    error = translate(make(kind))
    assert type(error) is EXPECTED[kind]
    assert kind.__name__ in str(error)


@pytest.mark.parametrize(
    "kind", [k for k in EXPECTED if k is not api.AlreadyExists], ids=lambda kind: kind.__name__
)
def test_enqueue_lets_only_our_errors_out(kind):
    queues, _, _ = tasks(*(make(kind) for _ in range(3)))
    with pytest.raises(KartotekaError) as caught:
        queues.enqueue(TASK)
    assert type(caught.value) is EXPECTED[kind]
    assert isinstance(caught.value.__cause__, kind)


def test_service_away_is_repeated_under_the_same_name():
    queues, client, slept = tasks(api.ServiceUnavailable("x"), requests.ConnectionError())
    assert queues.enqueue(TASK) is True
    names = {request["task"]["name"] for request in client.requests}
    assert names == {"projects/p/locations/l/queues/q/tasks/t"}
    assert slept == [0.1, 0.4]


def test_service_that_stays_away_is_transient_after_three_attempts():
    queues, client, _ = tasks(*(api.ServiceUnavailable("x") for _ in range(5)))
    with pytest.raises(ProviderDown):
        queues.enqueue(TASK)
    assert len(client.requests) == 3


def test_slow_down_is_not_repeated_here():
    queues, client, slept = tasks(api.TooManyRequests("x"))
    with pytest.raises(RateLimited):
        queues.enqueue(TASK)
    assert (len(client.requests), slept) == (1, [])


def test_used_name_over_grpc_is_false():
    assert tasks(api.AlreadyExists("x"))[0].enqueue(TASK) is False


@pytest.mark.parametrize(("status", "added"), [("ALREADY_EXISTS", False), ("ABORTED", None)])
def test_conflict_over_rest_is_told_apart_by_the_status_in_the_body(status, added):
    answer = requests.Response()
    answer.status_code = 409
    answer._content = json.dumps({"error": {"status": status}}).encode()
    queues, _, _ = tasks(api.Conflict("x", response=answer))
    if added is None:
        with pytest.raises(Transient):
            queues.enqueue(TASK)
    else:
        assert queues.enqueue(TASK) is added


def test_request_says_where_when_and_as_whom():
    queues, client, _ = tasks()
    at = datetime(2026, 11, 23, 9, 0, tzinfo=UTC)
    queues.enqueue(QueuedTask("q", "t", "/automation/tick", {"текст": "да"}, at))
    task = client.requests[0]["task"]
    call = task["http_request"]
    assert task["schedule_time"] == at
    assert call["url"] == "https://box/automation/tick"
    assert json.loads(call["body"]) == {"текст": "да"}
    assert call["headers"] == {"Content-Type": "application/json"}
    assert call["oidc_token"] == {"service_account_email": "a@b", "audience": "https://box"}


def test_function_with_an_address_of_its_own_is_called_there():
    queues, client, _ = tasks()
    queues.enqueue(TASK)
    url = client.requests[0]["task"]["http_request"]["url"]
    assert url == "https://sync.example/sync/drain/sheets"
    assert "schedule_time" not in client.requests[0]["task"]


def test_path_without_slash_is_refused():
    with pytest.raises(Invalid, match="slash"):
        tasks()[0].enqueue(QueuedTask("q", "t", "sync"))


def test_without_an_endpoint_the_client_is_googles(monkeypatch):
    monkeypatch.setattr("google.auth.default", lambda *_, **__: (None, None))
    assert cloud_client().api_endpoint == "cloudtasks.googleapis.com"


class BoxSettings:
    project, location, base_url, tasks_email = "p", "l", "http://127.0.0.1:9", "a@b"
    tasks_endpoint = "127.0.0.1:9"

    def __init__(self):
        self.urls = {}


def test_with_an_endpoint_the_client_is_the_boxs():
    assert build(BoxSettings())._client.transport._host == "http://127.0.0.1:9"
