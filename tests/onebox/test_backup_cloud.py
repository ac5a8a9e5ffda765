"""An office goes from a box into the cloud and back, whole, and works on where it was."""

import json
import secrets
import threading
from datetime import timedelta

import pytest
from tests.fakes import FakeTasks, FixedClock
from tests.furnished import furnish

from kartoteka.adapters.firestore_moment import FirestoreMoment
from kartoteka.adapters.firestore_rebuild import FirestoreRebuild
from kartoteka.adapters.moment import Kept, numbered
from kartoteka.adapters.sqlite import SqliteStore
from kartoteka.domain.errors import ConfigError, Transient
from kartoteka.domain.ids import InboundId
from kartoteka.domain.inbound import Inbound, Kind, Person
from kartoteka.services import consume
from kartoteka.services.office import Desk, SettingsCache, read_settings
from kartoteka.services.record_inbound import record
from kartoteka.services.wake import CONSUMERS, Waker
from kartoteka.settings import Settings
from onebox.backups.archive import back_up
from onebox.backups.places import at, place
from onebox.backups.restoring import restore
from onebox.backups.restoring_cloud import identity, restore_in_cloud
from onebox.cli import REFUSED, run
from onebox.office import STORE_FILE

NOW = FixedClock().now()
PROJECT = "demo-kartoteka"
pytestmark = pytest.mark.emulator


def desk_on(store):
    clock, tasks = FixedClock(), FakeTasks()
    return Desk(store, tasks, clock, SettingsCache(store, ttl_s=0), Waker(tasks, clock))


def lead(desk, number):
    record(
        desk,
        Inbound(
            id=InboundId(f"in_{number}"),
            channel="form",
            account="consult",
            event_id=str(number),
            what=Kind.FORM,
            at=NOW,
            received_at=NOW,
            sender=Person(name="Мария", phones=(f"+791600000{number:02}",), emails=(MAIL,)),
        ),
    )


MAIL = "a/b%c@office.example"


@pytest.fixture
def data(tmp_path):
    """An office with five leads, of which its mirrors have seen three."""
    folder = tmp_path / "office"
    folder.mkdir()
    furnish(folder / STORE_FILE)
    store = SqliteStore(folder / STORE_FILE)
    desk = desk_on(store)
    for number in range(3):
        lead(desk, number)
    for name in CONSUMERS:
        consume.drain(desk, name, lambda _changes: None, batch=100, most=100)
    seen = {"position": "2026-11-23T05:50:00.000000Z", "at": "2026-11-23T06:00:00.000000Z"}
    store.run(lambda tx: tx.put("checkpoints", "duplicates", seen))
    timer = {"id": "tm_1", "state": "pending", "due_at": "2026-11-23T07:00:00.000000Z"}
    link = {"resource": "people/c1", "hash": "0f", "z": [1.5, None], "a": {"y": 1, "b": 2}}
    store.run(lambda tx: (tx.put("timers", "tm_1", timer), tx.put("contact_links", "cl_1", link)))
    for number in range(3, 5):
        lead(desk, number)
    store.close()
    return folder


@pytest.fixture
def cloud(emulator_host, monkeypatch):
    """Settings of a new, empty database."""
    monkeypatch.setenv("FIRESTORE_EMULATOR_HOST", emulator_host)
    return at(f"firestore:{PROJECT}/t-{secrets.token_hex(6)}", Settings())


def contents(manifest):
    return {n: (s["content"], s["records"]) for n, s in manifest["files"].items() if "content" in s}


def waiting(store, consumer):
    entries = store.read_log("changes", consume.checkpoint(store, consumer), 100)
    return [entry.id for entry in entries]


def test_office_moves_to_the_cloud_and_back_without_a_difference(data, cloud, tmp_path):
    first = back_up(Settings(data=data), tmp_path / "1", NOW)
    assert restore_in_cloud(tmp_path / "1", cloud) == first
    second = back_up(cloud, tmp_path / "2", NOW)
    restore(tmp_path / "2", tmp_path / "again")
    third = back_up(Settings(data=tmp_path / "again"), tmp_path / "3", NOW)

    assert contents(first) == contents(second) == contents(third)
    assert contents(first)["records/changes.ndjson"][1] >= 6
    assert (first["store"], second["store"]) == ("sqlite", "firestore")


def test_consumers_of_a_restored_office_go_on(data, cloud, open_firestore, tmp_path):
    back_up(Settings(data=data), tmp_path / "b", NOW)
    old = SqliteStore(data / STORE_FILE)
    expected = {name: waiting(old, name) for name in CONSUMERS}
    order = [entry.id for entry in old.read_log("changes", None, 100)]
    past = old.get("checkpoints", "duplicates")
    old.close()
    restore_in_cloud(tmp_path / "b", cloud)
    store = open_firestore(database=cloud.database)

    assert {name: waiting(store, name) for name in CONSUMERS} == expected
    assert {len(ids) for ids in expected.values()} == {2}
    assert [entry.id for entry in store.read_log("changes", None, 100)] == order
    assert store.get("checkpoints", "duplicates") == past
    desk = desk_on(store)
    for name in CONSUMERS:
        consume.drain(desk, name, lambda _changes: None, batch=1, most=100)
        assert not consume.lags(store, name)

    lead(desk, 7)
    [new] = {tuple(waiting(store, name)) for name in CONSUMERS}
    assert len(new) == 1
    assert new[0] not in order
    more = back_up(cloud, tmp_path / "more", NOW)
    restore(tmp_path / "more", tmp_path / "again")
    again = SqliteStore(tmp_path / "again" / STORE_FILE)
    try:
        assert [entry.id for entry in again.read_log("changes", None, 100)] == [*order, *new]
        assert {tuple(waiting(again, name)) for name in CONSUMERS} == {new}
    finally:
        again.close()
    assert more["files"]["records/changes.ndjson"]["records"] == len(order) + 1


def test_what_is_not_empty_is_refused_and_left_alone(data, cloud, open_firestore, capsys):
    backup = data.with_name("b")
    back_up(Settings(data=data), backup, NOW)
    store = open_firestore(database=cloud.database)
    store.run(lambda tx: tx.put("clients", "cl_1", {"name": "Мария"}))

    assert run(["restore", str(backup), "--into", place(cloud)]) == REFUSED
    assert "gcloud firestore databases create" in capsys.readouterr().err
    assert store.get("settings", "office") is None
    assert run(["restore", str(backup), "--into", "firestore:UPPER"]) == REFUSED
    assert "firestore:PROJECT/DATABASE" in capsys.readouterr().err


def test_command_restores_into_a_database_and_says_what_was_compared(data, cloud, tmp_path, capsys):
    back_up(Settings(data=data), tmp_path / "b", NOW)
    assert run(["restore", str(tmp_path / "b"), "--into", place(cloud)]) == 0
    assert "read again and equal" in capsys.readouterr().out
    assert run(["backup", str(tmp_path / "c"), "--from", place(cloud), "--json"]) == 0
    assert json.loads(capsys.readouterr().out)["store"] == "firestore"


def test_mirror_of_the_cloud_is_filled_again_by_command(data, cloud, open_firestore, tmp_path):
    back_up(Settings(data=data), tmp_path / "b", NOW)
    restore_in_cloud(tmp_path / "b", cloud)
    store = open_firestore(database=cloud.database)
    assert len(waiting(store, "sheets")) == 2

    assert run(["rebuild", "sheets", "--of", place(cloud)]) == 0

    assert consume.checkpoint(store, "sheets") is None
    assert len(waiting(store, "contacts")) == 2


class Killed(BaseException):
    """The machine went down."""


def dying(records, after):
    for number, kept in enumerate(records):
        if number == after:
            raise Killed
        yield kept


def test_killed_restoring_is_no_office_and_goes_on_with_the_same_backup(
    data, cloud, open_firestore, tmp_path
):
    manifest = back_up(Settings(data=data), tmp_path / "b", NOW)
    back_up(Settings(data=data), tmp_path / "other", NOW + timedelta(days=1))
    store = open_firestore(database=cloud.database)
    half = FirestoreRebuild(PROJECT, cloud.database)
    half.begin(identity(manifest))
    wide = (Kept(f"ac_{number}", {"text": "a" * 900_000}) for number in range(6))
    with pytest.raises(Killed):
        half.fill("activities", dying(wide, 5), {})
    half.close()

    assert store.get("activities", "ac_3")
    with pytest.raises(ConfigError, match="not set up"):
        read_settings(store)
    with pytest.raises(ConfigError, match="broken off"):
        back_up(cloud, tmp_path / "c", NOW)
    with pytest.raises(ConfigError, match="part of another backup"):
        restore_in_cloud(tmp_path / "other", cloud)
    with pytest.raises(ConfigError, match=r"records/activities.ndjson differs"):
        restore_in_cloud(tmp_path / "b", cloud)  # what is too many is noticed, too
    store.run(lambda tx: [tx.delete("activities", f"ac_{number}") for number in range(4)])
    assert restore_in_cloud(tmp_path / "b", cloud) == manifest
    assert read_settings(store).office.locale == "ru"


def test_second_run_finishes_what_the_first_began(cloud, open_firestore):
    store = open_firestore(database=cloud.database)
    many = [Kept(f"cl_{number}", {"n": number}) for number in range(400)]
    log = [Kept(f"ch_{9 - number}", {"n": number}, numbered(number)) for number in range(1, 4)]
    read_at = {"sheets": Kept("sheets", {"position": numbered(2)})}

    first = FirestoreRebuild(PROJECT, cloud.database)
    first.begin("b")
    first.fill("clients", many, {})
    with pytest.raises(Killed):
        first.fill("changes", dying(log, 2), {})
    first.close()
    second = FirestoreRebuild(PROJECT, cloud.database)
    second.begin("b")
    second.fill("clients", dying(many, 0), {})  # whole since the first run: not read
    second.fill("checkpoints", read_at.values(), {2: "ch_7"})
    second.fill("changes", log, {})
    second.finish("settings", [Kept("office", {"name": "Офис"})])
    second.close()

    assert store.get("clients", "cl_399") == {"n": 399}
    assert [entry.doc["n"] for entry in store.read_log("changes", None, 9)] == [1, 2, 3]
    assert waiting(store, "sheets") == ["ch_6"]
    assert store.get("settings", "office") == {"name": "Офис"}
    assert store.get("restorations", "now") is None


def test_backup_of_a_database_in_use_is_one_moment(cloud, open_firestore, tmp_path):
    store = open_firestore(database=cloud.database)
    stop = threading.Event()

    def write():
        number = 0
        while not stop.is_set():
            number += 1

            def work(tx, number=number):
                tx.put("left", str(number), {"n": number})
                tx.put("right", str(number), {"n": number})
                tx.append("changes", f"ch_{number}", {"n": number})

            store.run(work)

    writer = threading.Thread(target=write)
    writer.start()
    try:
        while store.get("right", "3") is None:
            pass
        files = back_up(cloud, tmp_path / "b", NOW)["files"]
    finally:
        stop.set()
        writer.join()

    left, right, log = (files[f"records/{name}.ndjson"] for name in ("left", "right", "changes"))
    assert left == right
    assert left["records"] == log["records"] >= 3
    moment = FirestoreMoment(PROJECT, cloud.database)
    assert sum(1 for _ in moment.records("left")) > left["records"]
    moment.close()


def test_restoring_that_meets_a_silent_server_says_repeat(monkeypatch):
    monkeypatch.setenv("FIRESTORE_EMULATOR_HOST", "127.0.0.1:9")
    silent = FirestoreRebuild(PROJECT, "t-none", patience_s=0.2)
    with pytest.raises(Transient):
        silent.begin("b")
    silent.close()
