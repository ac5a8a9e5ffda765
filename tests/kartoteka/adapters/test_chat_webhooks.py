"""Spaces of Google Chat hear plain words, over addresses of Google's only."""

import json

import httpx
import pytest

from kartoteka.adapters.chat_webhooks import GoogleChat
from kartoteka.adapters.messengers.chat_space import plain
from kartoteka.domain.errors import NotAllowed, ProviderDown, RateLimited

SPACE = "https://chat.googleapis.com/v1/spaces/AAAA/messages?key=k&token=t"


def chat(status: int = 200) -> tuple[GoogleChat, list[httpx.Request]]:
    asked: list[httpx.Request] = []

    def answer(request: httpx.Request) -> httpx.Response:
        asked.append(request)
        return httpx.Response(status, json={})

    return GoogleChat(httpx.Client(transport=httpx.MockTransport(answer))), asked


def test_words_arrive_as_they_stand_and_an_address_stays_one() -> None:
    spaces, asked = chat()
    spaces.say(
        SPACE, "Новая заявка\nhttps://docs.google.com/spreadsheets/d/B_1/edit#gid=1&range=A3"
    )
    told = json.loads(asked[0].content)["text"].splitlines()

    assert str(asked[0].url) == SPACE
    assert told == [
        "Новая заявка",
        "https://docs.google.com/spreadsheets/d/B_1/edit#gid=1&range=A3",
    ]


@pytest.mark.parametrize(
    "words", ["<users/all>", "<https://evil.example|Банк>", "https://x.example <users/all>", "*_~`"]
)
def test_words_of_a_client_never_mention_link_or_format(words: str) -> None:
    assert set("<>*~`") & set(plain(words)) == set()


@pytest.mark.parametrize(
    ("status", "error"),
    [(404, NotAllowed), (403, NotAllowed), (429, RateLimited), (503, ProviderDown)],
)
def test_refusals_are_told_apart_from_what_passes(status: int, error: type[Exception]) -> None:
    spaces, _ = chat(status)
    with pytest.raises(error):
        spaces.say(SPACE, "Новая заявка")


@pytest.mark.parametrize(
    "address",
    ["http://chat.googleapis.com/v1", "https://169.254.169.254/", "https://evil.example/"],
)
def test_address_elsewhere_is_never_called(address: str) -> None:
    spaces, asked = chat()
    with pytest.raises(NotAllowed):
        spaces.say(address, "Новая заявка")

    assert asked == []
