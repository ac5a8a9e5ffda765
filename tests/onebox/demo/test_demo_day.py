"""The day as data: enough of everything, nothing that would spoil the comparison."""

import re
from collections import Counter
from datetime import UTC, date, datetime
from zoneinfo import ZoneInfo

from onebox.demo.acts import Broken, Edit, Form, Ring, Update
from onebox.demo.day import DAY
from onebox.demo.playing import first_day

ACTS = [act for wave in DAY for story in wave.stories for act in story.acts]
MOSCOW = ZoneInfo("Europe/Moscow")


def events() -> int:
    def number(act: object) -> int:
        match act:
            case Form() | Update():
                return act.times
            case Ring():
                return len(act.events)
            case Broken():
                return 1
        return 0

    return sum(map(number, ACTS))


def test_day_has_sixty_events_on_every_channel_and_the_edits_asked_for() -> None:
    kinds = Counter(type(act) for act in ACTS)

    assert events() >= 60
    assert {Form, Ring, Update, Broken, Edit} <= set(kinds)
    assert sum(act.refused for act in ACTS if isinstance(act, Edit)) == 1
    assert {act.column for act in ACTS if isinstance(act, Edit)} == {
        "name",
        "stage",
        "owner",
        "note",
    }


def test_messages_of_forms_tell_them_apart_when_compared() -> None:
    texts = [
        act.fields.get("message") or act.fields["Комментарий"]
        for act in ACTS
        if isinstance(act, Form) and not act.status
    ]

    assert len(set(texts)) == len(texts)


def test_numbers_of_updates_are_used_once() -> None:
    numbers = [act.number for act in ACTS if isinstance(act, Update)]

    assert len(set(numbers)) == len(numbers)


def test_time_only_moves_forward() -> None:
    moments = [(wave.day, wave.at) for wave in DAY]

    assert moments == sorted(moments)


def test_stories_are_told_in_both_languages() -> None:
    for wave in DAY:
        for story in wave.stories:
            assert re.search("[А-Яа-я]", story.ru)
            assert not re.search("[А-Яа-я]", story.en)


def test_day_starts_today_before_half_past_eight_and_skips_the_weekend() -> None:
    friday = datetime(2026, 11, 27, 8, 30, tzinfo=MOSCOW)

    assert first_day(friday, MOSCOW) == date(2026, 11, 27)
    assert first_day(friday.replace(hour=9), MOSCOW) == date(2026, 11, 30)
    assert first_day(datetime(2026, 11, 23, 5, 31, tzinfo=UTC), MOSCOW) == date(2026, 11, 23)
