"""Contacts through Google's own client library."""

import json
from typing import Any

import pytest
from googleapiclient.errors import HttpError

from onebox.google.app import Google
from onebox.google.people.account import Contact

FIELDS = "names,phoneNumbers,emailAddresses,organizations,biographies,memberships,metadata"
IVAN = {
    "names": [{"givenName": "Иван", "middleName": "Петрович", "familyName": "Сидоров"}],
    "phoneNumbers": [{"value": "8 (495) 123-45-67", "type": "workMobile"}],
    "organizations": [{"name": "ООО «Ромашка»", "title": "Договор: подписание"}],
    "biographies": [{"value": "Заметка", "contentType": "TEXT_PLAIN"}],
}


def error_of(call: Any) -> dict[str, Any]:
    with pytest.raises(HttpError) as refused:
        call.execute()
    found: dict[str, Any] = json.loads(refused.value.content)["error"]
    return found


def created(people: Any, body: dict[str, Any]) -> dict[str, Any]:
    found: dict[str, Any] = people.createContact(body=body, personFields=FIELDS).execute()
    return found


def test_new_contact_lands_in_my_contacts_with_what_google_computes(people: Any) -> None:
    person = created(people, IVAN)

    name = person["names"][0]
    assert name["displayName"] == "Иван Петрович Сидоров"
    assert name["displayNameLastFirst"] == "Сидоров, Иван Петрович"
    assert name["unstructuredName"] == "Иван Петрович Сидоров"
    phone = person["phoneNumbers"][0]
    assert (phone["canonicalForm"], phone["formattedType"]) == ("+74951234567", "Work Mobile")
    assert [m["contactGroupMembership"]["contactGroupId"] for m in person["memberships"]] == [
        "myContacts"
    ]


def test_resource_name_is_the_decimal_form_of_the_source_id(people: Any) -> None:
    person = created(people, IVAN)

    source = person["metadata"]["sources"][0]
    assert person["resourceName"] == f"people/c{int(source['id'], 16)}"
    assert source["type"] == "CONTACT"
    assert source["updateTime"] == "2026-11-23T09:00:00.000000Z"
    assert person["names"][0]["metadata"] == {
        "primary": True,
        "source": {"type": "CONTACT", "id": source["id"]},
        "sourcePrimary": True,
    }


def test_free_form_name_is_taken_apart(people: Any) -> None:
    person = created(people, {"names": [{"unstructuredName": "Анна Мария Каренина"}]})

    name = person["names"][0]
    assert (name["givenName"], name["middleName"], name["familyName"]) == (
        "Анна",
        "Мария",
        "Каренина",
    )


def test_custom_phone_label_is_kept_as_written(people: Any) -> None:
    person = created(people, {"phoneNumbers": [{"value": "+79161234567", "type": "КП: звонок"}]})

    assert person["phoneNumbers"][0]["formattedType"] == "КП: звонок"


def test_what_is_no_phone_has_no_canonical_form(people: Any) -> None:
    person = created(people, {"phoneNumbers": [{"value": "=HYPERLINK(1)"}]})

    assert "canonicalForm" not in person["phoneNumbers"][0]


def test_update_replaces_masked_fields_whole_and_leaves_the_rest(people: Any) -> None:
    person = created(people, {**IVAN, "emailAddresses": [{"value": "a@x.ru"}, {"value": "b@x.ru"}]})
    body = {"etag": person["etag"], "emailAddresses": [{"value": "c@x.ru"}], "names": []}

    changed = people.updateContact(
        resourceName=person["resourceName"],
        body=body,
        updatePersonFields="emailAddresses",
        personFields=FIELDS,
    ).execute()

    assert [email["value"] for email in changed["emailAddresses"]] == ["c@x.ru"]
    assert changed["names"][0]["displayName"] == "Иван Петрович Сидоров"
    assert changed["etag"] != person["etag"]


def test_masked_field_left_out_of_the_body_is_cleared(people: Any) -> None:
    person = created(people, IVAN)

    changed = people.updateContact(
        resourceName=person["resourceName"],
        body={"etag": person["etag"]},
        updatePersonFields="biographies",
        personFields=FIELDS,
    ).execute()

    assert "biographies" not in changed


def test_etag_read_through_another_mask_still_updates(people: Any) -> None:
    person = created(people, IVAN)
    narrow = people.get(resourceName=person["resourceName"], personFields="names").execute()

    assert narrow["etag"] != person["etag"]
    people.updateContact(
        resourceName=person["resourceName"],
        body={"etag": narrow["etag"], "names": [{"givenName": "Пётр"}]},
        updatePersonFields="names",
    ).execute()


def test_source_etag_is_enough_for_an_update(people: Any) -> None:
    person = created(people, IVAN)
    body = {"metadata": {"sources": person["metadata"]["sources"]}, "biographies": [{"value": "б"}]}

    people.updateContact(
        resourceName=person["resourceName"], body=body, updatePersonFields="biographies"
    ).execute()


@pytest.mark.parametrize("which", ["person", "source"])
def test_stale_etag_is_refused_as_failed_precondition(people: Any, which: str) -> None:
    person = created(people, IVAN)
    stale = (
        {"etag": person["etag"]}
        if which == "person"
        else {"metadata": {"sources": person["metadata"]["sources"]}}
    )
    update = {"resourceName": person["resourceName"], "updatePersonFields": "biographies"}
    people.updateContact(body={**stale, "biographies": [{"value": "1"}]}, **update).execute()

    error = error_of(people.updateContact(body={**stale, "biographies": []}, **update))

    assert (error["code"], error["status"]) == (400, "FAILED_PRECONDITION")
    assert "is different than the current" in error["message"]
    assert error["errors"][0]["reason"] == "failedPrecondition"


@pytest.mark.parametrize("etag", [None, "", "%not-base64", "%AAAA"])
def test_update_without_a_usable_etag_is_refused(people: Any, etag: str | None) -> None:
    person = created(people, IVAN)

    error = error_of(
        people.updateContact(
            resourceName=person["resourceName"],
            body={"etag": etag, "names": []},
            updatePersonFields="names",
        )
    )

    assert error["code"] == 400


@pytest.mark.parametrize(
    ("body", "sentence"),
    [
        ({"names": [{"givenName": "А"}, {"givenName": "Б"}]}, "person.names"),
        ({"name": "А"}, "Unknown name"),
        ({"names": [{"first": "А"}]}, "at 'person.names[0]'"),
        ({"names": [{"givenName": 5}]}, "TYPE_STRING"),
        ({"biographies": [{"value": "x", "contentType": "MARKDOWN"}]}, "TYPE_ENUM"),
        ({"nicknames": [{"value": "x" * 1025}]}, "1024 characters"),
        ({"phoneNumbers": [{"value": str(n)} for n in range(501)]}, "500 fields"),
        (
            {"memberships": [{"contactGroupMembership": {"contactGroupResourceName": "x/1"}}]},
            "group not found",
        ),
        (
            {
                "memberships": [
                    {"contactGroupMembership": {"contactGroupResourceName": "contactGroups/family"}}
                ]
            },
            "deprecated",
        ),
    ],
)
def test_bad_person_is_refused_with_what_is_wrong(
    people: Any, body: dict[str, Any], sentence: str
) -> None:
    error = error_of(people.createContact(body=body))

    assert error["code"] == 400
    assert sentence in error["message"]


def test_update_may_not_take_the_last_group_away(people: Any) -> None:
    person = created(people, IVAN)

    error = error_of(
        people.updateContact(
            resourceName=person["resourceName"],
            body={"etag": person["etag"], "memberships": []},
            updatePersonFields="memberships",
        )
    )

    assert "at least one contact group" in error["message"]


def test_read_needs_a_mask_of_known_fields(people: Any) -> None:
    missing = error_of(people.get(resourceName="people/me"))
    unknown = error_of(people.get(resourceName="people/me", personFields="names,phone"))

    assert missing["message"].startswith("personFields mask is required.")
    assert 'mask path: "phone"' in unknown["message"]


def test_people_me_is_the_owner_of_the_account(people: Any) -> None:
    me = people.get(resourceName="people/me", personFields="names,emailAddresses").execute()

    assert me["emailAddresses"][0]["value"] == "office@example.ru"


def test_accounts_do_not_see_each_other(client: Any) -> None:
    anna, boris = client("people", "anna@x.ru").people(), client("people", "boris@x.ru").people()
    person = created(anna, IVAN)

    assert error_of(boris.get(resourceName=person["resourceName"], personFields="names"))[
        "code"
    ] == (404)


def test_deleted_contact_is_not_found(people: Any) -> None:
    person = created(people, IVAN)

    assert people.deleteContact(resourceName=person["resourceName"]).execute() == {}
    again = people.deleteContact(resourceName=person["resourceName"])
    assert error_of(again)["status"] == "NOT_FOUND"


def test_two_hundred_are_made_and_read_in_one_call_each(people: Any) -> None:
    body = {
        "contacts": [
            {"contactPerson": {"names": [{"givenName": f"Клиент {n}"}]}} for n in range(200)
        ],
        "readMask": "names",
    }

    made = people.batchCreateContacts(body=body).execute()["createdPeople"]
    names = [item["requestedResourceName"] for item in made]
    read = people.getBatchGet(resourceNames=names, personFields="names").execute()["responses"]

    assert [item["person"]["names"][0]["displayName"] for item in read] == [
        f"Клиент {n}" for n in range(200)
    ]


@pytest.mark.parametrize(("count", "word"), [(0, "must set"), (201, "at most 200")])
def test_batch_of_a_wrong_size_is_refused(people: Any, count: int, word: str) -> None:
    body = {"contacts": [{"contactPerson": {}}] * count, "readMask": "names"}

    assert word in error_of(people.batchCreateContacts(body=body))["message"]


def test_batch_without_read_mask_answers_nothing(people: Any) -> None:
    body = {"contacts": [{"contactPerson": IVAN}], "readMask": ""}

    assert people.batchCreateContacts(body=body).execute() == {}


def test_one_bad_contact_leaves_the_whole_batch_undone(people: Any) -> None:
    bad = {"names": [{"givenName": "А"}, {"givenName": "Б"}]}
    body = {"contacts": [{"contactPerson": IVAN}, {"contactPerson": bad}], "readMask": "names"}

    assert "contacts[1]" in error_of(people.batchCreateContacts(body=body))["message"]
    assert people.connections().list(resourceName="people/me", personFields="names").execute() == {
        "totalPeople": 0,
        "totalItems": 0,
    }


def test_one_stale_contact_leaves_the_whole_update_undone(people: Any) -> None:
    first, second = created(people, IVAN), created(people, IVAN)
    people.updateContact(
        resourceName=second["resourceName"],
        body={"etag": second["etag"], "biographies": [{"value": "правка"}]},
        updatePersonFields="biographies",
    ).execute()
    body = {
        "contacts": {
            p["resourceName"]: {"etag": p["etag"], "biographies": [{"value": "новое"}]}
            for p in (first, second)
        },
        "updateMask": "biographies",
        "readMask": "biographies",
    }

    assert error_of(people.batchUpdateContacts(body=body))["status"] == "FAILED_PRECONDITION"
    read = people.get(resourceName=first["resourceName"], personFields="biographies").execute()
    assert read["biographies"][0]["value"] == "Заметка"


def test_batch_update_answers_by_resource_name(people: Any) -> None:
    person = created(people, IVAN)
    name = person["resourceName"]
    body = {
        "contacts": {name: {"etag": person["etag"], "biographies": [{"value": "новое"}]}},
        "updateMask": "biographies",
        "readMask": "biographies",
    }

    result = people.batchUpdateContacts(body=body).execute()["updateResult"]

    assert result[name]["person"]["biographies"][0]["value"] == "новое"


def test_batch_delete_of_a_stranger_deletes_nobody(people: Any) -> None:
    person = created(people, IVAN)
    names = [person["resourceName"], "people/c1"]

    assert error_of(people.batchDeleteContacts(body={"resourceNames": names}))["code"] == 404
    people.batchDeleteContacts(body={"resourceNames": names[:1]}).execute()
    answer = people.getBatchGet(resourceNames=names[:1], personFields="names").execute()
    assert answer["responses"][0]["status"]["code"] == 5


def test_account_holds_25000_contacts_trash_included(google: Google, people: Any) -> None:
    account = google.people.account("office@example.ru")
    kept = account.save(Contact(account.new_number()) for _ in range(25_000))

    assert error_of(people.createContact(body=IVAN))["message"] == "MY_CONTACTS_OVERFLOW_COUNT"
    people.deleteContact(resourceName=kept[0].resource_name).execute()
    assert error_of(people.createContact(body=IVAN))["status"] == "RESOURCE_EXHAUSTED"


def test_search_finds_by_prefix_what_the_last_warm_up_saw(people: Any) -> None:
    search = {"readMask": "names"}
    person = created(people, IVAN)

    assert people.searchContacts(query="сид", **search).execute() == {}
    people.searchContacts(query="", **search).execute()
    found = people.searchContacts(query="сид", **search).execute()["results"]
    assert found[0]["person"]["resourceName"] == person["resourceName"]
    assert people.searchContacts(query="идоров", **search).execute() == {}


def test_unknown_method_of_the_service_says_it_is_not_there(client: Any) -> None:
    other = client("people").otherContacts()

    assert error_of(other.list(readMask="names"))["status"] == "UNIMPLEMENTED"


def test_fields_parameter_cuts_the_answer_and_must_be_known(people: Any) -> None:
    person = created(people, IVAN)
    read = {"resourceName": person["resourceName"], "personFields": FIELDS}

    cut = people.get(fields="names/givenName,names/familyName", **read).execute()
    error = error_of(people.get(fields="names/nick", **read))

    assert cut == {"names": [{"givenName": "Иван", "familyName": "Сидоров"}]}
    assert error["details"][0]["fieldViolations"][0]["field"] == "names/nick"


def test_update_without_a_mask_names_the_page_of_updates(people: Any) -> None:
    made = created(people, {"names": [{"givenName": "Анна"}]})
    bare = people.updateContact(resourceName=made["resourceName"], body={"etag": made["etag"]})

    assert error_of(bare)["message"].endswith("/rest/v1/people/updateContact.")


def test_directory_is_refused_to_an_account_of_no_organisation(people: Any) -> None:
    asked = {
        "readMask": "names",
        "sources": ["DIRECTORY_SOURCE_TYPE_DOMAIN_PROFILE"],
    }
    listed = error_of(people.listDirectoryPeople(**asked))
    searched = error_of(people.searchDirectoryPeople(**asked, query="А"))

    assert listed == searched
    assert (listed["code"], listed["status"]) == (400, "FAILED_PRECONDITION")
    assert listed["message"] == "Must be a G Suite domain user."
