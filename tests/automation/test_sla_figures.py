"""How the limits were kept, as the figures tell it: equal to a naive recount of the cases."""

import math
from collections import Counter
from datetime import timedelta
from random import Random
from zoneinfo import ZoneInfo

from hypothesis import given
from hypothesis import strategies as st
from tests.automation.notice_office import OLGA, drained, form
from tests.fakes import FixedClock
from tests.kartoteka.services.chat_office import event

from automation import timers
from kartoteka.domain.figures import Kept
from kartoteka.domain.sla_rules import SlaCase
from kartoteka.domain.stat_cells import LIMIT
from kartoteka.ports import Query
from kartoteka.services import figures, statistics
from kartoteka.services.commands import execute
from kartoteka.services.consume import rewind
from kartoteka.services.office import Desk, read_settings
from kartoteka.services.registry import COMMANDS
from kartoteka.services.statistics import CELLS

MOSCOW = ZoneInfo("Europe/Moscow")
STEPS = ("write", "write", "answer", "answer", "drop", "wait", "wait", "new", "count")
SEED = 5  # of a story in which every limit is kept and broken
PAUSES = (5, 40, 300, 1_500, 4_000)  # minutes


def counted(desk: Desk) -> Counter[tuple[str, ...]]:
    """The cells of the limits as the consumer has them: day, what, whose, how it ended, minutes."""
    while statistics.drain(desk, batch=3).more:
        pass
    found: Counter[tuple[str, ...]] = Counter()
    for row in desk.store.query(Query(CELLS)):
        for name, number in row.doc.get("cells", {}).items():
            kind, *cuts = name.split("|")
            if kind == LIMIT:
                found[row.id, *cuts] = number
    return found


def recounted(desk: Desk) -> Counter[tuple[str, ...]]:
    """The same from the cases as they are."""
    found: Counter[tuple[str, ...]] = Counter()
    for row in desk.store.query(Query("sla_cases")):
        case = SlaCase.model_validate(row.doc)
        day = case.since.astimezone(MOSCOW).date().isoformat()
        whose = case.staff_id or ""
        if case.state in {"met", "late"}:
            spent = case.minutes or 0
            shown = spent if spent <= 480 else min(spent // 60 * 60, 12_000)
            found[day, case.what, whose, case.state, str(shown)] += 1
        elif case.breached:
            found[day, case.what, whose, "broken", ""] += 1
    return found


class Story:
    """Clients write, are answered, climb and are forgotten; time passes."""

    def __init__(self, desk: Desk, clock: FixedClock, seed: int) -> None:
        self.desk, self.clock, self.random = desk, clock, Random(seed)
        self.leads: list[str] = []
        self.said = 0
        stages = {f"leads_law.{name}": 600 for name in ("new", "r1")}
        execute(COMMANDS, desk, OLGA, "sla.set", given={"stages": stages}, cause="test")

    def play(self, steps: int) -> None:
        for _ in range(steps):
            getattr(self, self.random.choice(STEPS))()
            drained(self.desk)

    def new(self) -> None:
        self.said += 1
        owner = self.random.choice(("st_anna", "st_boris"))
        stored = form(self.desk, f"in_{self.said}", owner, phone=f"+7916000{self.said:04}")
        self.leads.append(stored.lead_id or "")

    def write(self) -> None:
        self.said += 1
        peer = f"555{self.random.randrange(4)}"
        event(self.desk, f"m{self.said}", text="Добрый день", peer=peer)

    def answer(self) -> None:
        open_ones = [row.id for row in self.desk.store.query(Query("leads"))]
        if open_ones:
            given = {"lead": self.random.choice(open_ones), "what": "letter", "text": "Отвечаю"}
            execute(COMMANDS, self.desk, OLGA, "activity.log", given=given, cause="test")

    def drop(self) -> None:
        if self.leads:
            lead = self.leads.pop(self.random.randrange(len(self.leads)))
            given = {"lead": lead, "stage": "junk", "reason": "спам"}
            execute(COMMANDS, self.desk, OLGA, "lead.move", given=given, cause="test")

    def wait(self) -> None:
        self.clock.advance(timedelta(minutes=self.random.choice(PAUSES)))
        timers.fire_late(self.desk)

    def count(self) -> None:
        statistics.drain(self.desk, batch=2, most=4)


def test_limits_of_a_story_equal_a_naive_recount(desk: Desk, clock: FixedClock) -> None:
    Story(desk, clock, SEED).play(50)

    cells = counted(desk)

    assert cells == recounted(desk)
    assert {(what, end) for _, what, _, end, _ in cells} >= {
        ("first", "met"), ("first", "late"), ("reply", "met"), ("reply", "late"),
        ("reply", "broken"), ("stage", "met"), ("stage", "broken"),
    }  # fmt: skip
    told = figures.gather(desk, read_settings(desk.store))
    assert told is not None
    for what in ("reply", "stage"):
        ends = Counter((whose, end) for _, kind, whose, end, _ in cells.elements() if kind == what)
        late = sum(number for (_, end), number in ends.items() if end != "met")
        assert (told.limits[what].counted, told.limits[what].breaches) == (ends.total(), late)
        for worker in told.workers:
            kept, name = worker.limits.get(what), str(worker.person.id)
            theirs = sum(number for (whose, _), number in ends.items() if whose == name)
            assert (kept.counted if kept else 0) == theirs
    rewind(desk, "stats")
    assert counted(desk) == cells


@given(
    st.lists(st.tuples(st.integers(0, 500), st.booleans()), max_size=12),
    st.integers(0, 5),
    st.sampled_from((0.5, 0.9)),
)
def test_quantile_is_that_of_the_sorted_list(
    ended: list[tuple[int, bool]], broken: int, part: float
) -> None:
    kept = Kept(
        Counter(minutes for minutes, met in ended if met),
        Counter(minutes for minutes, met in ended if not met),
        broken,
    )
    everything: list[float] = sorted(minutes for minutes, _ in ended) + [math.inf] * broken
    place = max(1, math.ceil(round(part * len(everything), 6))) - 1
    wanted = everything[place] if everything else math.inf

    found = kept.quantile(part)

    assert (math.inf if found is None else found) == wanted
    assert kept.counted == len(everything)
