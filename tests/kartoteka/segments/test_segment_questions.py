"""What questions mean and when they turn: exact to the microsecond, without any store."""

import re
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from tests.access.office_cast import office

from kartoteka.domain.model import Client
from kartoteka.domain.portrait import Measures, Portrait, Stored, portrait
from kartoteka.domain.segment import Segment
from kartoteka.domain.segment_ready import READY
from kartoteka.i18n import LOCALES, catalogue
from kartoteka.services.segment_language import asking_of, question_of, segment_of, vocabulary

DOCS = Path(__file__).parents[3] / "docs"
NOW = datetime(2026, 11, 25, 9, 0, tzinfo=UTC)  # a Wednesday
HOUR, DAY = timedelta(hours=1), timedelta(days=1)


@pytest.mark.parametrize(
    ("condition", "ago"),
    [
        ("дата создания раньше 30 дней назад", 10 * DAY),
        ("дата создания раньше сейчас - 36 часов", HOUR),
        ("дата создания клиента раньше сегодня - 3 дня", 2 * DAY),
        ("client created = today", HOUR),
        ("дата создания не раньше сейчас - 1 месяц", 20 * DAY),
        ("дата создания раньше сейчас - 2 рабочих дня", HOUR),
    ],
)
def test_question_names_the_exact_instant_at_which_it_turns(condition, ago):
    asked = question_of(office(), condition)
    seen = portrait(Stored(card(NOW - ago)), Measures(office().office), NOW)

    turn = asked.turns(seen)

    assert turn is not None
    before, at = (asked.holds(later(seen, it)) for it in (turn - timedelta.resolution, turn))
    assert before == asked.holds(seen) != at


def card(created: datetime) -> dict[str, object]:
    return Client(id="cl_1", name="И", created_at=created, updated_at=created).model_dump(
        mode="json"
    )


def later(seen: Portrait, now: datetime) -> Portrait:
    return replace(seen, now=now)


def test_question_about_a_past_moment_never_turns_again():
    asked = question_of(office(), "дата создания раньше 30 дней назад")
    seen = portrait(Stored(card(NOW - 400 * DAY)), Measures(office().office), NOW)

    assert (asked.holds(seen), asked.turns(seen)) == (True, None)


def test_every_ready_segment_and_every_fact_has_its_name_in_both_languages():
    known = vocabulary(office()).fields
    asked = {name for question in READY.values() for name in question.asks}

    for locale in LOCALES:
        assert {f"segment_ready_{code}" for code in READY} <= catalogue(locale).keys()
        assert {f"segment_asks_{code}" for code in READY} <= catalogue(locale).keys()
    assert {name for name in asked if name not in known} == set()
    assert len({name.name for name in known.values()}) == len(known)


def test_segments_of_an_office_without_settings_of_its_own_are_the_ready_ones():
    assert set(asking_of(office()).questions) == set(READY)
    assert segment_of(office().office, "best").id == "rfm_best"
    assert Segment(id="a", name="А").kind == "dynamic"


@pytest.mark.parametrize("language", ["en", "ru"])
def test_every_condition_of_the_page_is_understood(language):
    page = (DOCS / language / "segments.md").read_text("utf-8")
    block = re.search(r"\n\n((?:    (?!kartoteka).+\n){3,})", page)
    assert block is not None

    for line in block[1].splitlines():
        assert question_of(office(), line.strip()).asks


def test_every_fact_is_named_on_both_pages():
    for language in LOCALES:
        page = (DOCS / language / "segments.md").read_text("utf-8").replace("\n", " ")
        texts = catalogue(language)
        facts = [it for code, it in texts.items() if code.startswith("segment_fact_")]
        ready = [it for code, it in texts.items() if code.startswith("segment_ready_")]
        asked = [it for it in facts if "score" not in it and "оценка" not in it]
        names = [it for it in ready if not it.endswith(".")]  # a refusal ends with a point

        assert [it for it in (*asked, *names) if it not in page] == []
