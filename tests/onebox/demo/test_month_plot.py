"""The month as data: enough of everything, told the same way for the same seed."""

import ast
from collections import Counter
from pathlib import Path
from random import Random

import pytest

from onebox.demo.month import ledger, notes, promises, working
from onebox.demo.month.acts import Comes, Month, Types
from onebox.demo.month.ledger import Ledger
from onebox.demo.month.plot import Plot, acts_of
from onebox.demo.month.run import FIRST, HOLIDAY
from onebox.demo.month.working import Calendar, at

CALENDAR = Calendar(frozenset({HOLIDAY}))
DAYS = CALENDAR.month(FIRST)


def month(seed: int) -> Month:
    return Plot(CALENDAR, DAYS, Random(seed)).write()


def test_same_seed_tells_the_same_month_and_another_seed_another() -> None:
    assert month(1) == month(1)
    assert month(1) != month(2)


@pytest.mark.parametrize("seed", range(1, 6))
def test_every_month_is_whole_and_can_be_counted(seed: int) -> None:
    paper, played = Ledger(CALENDAR), month(seed)
    for moment, acts in played.items():
        paper.until(moment)
        for act in acts:
            paper.hear(act)
    paper.until(at(DAYS[-1], "20:00"))

    foretold = paper.notes
    assert 10 <= len(paper.requests) / len(DAYS) <= 20
    assert set(paper.by_source()) == {"Сайт-форма", "Звонок", "Telegram"}
    assert {"won", "lost", "kp"} <= {it.stage for it in paper.deals}
    assert {"large_deal", "silent_lead", "silent_deal", "repeat_sale"} <= set(foretold.firings)
    assert {"pay_before_3", "pay_today"} <= set(foretold.firings)
    assert min(foretold.won_minor, foretold.refused, foretold.shut_out) > 0


def test_words_of_forms_and_requests_tell_them_apart() -> None:
    words = Counter(act.words for act in acts_of(month(1)) if isinstance(act, Comes))
    typed = [act for act in acts_of(month(1)) if isinstance(act, Types)]

    assert set(words.values()) == {1}
    assert any(act.refused for act in typed)
    assert any(not act.refused for act in typed)


def test_ledger_knows_nothing_of_the_offices_own_code() -> None:
    for module in (ledger, notes, promises, working):
        tree = ast.parse(Path(str(module.__file__)).read_text("utf-8"))
        names = [node.module or "" for node in ast.walk(tree) if isinstance(node, ast.ImportFrom)]
        names += [
            it.name for node in ast.walk(tree) if isinstance(node, ast.Import) for it in node.names
        ]
        assert not [name for name in names if name.split(".")[0] in {"kartoteka", "automation"}]
