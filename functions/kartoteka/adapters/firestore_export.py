"""Google's own export of a whole Firestore database into a bucket: begun here, done there.

Source: Firestore Admin API v1, `exportDocuments`. It runs on Google's side for as long as it
takes, whatever the size, and with a snapshot time it shows the database at one whole minute of the
last seven days (point-in-time recovery must be on, or the minute be in the last hour). Google
counts one read for each document.
"""

from collections.abc import Callable
from datetime import datetime
from typing import TYPE_CHECKING, TypeVar

from kartoteka.domain.errors import Invalid, ProviderDown

if TYPE_CHECKING:
    from google.cloud.firestore_admin_v1 import FirestoreAdminClient

T = TypeVar("T")
_CALL_S = 20.0


class FirestoreExports:
    """Exports of one database."""

    def __init__(self, client: "FirestoreAdminClient", project: str, database: str) -> None:
        """Use Google's client, which must be of its REST transport: it costs no gRPC channel."""
        self._client = client
        self._name = f"projects/{project}/databases/{database}"

    def begin(self, place: str, moment: datetime) -> str:
        """Return the name of the operation that exports the database of this minute."""
        request = {"name": self._name, "output_uri_prefix": place, "snapshot_time": moment}
        begun = _asked(lambda: self._client.export_documents(request, retry=None, timeout=_CALL_S))
        return str(begun.operation.name)

    def is_done(self, operation: str) -> bool:
        """Return whether the export is whole."""
        found = _asked(
            lambda: self._client.get_operation({"name": operation}, retry=None, timeout=_CALL_S)
        )
        if found.done and found.error.code:
            raise Invalid(f"Google gave the export up: code {found.error.code}")
        return bool(found.done)


def build(project: str, database: str) -> FirestoreExports:
    """Return the exports of a database, with the credentials of the environment."""
    from google.cloud.firestore_admin_v1 import FirestoreAdminClient

    client = _asked(lambda: FirestoreAdminClient(transport="rest"))
    return FirestoreExports(client, project, database)


def _asked(call: Callable[[], T]) -> T:
    from kartoteka.adapters.firestore_errors import VENDOR, translated

    try:
        return call()
    except VENDOR as exc:
        raise translated(exc) from exc
    except OSError as exc:
        raise ProviderDown("Firestore's administration does not answer: repeat later") from exc
