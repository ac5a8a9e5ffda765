"""Many leads and deals change hands at once: their tasks go along, and come back."""

from datetime import timedelta

from tests.fakes import FixedClock
from tests.kartoteka.deals.deal_desk import ANNA, BORIS, VIKTOR, Play

from kartoteka.domain.next_step import is_kept
from kartoteka.ports import Query
from kartoteka.services.office import Desk


def test_tasks_of_the_former_owner_follow_and_come_back(desk: Desk, clock: FixedClock) -> None:
    play = Play(desk)
    deal = play.new_deal(clock, offer=True)
    mine, theirs = (
        play.do(who, "task.create", title="x", deal=deal.id, due="2026-11-24", assignee=to)
        for who, to in ((ANNA, "st_anna"), (VIKTOR, "st_viktor"))
    )
    lead = play.form(phone="+79160000009")
    before = [owners(desk, name) for name in ("tasks", "deals", "leads")]
    clock.advance(timedelta(minutes=1))

    batch = play.do(VIKTOR, "many.edit", entity="deal", ids=[deal.id], set={"owner_id": "st_boris"})
    play.do(VIKTOR, "many.edit", entity="lead", ids=[lead.lead_id], set={"owner_id": "st_boris"})

    tasks = owners(desk, "tasks")
    assert (tasks.pop(mine.id), tasks.pop(theirs.id)) == ("st_boris", "st_viktor")
    given = play.deal(deal.id)
    assert is_kept(given)
    assert [reader.staff_id for reader in given.readers] == [ANNA.id]
    assert play.do(BORIS, "deal.edit", deal=deal.id, tags=["срочно"]).owner_id == BORIS.id

    play.do(VIKTOR, "batch.undo", batch=batch.id)
    assert [owners(desk, name) for name in ("tasks", "deals")] == before[:2]
    assert play.deal(deal.id).readers == ()


def owners(desk: Desk, collection: str) -> dict[str, str]:
    found = desk.store.query(Query(collection))
    return {hit.id: hit.doc.get("assignee_id") or hit.doc["owner_id"] for hit in found}
