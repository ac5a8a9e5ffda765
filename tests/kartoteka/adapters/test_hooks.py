"""Webhooks go into the open internet and nowhere else."""

from collections.abc import Callable

import httpx
import pytest

from kartoteka.adapters.hooks import OpenInternet
from kartoteka.domain.errors import NotAllowed, ProviderDown, RateLimited

URL = "https://crm.example.com/hook?a=1"
PUBLIC = "93.184.216.34"


def hooks(
    *addresses: str, answer: Callable[[httpx.Request], httpx.Response] | None = None
) -> OpenInternet:
    transport = httpx.MockTransport(answer or (lambda _: httpx.Response(204)))
    return OpenInternet(httpx.Client(transport=transport), lambda _: addresses)


def test_a_post_goes_to_the_address_that_was_looked_up_under_its_own_name() -> None:
    seen: list[httpx.Request] = []

    def answer(request: httpx.Request) -> httpx.Response:
        seen.append(request)
        return httpx.Response(200)

    hooks(PUBLIC, answer=answer).post(URL, b"{}", {"x-kartoteka-id": "fr_1:0"})

    assert str(seen[0].url) == f"https://{PUBLIC}/hook?a=1"
    assert seen[0].headers["host"] == "crm.example.com"
    assert seen[0].extensions["sni_hostname"] == "crm.example.com"
    assert seen[0].content == b"{}"


@pytest.mark.parametrize(
    "address",
    [
        *("127.0.0.1", "10.0.0.5", "172.16.3.4", "192.168.1.1", "169.254.169.254", "0.0.0.0"),  # noqa: S104 - an address to refuse
        *("100.64.0.1", "224.0.0.1", "::1", "fd00::1", "fe80::1%eth0", "::ffff:127.0.0.1"),
    ],
)
def test_an_address_inside_is_refused_also_beside_a_public_one(address: str) -> None:
    with pytest.raises(NotAllowed) as refused:
        hooks(PUBLIC, address).post(URL, b"{}", {})

    assert refused.value.code == "hook_address"


@pytest.mark.parametrize(
    "url",
    [
        *("http://crm.example.com/", "ftp://crm.example.com/", "https:///path", "https://[bad/"),
        *("https://crm.example.com:8443/", "https://user:pass@crm.example.com/", "file:///etc"),
    ],
)
def test_an_address_of_another_kind_is_refused(url: str) -> None:
    with pytest.raises(NotAllowed):
        hooks(PUBLIC).post(url, b"{}", {})


def test_a_redirect_is_not_followed() -> None:
    moved = httpx.Response(302, headers={"location": "http://169.254.169.254/"})

    with pytest.raises(NotAllowed) as refused:
        hooks(PUBLIC, answer=lambda _: moved).post(URL, b"{}", {})

    assert refused.value.code == "hook_refused"


@pytest.mark.parametrize(
    ("status", "error"), [(429, RateLimited), (500, ProviderDown), (404, NotAllowed)]
)
def test_answers_say_who_must_act(status: int, error: type[Exception]) -> None:
    with pytest.raises(error):
        hooks(PUBLIC, answer=lambda _: httpx.Response(status)).post(URL, b"{}", {})


def test_a_name_that_leads_nowhere_is_tried_again() -> None:
    with pytest.raises(ProviderDown):
        hooks().post(URL, b"{}", {})
