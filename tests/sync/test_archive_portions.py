"""A whole year of closed requests moves into the archive in portions, each row once."""

from datetime import timedelta

from tests.sync.books_office import Shelf
from tests.sync.pasting_office import desktop

from kartoteka.domain.instant import spell
from kartoteka.ports import Query, Tx
from sync import aging, spans
from sync.shelf.closed import archive

__all__ = ["desktop"]

COUNT = 2_300


def test_portions_follow_each_other_until_all_have_moved(desktop: Shelf) -> None:
    ids = desktop.requests(COUNT)
    now = desktop.clock.now()

    def work(tx: Tx) -> None:
        docs = tx.get_many("leads", ids)
        for place, name in enumerate(ids):
            at = spell(now + timedelta(minutes=place // 3))  # three at each moment
            tx.put("leads", name, {**docs[name], "state": "lost", "stage_entered_at": at})

    desktop.app.store.run(work)
    desktop.clock.advance(timedelta(days=120))
    portions = []
    while not portions or portions[-1]["more"]:
        portions.append(aging.age(desktop.app))

    assert [portion["aged"] for portion in portions] == [1_000, 1_000, 300]
    zone = desktop.app.desk.settings().office.work.zone
    (span,) = spans.progress(desktop.app.store).spans(zone)
    there = desktop.there(f"archive-{span.name}.st_viktor", archive(span).tabs[0])
    assert sorted(there.ids()) == sorted(ids)
    assert aging.age(desktop.app) == {"aged": 0, "more": False}
    assert len(list(desktop.app.store.query(Query("archives")))) == 1
