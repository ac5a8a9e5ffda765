"""people.connections.list: all contacts page by page, or what changed since a sync token.

Source: people.v1, people.connections.list. Contacts come in the order of their last change, so a
page token is the number of the last change shown: a contact edited between two pages is shown
again at the end and never missed.
"""

import base64
import binascii
import hashlib
import json
from collections.abc import Callable
from dataclasses import asdict, dataclass
from datetime import timedelta

from onebox.google.errors import GoogleError, bad_request, invalid, precondition
from onebox.google.methods import Call, Json
from onebox.google.people import masks
from onebox.google.people.account import Account, Contact
from onebox.google.people.person import rendered, tombstone

MAX_PAGE = 1000
DEFAULT_PAGE = 100
SYNC_TOKEN_LIFE = timedelta(days=7)
_BY_CHANGE = "LAST_MODIFIED_ASCENDING"
_NEWEST_FIRST = "LAST_MODIFIED_DESCENDING"
_NAME_KEYS = {"FIRST_NAME_ASCENDING": "givenName", "LAST_NAME_ASCENDING": "familyName"}


@dataclass(frozen=True)
class Cursor:
    """What page and sync tokens carry.

    Attributes:
        query: fingerprint of the parameters that must stay the same.
        full_at: seconds since the epoch at the full sync that began the chain.
        since: the chain has seen every change up to this number; -1 in a full listing.
        snapshot: number of the last change when the first page was made.
        position: last change shown, or how many were shown when sorted by name.
    """

    query: str
    full_at: float
    since: int = -1
    snapshot: int = 0
    position: int = 0


def list_connections(account: Account, call: Call, delay_s: float) -> Json:
    """Return one page of the answer.

    Args:
        account: whose contacts.
        call: the request.
        delay_s: sync tokens leave out, for now, what changed in the last so many office seconds.

    Raises:
        GoogleError: 400, among them EXPIRED_SYNC_TOKEN a week after the full sync.
    """
    if call.params["peopleId"] != "me":
        raise invalid('Invalid resource name. Only "people/me" is valid.')
    mask = masks.required(
        call.arg("personFields") or call.arg("requestMask.includeField"), "personFields"
    )
    size = _page_size(call)
    with account.lock:
        cursor = _cursor(account, call, delay_s, mask)
        found = _remaining(account, cursor, call, delay_s)
        page, more = found[:size], len(found) > size
        return _answer(account, call, cursor, page, mask=mask, more=more)


def _answer(
    account: Account,
    call: Call,
    cursor: Cursor,
    page: list[Contact],
    *,
    mask: tuple[str, ...],
    more: bool,
) -> Json:
    answer: Json = {}
    if page:
        answer["connections"] = [_shown(contact, mask) for contact in page]
    if more:
        position = page[-1].seq if _order(call) == _BY_CHANGE else cursor.position + len(page)
        onward = Cursor(cursor.query, cursor.full_at, cursor.since, cursor.snapshot, position)
        answer["nextPageToken"] = _encode(onward)
    if cursor.since < 0:
        answer["totalPeople"] = answer["totalItems"] = account.count()
    if not more and (call.flag("requestSyncToken") or call.arg("syncToken")):
        done = Cursor(cursor.query, cursor.full_at, since=cursor.snapshot)
        answer["nextSyncToken"] = _encode(done)
    return answer


def _shown(contact: Contact, mask: tuple[str, ...]) -> Json:
    return tombstone(contact, mask) if contact.deleted else rendered(contact, mask, in_list=True)


def _cursor(account: Account, call: Call, delay_s: float, mask: tuple[str, ...]) -> Cursor:
    query = _fingerprint(call, mask)
    now = account.moment().timestamp()
    page_token, sync_token = call.arg("pageToken"), call.arg("syncToken")
    if _order(call) != _BY_CHANGE and (sync_token or call.flag("requestSyncToken")):
        raise invalid(f"Sync requests must use sort order {_BY_CHANGE}.")
    if page_token:
        return _matching(_decode(page_token, "page"), query)
    visible = _visible_seq(account, delay_s)
    if not sync_token:
        return Cursor(query, now, snapshot=visible)
    begun = _matching(_decode(sync_token, "sync"), query)
    if now - begun.full_at > SYNC_TOKEN_LIFE.total_seconds():
        raise expired_sync_token()
    return Cursor(query, begun.full_at, begun.since, max(visible, begun.since), begun.since)


def _remaining(account: Account, cursor: Cursor, call: Call, delay_s: float) -> list[Contact]:
    if cursor.since >= 0:
        visible = _visible_seq(account, delay_s)
        return [c for c in account.changed_since(cursor.position) if c.seq <= visible]
    order = _order(call)
    if order == _BY_CHANGE:
        return [c for c in account.changed_since(cursor.position) if not c.deleted]
    if order == _NEWEST_FIRST:
        return account.contacts()[::-1][cursor.position :]
    return sorted(account.contacts(), key=_name_key(_NAME_KEYS[order]))[cursor.position :]


def _visible_seq(account: Account, delay_s: float) -> int:
    if delay_s <= 0:
        return account.seq
    horizon = (account.moment() - timedelta(seconds=delay_s)).strftime("%Y-%m-%dT%H:%M:%S.%fZ")
    for contact in reversed(account.changed_since(-1)):
        if contact.updated <= horizon:
            return contact.seq
    return 0


def _name_key(part: str) -> Callable[[Contact], tuple[str, int]]:
    def key(contact: Contact) -> tuple[str, int]:
        names = contact.fields.get("names") or [{}]
        return str(names[0].get(part) or names[0].get("displayName") or "").casefold(), contact.seq

    return key


def _order(call: Call) -> str:
    order = call.arg("sortOrder") or _BY_CHANGE
    if order not in (_BY_CHANGE, _NEWEST_FIRST, *_NAME_KEYS):
        kind = "type.googleapis.com/google.people.v1.ListConnectionsRequest.SortOrder"
        text = f"Invalid value at 'sort_order' ({kind}), \"{order}\""
        raise bad_request([("sort_order", text)])
    return order


def _page_size(call: Call) -> int:
    size = call.number("pageSize", DEFAULT_PAGE) or DEFAULT_PAGE
    if not 1 <= size <= MAX_PAGE:
        raise invalid(f"Page size must be between 1 and {MAX_PAGE}, inclusive.")
    return size


def _fingerprint(call: Call, mask: tuple[str, ...]) -> str:
    parts = [sorted(mask), sorted(call.args("sources")), _order(call)]
    return hashlib.sha256(json.dumps(parts).encode()).hexdigest()[:16]


def _matching(cursor: Cursor, query: str) -> Cursor:
    if cursor.query != query:
        raise invalid("Request parameters must match those of the first call of the token.")
    return cursor


def _encode(cursor: Cursor) -> str:
    return base64.urlsafe_b64encode(json.dumps(asdict(cursor)).encode()).decode()


def _decode(token: str, kind: str) -> Cursor:
    try:
        return Cursor(**json.loads(base64.urlsafe_b64decode(token)))
    except (binascii.Error, ValueError, TypeError):
        raise invalid(f"Invalid {kind} token.") from None


def expired_sync_token() -> GoogleError:
    """Return the refusal of a sync token older than a week."""
    detail = {
        "@type": "type.googleapis.com/google.rpc.ErrorInfo",
        "reason": "EXPIRED_SYNC_TOKEN",
        "domain": "people.googleapis.com",
    }
    return precondition(
        "Sync token is expired. Clear local cache and retry call without the sync token.",
        [detail],
    )
