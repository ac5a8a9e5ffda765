"""Where a webhook may go is told by its address alone, before anybody looks a name up."""

import pytest

from kartoteka.domain.hook_address import is_open


@pytest.mark.parametrize(
    "url",
    [
        "https://crm.example.com/hook?a=1",
        "https://crm.example.com:443/",
        "https://93.184.216.34/",
        "https://[2606:4700::6810:84e5]/x",
        "https://офис.example/",
        "https://localhost.example.com/",
    ],
)
def test_https_address_of_the_internet_is_open(url: str) -> None:
    assert is_open(url)


@pytest.mark.parametrize(
    "url",
    [
        *("http://crm.example.com/", "ftp://crm.example.com/", "https://", "https:///path"),
        *("https://crm.example.com:8443/", "https://user:pass@crm.example.com/", "https://[bad/"),
        *("https://127.0.0.1/", "https://10.0.0.5/", "https://169.254.169.254/", "https://[::1]/"),
        *("https://[::ffff:127.0.0.1]/", "https://224.0.0.1/", "https://2130706433/"),
        *("https://127.1/", "https://10.0.0.0x5/", "https://0x7f.0x1/", "https://127.0.0.1./"),
        *("https://localhost/", "https://LOCALHOST./", "https://crm/", "https://pbx.office.lan/"),
        *("https://crm.local/", "https://api.internal/", "https://a.home.arpa/", "https://a..com/"),
    ],
)
def test_address_inside_or_of_another_kind_is_closed(url: str) -> None:
    assert not is_open(url)
