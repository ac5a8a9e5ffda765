"""The story of a late answer on Firestore: queries are declared, transactions read first."""

from collections.abc import Callable

import pytest
from tests.automation.notice_office import (
    ANNA,
    Ways,
    deliver_all,
    drained,
    form,
    link_telegram,
)
from tests.automation.test_sla import cases, pass_time, told, wrote
from tests.fakes import FakeTasks, FixedClock
from tests.furnished import law_firm

from automation import digest_round
from kartoteka.adapters.firestore import FirestoreStore
from kartoteka.services.commands import execute
from kartoteka.services.digests import evening
from kartoteka.services.office import Desk, SettingsCache
from kartoteka.services.people import actor
from kartoteka.services.read import Look
from kartoteka.services.registry import COMMANDS
from kartoteka.services.setup import set_up
from kartoteka.services.sla_settings import SlaReport
from kartoteka.services.staff_search import find
from kartoteka.services.wake import Waker

pytestmark = pytest.mark.emulator


def test_late_answer_is_told_measured_and_summed_up_on_firestore(
    open_firestore: Callable[[], FirestoreStore],
) -> None:
    store, clock, tasks = open_firestore(), FixedClock(), FakeTasks()
    set_up(store, clock, law_firm())
    desk = Desk(store, tasks, clock, SettingsCache(store, 3600), Waker(tasks, clock))
    link_telegram(desk, "st_anna", "77")
    ways, stored = Ways(), form(desk)
    pass_time(desk, clock, 10)
    pass_time(desk, clock, 5)
    deliver_all(desk, ways)
    wrote(desk, stored)
    drained(desk)
    head = desk.settings().person("st_olga")
    assert head is not None
    look = Look(store, desk.settings(), actor(head), desk.now())
    [case] = cases(desk, "first")

    assert (case.state, case.minutes) == ("late", 15)
    assert told(desk, "notice_sla_first_late") == ["st_viktor"]
    assert any("Срок первого ответа" in post.text for _, post in ways.posts)
    assert digest_round.run(desk) == 10
    assert "Сроки нарушены сегодня: 1" in evening(look)
    assert [hit.id for hit in find(look, "ирина", 5)] == [stored.lead_id]
    report = execute(COMMANDS, desk, ANNA, "sla.show", given={}, cause="test")
    assert isinstance(report, SlaReport)
    assert (report.kinds[0].broken, report.kinds[0].median_minutes) == (1, 15)
