"""Google's own client for one of its REST services, at Google or at the stand-in."""

from typing import Any

from kartoteka.adapters.google_account import GoogleAccount, credentials

_TIMEOUT_S = 60


def service_of(account: GoogleAccount, name: str, version: str, email: str = "") -> Any:
    """Return googleapiclient's service object; a thread needs one of its own.

    `email` names another account of the office; empty: the office's own.

    Raises:
        ConfigError: the account was never connected, or its token is damaged.
    """
    import google_auth_httplib2
    import httplib2
    from googleapiclient.discovery import build

    http = google_auth_httplib2.AuthorizedHttp(
        credentials(account, email), http=httplib2.Http(timeout=_TIMEOUT_S)
    )
    endpoint = account.google_endpoint
    options = {"api_endpoint": endpoint} if endpoint else None
    return build(name, version, http=http, client_options=options, static_discovery=True)
