"""The office's Google account: how its clients prove who they are, at Google or its stand-in."""

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


def credentials(account: GoogleAccount) -> Any:
    """Return credentials for any of Google's client libraries.

    Raises:
        ConfigError: the account was never connected, or its token is damaged.
    """
    from google.oauth2.credentials import Credentials

    make: Any = Credentials  # the library is not typed
    if account.google_endpoint:
        return make(token=f"stand-in:{account.google_account}")
    token = account.google_token.get_secret_value()
    if not token:
        raise ConfigError("KARTOTEKA_GOOGLE_TOKEN is missing: connect the office's Google account")
    try:
        return make.from_authorized_user_info(json.loads(token))
    except ValueError as exc:
        raise ConfigError("KARTOTEKA_GOOGLE_TOKEN is damaged: connect the account again") from exc
