"""What nobody understood, told in words: from which channel it came and why it waits."""

from datetime import UTC, datetime

import pytest
from tests.furnished import law_firm
from tests.sync.books_office import HEAD_BOOK, Shelf

from kartoteka.domain.inbound import Inbound, Kind
from kartoteka.domain.office import Settings
from sync.columns import Frame, View
from sync.shelf.tabs import INBOX

VIKTOR = "viktor@office.example"

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


def test_what_nobody_understood_waits_in_the_department_and_is_settled_there(shelf: Shelf) -> None:
    now = shelf.clock.now()
    event = Inbound(
        id="in_1", channel="tilda", account="a", event_id="1", what=Kind.UNKNOWN, at=now,
        received_at=now, raw="{}", why="not_understood", state="unknown",
    )  # fmt: skip
    doc = event.model_dump(mode="json")
    shelf.app.store.run(lambda tx: tx.put(Inbound.collection, event.id, doc))
    shelf.drain()
    there = shelf.there(HEAD_BOOK, INBOX)
    assert there.shown("in_1", "Откуда") == "Tilda"

    shelf.picks(HEAD_BOOK, VIKTOR, "in_1", "Отклонить: спам", tab=INBOX)
    shelf.drain()

    kept = shelf.app.store.get(Inbound.collection, "in_1")
    assert kept is not None
    assert kept["state"] == "rejected"
    assert there.ids() == []
