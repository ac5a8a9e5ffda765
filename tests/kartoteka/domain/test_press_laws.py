"""Buttons: at most 64 bytes, read back as written; hostile data is no press."""

from datetime import UTC, datetime

from hypothesis import given
from hypothesis import strategies as st

from automation.bot.acts import ACTS
from kartoteka.domain.ids import derived
from kartoteka.domain.notice_rules import NoticeKind, kind_of
from kartoteka.domain.press import Press, read, spelled
from kartoteka.i18n import catalogue

MOMENTS = st.none() | st.datetimes(datetime(1970, 1, 1), datetime(2400, 1, 1)).map(  # noqa: DTZ001 (naive bounds)
    lambda it: it.replace(tzinfo=UTC)
)


@given(st.sampled_from(sorted(ACTS)), st.text(), MOMENTS)
def test_every_button_fits_and_reads_back(act: str, seed: str, moment: datetime | None) -> None:
    press = Press(act, derived("no", seed), moment)
    told = spelled(press)

    assert len(told.encode()) <= 64
    assert read(told) == press


@given(st.text(max_size=80) | st.from_regex(r"k:[a-z]*:[a-z_]*:[0-9a-z]*", fullmatch=True))
def test_anything_else_is_read_without_harm(text: str) -> None:
    found = read(text)

    assert found is None or (found.act and found.record)


def test_every_button_has_its_words_and_what_is_said_after_it() -> None:
    texts = catalogue("ru")

    assert [act for act in ACTS if f"press_{act}" not in texts] == []
    assert [act for act in ACTS if f"pressed_{act}" not in texts] == []


def test_kinds_of_notices_name_texts_that_exist() -> None:
    codes = {code for code in catalogue("ru") if code.startswith("notice_")}
    named = {kind_of(code) for code in codes}

    assert {NoticeKind.NEW_LEAD, NoticeKind.SLA, NoticeKind.APPROVAL, NoticeKind.DIGEST} <= named
    assert kind_of("notice_new_lead") is NoticeKind.NEW_LEAD
    assert kind_of("notice_something_new") is NoticeKind.NEWS
