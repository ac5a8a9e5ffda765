"""The People API of every account: one entry that knows which method does what."""

import threading
from collections.abc import Callable
from datetime import datetime

from onebox.google.errors import canonical, invalid, precondition
from onebox.google.fields import UnknownFieldsError, answer_fields
from onebox.google.methods import Call, Json
from onebox.google.people import contacts, groups, masks
from onebox.google.people.account import Account, Contact
from onebox.google.people.connections import list_connections
from onebox.google.people.contacts import Desk
from onebox.google.people.person import rendered
from onebox.google.sheets.masks import Mask, project
from onebox.google.storage import Vault

_SEARCH_PAGE = 10
_SEARCH_MOST = 30
# The directory of an organisation: an account of the stand-in belongs to none.
_OF_A_DOMAIN = ("people.listDirectoryPeople", "people.searchDirectoryPeople")
_BY_DESK: dict[str, Callable[[Desk, Call], Json]] = {
    "people.get": contacts.get,
    "people.getBatchGet": contacts.get_batch,
    "people.createContact": contacts.create,
    "people.batchCreateContacts": contacts.create_batch,
    "people.updateContact": contacts.update,
    "people.batchUpdateContacts": contacts.update_batch,
    "people.deleteContact": contacts.delete,
    "people.batchDeleteContacts": contacts.delete_batch,
}
_BY_ACCOUNT: dict[str, Callable[[Account, Call], Json]] = {
    "contactGroups.list": groups.list_groups,
    "contactGroups.get": groups.get,
    "contactGroups.batchGet": groups.get_batch,
    "contactGroups.create": groups.create,
    "contactGroups.update": groups.update,
    "contactGroups.delete": groups.delete,
    "contactGroups.members.modify": groups.modify_members,
}


class PeopleService:
    """Contacts of every account; an account exists as soon as somebody asks for it.

    Args:
        vault: where contacts are kept.
        now: the office clock; it stamps changes and ages sync tokens.
        on_change: called with the e-mail of an account after each change.
        delay_s: how long incremental sync does not see a change, in office seconds.
        phone_region: region of phone numbers written without a country code.
    """

    def __init__(
        self,
        vault: Vault,
        now: Callable[[], datetime],
        on_change: Callable[[str], None],
        *,
        delay_s: float = 0,
        phone_region: str = "RU",
    ) -> None:
        self._vault = vault
        self._now = now
        self._on_change = on_change
        self._delay_s = delay_s
        self._phone_region = phone_region
        self._lock = threading.Lock()
        self._accounts: dict[str, Account] = {}

    def account(self, email: str) -> Account:
        """Return the contacts of this address."""
        key = email.lower()
        with self._lock:
            if key not in self._accounts:
                self._accounts[key] = Account(key, self._vault, self._now)
            return self._accounts[key]

    def handle(self, call: Call) -> Json:
        """Return the answer to a recognised request.

        Raises:
            GoogleError: the refusal; 501 for methods that the stand-in does not have.
        """
        mask = _asked_fields(call)
        answer = self._answer(call)
        if call.method.writes:
            self._on_change(call.user)
        chosen: Json = project(answer, mask)
        return chosen

    def _answer(self, call: Call) -> Json:
        account = self.account(call.user)
        name = call.method.name
        if name in _BY_DESK:
            return _BY_DESK[name](Desk(account, self._phone_region), call)
        if name in _BY_ACCOUNT:
            return _BY_ACCOUNT[name](account, call)
        if name == "people.connections.list":
            return list_connections(account, call, self._delay_s)
        if name == "people.searchContacts":
            return _search(account, call)
        if name in _OF_A_DOMAIN:
            masks.required(call.arg("readMask"), "readMask")
            raise precondition("Must be a G Suite domain user.")
        raise canonical("UNIMPLEMENTED", f"Method {call.method.id} is not in the stand-in.")


def _asked_fields(call: Call) -> Mask:
    try:
        return answer_fields(call.arg("fields"), "people", call.method.response)
    except UnknownFieldsError as unknown:
        text = "Error expanding 'fields' parameter. Cannot find matching fields for path"
        violation = {"field": unknown.path, "description": f"{text} '{unknown.path}'."}
        detail = {
            "@type": "type.googleapis.com/google.rpc.BadRequest",
            "fieldViolations": [violation],
        }
        raise invalid("Request contains an invalid argument.", [detail]) from unknown


def _search(account: Account, call: Call) -> Json:
    """people.searchContacts: an empty query refreshes what later queries can find."""
    mask = masks.required(call.arg("readMask"), "readMask")
    most = min(call.number("pageSize", _SEARCH_PAGE) or _SEARCH_PAGE, _SEARCH_MOST)
    query = call.arg("query").strip().casefold()
    with account.lock:
        if not query:
            account.searchable_to = account.seq
            return {}
        candidates = (c for c in account.contacts() if c.seq <= account.searchable_to)
        found = [contact for contact in candidates if _matches(contact, query)][:most]
    return {"results": [{"person": rendered(c, mask)} for c in found]} if found else {}


def _matches(contact: Contact, query: str) -> bool:
    return any(_begins(phrase.casefold(), query) for phrase in _phrases(contact))


def _begins(phrase: str, query: str) -> bool:
    return phrase.startswith(query) or f" {query}" in phrase


def _phrases(contact: Contact) -> list[str]:
    parts = (
        ("names", "displayName"),
        ("nicknames", "value"),
        ("emailAddresses", "value"),
        ("phoneNumbers", "value"),
        ("phoneNumbers", "canonicalForm"),
        ("organizations", "name"),
        ("organizations", "title"),
    )
    return [
        str(value[key])
        for name, key in parts
        for value in contact.fields.get(name, ())
        if key in value
    ]
