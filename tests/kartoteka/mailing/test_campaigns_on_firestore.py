"""A campaign on Firestore: planned in pages, sent once, counted, unsubscribed."""

import pytest
from tests.fakes import FakeTasks, FixedClock
from tests.furnished import law_firm
from tests.kartoteka.mailing.mailing_office import (
    OLGA,
    FakeSenders,
    person,
    run,
    started,
    states,
)

from kartoteka.services import mailing_following
from kartoteka.services.campaign_forms import OneCampaign
from kartoteka.services.campaign_report import report
from kartoteka.services.consume import drain
from kartoteka.services.office import Desk, SettingsCache
from kartoteka.services.setup import set_up
from kartoteka.services.unsubscribing import unsubscribe
from kartoteka.services.wake import Waker

pytestmark = pytest.mark.emulator


def test_campaign_is_planned_sent_once_and_reported(open_firestore) -> None:
    store, clock, tasks = open_firestore(), FixedClock(), FakeTasks()
    set_up(store, clock, law_firm())
    desk = Desk(store, tasks, clock, SettingsCache(store, ttl_s=3600), Waker(tasks, clock))
    senders = FakeSenders()
    ids = [person(desk, f"c{number}").id for number in range(3)]
    name = started(desk, ids)
    run(desk, senders, name)
    unsubscribe(desk, senders.sent[0].unsubscribe.rpartition("/")[2])
    run(desk, senders, started(desk, ids, name="Лето"))
    drain(desk, "t", lambda it: mailing_following.follow(desk, it) and None, batch=50, most=500)
    told = report(desk, OLGA, OneCampaign(campaign=name), "x")

    assert len(senders.sent) == 5
    assert sorted(states(desk)) == [("sent", "")] * 5 + [("skipped", "unsubscribed")]
    assert (told.sent, told.unsubscribed) == (3, 1)
