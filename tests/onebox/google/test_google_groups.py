"""Contact groups through Google's own client library."""

import json
from typing import Any

import pytest
from googleapiclient.errors import HttpError


def status_of(call: Any) -> str:
    with pytest.raises(HttpError) as refused:
        call.execute()
    return str(json.loads(refused.value.content)["error"]["status"])


def new_group(groups: Any, name: str) -> str:
    answer = groups.create(body={"contactGroup": {"name": name}}).execute()
    return str(answer["resourceName"])


def new_contact(people: Any) -> str:
    return str(people.createContact(body={"names": [{"givenName": "А"}]}).execute()["resourceName"])


def moved(groups: Any, group: str, **names: list[str]) -> dict[str, Any]:
    answer: dict[str, Any] = groups.members().modify(resourceName=group, body=names).execute()
    return answer


def members(groups: Any, group: str) -> list[str]:
    found = groups.get(resourceName=group, maxMembers=10).execute()
    return list(found.get("memberResourceNames", []))


def test_system_groups_are_there_and_cannot_be_changed(groups: Any) -> None:
    names = {group["name"] for group in groups.list().execute()["contactGroups"]}

    assert {"myContacts", "starred"} <= names
    assert status_of(groups.delete(resourceName="contactGroups/starred")) == "INVALID_ARGUMENT"


def test_list_shows_the_last_changed_group_first_and_system_groups_without_etag(
    people: Any, groups: Any
) -> None:
    first, second = new_group(groups, "Первая"), new_group(groups, "Вторая")
    contact = new_contact(people)
    found = groups.list().execute()["contactGroups"]
    everybody = next(group for group in found if group["name"] == "all")

    assert [group["resourceName"] for group in found[:2]] == [second, first]
    assert {"etag" in group for group in found[2:]} == {False}
    assert (everybody["formattedName"], everybody["memberCount"]) == ("All Contacts", 1)
    assert members(groups, "contactGroups/all") == [contact]


def test_second_group_of_a_name_is_a_409(groups: Any) -> None:
    new_group(groups, "К·Новый")
    call = groups.create(body={"contactGroup": {"name": "к·новый"}})

    assert status_of(call) == "ALREADY_EXISTS"


def test_renamed_group_keeps_its_members(people: Any, groups: Any) -> None:
    group, contact = new_group(groups, "Было"), new_contact(people)
    moved(groups, group, resourceNamesToAdd=[contact])

    answer = groups.update(resourceName=group, body={"contactGroup": {"name": "Стало"}}).execute()

    assert answer["name"] == "Стало"
    assert members(groups, group) == [contact]


def test_stale_group_etag_is_refused(groups: Any) -> None:
    group = new_group(groups, "А")
    etag = groups.get(resourceName=group).execute()["etag"]
    groups.update(resourceName=group, body={"contactGroup": {"name": "Б"}}).execute()
    body = {"contactGroup": {"name": "В", "etag": etag}}

    assert status_of(groups.update(resourceName=group, body=body)) == "FAILED_PRECONDITION"


def test_modify_reports_strangers_and_last_groups(people: Any, groups: Any) -> None:
    contact = new_contact(people)
    answer = moved(
        groups,
        "contactGroups/myContacts",
        resourceNamesToAdd=["people/c5"],
        resourceNamesToRemove=[contact],
    )

    assert answer == {
        "notFoundResourceNames": ["people/c5"],
        "canNotRemoveLastContactGroupResourceNames": [contact],
    }
    assert members(groups, "contactGroups/myContacts") == [contact]


def test_contact_leaves_a_group_it_can_spare(people: Any, groups: Any) -> None:
    contact = new_contact(people)
    moved(groups, "contactGroups/starred", resourceNamesToAdd=[contact])

    assert moved(groups, "contactGroups/starred", resourceNamesToRemove=[contact]) == {}
    assert members(groups, "contactGroups/starred") == []


def test_deprecated_system_group_takes_nobody(people: Any, groups: Any) -> None:
    body = {"resourceNamesToAdd": [new_contact(people)]}
    call = groups.members().modify(resourceName="contactGroups/family", body=body)

    assert status_of(call) == "INVALID_ARGUMENT"


@pytest.mark.parametrize(("delete_contacts", "left"), [(False, 1), (True, 0)])
def test_deleted_group_takes_its_contacts_only_when_told(
    people: Any, groups: Any, *, delete_contacts: bool, left: int
) -> None:
    group = new_group(groups, "Временные")
    membership = {"contactGroupMembership": {"contactGroupResourceName": group}}
    people.createContact(body={"memberships": [membership]}).execute()

    groups.delete(resourceName=group, deleteContacts=delete_contacts).execute()

    assert status_of(groups.get(resourceName=group)) == "NOT_FOUND"
    assert len(members(groups, "contactGroups/myContacts")) == left


def test_sync_token_of_groups_brings_changed_and_deleted_ones(groups: Any) -> None:
    kept, doomed = new_group(groups, "Остаётся"), new_group(groups, "Уходит")
    token = groups.list().execute()["nextSyncToken"]
    groups.delete(resourceName=doomed).execute()
    fresh = new_group(groups, "Новая")

    answer = groups.list(syncToken=token).execute()["contactGroups"]

    assert {group["resourceName"] for group in answer} == {doomed, fresh} - {kept}
    assert [g["metadata"].get("deleted", False) for g in answer] == [True, False]


def test_list_pages_through_all_groups(groups: Any) -> None:
    names = [new_group(groups, f"Группа {n}") for n in range(5)]
    call, seen = groups.list(pageSize=3), []
    while call is not None:
        answer = call.execute()
        seen += [group["resourceName"] for group in answer["contactGroups"]]
        call = groups.list_next(call, answer)

    assert set(names) < set(seen)
    assert len(seen) == len(set(seen)) == 13


def test_batch_get_answers_each_name(groups: Any) -> None:
    names = ["contactGroups/myContacts", "contactGroups/nobody"]

    found, missing = groups.batchGet(resourceNames=names).execute()["responses"]

    assert found["contactGroup"]["formattedName"] == "My Contacts"
    assert missing["status"]["code"] == 5


def test_nameless_group_is_refused(groups: Any) -> None:
    assert status_of(groups.create(body={"contactGroup": {"name": " "}})) == "INVALID_ARGUMENT"
