"""How far the office is behind, in numbers and in words."""

from datetime import timedelta

import pytest

from kartoteka.domain.change import SYSTEM
from kartoteka.domain.ids import InboundId, TaskId
from kartoteka.domain.inbound import Inbound, Kind, Person
from kartoteka.domain.instant import spell
from kartoteka.domain.model import Task
from kartoteka.services import tasks
from kartoteka.services.backups import note_made, note_tested
from kartoteka.services.consume import drain
from kartoteka.services.health import examine, words
from kartoteka.services.record_inbound import record
from kartoteka.services.wake import CONSUMERS


def catch_up(desk):
    for consumer in CONSUMERS:
        drain(desk, consumer, lambda _changes: None, batch=100, most=1000)


def form(clock):
    return Inbound(
        id=InboundId("in_1"),
        channel="form",
        account="consult",
        event_id="1",
        what=Kind.FORM,
        at=clock.now(),
        received_at=clock.now(),
        sender=Person(name="Мария", phones=("+79160001122",)),
    )


def test_quiet_office_that_caught_up_is_healthy(desk):
    catch_up(desk)

    found = examine(desk)

    assert found.ok
    assert found.newest_s == {"call": None, "form": None, "telegram": None}
    assert {lag.changes for lag in found.lags.values()} == {0}


def test_age_counts_from_the_newest_event_of_the_channel(desk, clock):
    record(desk, form(clock))
    clock.advance(timedelta(minutes=3))

    found = examine(desk)

    assert found.newest_s == {"call": None, "form": 180.0, "telegram": None}
    assert "Формы сайта: последнее событие 3 мин назад" in words(found, "ru")


def test_consumer_behind_for_long_is_not_healthy(desk, clock):
    catch_up(desk)
    record(desk, form(clock))
    clock.advance(timedelta(minutes=9))
    assert examine(desk).ok

    clock.advance(timedelta(minutes=2))

    found = examine(desk)
    assert not found.ok
    assert found.lags["sheets"].changes == 1
    assert "Spreadsheets: changes waiting: 1, the oldest for 11 min" in words(found, "en")


@pytest.mark.parametrize("lang", ["ru", "en"])
def test_every_consumer_is_called_by_a_name_and_not_by_its_code(desk, lang):
    told = words(examine(desk), lang)

    assert not [it for it in told if it.startswith(("health_", *CONSUMERS))]


def test_late_timer_is_not_healthy(desk, clock):
    catch_up(desk)
    due = {"id": "tm_1", "state": "pending", "due_at": spell(clock.now())}
    desk.store.run(lambda tx: tx.put("timers", "tm_1", due))
    clock.advance(timedelta(hours=2))

    found = examine(desk)

    assert (found.ok, found.timer_late_s) == (False, 7200.0)
    assert "таймер опаздывает на 2 ч" in words(found, "ru")


def test_task_people_neglect_is_told_but_is_not_the_machine_s_fault(desk, clock):
    task = Task(
        id=TaskId("tk_1"),
        what="call",
        title="Позвонить",
        due_at=clock.now(),
        created_at=clock.now(),
    )
    tasks.create(desk, SYSTEM, task, cause="test")
    catch_up(desk)
    clock.advance(timedelta(days=3))
    note_made(desk.store, clock.now(), "backups/office.backup")

    found = examine(desk)

    assert (found.ok, found.task_late_s) == (True, 259_200.0)
    assert "старшая задача просрочена на 3 дн" in words(found, "ru")


def test_backup_of_last_night_is_healthy_and_a_night_without_one_is_not(desk, clock):
    catch_up(desk)
    note_made(desk.store, clock.now(), "backups/office.backup")
    clock.advance(timedelta(hours=26))
    assert examine(desk).ok
    assert "последняя резервная копия сделана 1 дн назад" in words(examine(desk), "ru")

    clock.advance(timedelta(minutes=1))

    found = examine(desk)
    assert not found.ok
    assert any("last night's is missing" in said for said in words(found, "en"))


def test_new_office_may_wait_for_its_first_night_but_not_longer(desk, clock):
    assert examine(desk).backups.newest_s is None
    record(desk, form(clock))
    catch_up(desk)
    clock.advance(timedelta(hours=20))
    assert examine(desk).ok
    assert "no backup has been made yet" in words(examine(desk), "en")

    clock.advance(timedelta(hours=7))

    assert not examine(desk).ok


def test_test_of_restoring_that_failed_or_is_long_ago_is_told(desk, clock):
    catch_up(desk)
    record(desk, form(clock))
    catch_up(desk)
    note_tested(desk.store, clock.now(), "backups/office.backup", "it differs")
    note_made(desk.store, clock.now(), "backups/office.backup")
    assert (examine(desk).ok, examine(desk).backups.failed) == (False, True)
    assert any("проверка восстановления не удалась" in said for said in words(examine(desk), "ru"))

    note_tested(desk.store, clock.now(), "backups/office.backup")
    assert examine(desk).ok
    clock.advance(timedelta(days=36))
    note_made(desk.store, clock.now(), "backups/office.backup")

    assert examine(desk).ok
    assert any("не проверялось больше месяца" in said for said in words(examine(desk), "ru"))
