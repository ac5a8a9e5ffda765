"""connections.list: pages, sync tokens, tombstones."""

import json
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

import pytest
from googleapiclient.errors import HttpError
from hypothesis import given, settings
from hypothesis import strategies as st
from tests.onebox.google.google_desk import OfficeClock

from onebox.google.app import Google
from onebox.google.methods import Call, resolve
from onebox.google.people.account import Account, Contact
from onebox.google.people.connections import list_connections
from onebox.google.people.contacts import buried
from onebox.google.storage import Vault
from onebox.google.wire import Request


def listed(people: Any, **parameters: Any) -> dict[str, Any]:
    call = people.connections().list(
        **{"resourceName": "people/me", "personFields": "names", **parameters}
    )
    found: dict[str, Any] = call.execute()
    return found


def reason(people: Any, **parameters: Any) -> str:
    with pytest.raises(HttpError) as refused:
        listed(people, **parameters)
    error = json.loads(refused.value.content)["error"]
    assert error["code"] == 400
    detail = error.get("details", [{}])[0]
    return str(detail.get("reason") or error["message"])


def add(people: Any, *names: str) -> list[str]:
    return [
        people.createContact(body={"names": [{"givenName": name}]}).execute()["resourceName"]
        for name in names
    ]


def shown(answer: dict[str, Any]) -> list[str]:
    return [person["names"][0]["displayName"] for person in answer.get("connections", [])]


def test_sync_token_comes_with_the_last_page_only(people: Any) -> None:
    add(people, "А", "Б", "В")

    first = listed(people, pageSize=2, requestSyncToken=True)
    last = listed(people, pageSize=2, requestSyncToken=True, pageToken=first["nextPageToken"])

    assert "nextSyncToken" not in first
    assert (shown(first), shown(last)) == (["А", "Б"], ["В"])
    assert "nextPageToken" not in last
    assert last["nextSyncToken"]


def test_without_asking_there_is_no_sync_token(people: Any) -> None:
    assert "nextSyncToken" not in listed(people)


def test_incremental_sync_brings_changes_and_tombstones_only(people: Any) -> None:
    names = add(people, "А", "Б", "В")
    token = listed(people, requestSyncToken=True)["nextSyncToken"]
    people.deleteContact(resourceName=names[0]).execute()
    add(people, "Г")

    answer = listed(people, requestSyncToken=True, syncToken=token)

    gone, fresh = answer["connections"]
    assert (gone["resourceName"], gone["metadata"]["deleted"]) == (names[0], True)
    assert fresh["names"][0]["displayName"] == "Г"
    again = listed(people, requestSyncToken=True, syncToken=answer["nextSyncToken"])
    assert "connections" not in again


def test_contact_edited_between_pages_is_not_missed(people: Any) -> None:
    names = add(people, "А", "Б", "В")
    first = listed(people, pageSize=1, requestSyncToken=True)
    person = people.get(resourceName=names[1], personFields="names").execute()
    people.updateContact(
        resourceName=names[1],
        body={"etag": person["etag"], "names": [{"givenName": "Б2"}]},
        updatePersonFields="names",
    ).execute()

    rest = listed(people, pageSize=5, requestSyncToken=True, pageToken=first["nextPageToken"])

    assert shown(rest) == ["В", "Б2"]
    later = listed(people, requestSyncToken=True, syncToken=rest["nextSyncToken"])
    assert shown(later) == ["Б2"]


def test_token_dies_a_week_after_the_full_sync(people: Any, office_clock: Any) -> None:
    token = listed(people, requestSyncToken=True)["nextSyncToken"]
    office_clock.advance(days=6)
    newer = listed(people, requestSyncToken=True, syncToken=token)["nextSyncToken"]
    office_clock.advance(days=1, seconds=1)

    assert reason(people, requestSyncToken=True, syncToken=newer) == "EXPIRED_SYNC_TOKEN"


def test_other_parameters_must_stay_the_same(people: Any) -> None:
    add(people, "А", "Б")
    token = listed(people, requestSyncToken=True)["nextSyncToken"]
    page = listed(people, pageSize=1)["nextPageToken"]

    assert "must match" in reason(people, syncToken=token, personFields="names,urls")
    assert "must match" in reason(people, pageToken=page, sortOrder="FIRST_NAME_ASCENDING")


@pytest.mark.parametrize("name", ["syncToken", "pageToken"])
@pytest.mark.parametrize("token", ["x", "e30=", "bnVsbA==", "eyJhIjoxfQ=="])
def test_made_up_token_is_refused(people: Any, name: str, token: str) -> None:
    assert "token" in reason(people, **{name: token})


def test_only_people_me_and_sane_pages_are_listed(people: Any) -> None:
    assert "Page size" in reason(people, pageSize=1001)
    assert "people/me" in reason(people, resourceName="people/c1")
    assert "sort order" in reason(people, requestSyncToken=True, sortOrder="LAST_NAME_ASCENDING")


def test_names_sort_a_page_at_a_time(people: Any) -> None:
    add(people, "В", "А", "Б")

    order = {"sortOrder": "FIRST_NAME_ASCENDING", "pageSize": 2}
    first = listed(people, **order)
    last = listed(people, **order, pageToken=first["nextPageToken"])

    assert shown(first) + shown(last) == ["А", "Б", "В"]


@contextmanager
def opened_account(clock: Callable[[], Any]) -> Iterator[Account]:
    with TemporaryDirectory() as folder:
        vault = Vault(Path(folder) / "google.sqlite3")
        yield Account("a@x.ru", vault, clock)
        vault.close()


def connections(account: Account, delay_s: float = 0, **query: Any) -> dict[str, Any]:
    found = resolve("GET", "v1/people/me/connections")
    assert found is not None
    pairs = [("personFields", "names"), ("requestSyncToken", "true")]
    pairs += [(name, str(value)) for name, value in query.items()]
    return list_connections(account, Call(*found, pairs, account.email), delay_s)


def test_change_is_invisible_to_sync_until_it_has_spread(office_clock: Any) -> None:
    with opened_account(office_clock) as account:
        token = connections(account, 180)["nextSyncToken"]
        account.save([Contact(7)])

        early = connections(account, 180, syncToken=token)
        office_clock.advance(minutes=3)
        late = connections(account, 180, syncToken=early["nextSyncToken"])

    assert "connections" not in early
    assert [person["resourceName"] for person in late["connections"]] == ["people/c7"]


@settings(max_examples=25, deadline=None)
@given(steps=st.lists(st.tuples(st.integers(1, 6), st.booleans(), st.booleans()), max_size=25))
def test_following_sync_tokens_rebuilds_the_account(steps: list[tuple[int, bool, bool]]) -> None:
    """Whatever happens between polls and however small the pages, the follower ends up equal."""
    mirror: set[str] = set()
    with opened_account(OfficeClock()) as account:
        token = connections(account)["nextSyncToken"]
        for number, delete, poll in steps:
            known = account.live(f"people/c{number}")
            if delete and known:
                account.save([buried(known)])
            elif not delete:
                account.save([Contact(number)])
            if poll:
                token = follow(account, token, mirror)
        follow(account, token, mirror)
        assert mirror == {contact.resource_name for contact in account.contacts()}


def follow(account: Account, token: str, mirror: set[str]) -> str:
    page: dict[str, Any] = {}
    while True:
        answer = connections(account, syncToken=token, pageSize=2, **page)
        for person in answer.get("connections", []):
            if person.get("metadata", {}).get("deleted"):
                mirror.discard(person["resourceName"])
            else:
                mirror.add(person["resourceName"])
        if "nextSyncToken" in answer:
            return str(answer["nextSyncToken"])
        page = {"pageToken": answer["nextPageToken"]}


def test_restart_keeps_contacts_order_and_tokens(tmp_path: Path, office_clock: Any) -> None:
    vault = Vault(tmp_path / "google.sqlite3")
    account = Account("a@x.ru", vault, office_clock)
    account.save([Contact(1, groups=("myContacts",)), Contact(2)])
    token = connections(account)["nextSyncToken"]
    account.save([Contact(1, version=2)])
    vault.close()

    vault = Vault(tmp_path / "google.sqlite3")
    revived = Account("a@x.ru", vault, office_clock)
    answer = connections(revived, syncToken=token)
    vault.close()

    assert [person["resourceName"] for person in answer["connections"]] == ["people/c1"]
    assert [contact.number for contact in revived.contacts()] == [2, 1]


def test_unknown_order_is_refused_by_the_name_of_its_kind(google: Google) -> None:
    query = [("personFields", "names"), ("sortOrder", "FOO")]
    asked = {"authorization": "Bearer stand-in:office@example.ru"}
    answer = google.front.answer(Request("GET", "v1/people/me/connections", query, asked, b""))
    error = json.loads(answer.body)["error"]
    (violation,) = error["details"][0]["fieldViolations"]

    assert violation == {"field": "sort_order", "description": error["message"]}
    assert error["message"].endswith('ListConnectionsRequest.SortOrder), "FOO"')
