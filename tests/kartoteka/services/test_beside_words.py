"""What clients send besides words: a contact, a place, a poll stand in the history as words."""

import pytest
from tests.kartoteka.services.chat_office import activities, event, lead_of

from kartoteka.domain.inbound import Kind
from kartoteka.services.office import Desk


@pytest.mark.parametrize(
    ("fields", "words"),
    [
        ({"contact_name": "Олег", "contact_phone": "+79035550112"}, "Контакт: Олег, +79035550112"),
        ({"location": "55.75, 37.61"}, "На карте: 55.75, 37.61"),
        ({"location": "55.75, 37.61", "place": "Суд"}, "Место: Суд\nНа карте: 55.75, 37.61"),
        ({"poll": "Когда? (Утром; Вечером)"}, "Опрос: Когда? (Утром; Вечером)"),
        ({"share": "https://chat.example.test/p/1"}, "Ссылка: https://chat.example.test/p/1"),
        (
            {"story_mention": "https://chat.example.test/s/2"},
            "О вашей истории: https://chat.example.test/s/2",
        ),
        ({"reel": "Обзор двора"}, "Публикация: Обзор двора"),
        ({"sticker": "40133"}, "Стикер: 40133"),
        ({"item_id": "3003"}, ""),
    ],
)
def test_message_without_words_says_in_the_history_what_it_was(
    desk: Desk, fields: dict[str, str], words: str
) -> None:
    event(desk, "1", fields=fields)
    [kept] = activities(desk)
    assert kept.text == words


def test_typed_words_stand_above_what_came_with_them(desk: Desk) -> None:
    event(desk, "1", text="Ещё действует?", fields={"wall": "Скидка {name} до пятницы"})
    [kept] = activities(desk)
    assert kept.text == "Ещё действует?\nЗапись со стены: Скидка {name} до пятницы"


def test_own_number_is_told_and_becomes_the_clients(desk: Desk) -> None:
    stored = event(desk, "1", Kind.CONTACT, phones=("+79035550112",))
    [kept] = activities(desk)
    assert kept.text == "Контакт: +79035550112"
    assert lead_of(desk, stored).client_id == stored.client_id
    client = desk.store.get("clients", stored.client_id or "")
    assert client is not None
    assert client["phones"] == ["+79035550112"]


def test_place_that_moves_on_the_map_keeps_where_it_was(desk: Desk) -> None:
    event(desk, "1", message="71", fields={"location": "55.75, 37.61"})
    event(desk, "2", Kind.EDIT, message="71", fields={"location": "55.76, 37.60"})
    [kept] = activities(desk)
    assert kept.text == "На карте: 55.76, 37.60"
    assert kept.message is not None
    assert [it.text for it in kept.message.wordings] == ["На карте: 55.75, 37.61"]
