"""Google Contacts of one account, through the People API.

Source: People API v1 reference (connections.list, batchCreateContacts, batchUpdateContacts,
batchDeleteContacts, contactGroups). Writes of one account must be sequential; a stale etag is a
400 with reason failedPrecondition; one update mask serves a whole batch and replaces each field.
"""

import threading
from collections.abc import Mapping, Sequence
from typing import Any

from kartoteka.adapters.google_account import GoogleAccount
from kartoteka.adapters.google_errors import translated
from kartoteka.adapters.google_service import service_of
from kartoteka.domain.errors import ConfigError, Conflict
from kartoteka.ports import ContactCard, ContactPage, Contacts, ContactSeen, SyncExpired

_FIELDS = (
    "names,organizations,phoneNumbers,emailAddresses,biographies,memberships,externalIds,metadata"
)
_WRITTEN = "names,organizations,phoneNumbers,emailAddresses,biographies,memberships,externalIds"
_PAGE = 1000
_EXTERNAL = "kartoteka"
_MY_CONTACTS = "contactGroups/myContacts"
_EXPIRED = b"EXPIRED_SYNC_TOKEN"  # the reason tells it; the status is 400 or 410
_Json = dict[str, Any]


def build(account: GoogleAccount, email: str = "") -> Contacts:
    """Return the contacts of a person's account, of the office's own if no `email` is given."""
    return PeopleContacts(account, email)


class PeopleContacts:
    """The Contacts port over googleapiclient; one HTTP connection per thread."""

    def __init__(self, account: GoogleAccount, email: str = "") -> None:
        self._account = account
        self._email = email
        self._local = threading.local()

    @property
    def _people(self) -> Any:
        """Return the methods of contacts; a thread makes them once, for that takes 4 ms."""
        people = getattr(self._local, "people", None)
        if people is None:
            people = self._local.people = self._service.people()
        return people

    @property
    def _groups(self) -> Any:
        return self._service.contactGroups()

    @property
    def _service(self) -> Any:
        service = getattr(self._local, "service", None)
        if service is None:
            service = service_of(self._account, "people", "v1", self._email)
            self._local.service = service
        return service

    def page(self, sync_token: str | None, page_token: str | None) -> ContactPage:
        """Return one page of all contacts, or of the changes since the sync token."""
        request = self._people.connections().list(
            resourceName="people/me",
            personFields=_FIELDS,
            pageSize=_PAGE,
            requestSyncToken=True,
            **_present(syncToken=sync_token, pageToken=page_token),
        )
        try:
            answer = _run(request)
        except (ConfigError, Conflict) as exc:
            if _EXPIRED in getattr(exc.__cause__, "content", b""):
                raise SyncExpired from exc
            raise
        return ContactPage(
            contacts=tuple(_seen(person) for person in answer.get("connections", [])),
            next_page=answer.get("nextPageToken"),
            sync_token=answer.get("nextSyncToken"),
        )

    def get(self, resources: Sequence[str]) -> list[ContactSeen | None]:
        """Return contacts as they are at this moment, None for one that is gone; at most 200."""
        request = self._people.getBatchGet(resourceNames=list(resources), personFields=_FIELDS)
        found = {
            answer.get("requestedResourceName"): _made(answer)
            for answer in _run(request).get("responses", [])
        }
        return [found.get(resource) for resource in resources]

    def create(self, cards: Sequence[ContactCard]) -> list[ContactSeen | None]:
        """Return the new contacts in the order of the cards, None where Google refused one."""
        body = {
            "contacts": [{"contactPerson": _person(card)} for card in cards],
            "readMask": _FIELDS,
        }
        answer = _run(self._people.batchCreateContacts(body=body))
        return [_made(item) for item in answer.get("createdPeople", [])]

    def update(self, seen: Sequence[ContactSeen]) -> list[ContactSeen | None]:
        """Return the contacts as written, in order, None where the contact is gone."""
        contacts = {item.resource: _person(item.card) | _version(item) for item in seen}
        body = {"contacts": contacts, "updateMask": _WRITTEN, "readMask": _FIELDS}
        answer = _run(self._people.batchUpdateContacts(body=body)).get("updateResult", {})
        return [_made(answer.get(item.resource, {})) for item in seen]

    def delete(self, resources: Sequence[str]) -> None:
        """Delete contacts, at most 500."""
        _run(self._people.batchDeleteContacts(body={"resourceNames": list(resources)}))

    def groups(self) -> dict[str, str]:
        """Return the account's own labels: name to resource name."""
        found: dict[str, str] = {}
        token: str | None = None
        while True:
            answer = _run(self._groups.list(pageSize=_PAGE, **_present(pageToken=token)))
            for group in answer.get("contactGroups", []):
                if group.get("groupType") == "USER_CONTACT_GROUP":
                    found[group["name"]] = group["resourceName"]
            token = answer.get("nextPageToken")
            if token is None:
                return found

    def create_group(self, name: str) -> str:
        """Return the resource name of a new label."""
        answer = _run(self._groups.create(body={"contactGroup": {"name": name}}))
        return str(answer["resourceName"])


def _run(request: Any) -> _Json:
    with translated():
        answer: _Json = request.execute(num_retries=0)
    return answer


def _present(**given: str | None) -> dict[str, str]:
    return {name: value for name, value in given.items() if value is not None}


def _person(card: ContactCard) -> _Json:
    groups = [*card.groups, _MY_CONTACTS]
    name = {
        "givenName": card.given_name,
        "familyName": card.family_name,
        "honorificSuffix": card.suffix,
    }
    return {
        "names": [{key: value for key, value in name.items() if value}],
        "organizations": [{"name": card.company, "title": card.title}],
        "phoneNumbers": [{"value": number, "type": label} for number, label in card.phones],
        "emailAddresses": [{"value": address} for address in card.emails],
        "biographies": [{"value": card.note, "contentType": "TEXT_PLAIN"}],
        "memberships": [
            {"contactGroupMembership": {"contactGroupResourceName": group}} for group in groups
        ],
        "externalIds": [{"value": card.external_id, "type": _EXTERNAL}],
    }


def _version(item: ContactSeen) -> _Json:
    """Return what proves which version is replaced: the etag of the source, not the person's."""
    source = {"type": "CONTACT", "id": item.resource.removeprefix("people/c"), "etag": item.etag}
    return {"resourceName": item.resource, "metadata": {"sources": [source]}}


def _made(item: Mapping[str, Any]) -> ContactSeen | None:
    person = item.get("person")
    return _seen(person) if person else None


def _seen(person: Mapping[str, Any]) -> ContactSeen:
    return ContactSeen(
        resource=person["resourceName"],
        etag=_source_etag(person),
        card=_card(person),
        deleted=bool(person.get("metadata", {}).get("deleted")),
        previous=tuple(person.get("metadata", {}).get("previousResourceNames", [])),
    )


def _source_etag(person: Mapping[str, Any]) -> str:
    sources: list[_Json] = person.get("metadata", {}).get("sources", [])
    return next((s.get("etag", "") for s in sources if s.get("type") == "CONTACT"), "")


def _card(person: Mapping[str, Any]) -> ContactCard:
    name = _first(person, "names")
    work = _first(person, "organizations")
    external = [item for item in _all(person, "externalIds") if item.get("type") == _EXTERNAL]
    return ContactCard(
        external_id=str(external[0].get("value", "")) if external else "",
        given_name=name.get("givenName", ""),
        family_name=name.get("familyName", ""),
        suffix=name.get("honorificSuffix", ""),
        company=work.get("name", ""),
        title=work.get("title", ""),
        phones=tuple((p.get("value", ""), p.get("type", "")) for p in _all(person, "phoneNumbers")),
        emails=tuple(item.get("value", "") for item in _all(person, "emailAddresses")),
        note=_first(person, "biographies").get("value", ""),
        groups=tuple(_memberships(person)),
    )


def _all(person: Mapping[str, Any], field: str) -> list[_Json]:
    found: list[_Json] = person.get(field, [])
    return found


def _first(person: Mapping[str, Any], field: str) -> _Json:
    return next(iter(_all(person, field)), {})


def _memberships(person: Mapping[str, Any]) -> list[str]:
    groups = (item.get("contactGroupMembership", {}) for item in _all(person, "memberships"))
    names = [group.get("contactGroupResourceName", "") for group in groups]
    return [name for name in names if name and name != _MY_CONTACTS]
