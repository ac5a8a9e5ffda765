"""Delayed calls through Google's own Cloud Tasks client.

The same client talks to Google (gRPC, default credentials) and to the one-box runner (REST,
no credentials). Source: google-cloud-tasks 2.26; Cloud Tasks v2 reference.
"""

import json
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Protocol

from kartoteka.domain.errors import (
    ConfigError,
    Invalid,
    KartotekaError,
    ProviderDown,
    RateLimited,
    Transient,
)
from kartoteka.ports import QueuedTask

if TYPE_CHECKING:
    from google.cloud.tasks_v2 import CloudTasksClient
    from requests import Response

CALL_TIMEOUT_S = 5.0
PAUSES_S = (0.1, 0.4)  # between the attempts of one enqueue while the service is away


@dataclass(frozen=True, slots=True)
class Target:
    """Where tasks wait and whom they call.

    `base_url` (no slash at the end) is the prefix of every path and the audience of the token;
    `urls` replaces the prefix for paths whose first segment it names. `caller_email` is the
    service account in the token.
    """

    project: str
    location: str
    base_url: str
    caller_email: str
    urls: Mapping[str, str] = field(default_factory=dict)

    def url(self, path: str) -> str:
        """Return the full address of a path that starts with /."""
        first = path.split("/", 2)[1]
        return self.urls.get(first, self.base_url).rstrip("/") + path


class TasksSettings(Protocol):
    """The part of the installation's settings that says where the queues are."""

    @property
    def project(self) -> str: ...
    @property
    def location(self) -> str: ...
    @property
    def base_url(self) -> str: ...
    @property
    def urls(self) -> dict[str, str]: ...
    @property
    def tasks_endpoint(self) -> str: ...
    @property
    def tasks_email(self) -> str: ...


def build(settings: TasksSettings) -> "CloudTasks":
    """Return the queues: of the local runner when `tasks_endpoint` names one, else Google's."""
    endpoint = settings.tasks_endpoint
    target = Target(
        project=settings.project,
        location=settings.location,
        base_url=settings.base_url,
        caller_email=settings.tasks_email,
        urls=settings.urls,
    )
    return CloudTasks(box_client(endpoint) if endpoint else cloud_client(), target)


def box_client(host: str, request: "Callable[..., Response] | None" = None) -> "CloudTasksClient":
    """Return Google's client for the runner at `host` ("127.0.0.1:8080"); no proxy is asked.

    `request` answers instead of a socket, for a runner in the same process: it is called as the
    method of this name of a session of `requests`.
    """
    from google.auth.credentials import AnonymousCredentials
    from google.cloud.tasks_v2 import CloudTasksClient
    from google.cloud.tasks_v2.services.cloud_tasks.transports import (
        CloudTasksRestTransport,
    )

    nobody = AnonymousCredentials()  # type: ignore[no-untyped-call] # google-auth is half typed
    transport = CloudTasksRestTransport(host=host, url_scheme="http", credentials=nobody)
    session = transport._session  # noqa: SLF001 - the transport has no setting for it
    session.trust_env = False
    if request is not None:
        vars(session)["request"] = request
    return CloudTasksClient(transport=transport)


def cloud_client() -> "CloudTasksClient":
    """Return Google's client with the default credentials of the function."""
    from google.cloud.tasks_v2 import CloudTasksClient

    return CloudTasksClient()


class CloudTasks:
    """The `Tasks` port over a Cloud Tasks client; threads may share it."""

    def __init__(
        self,
        client: "CloudTasksClient",
        target: Target,
        sleep: Callable[[float], None] = time.sleep,
    ) -> None:
        self._client = client
        self._target = target
        self._sleep = sleep
        self._vendor_errors = _vendor_errors()

    def enqueue(self, task: QueuedTask) -> bool:
        """Return True if added, False if the name was already used.

        While the service is away the call is repeated twice under the same name; an attempt
        that did get through then shows as an already used name.

        Raises:
            Invalid: the path has no leading slash, or Cloud Tasks refuses the task (its size,
                its name, a time more than 30 days ahead).
            Transient: the service is away or asks to slow down; repeat with the same name.
            ConfigError: the queue does not exist, or the rights are missing.
        """
        if not task.path.startswith("/"):
            raise Invalid("The path of a task must start with a slash.", fields={"path": "path"})
        request = self._request(task)
        for pause_s in PAUSES_S:
            try:
                return self._create(request)
            except ProviderDown:
                self._sleep(pause_s)
        return self._create(request)

    def _create(self, request: dict[str, object]) -> bool:
        try:
            self._client.create_task(request=request, timeout=CALL_TIMEOUT_S)
        except self._vendor_errors as exc:
            if _name_is_used(exc):
                return False
            raise translate(exc) from exc
        return True

    def _request(self, task: QueuedTask) -> dict[str, object]:
        place = self._target
        queue = f"projects/{place.project}/locations/{place.location}/queues/{task.queue}"
        wanted: dict[str, object] = {
            "name": f"{queue}/tasks/{task.name}",
            "http_request": {
                "url": place.url(task.path),
                "http_method": "POST",
                "headers": {"Content-Type": "application/json"},
                "body": json.dumps(dict(task.payload), separators=(",", ":")).encode(),
                "oidc_token": {
                    "service_account_email": place.caller_email,
                    "audience": place.base_url,
                },
            },
        }
        if task.at is not None:
            wanted["schedule_time"] = task.at
        return {"parent": queue, "task": wanted}


# By the name of the vendor's class, the nearest ancestor first: whose move it is.
_TRANSLATIONS: Mapping[str, tuple[type[KartotekaError], str]] = {
    "TooManyRequests": (RateLimited, "Cloud Tasks asks to slow down."),
    "Conflict": (Transient, "Another call to Cloud Tasks came first."),
    "Cancelled": (Transient, "The call to Cloud Tasks was cancelled."),
    "FailedPrecondition": (ConfigError, "The queue does not accept tasks; is it disabled?"),
    "BadRequest": (Invalid, "Cloud Tasks refuses the task: see its size, name and time."),
    "Unauthorized": (ConfigError, "Cloud Tasks does not know us; check the credentials."),
    "Forbidden": (ConfigError, "Cloud Tasks forbids it; grant cloudtasks.enqueuer and actAs."),
    "NotFound": (ConfigError, "The queue does not exist; create it first."),
    "ClientError": (ConfigError, "Cloud Tasks does not understand the call."),
    "Redirection": (ConfigError, "The address of Cloud Tasks redirects; check it."),
    "MethodNotImplemented": (ConfigError, "This address does not offer Cloud Tasks; check it."),
    "DuplicateCredentialArgs": (ConfigError, "The client has two sets of credentials."),
    "GoogleAPIError": (ProviderDown, "Cloud Tasks does not answer properly."),
    "TransportError": (ProviderDown, "The token server does not answer."),
    "GoogleAuthError": (ConfigError, "There are no usable Google credentials."),
    "RequestException": (ProviderDown, "Cloud Tasks cannot be reached."),
}


def translate(error: Exception) -> KartotekaError:
    """Return our error for one of the client's, named by who must act."""
    names = [ancestor.__name__ for ancestor in type(error).__mro__]
    nearest = next((name for name in names if name in _TRANSLATIONS), "GoogleAPIError")
    kind, message = _TRANSLATIONS[nearest]
    return kind(f"{message} ({names[0]})")


def _name_is_used(error: Exception) -> bool:
    """Tell an ALREADY_EXISTS; over REST its class is only Conflict, the status is in the body."""
    kinds = {ancestor.__name__ for ancestor in type(error).__mro__}
    if "AlreadyExists" in kinds:
        return True
    answer = getattr(error, "response", None)
    return "Conflict" in kinds and answer is not None and _status(answer.content) != "ABORTED"


def _status(body: bytes) -> str:
    try:
        return str(json.loads(body)["error"]["status"])
    except (ValueError, KeyError, TypeError):
        return ""


def _vendor_errors() -> tuple[type[Exception], ...]:
    from google.api_core.exceptions import GoogleAPIError
    from google.auth.exceptions import GoogleAuthError
    from requests import RequestException

    return GoogleAPIError, GoogleAuthError, RequestException
