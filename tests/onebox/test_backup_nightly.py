"""Backups of both stores: sealed, dated, by schedule, and equal when restored."""

import asyncio
import json
import secrets
from pathlib import Path
from zoneinfo import ZoneInfo

import httpx
import pytest
from tests.fakes import FixedClock

from kartoteka import wiring
from kartoteka.adapters.firestore_moment import FirestoreMoment
from kartoteka.adapters.sqlite import SqliteStore
from kartoteka.domain.errors import ConfigError, Invalid
from kartoteka.services.health import examine
from kartoteka.settings import Settings
from onebox import office
from onebox.backups.archive import back_up
from onebox.backups.nightly import keep
from onebox.backups.restoring import restore
from onebox.cli import REFUSED, run
from onebox.clock import BoxClock
from onebox.control import Control
from onebox.machine import BACKUP_PATH, TEST_PATH, assemble, jobs
from onebox.office import STORE_FILE

PHRASE = "чайка 7"
NOW = FixedClock().now()


@pytest.fixture
def data(tmp_path):
    assert run(["init", "--data", str(tmp_path / "office")]) == 0
    return tmp_path / "office"


def test_sealed_backup_opens_with_its_passphrase_only(data, tmp_path):
    target = tmp_path / "b"
    manifest = back_up(Settings(data=data), target, NOW, PHRASE)

    assert restore(target, tmp_path / "again", PHRASE) == manifest
    with pytest.raises(ConfigError, match="sealed"):
        restore(target, tmp_path / "other")
    with pytest.raises(Invalid, match="passphrase is wrong"):
        restore(target, tmp_path / "other", "чайка 8")
    assert not (tmp_path / "other").exists()
    assert sorted(path.name for path in tmp_path.iterdir()) == ["again", "b", "office"]


def test_passphrase_of_the_environment_seals_and_opens(data, tmp_path, monkeypatch, capsys):
    monkeypatch.setenv("KARTOTEKA_BACKUP_PASSPHRASE", PHRASE)
    assert run(["backup", "--to", str(tmp_path / "kept"), "--data", str(data)]) == 0
    [made] = (tmp_path / "kept").iterdir()
    monkeypatch.delenv("KARTOTEKA_BACKUP_PASSPHRASE")

    again = ["--into", str(tmp_path / "again")]
    assert run(["restore", str(made), *again]) == REFUSED
    assert run(["restore", str(made), *again, "--passphrase", "wrong"]) == REFUSED
    assert "passphrase is wrong" in capsys.readouterr().err
    assert run(["restore", str(made), *again, "--passphrase", PHRASE]) == 0
    assert run(["backup", "--data", str(data)]) == REFUSED


def test_folder_loses_what_is_outdated_only_behind_a_whole_backup(data, tmp_path):
    folder = tmp_path / "kept"
    folder.mkdir()
    old = [f"office-2020-01-01T0{hour}0000Z.backup" for hour in range(3)]
    for name in old:
        (folder / name).touch()

    with pytest.raises(ConfigError, match="no office"):
        keep(Settings(data=tmp_path / "none"), folder, NOW)
    assert sorted(path.name for path in folder.iterdir()) == old
    assert keep(Settings(data=data), folder, NOW)["removed"] == old[:2]


def posted(machine, bearer, path=BACKUP_PATH):
    async def call():
        transport = httpx.ASGITransport(Control(machine, None, "t").app())
        async with httpx.AsyncClient(transport=transport, base_url="http://box") as client:
            headers = {"authorization": f"Bearer {bearer}"}
            return await client.post(path, json={}, headers=headers)

    return asyncio.run(call())


def test_box_backs_itself_up_for_its_own_schedule_only(data, tmp_path):
    machine = assemble(office.settings(data, office.address(8080)), BoxClock(NOW, data / "c.json"))
    try:
        for wrong in ("", "t", machine.internal.sign("anna@office.example", "")):
            assert posted(machine, wrong).status_code == 401
        assert not (data / "backups").exists()
        answer = posted(machine, machine.internal.sign(machine.settings.tasks_email, ""))
    finally:
        wiring._installed.clear()
        machine.stop()

    assert answer.status_code == 200, answer.text
    [made] = (data / "backups").iterdir()
    assert restore(made, tmp_path / "again")["files"] == answer.json()["files"]
    assert [job.path for job in jobs("Europe/Moscow") if job.name == "backup"] == [BACKUP_PATH]


def test_box_tries_its_newest_backup_every_month_and_health_tells_how_it_went(data):
    machine = assemble(office.settings(data, office.address(8080)), BoxClock(NOW, data / "c.json"))
    bearer = machine.internal.sign(machine.settings.tasks_email, "")
    try:
        assert posted(machine, "t", TEST_PATH).status_code == 401
        none = posted(machine, bearer, TEST_PATH).json()
        assert "no backup" in none["problem"]
        assert examine(machine.app.desk).backups.tested_s is None
        made = posted(machine, bearer).json()
        good = posted(machine, bearer, TEST_PATH).json()
        healthy = examine(machine.app.desk).backups
        path = Path(made["file"])
        path.write_bytes(path.read_bytes()[:2000])
        bad = posted(machine, bearer, TEST_PATH).json()
        ill = examine(machine.app.desk).backups
    finally:
        wiring._installed.clear()
        machine.stop()

    told = sum(said.get("records", 0) for said in made["files"].values())
    assert (good["file"], good["records"], good["problem"]) == (made["file"], told, "")
    assert 0 <= healthy.tested_s <= healthy.newest_s < 60
    assert not healthy.failed
    assert "damaged" in bad["problem"]
    assert (ill.failed, ill.is_late) == (True, False)
    assert [path.name for path in (data / "backups").iterdir()] == [Path(made["file"]).name]
    [job] = [job for job in jobs("Europe/Moscow") if job.path == TEST_PATH]
    assert job.plan.after(NOW).astimezone(ZoneInfo("Europe/Moscow")).day == 1


@pytest.mark.emulator
def test_firestore_becomes_an_office_whose_consumers_go_on(open_firestore, tmp_path):
    name = f"t-{secrets.token_hex(6)}"
    store = open_firestore(database=name)
    project = store._session._client.project
    for number in range(5):
        store.run(
            lambda tx, number=number: (
                tx.put("clients", f"cl/{number}", {"name": "Мария", "n": number, "x": [1.5, None]}),
                tx.append("changes", f"ch_{9 - number}", {"n": number}),
            )
        )
    third = store.read_log("changes", None, 3)[-1].position
    store.run(lambda tx: tx.put("checkpoints", "sheets", {"position": third}))
    settings = Settings(store="firestore", project=project, database=name, data=tmp_path / "none")

    manifest = back_up(settings, tmp_path / "b", NOW)
    assert (manifest["store"], len(manifest["files"])) == ("firestore", 3)
    assert restore(tmp_path / "b", tmp_path / "again") == manifest

    again = SqliteStore(tmp_path / "again" / STORE_FILE)
    position = again.get("checkpoints", "sheets")["position"]
    entries = [entry.doc for entry in again.read_log("changes", None, 9)]
    waiting = [entry.doc for entry in again.read_log("changes", position, 9)]
    card = again.get("clients", "cl/4")
    again.close()
    assert entries == [{"n": n} for n in range(5)]
    assert waiting == [{"n": 3}, {"n": 4}]
    assert card == {"name": "Мария", "n": 4, "x": [1.5, None]}


@pytest.mark.emulator
def test_firestore_is_read_as_it_was_when_the_backup_began(open_firestore):
    name = f"t-{secrets.token_hex(6)}"
    store = open_firestore(database=name)
    store.run(lambda tx: (tx.put("clients", "a", {"n": 1}), tx.append("changes", "c1", {"n": 1})))
    moment = FirestoreMoment(store._session._client.project, name)
    store.run(
        lambda tx: (
            tx.put("clients", "a", {"n": 2}),
            tx.put("clients", "b", {"n": 2}),
            tx.append("changes", "c2", {"n": 2}),
        )
    )
    seen = {
        c: [(kept.id, kept.doc["n"]) for kept in moment.records(c)] for c in moment.collections()
    }
    moment.close()
    assert seen == {"changes": [("c1", 1)], "clients": [("a", 1)]}


def test_cloud_without_credentials_is_one_line(data, tmp_path, monkeypatch, capsys):
    monkeypatch.delenv("FIRESTORE_EMULATOR_HOST", raising=False)
    monkeypatch.setenv("GOOGLE_APPLICATION_CREDENTIALS", str(tmp_path / "none.json"))
    assert run(["backup", str(tmp_path / "b"), "--data", str(data)]) == 0
    for words in (
        ("backup", str(tmp_path / "c"), "--from", "firestore:my-office"),
        ("restore", str(tmp_path / "b"), "--into", "firestore:my-office"),
    ):
        capsys.readouterr()
        assert run(list(words)) == REFUSED
        assert "check the project, the database and its permissions" in capsys.readouterr().err


def test_person_tries_a_backup_by_command(data, tmp_path, capsys):
    assert run(["backup", str(tmp_path / "b"), "--data", str(data)]) == 0
    capsys.readouterr()
    assert run(["backup-test", str(tmp_path / "b"), "--data", str(data)]) == 0
    assert "restored, read again and equal" in capsys.readouterr().out
    assert run(["backup-test", str(tmp_path / "b"), "--of", str(tmp_path / "none")]) == REFUSED
    assert run(["backup-test", "--of", "firestore:demo-kartoteka"]) == REFUSED
    assert run(["backup-test", "--data", str(data)]) == 1
    assert "no backup" in capsys.readouterr().err
    (tmp_path / "b").write_bytes(b"not a backup")
    assert run(["backup-test", str(tmp_path / "b"), "--data", str(data), "--json"]) == 1
    assert "damaged" in json.loads(capsys.readouterr().out)["problem"]
    app = office.open_app(data)
    assert examine(app.desk).backups.failed
    app.store.close()
