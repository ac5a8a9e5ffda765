"""What only the Firestore store promises."""

import secrets
import socket
import subprocess
import sys
from collections.abc import Callable, Iterator
from datetime import UTC, datetime, timedelta
from functools import partial
from pathlib import Path
from typing import Any

import pytest
from google.api_core import exceptions as api
from google.auth import exceptions as auth
from tests.kartoteka.adapters.store_shapes import SHAPES

from kartoteka.adapters import firestore as firestore_module
from kartoteka.adapters.firestore import FirestoreStore
from kartoteka.adapters.firestore_client import Client
from kartoteka.adapters.firestore_errors import REFUSED, UNCERTAIN, translated
from kartoteka.adapters.firestore_log import SETTLING
from kartoteka.adapters.firestore_tx import Transactions
from kartoteka.domain.errors import (
    ConfigError,
    Conflict,
    Invalid,
    KartotekaError,
    ProviderDown,
    RateLimited,
    Transient,
)
from kartoteka.ports import LogEntry, Tx

Open = Callable[..., FirestoreStore]


def family(parent: type[Exception]) -> list[type[Exception]]:
    return [parent, *(cls for child in parent.__subclasses__() for cls in family(child))]


VENDOR = sorted({*family(api.GoogleAPIError), *family(auth.GoogleAuthError)}, key=str)


@pytest.mark.parametrize("kind", VENDOR, ids=lambda kind: kind.__name__)
def test_every_vendor_error_has_one_of_ours(kind: type[Exception]) -> None:
    """What the adapter repeats is passing, what it does not repeat is not."""
    ours = translated(kind.__new__(kind))

    assert isinstance(ours, KartotekaError)
    if issubclass(kind, (*REFUSED, *UNCERTAIN)) and kind is not api.MethodNotImplemented:
        assert isinstance(ours, Transient)
    elif issubclass(kind, api.ClientError | auth.GoogleAuthError):
        assert not isinstance(ours, ProviderDown) or issubclass(kind, auth.TransportError)


@pytest.mark.parametrize(
    ("kind", "expected"),
    [
        (api.Aborted, Transient),
        (api.AlreadyExists, Conflict),
        (api.ResourceExhausted, RateLimited),
        (api.DeadlineExceeded, ProviderDown),
        (api.ServiceUnavailable, ProviderDown),
        (api.InvalidArgument, Invalid),
        (api.FailedPrecondition, ConfigError),
        (api.PermissionDenied, ConfigError),
        (api.NotFound, ConfigError),
        (api.Unauthenticated, ConfigError),
        (auth.DefaultCredentialsError, ConfigError),
        (auth.TransportError, ProviderDown),
    ],
)
def test_error_is_named_by_who_must_act(kind: type[Exception], expected: type[Exception]) -> None:
    assert type(translated(kind("вася@пример.рф"))) is expected
    assert "вася" not in str(translated(kind("вася@пример.рф")))


def test_unreachable_service_is_reported_within_the_patience(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    with socket.socket() as unheard:
        unheard.bind(("127.0.0.1", 0))
        port = unheard.getsockname()[1]
    monkeypatch.setenv("FIRESTORE_EMULATOR_HOST", f"127.0.0.1:{port}")
    store = FirestoreStore("demo", patience_s=0.2)

    for ask in (
        lambda: store.get("things", "one"),
        lambda: store.run(lambda tx: tx.get("things", "one")),
        lambda: store.read_log("changes", None, 1),
    ):
        with pytest.raises(ProviderDown):
            ask()
    store.close()


def test_importing_the_store_does_not_import_the_client() -> None:
    """A function that needs no Firestore must not pay half a second for it at its start."""
    probe = "import sys, kartoteka.adapters.firestore as f; print('grpc' in sys.modules)"
    path = Path(firestore_module.__file__).parents[2]
    answer = subprocess.run(
        [sys.executable, "-c", probe],
        env={"PYTHONPATH": str(path)},
        capture_output=True,
        check=True,
    )

    assert answer.stdout.strip() == b"False"


@pytest.mark.parametrize("shards", [0, 31])
def test_impossible_number_of_shards_is_refused(shards: int) -> None:
    with pytest.raises(ConfigError, match="1 to 30"):
        FirestoreStore("demo", log_shards=shards)


def vendor_error(kind: type[Exception]) -> Exception:
    """Return an error as Google's client raises it."""
    return kind("injected")


class LossyClient(Client):
    """Loses the answer of the first commit, or the commit itself."""

    applied = True
    lost = 0

    def finish(self, transaction: bytes, writes: list[Any], call_s: float) -> None:
        if self.applied or self.lost:
            super().finish(transaction, writes, call_s)
        if not self.lost:
            self.lost += 1
            raise vendor_error(api.ServiceUnavailable)


@pytest.fixture
def lossy(emulator_host: str, monkeypatch: pytest.MonkeyPatch) -> Iterator[LossyClient]:
    monkeypatch.setenv("FIRESTORE_EMULATOR_HOST", emulator_host)
    client = LossyClient(project="demo-kartoteka", database=f"t-{secrets.token_hex(6)}")
    yield client
    client.hang_up()


def reading(client: Client, record_id: str) -> dict[str, Any] | None:
    doc: dict[str, Any] | None = client.collection("things").document(record_id).get().to_dict()
    return doc


def run(client: Client, work: Callable[[Tx], None]) -> None:
    Transactions(client, SHAPES, log_shards=1, patience_s=20).run(work)


@pytest.mark.emulator
@pytest.mark.parametrize("applied", [True, False])
def test_lost_answer_of_a_commit_with_an_entry_is_applied_once(
    lossy: LossyClient, applied: bool
) -> None:
    """The id of the entry is drawn anew by every attempt: only its token can tell."""
    lossy.applied = applied

    def work(tx: Tx) -> None:
        doc = tx.get("things", "total") or {"n": 0}
        tx.put("things", "total", {"n": int(str(doc["n"])) + 1})
        tx.append("events", secrets.token_hex(8), {"subject": "s", "at": "1"})

    run(lossy, work)

    assert lossy.lost == 1
    assert reading(lossy, "total") == {"n": 1}
    assert len(list(lossy.collection("events").stream())) == 1


@pytest.mark.emulator
def test_lost_answer_of_an_applied_creation_is_a_conflict(lossy: LossyClient) -> None:
    with pytest.raises(Conflict):
        run(lossy, lambda tx: tx.create("things", "one", {"n": 1}))
    assert reading(lossy, "one") == {"n": 1}


@pytest.mark.emulator
def test_lost_creation_is_repeated(lossy: LossyClient) -> None:
    lossy.applied = False
    run(lossy, lambda tx: tx.create("things", "one", {"n": 1}))

    assert reading(lossy, "one") == {"n": 1}


@pytest.mark.emulator
def test_lost_answer_that_nobody_can_tell_is_reported(lossy: LossyClient) -> None:
    with pytest.raises(ProviderDown, match="confirm"):
        run(lossy, lambda tx: tx.put("things", "one", {"n": 1}))
    assert lossy.lost == 1


class AbortingTx:
    """Work whose first read meets contention, as a read that waits for a lock does."""

    def __init__(self) -> None:
        self.runs = 0

    def __call__(self, tx: Tx) -> None:
        self.runs += 1
        tx.get("things", "one")
        if self.runs == 1:
            raise vendor_error(api.Aborted)
        tx.put("things", "one", {"n": self.runs})


@pytest.mark.emulator
def test_contention_met_by_a_read_repeats_the_work(open_firestore: Open) -> None:
    store, work = open_firestore(catalog=SHAPES), AbortingTx()
    store.run(work)

    assert store.get("things", "one") == {"n": 2}


def append(tx: Tx, name: str) -> None:
    tx.append("events", name, {"subject": "s", "at": name})


def place_entry(store: FirestoreStore, name: str, arrived: datetime, shard: int = 0) -> None:
    """Write an entry as a server does whose commit took long after the request arrived."""
    entry = {"subject": name, "committed_at": arrived, "shard": shard, "attempt": "x"}
    store._session._client.collection("events").document(name).create(entry)


def stored(store: FirestoreStore, name: str) -> dict[str, Any]:
    """Return an entry with its server fields."""
    entry = store._session._client.collection("events").document(name).get().to_dict()
    assert entry is not None
    return entry


def pages(open_store: Callable[[], FirestoreStore], after: str | None, limit: int) -> list[str]:
    """Read to the end, each page by a store that remembers nothing."""
    seen: list[LogEntry] = []
    while entries := open_store().read_log("events", after, limit):
        seen += entries
        after = entries[-1].position
    return [entry.id for entry in seen]


@pytest.mark.emulator
@pytest.mark.parametrize("delay", [timedelta(0), timedelta(seconds=5), SETTLING / 2])
def test_entry_that_appears_late_is_not_skipped(open_firestore: Open, delay: timedelta) -> None:
    store = open_firestore(catalog=SHAPES)
    store.run(lambda tx: tx.append("events", "seen", {"subject": "s", "at": "1"}))
    [seen] = store.read_log("events", None, 10)
    place_entry(store, "late", stored(store, "seen")["committed_at"] - delay)

    assert [entry.id for entry in store.read_log("events", seen.position, 10)] == ["late"]
    assert store.log_head("events") == store.read_log("events", seen.position, 10)[-1].position


@pytest.mark.emulator
@pytest.mark.parametrize("limit", [1, 2, 7])
def test_late_entries_come_in_the_order_of_their_commits(open_firestore: Open, limit: int) -> None:
    database = f"t-{secrets.token_hex(6)}"
    store = open_firestore(catalog=SHAPES, database=database)
    store.run(lambda tx: tx.append("events", "c", {"subject": "s", "at": "1"}))
    now = stored(store, "c")["committed_at"]
    names = ["c", "a", "e", "b", "d"]
    for name, delay_s in zip(names[1:], [20, 3, 40, 1], strict=True):
        place_entry(store, name, now - timedelta(seconds=delay_s))

    fresh = partial(open_firestore, catalog=SHAPES, database=database)
    assert pages(lambda: store, None, limit) == names
    assert pages(fresh, None, limit) == names


@pytest.mark.emulator
def test_log_restored_from_an_export_is_read_whole_in_small_pages(open_firestore: Open) -> None:
    """Its records were all created at the time of the import, long after they were committed."""
    database = f"t-{secrets.token_hex(6)}"
    store = open_firestore(catalog=SHAPES, database=database)
    then = datetime(2026, 1, 1, tzinfo=UTC)
    names = [f"{number:02}" for number in range(9)]
    for number in (5, 3, 8, 0, 1, 7, 2, 6, 4):
        place_entry(store, names[number], then + number * SETTLING / 3)
    store.run(lambda tx: tx.append("events", "new", {"subject": "s", "at": "1"}))

    fresh = partial(open_firestore, catalog=SHAPES, database=database)
    assert pages(fresh, None, 2) == [*names, "new"]


@pytest.mark.emulator
def test_sharded_log_is_one_log(open_firestore: Open) -> None:
    store = open_firestore(catalog=SHAPES, log_shards=4)
    names = [f"{number:02}" for number in range(24)]
    for name in names:
        store.run(partial(append, name=name))

    used = {doc.get("shard") for doc in store._session._client.collection("events").stream()}
    assert len(used) > 1
    assert pages(lambda: store, None, 5) == names


@pytest.mark.emulator
def test_entry_keeps_its_server_fields_out_of_sight(open_firestore: Open) -> None:
    store = open_firestore(catalog=SHAPES)
    store.run(lambda tx: tx.append("events", "one", {"subject": "s", "at": "1"}))

    entry = stored(store, "one")
    assert set(entry) == {"subject", "at", "committed_at", "shard", "attempt"}
    assert isinstance(entry["committed_at"], datetime)
    assert store.get("events", "one") == {"subject": "s", "at": "1"}
