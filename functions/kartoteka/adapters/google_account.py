"""The Google accounts of the office and its people: how our clients prove who they are.

At Google a token of each account says so; the stand-in takes the address for it.
"""

import json
from typing import Any, Protocol

from kartoteka.domain.errors import ConfigError


class Token(Protocol):
    """A secret text."""

    def get_secret_value(self) -> str:
        """Return the text."""


class GoogleAccount(Protocol):
    """What the settings say about the account."""

    @property
    def google_endpoint(self) -> str:
        """Address of the stand-in; empty: Google itself."""

    @property
    def google_token(self) -> Token:
        """OAuth token of the account, the JSON of an authorised user."""

    @property
    def google_account(self) -> str:
        """E-mail address of the account."""

    @property
    def google_people(self) -> Token:
        """OAuth tokens of the employees' own accounts: a JSON object by e-mail address."""


def credentials(account: GoogleAccount, email: str = "") -> Any:
    """Return credentials for any of Google's client libraries; of the office if no `email`.

    Raises:
        ConfigError: the account was never connected, or its token is damaged.
    """
    from google.oauth2.credentials import Credentials

    make: Any = Credentials  # the library is not typed
    if account.google_endpoint:
        return make(token=f"stand-in:{email or account.google_account}")
    if email and email != account.google_account:
        return _of_person(make, account.google_people.get_secret_value(), email)
    token = account.google_token.get_secret_value()
    if not token:
        raise ConfigError("KARTOTEKA_GOOGLE_TOKEN is missing: connect the office's Google account")
    try:
        return make.from_authorized_user_info(json.loads(token))
    except ValueError as exc:
        raise ConfigError("KARTOTEKA_GOOGLE_TOKEN is damaged: connect the account again") from exc


def _of_person(make: Any, tokens: str, email: str) -> Any:
    try:
        found = json.loads(tokens or "{}")
        token = found.get(email)
        if token is None:
            raise ConfigError(f"KARTOTEKA_GOOGLE_PEOPLE has no token of {email}: connect it")
        return make.from_authorized_user_info(token)
    except (AttributeError, ValueError) as exc:
        raise ConfigError(
            f"KARTOTEKA_GOOGLE_PEOPLE is damaged: use a JSON object, {email} to its token"
        ) from exc
