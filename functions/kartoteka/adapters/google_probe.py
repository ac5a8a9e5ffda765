"""Is a Google account connected: one harmless call to each service, and in words what to mend.

Source: Drive about.get, Sheets spreadsheets.get, People contactGroups.list, Calendar
calendarList.list, Gmail users.getProfile; reasons of refusals as `error_of` reads them.
"""

import json
from collections.abc import Callable, Mapping
from contextlib import closing
from dataclasses import dataclass
from typing import Any

from kartoteka.adapters.google_account import GoogleAccount
from kartoteka.adapters.google_errors import translated
from kartoteka.adapters.google_service import service_of
from kartoteka.domain.errors import ConfigError, KartotekaError, NotAllowed, NotFound, RateLimited

SCOPES = "https://www.googleapis.com/auth/"
_NOBODYS = "kartoteka-connect-check"  # a spreadsheet that there is not
_OFF = ("accessNotConfigured", "SERVICE_DISABLED", "has not been used", "is disabled")
_NARROW = ("insufficient", "ACCESS_TOKEN_SCOPE_INSUFFICIENT")


@dataclass(frozen=True, slots=True)
class Probe:
    """One service: its name at Google, the right that it needs, what for, and the call."""

    api: str
    version: str
    called: str
    scopes: tuple[str, ...]
    why: str
    call: Callable[[Any], Any]
    needed: bool = True
    missing_is_fine: bool = False


_CALENDAR = (
    *("calendar.app.created", "calendar.calendarlist.readonly"),
    *("calendar.acls", "calendar.events.readonly"),
)
PROBES: tuple[Probe, ...] = (
    Probe(
        "drive", "v3", "Google Drive API", ("drive.file",), "books and files",
        lambda service: service.about().get(fields="user(emailAddress)"),
    ),
    Probe(
        "sheets", "v4", "Google Sheets API", ("drive.file",), "books",
        lambda service: service.spreadsheets().get(spreadsheetId=_NOBODYS),
        missing_is_fine=True,
    ),
    Probe(
        "people", "v1", "People API", ("contacts",), "cards in phones",
        lambda service: service.contactGroups().list(pageSize=1),
    ),
    Probe(
        "calendar", "v3", "Google Calendar API", _CALENDAR, "calendars, if the office wants",
        lambda service: service.calendarList().list(maxResults=1),
        needed=False,
    ),
    Probe(
        "gmail", "v1", "Gmail API", ("gmail.readonly", "gmail.send"), "mail, if the office wants",
        lambda service: service.users().getProfile(userId="me"),
        needed=False,
    ),
)  # fmt: skip


@dataclass(frozen=True, slots=True)
class Outcome:
    """How a call ended: `fix` says what to do, empty when all is well; `account` is who we are."""

    fix: str = ""
    account: str = ""


def probe(account: GoogleAccount, one: Probe, email: str = "") -> Outcome:
    """Return how a service answers the office's account, or that of a colleague."""
    try:
        with translated():
            service = service_of(account, one.api, one.version, email)
            with closing(service):
                found = one.call(service).execute()
    except NotFound:
        return Outcome() if one.missing_is_fine else Outcome(f"{one.called} did not find it")
    except KartotekaError as exc:
        return Outcome(_fix(exc, one))
    user = found.get("user") if isinstance(found, Mapping) else None
    return Outcome(account=str(user.get("emailAddress", "")) if isinstance(user, Mapping) else "")


def _fix(exc: KartotekaError, one: Probe) -> str:
    said = str(exc)
    if any(word in said for word in _OFF):
        return f"switch {one.called} on in the console: APIs & Services, Library"
    if isinstance(exc, NotAllowed) or any(word in said for word in _NARROW):
        rights = " and ".join(one.scopes)
        return f"the key lacks the right {rights}: get a new one with `kartoteka connect --client`"
    if isinstance(exc, RateLimited):
        return "Google asks to slow down: try again in a minute"
    if isinstance(exc, ConfigError) and "connected again" in said:
        return (
            "the key was revoked or has run out (after 7 days while the app is in Testing):"
            " publish the app, then `kartoteka connect --client`"
        )
    if isinstance(exc, ConfigError):
        return said
    return f"{said}: look at the network, then try again"


def read_key(text: str) -> str:
    """Return a key as settings take it: one line of JSON of the kind "authorized user".

    Raises:
        ConfigError: it is another file of Google's; says which, and what is needed instead.
    """
    try:
        found = json.loads(text)
    except ValueError as exc:
        raise ConfigError("this is not JSON: take the file as it was saved") from exc
    if not isinstance(found, dict):
        raise ConfigError("this is no key: a JSON object is needed")
    if found.get("type") == "service_account":
        raise ConfigError(
            "this is a service account: it owns no files and has no contacts. Make an OAuth client"
            " of the kind Desktop app and run `kartoteka connect --client FILE`"
        )
    if "installed" in found or "web" in found:
        raise ConfigError("this is an OAuth client, not a key: `kartoteka connect --client FILE`")
    lacking = {"client_id", "client_secret", "refresh_token"} - found.keys()
    if lacking:
        raise ConfigError(f"the key lacks {', '.join(sorted(lacking))}: get a new one")
    return json.dumps(found)


def consent(client: str, probes: tuple[Probe, ...]) -> str:
    """Return a new key: a browser opens, the office's account agrees to these services.

    `client` is the JSON of an OAuth client of the kind Desktop app.

    Raises:
        ConfigError: it is no such client.
    """
    from google_auth_oauthlib.flow import InstalledAppFlow

    try:
        found = json.loads(client)
    except ValueError as exc:
        raise ConfigError("the OAuth client is not JSON: download it again") from exc
    if not isinstance(found, dict) or "installed" not in found:
        raise ConfigError("make an OAuth client of the kind Desktop app and download its file")
    rights = dict.fromkeys(SCOPES + name for one in probes for name in one.scopes)
    flow: Any = InstalledAppFlow.from_client_config(found, list(rights))
    return str(flow.run_local_server(port=0).to_json())
