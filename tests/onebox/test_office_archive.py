"""The office in one file and back, and the commands that look at its past."""

import gzip
import io
import json
import sqlite3
import tarfile
import threading
from contextlib import closing

import pytest
from tests.fakes import FakeTasks

from kartoteka.adapters.clock import SystemClock
from kartoteka.domain.errors import ConfigError, Invalid
from kartoteka.domain.ids import InboundId
from kartoteka.domain.inbound import Inbound, Kind, Person
from kartoteka.services.commands import execute
from kartoteka.services.office import Desk, SettingsCache
from kartoteka.services.people import actor_by_email
from kartoteka.services.record_inbound import record
from kartoteka.services.registry import COMMANDS
from kartoteka.services.wake import Waker
from kartoteka.settings import Settings
from onebox.backups.archive import MANIFEST
from onebox.backups.archive import back_up as back_up_settings
from onebox.backups.restoring import restore
from onebox.cli import REFUSED, run
from onebox.office import KEYS_FILE, STORE_FILE, open_app

HEAD = "viktor@office.example"


@pytest.fixture
def data(tmp_path):
    assert run(["init", "--data", str(tmp_path / "office")]) == 0
    return tmp_path / "office"


@pytest.fixture
def cli(data, capsys):
    def command(*words):
        capsys.readouterr()
        code = run([*words, "--data", str(data)])
        printed = capsys.readouterr()
        return code, printed.out, printed.err

    return command


def desk_of(data):
    app, tasks = open_app(data), FakeTasks()
    cache = SettingsCache(app.store, 60)
    return Desk(app.store, tasks, app.clock, cache, Waker(tasks, app.clock))


def client(data, event, **sender):
    """A client whom a form made; returns the client's and the lead's id."""
    desk = desk_of(data)
    now = desk.now()
    inbound = Inbound(
        id=InboundId(f"in_{event}"),
        channel="form",
        account="consult",
        event_id=event,
        what=Kind.FORM,
        at=now,
        received_at=now,
        sender=Person(**sender),
    )
    stored = record(desk, inbound)
    desk.store.close()
    return stored.client_id, stored.lead_id


def dump(folder):
    with closing(sqlite3.connect(folder / STORE_FILE)) as connection:
        return sorted(connection.iterdump())


def back_up(data, target, now, passphrase=""):
    return back_up_settings(Settings(data=data), target, now, passphrase)


def test_restored_office_is_the_same_without_its_secrets(data, tmp_path):
    client(data, "1", name="Мария", phones=("+79160000001",))

    manifest = back_up(data, tmp_path / "b.tar.gz", SystemClock().now())
    restored = restore(tmp_path / "b.tar.gz", tmp_path / "again")

    assert restored == manifest
    assert manifest["files"]["records/clients.ndjson"]["records"] == 1
    assert dump(tmp_path / "again") == dump(data)
    assert not (tmp_path / "again" / KEYS_FILE).exists()
    app = open_app(tmp_path / "again")
    assert app.desk.settings().office.locale == "ru"
    app.store.close()


def test_backup_beside_a_writer_is_one_moment(data, tmp_path):
    app = open_app(data)
    stop = threading.Event()

    def write():
        number = 0
        while not stop.is_set():
            number += 1
            doc = {"n": number}

            def work(tx, doc=doc, number=number):
                tx.put("left", str(number), doc)
                tx.put("right", str(number), doc)

            app.store.run(work)

    writer = threading.Thread(target=write)
    writer.start()
    try:
        while app.store.get("right", "3") is None:
            pass
        files = back_up(data, tmp_path / "b.tar.gz", SystemClock().now())["files"]
    finally:
        stop.set()
        writer.join()
        app.store.close()

    left, right = files["records/left.ndjson"], files["records/right.ndjson"]
    assert left == right
    assert left["records"] >= 3


def test_damaged_or_foreign_files_make_no_office(data, tmp_path):
    backup = tmp_path / "b.tar.gz"
    back_up(data, backup, SystemClock().now())
    whole = backup.read_bytes()
    cut, wild, foreign, changed = (
        tmp_path / name for name in ("cut", "wild", "foreign", "changed")
    )
    cut.write_bytes(whole[: len(whole) // 2])
    wild.write_bytes(b"not a backup")
    foreign.write_bytes(gzip.compress(b"x" * 2000))
    with tarfile.open(backup) as old, tarfile.open(changed, "w:gz") as new:
        for entry in old:
            content = old.extractfile(entry).read()
            if entry.name == MANIFEST:
                said = json.loads(content)
                said["files"]["records/staff.ndjson"]["records"] += 1
                content = json.dumps(said).encode()
                entry.size = len(content)
            new.addfile(entry, io.BytesIO(content))

    for path in (cut, wild, foreign, changed):
        with pytest.raises(Invalid, match="damaged"):
            restore(path, tmp_path / "again")
        assert not (tmp_path / "again").exists()


def test_nothing_is_overwritten(data, tmp_path):
    back_up(data, tmp_path / "b.tar.gz", SystemClock().now())

    with pytest.raises(ConfigError, match="exists already"):
        back_up(data, tmp_path / "b.tar.gz", SystemClock().now())
    with pytest.raises(ConfigError, match="not empty"):
        restore(tmp_path / "b.tar.gz", data)
    with pytest.raises(ConfigError, match="no office"):
        back_up(tmp_path / "none", tmp_path / "c.tar.gz", SystemClock().now())


def test_a_merge_is_looked_at_and_undone_from_the_terminal(cli, data):
    older, _ = client(data, "1", name="Мария", phones=("+79160000001",))
    newer, lead = client(data, "2", name="Мария", emails=("m@x.example",))
    desk = desk_of(data)
    head = actor_by_email(desk.settings(), HEAD)
    wish = {"left": older, "right": newer, "prefer": {"owner_id": older}}
    execute(COMMANDS, desk, head, "client.merge", given=wish, cause="command:client.merge")
    desk.store.close()

    [batch] = json.loads(cli("batches", "--json")[1])
    assert (batch["what"], batch["state"], batch["asked"]) == (
        "merge",
        "done",
        "command:client.merge",
    )

    life = json.loads(cli("history", "lead", lead, "--json")[1])
    assert [step["after"].get("client_id") for step in life] == [newer, older]
    then = json.loads(cli("history", "lead", lead, "--at", life[0]["at"], "--json")[1])
    assert then["client_id"] == newer
    assert "client_id" in cli("history", "lead", lead)[1]

    code, out, _ = cli("undo", batch["id"], "--as", HEAD)
    assert (code, json.loads(out)["state"]) == (0, "undone")
    code, _, err = cli("undo", batch["id"], "--as", HEAD)
    assert (code, "уже отменена" in err) == (REFUSED, True)
    assert (
        json.loads(cli("history", "client", newer, "--json")[1])[-1]["after"]["merged_into"] is None
    )


def test_wrong_times_and_ids_are_one_line(cli, data):
    _, lead = client(data, "1", name="Мария", phones=("+79160000001",))

    for words in (("history", "lead", lead, "--at", "yesterday"), ("history", "lead", "ld_0")):
        code, out, err = cli(*words)
        assert (code, out, err.count("\n")) == (REFUSED, "", 1)
    assert cli("history", "lead", lead, "--at", "2001-01-01")[1].startswith("There was no lead")


def test_backup_and_restore_print_what_they_hold(cli, data, tmp_path, capsys):
    code, out, _ = cli("backup", str(tmp_path / "b.tar.gz"))
    assert (code, "records/staff.ndjson" in out) == (0, True)

    again = tmp_path / "again"
    code = run(["restore", str(tmp_path / "b.tar.gz"), "--into", str(again), "--json"])
    printed = json.loads(capsys.readouterr().out)
    assert (code, printed["files"]["records/staff.ndjson"]["records"]) == (0, 10)
    assert run(["list", "staff", "--data", str(again)]) == 0
