"""What nobody understood, told in words: from which channel it came and why it waits."""

from datetime import UTC, datetime

import pytest
from tests.furnished import law_firm

from kartoteka.domain.inbound import Inbound, Kind
from kartoteka.domain.office import Settings
from sync.columns import Frame, View
from sync.shelf.tabs import INBOX

NOW = datetime(2026, 11, 23, 9, 0, tzinfo=UTC)


def row_of(why: str, locale: str = "ru", name: str = "yandex_forms") -> list[object]:
    office = law_firm().office.model_copy(update={"locale": locale})
    frame = Frame(Settings(office=office, staff=()))
    event = Inbound(
        id="in_1", channel=name, account="a", event_id="1", what=Kind.UNKNOWN, at=NOW,
        received_at=NOW, raw="{}", why=why, state="unknown",
    )  # fmt: skip
    row = INBOX.row(View("in_1", inbound=event), frame)
    return [row["channel"], row["why"]]


@pytest.mark.parametrize(
    ("locale", "said"),
    [
        ("ru", ["Яндекс Формы", "Не разобрано: phone"]),
        ("en", ["Yandex Forms", "Not understood: phone"]),
    ],
)
def test_event_nobody_understood_says_in_words_whence_and_why(locale: str, said: object) -> None:
    assert row_of("not_understood: phone", locale) == said


def test_reason_whose_facts_are_not_kept_and_channel_without_a_name_are_shown() -> None:
    assert row_of("settings_unknown", name="acme") == ["acme", "Записи «…» нет. Есть: …."]
