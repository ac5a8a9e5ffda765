"""The numbers of the office: who calls from one is nobody's client."""

import pytest
from tests.kartoteka.services.test_record_inbound import all_of, call

from kartoteka.domain.errors import Invalid
from kartoteka.domain.inbound import Inbound
from kartoteka.domain.model import Client, Lead
from kartoteka.services.commands import execute
from kartoteka.services.office import Desk, read_settings
from kartoteka.services.people import actor_by_email
from kartoteka.services.record_inbound import Stored
from kartoteka.services.registry import COMMANDS


def state(desk: Desk, stored: Stored) -> tuple[str, str]:
    kept = Inbound.model_validate(desk.store.get("inbounds", stored.inbound_id))
    return kept.state, kept.why


def test_call_of_a_line_of_the_office_waits_and_makes_nobody(desk: Desk) -> None:
    olga = actor_by_email(desk.settings(), "olga@office.example")
    listed = {"numbers": ["8 (495) 100-20-30", "8 800 555-35-35", ""]}
    execute(COMMANDS, desk, olga, "lines.set", given=listed, cause="test")
    desk.settings.forget()

    stored = call(desk, "c1", number="+74951002030", talk=60)

    assert state(desk, stored) == ("unknown", "own_line")
    assert (all_of(desk, Client), all_of(desk, Lead)) == ([], [])
    assert state(desk, call(desk, "c2", number="+74951002031", talk=60)) == ("done", "")


def test_half_a_number_is_refused_as_a_line_of_the_office(desk: Desk) -> None:
    olga = actor_by_email(desk.settings(), "olga@office.example")
    wish = {"numbers": ["+7 495 100-20-30", "101"]}

    with pytest.raises(Invalid) as refused:
        execute(COMMANDS, desk, olga, "lines.set", given=wish, cause="test")

    assert (refused.value.code, refused.value.facts["number"]) == ("line_unreadable", "101")
    assert read_settings(desk.store).office.lines == ()
