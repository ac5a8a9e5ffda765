"""Which rows a change may show in."""

from tests.fakes import FixedClock
from tests.kartoteka.deals.deal_desk import ANNA, Play

from automation import engine
from kartoteka.domain.change import Change
from kartoteka.domain.model import Task
from kartoteka.ports import Query
from kartoteka.services.office import Desk
from kartoteka.services.unit import LOG
from sync.views import touched


def test_task_of_a_deal_is_written_anew_when_its_client_has_a_name_at_last(
    desk: Desk, clock: FixedClock
) -> None:
    play = Play(desk)
    lead = play.lead(play.qualified(clock).lead_id)
    play.do(ANNA, "lead.convert", lead=lead.id, deal_type="Спор")
    engine.run(desk)
    [task] = [hit.id for hit in desk.store.query(Query(Task.collection))]
    known = desk.store.log_head(LOG)

    play.do(ANNA, "client.edit", client=lead.client_id, name="Мария Кузнецова")

    news = [Change.model_validate(it.doc) for it in desk.store.read_log(LOG, known, 10)]
    assert task in touched(desk.store, news)["task"]
