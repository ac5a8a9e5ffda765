"""The figures equal a naive recount, whatever happened and however often the log was read."""

from datetime import UTC, datetime, timedelta
from pathlib import Path
from tempfile import TemporaryDirectory

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from tests.kartoteka.services.counted_office import SOURCES, History, Killed, recounted

from kartoteka.domain.change import SYSTEM
from kartoteka.domain.figures import Speed
from kartoteka.ports import Query
from kartoteka.services import figures, statistics
from kartoteka.services.consume import lags, rewind
from kartoteka.services.plans import SetPlan, plans_of, set_plan
from kartoteka.services.statistics import FACTS

ACTS = ("lead", "lead", "deal", "climb", "climb", "sell", "price", "hand_over", "mass", "undo",
        "speak", "speak", "answer", "delete", "restore", "wait", "wait", "read")  # fmt: skip
DAYS = st.lists(st.tuples(st.sampled_from(ACTS), st.integers(0, 59)), max_size=60)


@given(DAYS)
@settings(max_examples=25, deadline=None)
def test_figures_of_any_history_equal_a_naive_recount(days):
    with TemporaryDirectory() as folder:
        history = History(Path(folder))
        for act, which in days:
            getattr(history, act)(which)

        counted = history.counted()

        assert counted == recounted(history)
        assert not lags(history.sqlite, "stats")
        kept = {row.id: row.doc for row in history.sqlite.query(Query(FACTS))}
        rewind(history.desk, "stats")
        assert history.counted() == counted
        assert {row.id: row.doc for row in history.sqlite.query(Query(FACTS))} == kept
        history.sqlite.close()


@pytest.fixture
def history(tmp_path):
    made = History(tmp_path)
    yield made
    made.sqlite.close()


def test_batch_delivered_twice_is_counted_once(history):
    history.lead(0)
    history.lead(1)
    history.store.dies = ["after", ""]
    with pytest.raises(Killed):
        statistics.drain(history.desk, batch=1)

    assert history.counted() == recounted(history)


def test_stages_in_another_order_are_counted_anew(history):
    history.lead(0)
    history.climb(2)
    before = history.counted()
    office = history.desk.settings().office
    first, *rest = office.pipelines
    turned = first.model_copy(update={"stages": (first.stages[0], *reversed(first.stages[1:]))})
    doc = office.model_copy(update={"pipelines": (turned, *rest)}).model_dump(mode="json")
    history.sqlite.run(lambda tx: tx.put("settings", "office", doc))
    history.desk.settings.forget()

    assert history.counted() == recounted(history) != before


def test_figures_are_not_shown_before_the_log_was_read_to_its_end(history):
    history.lead(0)
    history.lead(1)
    statistics.drain(history.desk, batch=1, most=1)

    assert figures.gather(history.desk, history.desk.settings()) is None


def test_untouched_request_is_late_only_after_its_limit(history):
    history.lead(1)
    history.counted()
    early = figures.gather(history.desk, history.desk.settings())
    history.clock.advance(timedelta(minutes=16))
    late = figures.gather(history.desk, history.desk.settings())

    assert (early.speed.late, late.speed.late) == (0, 1)
    assert (late.speed.in_time, late.speed.quantile(0.5)) == (0.0, None)


def test_answer_within_the_limit_counts_as_in_time(history):
    history.lead(1)
    history.clock.advance(timedelta(minutes=12))
    history.speak(1)
    history.counted()

    found = figures.gather(history.desk, history.desk.settings())

    assert (found.speed.quantile(0.5), found.speed.in_time) == (12, 1.0)
    assert found.leads == {SOURCES[1]: [0] * 29 + [1]}


def test_quantiles_count_requests_without_an_answer_as_the_slowest():
    speed = Speed({3: 5, 40: 2}, late=3, limit=15)

    assert (speed.quantile(0.5), speed.quantile(0.7), speed.quantile(0.9)) == (3, 40, None)
    assert speed.in_time == 0.5


def test_drain_of_one_change_reads_and_writes_few_documents(history):
    for which in range(20):
        history.lead(which)
    history.counted()
    history.climb(4)
    written = []
    run = history.sqlite.run
    history.store.run = lambda work: run(lambda tx: work(Noting(tx, written)))

    statistics.drain(history.desk)

    assert len(written) <= 5


class Noting:
    """A transaction that notes what is written."""

    def __init__(self, tx, written) -> None:
        self._tx, self._written = tx, written

    def put(self, collection, name, doc) -> None:
        self._written.append((collection, name))
        self._tx.put(collection, name, doc)

    def __getattr__(self, name):
        return getattr(self._tx, name)


def test_plan_of_the_office_is_the_sum_of_its_people(history):
    for staff, amount in (("st_anna", 300), ("st_boris", 200)):
        wish = SetPlan(month="2026-11", amount_minor=amount, staff=staff)
        set_plan(history.desk, SYSTEM, wish, "test")

    plans = plans_of(history.sqlite, "2026-11", ["st_anna", "st_boris"])

    assert plans == {"": 500, "st_anna": 300, "st_boris": 200}


def test_month_is_that_of_the_office(history):
    history.clock.advance(datetime(2026, 11, 30, 21, 30, tzinfo=UTC) - history.clock.now())
    history.counted()

    found = figures.gather(history.desk, history.desk.settings())

    assert found.days[-1].isoformat() == "2026-12-01"
