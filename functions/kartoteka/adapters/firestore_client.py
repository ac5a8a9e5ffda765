"""Google's client with what its transaction wrapper hides: one attempt, one deadline.

The wrapper (`firestore.transactional`) repeats commits only, without pause, keeps the id to
repeat on itself and hides causes in ValueError. Here an attempt begins and commits by itself, so
that the caller repeats it whole, whichever call failed.

Source: google-cloud-firestore 2.34, `transaction.py`, `base_client.py`.
"""

import secrets
import time
from collections.abc import Callable
from typing import Any, TypeVar

from google.api_core.retry import Retry
from google.cloud import firestore
from google.cloud.firestore_v1.types import TransactionOptions

from kartoteka.adapters.firestore_errors import REFUSED, UNCERTAIN, VENDOR, translated

T = TypeVar("T")
_CALL_S = 10.0
_COMMIT_S = 30.0
_FIRST_PAUSE_S = 0.03
_LONGEST_PAUSE_S = 1.5
_jitter = secrets.SystemRandom()

# The query stream resumes by this object's predicate, so None is not accepted everywhere.
NO_RETRY = Retry(predicate=lambda _: False)


class Effort:
    """The time left for one operation, and the growing random pauses between its attempts."""

    def __init__(self, patience_s: float) -> None:
        self._deadline = time.monotonic() + patience_s
        self._pause_s = _FIRST_PAUSE_S

    def call_s(self) -> float:
        """Return the deadline of the next call in seconds."""
        return max(0.5, min(_CALL_S, self._deadline - time.monotonic()))

    def pause(self) -> bool:
        """Wait before the next attempt; False, at once, when no time is left for it."""
        pause_s = _jitter.uniform(0, self._pause_s)
        if time.monotonic() + pause_s > self._deadline:
            return False
        time.sleep(pause_s)
        self._pause_s = min(2 * self._pause_s, _LONGEST_PAUSE_S)
        return True


def patiently(call: Callable[[float], T], effort: Effort) -> T:
    """Return what the call returns, repeated while its error passes and time is left.

    Args:
        call: takes its deadline in seconds; may be repeated without harm.
        effort: the time left.
    """
    while True:
        try:
            return call(effort.call_s())
        except VENDOR as exc:
            if not isinstance(exc, (*REFUSED, *UNCERTAIN)) or not effort.pause():
                raise translated(exc) from exc


class Client(firestore.Client):
    """The official client plus the three calls of a transaction."""

    def begin(self, retry_of: bytes | None, call_s: float) -> "Attempt":
        """Return a begun transaction; `retry_of` keeps the place in the queue of a failed one."""
        options = TransactionOptions(
            read_write=TransactionOptions.ReadWrite(retry_transaction=retry_of)
        )
        begun = self._firestore_api.begin_transaction(
            request={"database": self._database_string, "options": options},
            metadata=self._rpc_metadata,
            retry=NO_RETRY,
            timeout=call_s,
        )
        return Attempt(self, begun.transaction)

    def finish(self, transaction: bytes, writes: list[Any], call_s: float) -> None:
        """Commit the writes."""
        self._firestore_api.commit(
            request={
                "database": self._database_string,
                "writes": writes,
                "transaction": transaction,
            },
            metadata=self._rpc_metadata,
            retry=NO_RETRY,
            timeout=call_s,
        )

    def abandon(self, transaction: bytes, call_s: float) -> None:
        """Release the locks of the transaction; without an answer they expire by themselves."""
        try:
            self._firestore_api.rollback(
                request={"database": self._database_string, "transaction": transaction},
                metadata=self._rpc_metadata,
                retry=NO_RETRY,
                timeout=call_s,
            )
        except VENDOR:
            return

    def hang_up(self) -> None:
        """Close the channel."""
        self._firestore_api.transport.close()


def connected(project: str | None, database: str) -> Client:
    """Return a client with the credentials of the environment.

    Raises:
        ConfigError: there are none.
    """
    try:
        return Client(project=project, database=database)
    except VENDOR as exc:
        raise translated(exc) from exc


class Attempt(firestore.Transaction):
    """A begun transaction: reads name it, writes collect in it."""

    def __init__(self, client: Client, begun_id: bytes) -> None:
        super().__init__(client)
        self._owner = client
        self._begun_id = begun_id

    @property
    def id(self) -> bytes:
        """Return the id that reads of this transaction carry."""
        return self._begun_id

    @property
    def in_progress(self) -> bool:
        """Return True: an attempt exists only after its beginning."""
        return True

    def commit_writes(self) -> None:
        """Send the collected writes; the transaction is over, whatever the answer.

        The wait is never cut short, as nobody knows what became of a commit given up; the
        server itself gives up waiting for locks after 20 s.
        """
        self._owner.finish(self._begun_id, self._write_pbs, _COMMIT_S)
