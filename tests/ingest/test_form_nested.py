"""What builders of sites pack into a post: the contact is found where it lies."""

import json
from typing import Any
from urllib.parse import urlencode

import pytest
from tests.ingest.channels.samples import context

from ingest.channels import form
from kartoteka.domain.errors import Invalid, Malformed
from kartoteka.domain.inbound import Inbound
from kartoteka.http import Call

PHONE = "+79035550177"
FORM = {"content-type": "application/x-www-form-urlencoded"}
JSON = {"content-type": "application/json"}


def taken(body: object) -> Inbound:
    call = Call("POST", ("form", "a"), body=json.dumps(body).encode(), headers=JSON)
    [told] = form.parse(call, context("form"))
    return told


def posted(fields: dict[str, str]) -> Inbound:
    call = Call("POST", ("form", "a"), body=urlencode(fields).encode(), headers=FORM)
    [told] = form.parse(call, context("form"))
    return told


@pytest.mark.parametrize(
    "body",
    [
        {"name": {"first": "Вера", "last": "Сомова"}, "phone": {"full": PHONE}},
        {"data": {"contact": {"name": "Вера Сомова", "phones": [{"phone": PHONE}]}}},
        {"payload": {"name": "Form 2", "data": {"Name": "Вера Сомова", "Phone": PHONE}}},
        {
            "fields": [
                {"title": "Телефон", "value": PHONE},
                {"title": "Имя", "value": "Вера Сомова"},
            ]
        },
        {"q1_fullName1": "Вера Сомова", "q2_phone2": {"area": "903", "phone": "5550177"}},
        {"rawRequest": json.dumps({"q1_name": "Вера Сомова", "q2_phone": {"full": PHONE}})},
        {"как к вам обращаться": "Вера Сомова", "номер телефона для звонка": PHONE},
    ],
)
def test_contact_inside_objects_is_the_clients(body: dict[str, Any]) -> None:
    told = taken(body)

    assert (told.sender.name, told.sender.phones) == ("Вера Сомова", (PHONE,))


@pytest.mark.parametrize(
    "fields",
    [
        {"form[name]": "Вера Сомова", "form[phone]": PHONE},
        {"event": "lead", "data[client][name]": "Вера Сомова", "data[client][phone]": PHONE},
        {
            "f[1][first]": "Вера",
            "f[1][last]": "Сомова",
            "f[2][area]": "903",
            "f[2][phone]": "5550177",
        },
        {"form[name]": "Заявка", "q[0][title]": "Имя", "q[0][value]": "Вера Сомова", "tel": PHONE},
    ],
)
def test_contact_under_bracketed_names_is_the_clients(fields: dict[str, str]) -> None:
    told = posted(fields)

    assert (told.sender.name, told.sender.phones) == ("Вера Сомова", (PHONE,))


def test_contact_under_names_that_say_nothing_is_known_by_its_look() -> None:
    told = posted({"w[fields][1]": "Вера", "w[fields][2]": "v@client.example", "w[id]": "8903"})
    flat = posted({"form_text_1": "Вера", "form_text_2": "8 903 555-01-77"})

    assert (told.sender.phones, told.sender.emails) == ((), ("v@client.example",))
    assert flat.sender.phones == (PHONE,)


def test_bracketed_names_that_contradict_each_other_lose_nothing() -> None:
    told = posted({"tel": PHONE, "a": "1", "a[b]": "2", "c[d]": "3", "c": "4", "e[]": "5"})

    assert sorted(told.fields.values()) == ["1", "2", "3", "4", "5"]


def test_marks_of_an_advertisement_inside_an_object_are_the_source() -> None:
    told = taken({"phone": PHONE, "utm": {"source": "ya"}, "more": {"utm_medium": "cpc"}})

    assert told.source is not None
    assert told.source.utm == {"utm_source": "ya", "utm_medium": "cpc"}


def test_address_of_the_sites_owner_is_not_the_clients() -> None:
    told = taken({"owner": {"email": "boss@site.example"}, "lead": {"phone": PHONE}})

    assert told.sender.emails == ()
    assert told.fields == {"owner.email": "boss@site.example"}


def test_only_the_sites_owner_is_no_contact() -> None:
    with pytest.raises(Invalid):
        taken({"owner": {"email": "boss@site.example"}})


def test_over_a_thousand_answers_are_refused() -> None:
    with pytest.raises(Malformed):
        taken({"phone": PHONE, "answers": {str(number): number for number in range(1001)}})


def test_what_lies_too_deep_is_kept_as_text() -> None:
    deep: object = "x"
    for _ in range(20):
        deep = {"a": [[deep], {"b": deep}] if deep == "x" else deep}

    told = taken({"phone": PHONE, "more": deep})

    assert [text.count("x") for text in told.fields.values()] == [2]


def test_labels_inside_labels_are_opened_no_deeper_than_the_rest() -> None:
    deep: object = "x"
    for _ in range(300):
        deep = {"label": "цвет", "value": deep}

    told = taken({"phone": PHONE, "more": deep})

    assert [text.count("x") for text in told.fields.values()] == [1]
