"""Moves past a guard are counted by person and month, with the move or not at all."""

from datetime import timedelta
from typing import Any

import pytest
from tests.fakes import FixedClock

from kartoteka.domain.errors import Invalid, NotAllowed
from kartoteka.services.commands import execute
from kartoteka.services.office import Desk
from kartoteka.services.people import actor_by_email
from kartoteka.services.registry import COMMANDS

WHY = "Клиент сам приехал в офис"


def _do(desk: Desk, who: str, command: str, /, **given: Any) -> Any:
    actor = actor_by_email(desk.settings(), f"{who}@office.example")
    return execute(COMMANDS, desk, actor, command, given=given, cause="test")


def _gated(desk: Desk, number: int = 0) -> str:
    """Return a lead on a stage that only a call leaves."""
    lead = _do(desk, "vera", "lead.add", phone=f"+7916000000{number}")
    stored = {**lead.model_dump(mode="json"), "stage": "r1"}
    desk.store.run(lambda tx: tx.put("leads", lead.id, stored))
    return str(lead.id)


def _counts(desk: Desk, who: str, month: str = "") -> dict[str, int]:
    told = _do(desk, who, "override.count", month=month)
    assert told.total == sum(row.count for row in told.people)
    return {row.staff: row.count for row in told.people}


def test_a_head_past_the_ladder_is_counted_each_time(desk: Desk) -> None:
    for number in range(2):
        _do(desk, "viktor", "lead.move", lead=_gated(desk, number), stage="c1", reason=WHY)
    assert _counts(desk, "viktor") == {"st_viktor": 2}


def test_a_lead_made_a_deal_past_the_ladder_is_counted(desk: Desk) -> None:
    _do(desk, "viktor", "lead.convert", lead=_gated(desk), deal_type="Суд", reason=WHY)
    assert _counts(desk, "viktor") == {"st_viktor": 1}


def test_a_deal_is_counted_on_a_closed_way_and_without_its_proof_only(desk: Desk) -> None:
    lead = _gated(desk)
    deal = _do(desk, "viktor", "lead.convert", lead=lead, deal_type="Суд", reason=WHY).id
    _do(desk, "viktor", "deal.move", deal=deal, stage="again", note=WHY)
    assert _counts(desk, "viktor") == {"st_viktor": 1}, "that way is open, whatever is said"

    _do(desk, "viktor", "deal.move", deal=deal, stage="kp", note=WHY)
    assert _counts(desk, "viktor") == {"st_viktor": 2}, "no way leads back"

    _do(desk, "viktor", "deal.move", deal=deal, stage="again")
    offer = {"offer_file": "file:1"}
    _do(desk, "viktor", "deal.move", deal=deal, stage="wait", note=WHY, evidence=offer)
    assert _counts(desk, "viktor") == {"st_viktor": 3}, "nobody called"


def test_a_refused_move_and_one_that_needs_no_call_are_not_counted(desk: Desk) -> None:
    lead = _gated(desk)
    for who, reason in (("vera", WHY), ("viktor", "так")):
        with pytest.raises(NotAllowed):
            _do(desk, who, "lead.move", lead=lead, stage="c1", reason=reason)
    new = _do(desk, "vera", "lead.add", phone="+79160000009")
    _do(desk, "viktor", "lead.move", lead=new.id, stage="junk", reason="Спам")
    assert _counts(desk, "viktor") == {}


def test_a_month_of_the_office_begins_at_its_own_midnight(desk: Desk, clock: FixedClock) -> None:
    clock.advance(timedelta(days=7, hours=14, minutes=59))  # 30.11., 23:59 in Moscow
    _do(desk, "viktor", "lead.move", lead=_gated(desk), stage="c1", reason=WHY)
    clock.advance(timedelta(minutes=1))
    assert _counts(desk, "viktor") == {}
    assert _counts(desk, "viktor", "2026-11") == {"st_viktor": 1}


def test_a_manager_does_not_see_the_counts_of_a_head(desk: Desk) -> None:
    _do(desk, "viktor", "lead.move", lead=_gated(desk), stage="c1", reason=WHY)
    assert _counts(desk, "vera") == {}
    assert _counts(desk, "olga") == {"st_viktor": 1}


def test_an_impossible_month_is_refused(desk: Desk) -> None:
    with pytest.raises(Invalid) as refused:
        _counts(desk, "viktor", "2026-13")
    assert list(refused.value.fields) == ["month"]
