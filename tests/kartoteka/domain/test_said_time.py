"""Times as people type them in a chat."""

from datetime import UTC, date, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from kartoteka.domain.errors import Invalid
from kartoteka.domain.said_time import read
from kartoteka.domain.team_words import Wish, named_first, person_of
from kartoteka.domain.team_words import read as read_words
from kartoteka.services.office import Desk

ZONE = "Europe/Moscow"
NOW = datetime(2026, 11, 23, 9, 30, tzinfo=UTC)  # Monday, 12:30 in Moscow
LOCAL = NOW.astimezone(ZoneInfo(ZONE))


def at(day: int, hour: int, minute: int = 0) -> datetime:
    return datetime(2026, 11, day, hour, minute, tzinfo=ZoneInfo(ZONE))


@pytest.mark.parametrize(
    ("text", "moment", "rest"),
    [
        ("завтра 15:00 позвонить", at(24, 15), "позвонить"),
        ("Завтра в 9:05 позвонить", at(24, 9, 5), "позвонить"),
        ("tomorrow at 15:00 call", at(24, 15), "call"),
        ("послезавтра отправить КП", date(2026, 11, 25), "отправить КП"),
        ("сегодня 18:00", at(23, 18), ""),
        ("в пн 10:00 встреча", at(30, 10), "встреча"),
        ("во вторник встреча", date(2026, 11, 24), "встреча"),
        ("on fri 10:00 meeting", at(27, 10), "meeting"),
        ("25.11 12:00 суд", at(25, 12), "суд"),
        ("01.02 суд", date(2027, 2, 1), "суд"),
        ("25.11.2027 суд", date(2027, 11, 25), "суд"),
        ("2026-12-01 суд", date(2026, 12, 1), "суд"),
        ("через 2 часа перезвонить", LOCAL + timedelta(hours=2), "перезвонить"),
        ("in 30 minutes call", LOCAL + timedelta(minutes=30), "call"),
        ("через 3 дня 11:00 позвонить", at(26, 11), "позвонить"),
        ("через 1 неделю позвонить", date(2026, 11, 30), "позвонить"),
        ("15:00 позвонить", at(23, 15), "позвонить"),
        ("10:00 позвонить", at(24, 10), "позвонить"),
        ("позвонить завтра", None, "позвонить завтра"),
        ("31.02 позвонить", None, "31.02 позвонить"),
        ("25:70 позвонить", None, "25:70 позвонить"),
        ("среднее значение", None, "среднее значение"),
        ("", None, ""),
    ],
)
def test_time_at_the_beginning_is_read(
    text: str, moment: date | datetime | None, rest: str
) -> None:
    assert read(text, NOW, ZONE) == (moment, rest)


@given(st.text(max_size=60))
def test_any_text_is_read_without_an_error_and_nothing_is_made_up(text: str) -> None:
    moment, rest = read(text, NOW, ZONE)

    assert rest in text or moment is None
    assert isinstance(moment, date) or moment is None


@pytest.mark.parametrize(
    ("text", "wish", "rest", "named"),
    [
        ("Добрый день", Wish.SAY, "Добрый день", ()),
        (" // между нами", Wish.NOTE, "между нами", ()),
        ("//", Wish.NOTE, "", ()),
        ("/позвать @анна", Wish.INVITE, "", ("анна",)),
        ("/ПЕРЕДАТЬ @анна его тема", Wish.HAND_ON, "его тема", ("анна",)),
        ("/close@kartoteka_bot", Wish.CLOSE, "", ()),
        ("/задача завтра 15:00 @анна позвонить", Wish.TASK, "завтра 15:00 позвонить", ("анна",)),
        ("/фывапр", Wish.UNKNOWN, "", ()),
        ("a/b тест", Wish.SAY, "a/b тест", ()),
        ("почта a@b.ru", Wish.SAY, "почта a@b.ru", ()),
    ],
)
def test_words_of_the_team_are_told_apart(
    text: str, wish: Wish, rest: str, named: tuple[str, ...]
) -> None:
    said = read_words(text)

    assert (said.wish, said.text, said.named) == (wish, rest, named)


@pytest.mark.parametrize(
    ("text", "rest", "named"),
    [
        ("/передать Анна Белова его тема", "его тема", ("Анна_Белова",)),
        ("/передать анна, его тема", "его тема", ("анна",)),
        ("/позвать анна", "", ("анна",)),
        ("/передать @глеб анна знает", "анна знает", ("глеб",)),
        ("/передать никому", "никому", ()),
        ("/позвать", "", ()),
    ],
)
def test_first_words_of_a_command_are_a_name_if_somebody_is_called_so(
    desk: Desk, text: str, rest: str, named: tuple[str, ...]
) -> None:
    said = named_first(read_words(text), desk.settings())

    assert (said.text, said.named) == (rest, named)


@pytest.mark.parametrize("name", ["анна", "Белова", "АННА_БЕЛОВА", "Anna"])
def test_colleague_is_found_by_any_of_their_names(desk: Desk, name: str) -> None:
    assert person_of(name, desk.settings()).id == "st_anna"


@pytest.mark.parametrize(("name", "code"), [("анн", "team_nobody"), ("", "team_nobody")])
def test_colleague_nobody_knows_is_refused_with_the_names(desk: Desk, name: str, code: str) -> None:
    with pytest.raises(Invalid) as refused:
        person_of(name, desk.settings())

    assert refused.value.code == code
    assert "Анна Белова" in str(refused.value)
