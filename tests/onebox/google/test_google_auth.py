"""Tokens: access, refresh, identity."""

from collections.abc import Iterator
from pathlib import Path
from urllib.parse import urlencode

import jwt
import pytest

from onebox.google.app import Google
from onebox.google.auth import Auth, OAuthError
from onebox.google.errors import GoogleError
from onebox.google.storage import Vault
from onebox.google.wire import Request


@pytest.fixture
def vault(tmp_path: Path) -> Iterator[Vault]:
    opened = Vault(tmp_path / "google.sqlite3")
    yield opened
    opened.close()


def test_access_token_is_known_to_another_process_for_an_hour(vault: Vault) -> None:
    now = [1_000_000.0]
    token = Auth(vault, seconds=lambda: now[0]).issue("Anna@X.ru", ["s"])
    other = Auth(vault, seconds=lambda: now[0])

    assert other.caller(f"Bearer {token}").email == "anna@x.ru"
    now[0] += 3600
    with pytest.raises(GoogleError, match="invalid authentication credentials") as late:
        other.caller(f"Bearer {token}")
    assert late.value.details[0]["reason"] == "ACCESS_TOKEN_EXPIRED"


def test_vault_does_not_hold_the_token_itself(vault: Vault) -> None:
    token = Auth(vault).issue("a@x.ru")

    assert token not in str(vault.list("access-token"))


@pytest.mark.parametrize("header", ["", "Bearer", "Basic YTpi", "Bearer stand-in:nobody"])
def test_header_without_a_token_is_refused(vault: Vault, header: str) -> None:
    with pytest.raises(GoogleError):
        Auth(vault).caller(header)


def test_open_form_is_refused_when_tokens_are_closed(vault: Vault) -> None:
    with pytest.raises(GoogleError):
        Auth(vault, open_tokens=False).caller("Bearer stand-in:a@x.ru")


def test_refresh_token_gives_access_tokens_with_its_scopes(vault: Vault) -> None:
    auth = Auth(vault)
    refresh = auth.issue_refresh("a@x.ru", ["s1", "s2"])

    answer = auth.refresh({"grant_type": "refresh_token", "refresh_token": refresh})

    assert answer["scope"] == "s1 s2"
    assert auth.caller(f"Bearer {answer['access_token']}").scopes == {"s1", "s2"}


@pytest.mark.parametrize(
    ("form", "error"),
    [
        ({"grant_type": "refresh_token", "refresh_token": "1//x"}, "invalid_grant"),
        ({"grant_type": "password"}, "unsupported_grant_type"),
        ({}, "unsupported_grant_type"),
    ],
)
def test_bad_refresh_is_refused_as_oauth_does(
    vault: Vault, form: dict[str, str], error: str
) -> None:
    with pytest.raises(OAuthError) as refused:
        Auth(vault).refresh(form)

    assert refused.value.body["error"] == error


def test_identity_token_is_checked_with_the_published_keys(vault: Vault) -> None:
    auth = Auth(vault)
    token = auth.identity_token("anna@x.ru", "add-on-client")
    (key,) = jwt.PyJWKSet.from_dict(auth.certs()).keys

    claims = jwt.decode(token, key, ["RS256"], audience="add-on-client")

    assert (claims["email"], claims["iss"]) == ("anna@x.ru", "https://accounts.google.com")
    assert Auth(vault).certs() == auth.certs()


def test_token_endpoint_speaks_forms(google: Google) -> None:
    refresh = google.auth.issue_refresh("a@x.ru")
    form = {"grant_type": "refresh_token", "refresh_token": refresh}

    good = google.front.answer(Request("POST", "token", body=urlencode(form).encode()))
    bad = google.front.answer(Request("POST", "token", body=b"grant_type=password"))

    assert (good.status, bad.status) == (200, 400)
    assert b"ya29." in good.body
