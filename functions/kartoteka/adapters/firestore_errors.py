"""Google's errors in our words, by table; the nearest listed ancestor of a class decides.

Source: google.api_core.exceptions, google.auth.exceptions.
"""

from google.api_core import exceptions as api
from google.auth import exceptions as auth

from kartoteka.domain.errors import (
    ConfigError,
    Conflict,
    Invalid,
    KartotekaError,
    ProviderDown,
    RateLimited,
    Transient,
)

_SETUP = "Firestore refuses the installation: check the project, the database and its permissions"
_REFUSED = "Firestore refuses the values: see the cause"
_DOWN = "Firestore does not answer: repeat later"

TABLE: dict[type[Exception], tuple[type[KartotekaError], str]] = {
    api.Aborted: (Transient, "other transactions hold the same records: repeat later"),
    api.AlreadyExists: (Conflict, "a record to be created exists: read it and repeat"),
    api.BadRequest: (Invalid, _REFUSED),
    api.ClientError: (ConfigError, _SETUP),
    api.Conflict: (Conflict, "somebody changed the record first: read it and repeat"),
    api.DuplicateCredentialArgs: (ConfigError, _SETUP),
    api.FailedPrecondition: (
        ConfigError,
        "Firestore lacks an index or is in Datastore mode: deploy the declared indexes",
    ),
    api.Cancelled: (ProviderDown, _DOWN),
    api.GoogleAPIError: (ProviderDown, _DOWN),
    api.MethodNotImplemented: (ConfigError, _SETUP),
    api.RequestRangeNotSatisfiable: (Invalid, _REFUSED),
    api.TooManyRequests: (RateLimited, "Firestore asks to slow down: repeat later"),
    auth.GoogleAuthError: (ConfigError, _SETUP),
    auth.TransportError: (ProviderDown, "Google's sign-in does not answer: repeat later"),
}

# Worth another attempt: the first of them certainly, the others possibly, left no trace.
REFUSED = (api.Aborted, api.ResourceExhausted)
UNCERTAIN = (
    api.Cancelled,
    api.ServerError,
    api.RetryError,
    auth.TransportError,
    ConnectionError,
    TimeoutError,
)
VENDOR = (api.GoogleAPIError, auth.GoogleAuthError, ConnectionError, TimeoutError)


def translated(exc: Exception) -> KartotekaError:
    """Return our error for one of Google's; the text names no values."""
    for ancestor in type(exc).__mro__:
        if ancestor in TABLE:
            kind, text = TABLE[ancestor]
            return kind(text)
    return ProviderDown(_DOWN)
