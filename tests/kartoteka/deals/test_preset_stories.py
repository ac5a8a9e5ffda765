"""Each kind of office sets up from its preset and sells something on the first day."""

from typing import Any

import pytest
from tests.fakes import FakeTasks, FixedClock
from tests.kartoteka.deals.deal_desk import MINUTE, Play

from automation import engine
from kartoteka.domain.deal import Deal
from kartoteka.ports import Store
from kartoteka.services.office import Desk, SettingsCache
from kartoteka.services.people import actor_by_email
from kartoteka.services.setup import preset_names, read_preset, set_up
from kartoteka.services.wake import Waker

# Per preset: what the deal needs to begin, then who does what, step by step.
Step = tuple[str, str, dict[str, Any]]
FILE = "drive:1"
STORIES: dict[str, tuple[str, dict[str, Any], list[Step]]] = {
    "law_firm": (
        "anna",
        {"deal_type": "Наследство"},
        [
            ("viktor", "deal.edit", {"amount_minor": 100, "contractor": "Эксперт"}),
            ("anna", "deal.move", {"stage": "wait", "evidence": {"offer_file": FILE}}),
            ("anna", "deal.move", {"stage": "contract"}),
            ("viktor", "deal.join", {"staff": "st_dina"}),
            ("anna", "deal.move", {"stage": "work", "evidence": {"signed_file": FILE}}),
            ("dina", "deal.move", {"stage": "report", "evidence": {"result_file": FILE}}),
            ("inna", "deal.move", {"stage": "pay", "evidence": {"invoice": FILE}}),
            ("inna", "deal.pay", {"amount_minor": 100, "reference": "b1"}),
        ],
    ),
    "services": (
        "one",
        {"lines": [{"name": "Ремонт", "price_minor": 100}]},
        [
            ("one", "deal.move", {"stage": "agreed", "evidence": {"offer_file": FILE}}),
            ("one", "deal.edit", {"contractor_due": "2026-12-01T09:00:00+03:00"}),
            ("head", "deal.join", {"staff": "st_master"}),
            ("one", "deal.move", {"stage": "planned"}),
            ("master", "deal.move", {"stage": "done", "evidence": {"result_file": FILE}}),
            ("one", "deal.attach", {"kind": "invoice", "ref": FILE}),
            ("books", "deal.pay", {"amount_minor": 100, "reference": "b1"}),
        ],
    ),
    "shop": (
        "seller",
        {"lines": [{"name": "Чайник", "price_minor": 100}]},
        [
            ("seller", "deal.move", {"stage": "confirmed"}),
            ("seller", "deal.pay", {"amount_minor": 100, "reference": "b1"}),
            ("seller", "deal.move", {"stage": "delivery"}),
            ("seller", "deal.move", {"stage": "won"}),
        ],
    ),
    "small_team": (
        "masha",
        {"amount_minor": 100},
        [
            ("kirill", "deal.move", {"stage": "job"}),
            ("tanya", "deal.pay", {"amount_minor": 100, "reference": "b1"}),
            ("masha", "deal.move", {"stage": "won"}),
        ],
    ),
}


def test_every_preset_has_its_story() -> None:
    assert set(STORIES) == set(preset_names())


@pytest.mark.parametrize("name", sorted(STORIES))
def test_office_of_the_preset_sells_on_its_first_day(
    store: Store, clock: FixedClock, tasks: FakeTasks, name: str
) -> None:
    set_up(store, clock, read_preset(name))
    desk = Desk(store, tasks, clock, SettingsCache(store, ttl_s=3600), Waker(tasks, clock))
    play = Play(desk)
    clock.advance(240 * MINUTE)  # every office is open

    def person(who: str):
        return actor_by_email(desk.settings(), f"{who}@office.example")

    seller, needs, steps = STORIES[name]
    stored = play.form(owner=f"st_{seller}")
    clock.advance(5 * MINUTE)
    play.call()
    deal = play.do(person(seller), "lead.convert", lead=stored.lead_id, **needs)
    for who, command, given in steps:
        clock.advance(MINUTE)
        play.do(person(who), command, deal=deal.id, **given)
        engine.run(desk)

    sold: Deal = play.deal(deal.id)
    assert (sold.state, sold.paid_minor, sold.next_action) == ("won", 100, None)
    assert play.client(sold.client_id).segment == "client"
    assert play.lead(stored.lead_id).state == "won"


@pytest.mark.parametrize("name", sorted(STORIES))
def test_ways_of_the_preset_lead_somewhere(name: str) -> None:
    for line in read_preset(name).pipelines:
        known = {stage.id for stage in line.stages}
        named = {
            target
            for stage in line.stages
            for target in (
                *stage.leads_to,
                *(way.to for way in stage.exits),
                stage.on_paid,
                stage.on_cold,
                stage.on_conversation,
                stage.on_attempt,
                stage.exhausted,
            )
            if target
        }
        assert named <= known
        assert {stage.state for stage in line.stages} >= {"open", "won", "lost"}
