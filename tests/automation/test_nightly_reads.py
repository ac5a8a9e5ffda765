"""The nightly check of next actions reads each record once, whatever it can repair."""

from dataclasses import replace

from tests.kartoteka.tasks.task_desk import Work

from automation import nightly
from kartoteka.adapters.counted import CountedStore
from kartoteka.domain.model import Lead
from kartoteka.ports import Tx
from kartoteka.services.office import Desk

LEADS = 250  # more than a page
LOST = 230


def spoiled(desk: Desk) -> None:
    """Put requests without a next action, most of them of a pipeline that is gone."""
    lead = Lead.model_validate(desk.store.get("leads", Work(desk).form().lead_id or ""))
    bare = lead.model_copy(update={"next_action": None, "next_at": None})

    def write(tx: Tx) -> None:
        for n in range(LEADS):
            pipeline = "dropped" if n < LOST else lead.pipeline
            other = bare.model_copy(update={"id": f"ld{n:04}", "pipeline": pipeline})
            tx.put("leads", other.id, other.model_dump(mode="json"))

    desk.store.run(write)


def test_night_over_many_records_that_cannot_be_repaired_reads_each_once(desk: Desk) -> None:
    spoiled(desk)
    desk.settings()
    counted = CountedStore(desk.store)

    with counted.measure() as cost:
        done = nightly.run(replace(desk, store=counted))

    assert done == {"leads": LEADS - LOST, "deals": 0, "unrepaired": LOST}
    assert cost.reads <= 2 * LEADS + 20  # the query, then the record in its transaction
