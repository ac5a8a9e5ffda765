"""Two people at one lead: the later one is told to read again."""

from datetime import timedelta
from typing import Any

import pytest
from tests.fakes import FixedClock

from kartoteka.domain.errors import Conflict
from kartoteka.domain.model import Lead
from kartoteka.services.commands import execute
from kartoteka.services.office import Desk
from kartoteka.services.people import actor_by_email
from kartoteka.services.registry import COMMANDS

EDITS: list[tuple[str, dict[str, Any]]] = [
    ("lead.move", {"stage": "junk", "reason": "Спам"}),
    ("lead.assign", {"owner": "st_boris"}),
    ("lead.note", {"note": "Перезвонить"}),
    ("lead.rename", {"name": "Пётр"}),
]


def _do(desk: Desk, command: str, /, **given: Any) -> Lead:
    actor = actor_by_email(desk.settings(), "viktor@office.example")
    record = execute(COMMANDS, desk, actor, command, given=given, cause="test")
    assert isinstance(record, Lead)
    return record


def _seen(lead: Lead) -> str:
    return str(lead.model_dump(mode="json")["updated_at"])


@pytest.mark.parametrize(("name", "given"), EDITS)
def test_an_edit_of_the_version_read_is_kept(desk: Desk, name: str, given: dict[str, Any]) -> None:
    lead = _do(desk, "lead.add", phone="+79160001122")
    edited = _do(desk, name, lead=lead.id, expected=_seen(lead), **given)
    assert edited != lead
    assert desk.store.get("leads", lead.id) == edited.model_dump(mode="json")


@pytest.mark.parametrize(("name", "given"), EDITS)
def test_an_edit_of_an_older_version_is_refused_and_changes_nothing(
    desk: Desk, clock: FixedClock, name: str, given: dict[str, Any]
) -> None:
    lead = _do(desk, "lead.add", phone="+79160001122")
    clock.advance(timedelta(minutes=1))
    _do(desk, "lead.edit", lead=lead.id, priority=2)
    stored = desk.store.get("leads", lead.id)
    with pytest.raises(Conflict) as refused:
        _do(desk, name, lead=lead.id, expected=_seen(lead), **given)
    assert refused.value.code == "stale"
    assert desk.store.get("leads", lead.id) == stored
