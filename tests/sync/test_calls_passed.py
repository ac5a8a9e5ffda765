"""A call that was passed on, as people read of it: in the journal and on the phone."""

from datetime import UTC, datetime, timedelta

from kartoteka.domain.change import Actor, ActorKind, Change, Part
from kartoteka.domain.model import CallFact, CallStatus
from kartoteka.services.office import Desk, read_settings
from sync.columns import ANYBODY, Frame
from sync.journal import entries

BEGAN = datetime(2026, 5, 12, 9, tzinfo=UTC)
TALK = CallFact(
    status=CallStatus.ANSWERED,
    client_number="+79165550101",
    started_at=BEGAN,
    answered_at=BEGAN,
    ended_at=BEGAN + timedelta(seconds=80),
)
PASSED = TALK.model_copy(update={"passed_to": "st_boris"})


def told(desk: Desk, before: CallFact | None, after: CallFact) -> list[str]:
    """Return what the director's journal says of a call that became so."""
    docs = [
        {"call": call.model_dump(mode="json"), "direction": "in", "staff_id": "st_anna"}
        if call
        else None
        for call in (before, after)
    ]
    part = Part(entity="activity", id="ac_1", before=docs[0], after=docs[1])
    actor = Actor(kind=ActorKind.CHANNEL, id="call")
    change = Change(id="ch_1", at=BEGAN, actor=actor, cause="call", subject="cl_1", parts=(part,))
    frame = Frame(read_settings(desk.store), reader=ANYBODY)
    return [entry.change for entry in entries([change], {}, frame)]


def test_call_passed_on_names_both_in_the_journal(desk: Desk) -> None:
    [said] = told(desk, None, PASSED)
    assert said.endswith("разговор 1:20; говорил(а) Анна Белова, затем Борис Ким")


def test_call_passed_on_later_is_a_line_of_its_own_and_other_news_are_none(desk: Desk) -> None:
    assert told(desk, TALK, PASSED) == ["передан, затем говорил(а) Борис Ким; всего 1:20"]
    assert told(desk, PASSED, PASSED.model_copy(update={"recording_url": "https://a"})) == []
