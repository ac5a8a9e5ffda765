"""Google's own client for the sheets of a running box, as patient with quotas as a program is."""

import time
from typing import Any

import gspread
from google.oauth2.credentials import Credentials
from gspread.exceptions import APIError

_TOO_MANY = 429
_WAIT_S = 2.0
_TRIES = 40


def sheets(url: str, email: str) -> gspread.Client:
    """Return a client that reads and writes as this person; quotas make it wait."""

    class Client(gspread.http_client.HTTPClient):
        def request(self, method: str, endpoint: str, *args: Any, **kwargs: Any) -> Any:
            local = endpoint.replace("https://sheets.googleapis.com", f"{url}/google")
            local = local.replace("https://www.googleapis.com", f"{url}/google")
            for _ in range(_TRIES):
                try:
                    return super().request(method, local, *args, **kwargs)
                except APIError as error:
                    if error.code != _TOO_MANY:
                        raise
                time.sleep(_WAIT_S)
            raise AssertionError(f"still over the quota after {_TRIES * _WAIT_S} s")

    bearer = Credentials(f"stand-in:{email}")  # type: ignore[no-untyped-call]  # google-auth
    return gspread.Client(bearer, http_client=Client)
