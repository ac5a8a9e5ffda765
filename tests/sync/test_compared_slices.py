"""A whole tab compared with the store, a slice of its rows at a time."""

from datetime import timedelta

from tests.fakes import FakeTasks
from tests.sync.sheets_office import ANNA, Team

from kartoteka.domain.change import Change
from kartoteka.domain.model import Lead, Task
from kartoteka.ports import Tx
from kartoteka.services.unit import LOG
from sync import books
from sync.columns import Frame
from sync.flush import Flush
from sync.news import News
from sync.reconcile import reconcile
from sync.sheets_mirror import drain
from sync.shelf.editions import TEAM, editions
from sync.shelf.shelf import BOOKS
from sync.stock import Stock
from sync.views import touched


def compared(office: Team, slices: int, held: int) -> None:
    """Compare every row of the team's book, so many at a time."""
    app, settings = office.app, office.app.desk.settings()
    edition = editions(settings, BOOKS, team_only=True)[TEAM]
    memory = books.recall(app.store)
    assert memory is not None
    frame, stock = Frame(settings, edition.reader, app.clock.now()), Stock(app.store, held=held)
    Flush(app, edition, frame, memory, News.of(app.store, ()), stock, slices=slices).run(
        "", whole=True
    )


def unheard(office: Team, lead_id: str, **fields: str) -> None:
    """Change a lead in the store as if it were long ago: no drain hears of it any more."""

    def work(tx: Tx) -> None:
        tx.put(Lead.collection, lead_id, {**(tx.get(Lead.collection, lead_id) or {}), **fields})

    office.app.store.run(work)


def test_rows_of_every_slice_are_brought_up_to_date(office: Team) -> None:
    ids = [office.request() for _ in range(7)]
    office.drain()
    for place in (0, 3, 6):
        unheard(office, ids[place], name=f"Новое имя {place}")
    office.app.store.run(lambda tx: tx.delete(Lead.collection, ids[5]))
    office.leads.reverse()

    compared(office, slices=2, held=1)

    assert office.wrong() == []
    assert office.leads.ids() == [it for it in ids[::-1] if it != ids[5]]


def test_cell_typed_into_a_compared_tab_is_a_command_whichever_slice_it_stands_in(
    office: Team,
) -> None:
    ids = [office.request() for _ in range(5)]
    office.drain()
    unheard(office, ids[1], name="Из хранилища")
    office.types(ANNA, ids[4], "Имя", "Набрано рукой")

    compared(office, slices=2, held=1_000)

    assert office.lead(ids[4]).name == "Набрано рукой"
    assert office.leads.shown(ids[1], "Имя") == "Из хранилища"
    assert office.wrong() == []


def test_rows_that_nobody_tells_of_are_compared_by_the_first_look_of_a_night(office: Team) -> None:
    lead = office.request()
    office.drain()
    unheard(office, lead, name="Из копии")

    office.look()
    assert office.leads.shown(lead, "Имя") == "Клиент 1"
    office.clock.advance(timedelta(days=1))
    office.look()

    assert office.wrong() == []


def test_every_book_is_asked_for_once_a_night_though_nothing_moved(
    office: Team, tasks: FakeTasks
) -> None:
    def looks() -> list[object]:
        """Return the books that a tick asks to be looked at."""
        before = len(tasks.queued)
        reconcile(office.app)
        return [it.payload["book"] for it in tasks.queued[before:] if it.payload.get("look")]

    office.request()
    office.drain()
    version = str(office.sheets.only().version)
    drain(office.app, look=True, book=TEAM, version=version)

    assert looks() == []
    office.clock.advance(timedelta(days=1))
    assert looks() == [TEAM]
    drain(office.app, look=True, book=TEAM, version=version)
    office.clock.advance(timedelta(minutes=11))
    assert looks() == []


def test_second_comparison_writes_nothing(office: Team) -> None:
    ids = [office.request() for _ in range(3)]
    office.drain()
    unheard(office, ids[0], name="Новое имя")
    compared(office, slices=1, held=1)
    grid = [list(row) for row in office.leads.tab.grid]
    compared(office, slices=1, held=1)  # what was written is proved
    known = books.recall(office.app.store)

    compared(office, slices=1, held=1)

    assert office.leads.tab.grid == grid
    assert books.recall(office.app.store) == known


def test_tasks_of_more_renamed_requests_than_one_question_may_name_are_all_touched(
    office: Team,
) -> None:
    ids = [office.request() for _ in range(12)]
    tasks = [office.task(lead) for lead in ids]
    office.drain()
    known = office.app.store.log_head(LOG)
    for lead in ids:
        office.rename(lead, f"{lead} иначе")

    entries = office.app.store.read_log(LOG, known, 100)
    found = touched(office.app.store, [Change.model_validate(it.doc) for it in entries])

    assert set(found[Task.kind]) >= set(tasks)
    assert found[Lead.kind] == ids
