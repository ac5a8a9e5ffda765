"""Files of clients are asked for at their provider only; those too large are not taken whole."""

import httpx
import pytest
from hypothesis import given
from hypothesis import strategies as st
from tests.kartoteka.adapters.test_messengers import account, messengers

from kartoteka.adapters.messengers.calls import check_host
from kartoteka.domain.errors import NotAllowed, TooLarge


@pytest.mark.parametrize(
    "url",
    [
        "http://sun9-1.userapi.com/a",
        "https://userapi.com.evil.example/a",
        "https://evil.example/userapi.com",
        "https://127.0.0.1/a",
        "https://169.254.169.254/latest",
        "https://[::1]/a",
        "https://userapi.com@evil.example/",
        "https://user:pass@userapi.com/a",
        "https://userapi.com:8443/a",
        "file:///etc/passwd",
        "//userapi.com/a",
        "https://[bad/",
        "",
    ],
)
def test_file_is_never_asked_for_elsewhere(url: str) -> None:
    def handle(request: httpx.Request) -> httpx.Response:
        raise AssertionError(request.url)

    with pytest.raises(NotAllowed) as refused:
        messengers(handle).fetch(account("vk"), url, 100)

    assert refused.value.code == "file_place"


@given(st.text(max_size=80))
def test_any_address_is_listed_or_refused(url: str) -> None:
    with pytest.raises(NotAllowed):
        check_host(url, ("userapi.com",))


def test_redirect_to_another_host_is_refused() -> None:
    def handle(request: httpx.Request) -> httpx.Response:
        assert request.url.host == "vk.com"
        return httpx.Response(302, headers={"location": "http://10.0.0.1/secret"})

    with pytest.raises(NotAllowed):
        messengers(handle).fetch(account("vk"), "https://vk.com/doc1", 100)


def test_redirect_within_the_provider_is_followed() -> None:
    def handle(request: httpx.Request) -> httpx.Response:
        if request.url.host == "vk.com":
            return httpx.Response(302, headers={"location": "https://psv4.userapi.com/doc"})
        return httpx.Response(200, content=b"doc", headers={"content-type": "image/png"})

    found = messengers(handle).fetch(account("vk"), "https://vk.com/doc1", 100)

    assert (found.content, found.media_type) == (b"doc", "image/png")


def test_file_over_the_limit_is_not_taken_whole() -> None:
    def handle(request: httpx.Request) -> httpx.Response:
        return httpx.Response(200, content=b"x" * 101)

    with pytest.raises(TooLarge):
        messengers(handle).fetch(account("viber"), "https://dl-media.viber.com/1", 100)


def test_telegram_file_is_found_by_its_id() -> None:
    def handle(request: httpx.Request) -> httpx.Response:
        if request.url.path.endswith("/getFile"):
            return httpx.Response(200, json={"ok": True, "result": {"file_path": "docs/1.pdf"}})
        assert request.url.path == "/file/botT0KEN/docs/1.pdf"
        return httpx.Response(200, content=b"pdf")

    assert messengers(handle).fetch(account("telegram"), "AgAC", 100).content == b"pdf"


def test_whatsapp_media_is_asked_for_by_its_id_and_loaded_with_the_key() -> None:
    def handle(request: httpx.Request) -> httpx.Response:
        assert request.headers["authorization"] == "Bearer T0KEN"
        if request.url.host == "graph.facebook.com":
            return httpx.Response(200, json={"url": "https://lookaside.fbsbx.com/w/1"})
        return httpx.Response(200, content=b"jpg")

    assert messengers(handle).fetch(account("whatsapp"), "88001", 100).content == b"jpg"
